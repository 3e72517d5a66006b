"""Built-in sentences: nothing shared between splits, rewrites that are true, copies that score low and writers high."""

from __future__ import annotations

import re
from collections import Counter
from math import prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cyclekit.text.parts  # noqa: F401  registers
from cyclekit import registry
from cyclekit.builtin.grammars import Writer, at_random
from cyclekit.builtin.grammars.formality import formality, grammar
from cyclekit.core.batch import Pair
from cyclekit.text.text_set import TextSet


@pytest.fixture(scope="module")
def made() -> TextSet:
    return formality(sentences=4000, held_out=300, validation=300)


def bleu(sentences, accepted):
    """Multi-reference corpus BLEU, sacreBLEU's default; what has fewer rewrites than the others repeats one."""
    import sacrebleu

    most = max(map(len, accepted))
    return sacrebleu.corpus_bleu(sentences, [[some[k % len(some)] for some in accepted] for k in range(most)]).score


def drawn(seed):
    return grammar().draw(Random(seed))


meanings = st.integers(0, 2**40).map(drawn)


def test_a_recipe_can_name_it_and_set_its_options():
    options = {"sentences": 5, "held_out": 3, "validation": 2, "references": 4, "seed": 9}
    set_ = registry.build("builtin", "formality", options=options)
    assert isinstance(set_, TextSet)
    assert set(registry.options(formality)) == set(options)
    assert [len(split) for pair in (set_.train, set_.test, set_.validation) for split in pair] == [5, 5, 3, 3, 2, 2]
    assert not set_.aligned
    assert set_.words == "sentences of a seeded grammar, no real messages (seed 9)"


@pytest.mark.parametrize("name", ["sentences", "held_out", "validation", "references"])
def test_a_number_below_one_is_refused(name):
    with pytest.raises(registry.RecipeError, match=rf"builtin 'formality' refuses its options: {name}=0: must be at"):
        registry.build("builtin", "formality", options={name: 0})


def test_the_same_seed_makes_the_same_and_another_seed_others(made):
    assert formality(sentences=4000, held_out=300, validation=300) == made
    other = formality(sentences=300, held_out=300, validation=300, seed=1)
    for side in (0, 1):
        assert len(set(other.test[side]) & set(made.test[side])) < 10


def test_held_out_sentences_do_not_depend_on_how_many_are_trained_on(made):
    few = formality(sentences=10, held_out=300, validation=300)
    assert (few.test, few.truth, few.validation) == (made.test, made.truth, made.validation)
    assert few.train.a == made.train.a[:10]


def test_no_sentence_stands_in_two_splits(made):
    assert made.validation is not None
    assert made.test is not None
    assert made.truth is not None
    for side in (0, 1):
        splits = [made.train[side], made.validation[side], made.test[side]]
        assert len({sentence for split in splits for sentence in split}) == sum(map(len, splits))
        accepted = {sentence for some in made.truth[side] for sentence in some}
        assert accepted.isdisjoint(made.train[1 - side])
        assert accepted.isdisjoint(made.validation[1 - side])


def test_every_held_out_sentence_has_several_distinct_rewrites(made):
    for accepted in made.truth:
        assert all(len(set(some)) == len(some) for some in accepted)
        assert all(4 <= len(some) <= 8 for some in accepted)
        assert sum(map(len, accepted)) / len(accepted) >= 6


@given(meanings, st.integers(0, 2**30))
def test_sentences_are_written_cleanly(meaning, seed):
    pick = at_random(Random(seed))
    formal, informal = grammar().realise(meaning, "formal", pick), grammar().realise(meaning, "informal", pick)
    for sentence in (formal, informal):
        assert not re.search(r"[][<>{}|()\\]|  | [,.;?]|^ | $|\b[Aa] [aeiou]|,,|\.\.", sentence), sentence
        assert 5 <= len(sentence.split()) <= 30
    assert formal[0].isupper()
    assert formal[-1] in ".?"
    assert not re.search(r"[.?] [a-z]|\bi\b", formal)
    assert not re.search(r"\bI\b", informal)
    assert formal.lower() != informal.lower()


def test_a_copy_scores_low_and_any_valid_rewrite_high(made):
    writer = Writer(grammar(), 0)
    meanings_ = writer.both("held out", 300)
    for side, style in ((0, "informal"), (1, "formal")):
        accepted = made.truth[side]
        assert list(meanings_[side]) == made.test[side]
        chance = at_random(Random(f"writer {side}"))
        valid = [grammar().realise(meaning, style, chance) for meaning in meanings_[side].values()]
        assert bleu(made.test[side], accepted) <= 18
        assert bleu(valid, accepted) >= 95
        several = [some for some in accepted if len(some) > 1]
        assert bleu([some[0] for some in several], [some[1:] for some in several]) >= 85


def test_copying_another_sentence_of_the_style_is_worth_nothing(made):
    for side in (0, 1):
        assert bleu(made.train[1 - side][: len(made.test[side])], made.truth[side]) <= 5


def test_a_linear_classifier_tells_the_styles(made):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(token_pattern=r"\S+")  # in lower case, so that capitals alone do not decide
    seen = made.train.a[:1500] + made.train.b[:1500]
    model = LogisticRegression().fit(words.fit_transform(seen), [0] * 1500 + [1] * 1500)
    assert model.score(words.transform(made.test.a + made.test.b), [0] * 300 + [1] * 300) >= 0.99


def test_there_is_more_to_say_than_anybody_will_train_on():
    def count(frame):
        return prod(one(slot) for slot in frame.slots)

    def one(slot):
        if slot[0] == "{":
            return len(grammar().lexicon[slot[1:-1].partition(".")[0]])
        return (slot[0] == "(") + sum(map(count, grammar().clauses[slot.strip("(@)")]))

    intents = grammar().intents
    assert len(intents) >= 12
    assert min(map(len, intents.values())) >= 4
    counts = [count(frame) for frames in intents.values() for frame in frames]
    assert sum(counts) > 1_000_000_000
    assert min(counts) > 3_000
    lexicon = grammar().lexicon
    assert [len(lexicon["name"]) >= 100, len(lexicon["goods"]) >= 90, len(lexicon["city"]) >= 40] == [True] * 3


def test_what_a_sentence_holds_tells_its_frame():
    """So that a rewrite is determined: no two frames have the same content slots in the same order."""
    signatures = Counter(frame.slots for frames in grammar().intents.values() for frame in frames)
    assert [slots for slots, number in signatures.items() if number > 1] == []


def test_content_lists_hold_no_word_twice_and_style_words_are_on_one_side():
    for name, words in grammar().lexicon.items():
        assert len(words) == len(set(words)), name
    for name, (formal, informal) in grammar().points.items():
        sides = [{word.strip() for word in side.split("|")} for side in (formal, informal)]
        shared = sides[0] & sides[1]
        assert shared <= {"and", "with", "the", "at", "?", ""}, name


def test_forty_thousand_sentences_are_all_different():
    set_ = formality()
    assert [len(set(side)) for side in set_.train] == [40_000, 40_000]


def test_domain_a_is_formal():
    set_ = formality(sentences=50, held_out=1, validation=1)
    assert isinstance(set_.train, Pair)
    assert all(sentence[-1] in ".?" for sentence in set_.train.a)
    assert sum(sentence[0].islower() for sentence in set_.train.b) > 25
