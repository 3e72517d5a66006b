import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars.languages import languages
from cyclekit.builtin.grammars.languages.syntax import in_a, in_b, thought
from cyclekit.builtin.grammars.languages.vocabulary import WORDS, shifted
from cyclekit.core.batch import Pair


@pytest.fixture(scope="module")
def made():
    return languages(sentences=600, held_out=40, validation=40)


def test_no_sentence_is_in_two_sets_and_no_training_sentence_translates_another(made):
    truth = Pair({one for (one,) in made.truth.b}, {one for (one,) in made.truth.a})
    sets = [made.train, made.validation, made.test, truth]
    for domain in ("a", "b"):
        sides = [set(getattr(one, domain)) for one in sets]
        assert sum(map(len, sides)) == len(set().union(*sides)) == 600 + 40 + 40 + 40
    assert not made.aligned


@given(st.randoms(use_true_random=False))
def test_a_thought_has_the_same_things_in_both_languages_in_another_order(random):
    said = thought(random)
    a, b = in_a(said).split(), in_b(said).split()
    stems = [WORDS[thing.noun] for thing in (said.subject, said.object) if thing is not None]
    assert all(any(word.startswith(stem.a) for word in a) for stem in stems)
    assert all(any(word.startswith(stem.b) for word in b) for stem in stems)
    agrees = "sh" if said.subject.plural else ""
    assert WORDS[said.verb].b + ("im" if said.past else "u") + agrees in b
    if said.time is not None:
        assert a[-2] == WORDS[f"time {said.time}"].a
        assert b[0] == WORDS[f"time {said.time}"].b


def test_a_quarter_of_the_words_are_unrelated_and_a_quarter_are_loans():
    kinds = {"loan": 0, "related": 0, "other": 0}
    for a, b in WORDS.values():
        kinds["loan" if a == b else "related" if b == shifted(a) else "other"] += 1
    assert kinds["loan"] == pytest.approx(len(WORDS) / 4, abs=2)
    assert kinds["other"] == pytest.approx(len(WORDS) / 4, abs=2)
    assert len({pair.a for pair in WORDS.values()}) == len(WORDS) == len({pair.b for pair in WORDS.values()})


def test_held_out_sentences_do_not_depend_on_how_many_are_trained_on(made):
    assert languages(sentences=50, held_out=40, validation=40).test == made.test
    assert languages(sentences=50, held_out=40, validation=40, seed=1).test != made.test
    with pytest.raises(ValueError, match="held_out=0: must be at least 1"):
        languages(held_out=0)
