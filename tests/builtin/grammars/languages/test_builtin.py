import pytest

from cyclekit.builtin.grammars.languages import languages
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


def test_held_out_sentences_do_not_depend_on_how_many_are_trained_on(made):
    assert languages(sentences=50, held_out=40, validation=40).test == made.test
    assert languages(sentences=50, held_out=40, validation=40, seed=1).test != made.test
    with pytest.raises(ValueError, match="held_out=0: must be at least 1"):
        languages(held_out=0)
