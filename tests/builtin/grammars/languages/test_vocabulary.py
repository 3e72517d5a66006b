"""The words of two made languages: loans, relatives and strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars.languages.vocabulary import ADJECTIVES, NOUNS, VERBS, WORDS, shifted


def test_a_quarter_of_the_words_are_unrelated_and_a_quarter_are_loans():
    kinds = {"loan": 0, "related": 0, "other": 0}
    for a, b in WORDS.values():
        kinds["loan" if a == b else "related" if b == shifted(a) else "other"] += 1
    assert kinds["loan"] == pytest.approx(len(WORDS) / 4, abs=2)
    assert kinds["other"] == pytest.approx(len(WORDS) / 4, abs=2)
    assert len({pair.a for pair in WORDS.values()}) == len(WORDS) == len({pair.b for pair in WORDS.values()})


@given(st.text("abdefgilmoprtv", min_size=1, max_size=8).filter(lambda word: set(word) & set("aeio")))
def test_a_word_that_grew_apart_differs_in_its_last_vowel_alone(word):
    found = shifted(word)
    differing = [place for place, (one, other) in enumerate(zip(word, found)) if one != other]
    assert len(found) == len(word)
    assert len(differing) == 1
    assert not set(word[differing[0] + 1 :]) & set("aeio")


def test_every_noun_has_a_verb_and_an_adjective_that_fits():
    kinds = set(NOUNS)
    assert {kind for doers, _ in VERBS.values() for kind in doers.split()} <= kinds
    assert {kind for _, done in VERBS.values() for kind in done.split()} <= kinds
    assert {kind for fitting in ADJECTIVES.values() for kind in fitting} == kinds
    assert {kind for doers, _ in VERBS.values() for kind in doers.split()} == kinds - {"food"}
    assert set(WORDS) >= {noun for nouns in NOUNS.values() for noun in nouns} | set(VERBS) | set(ADJECTIVES)
