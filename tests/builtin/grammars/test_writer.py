"""The splits of a data set: no sentence and no meaning twice."""

import pytest

from cyclekit.builtin.grammars import Grammar, Writer, text_set
from cyclekit.builtin.grammars.formality import grammar
from cyclekit.core.batch import Pair


def test_no_meaning_is_written_twice_so_no_pair_is_in_training():
    writer = Writer(grammar(), 0)
    written = [split for name in ("held out", "validation", "training") for split in writer.both(name, 1500)]
    kinds = [meaning for split in written for meaning in split.values()]
    assert len(set(kinds)) == len(kinds) == 9000


class Small(Grammar):
    name, styles = "small", Pair("high", "low")


def small():
    numbers = tuple(map(str, range(60)))
    return Small({"x": "the {n} [is|was] {n.2}\n[da|yo] {n} {n.2}"}, {}, {}, {"n": numbers})


def test_splits_share_nothing_and_do_not_depend_on_each_others_size():
    made = text_set(small(), "small", sentences=30, held_out=5, validation=4, references=3, seed=1)
    few = text_set(small(), "small", sentences=3, held_out=5, validation=4, references=3, seed=1)
    assert (few.test, few.validation, few.truth) == (made.test, made.validation, made.truth)
    assert [side[:3] for side in made.train] == list(few.train)
    assert made.words == "small (seed 1)"
    pairs = lambda sentence: tuple(word for word in sentence.split() if word.isdigit())  # noqa: E731
    meanings = [pairs(one) for both in (made.train, made.validation, made.test) for side in both for one in side]
    assert len(set(meanings)) == len(meanings) == 2 * (30 + 5 + 4)
    for side, accepted, start in zip(made.test, made.truth, (("da", "yo"), ("the",))):
        for sentence, rewrites in zip(side, accepted):
            assert all(pairs(one) == pairs(sentence) and one.startswith(start) for one in rewrites)
            assert len(rewrites) == 2


@pytest.mark.parametrize("name", ["sentences", "held_out", "validation", "references"])
def test_numbers_below_one_are_refused(name):
    numbers = {"sentences": 1, "held_out": 1, "validation": 1, "references": 1, name: 0}
    with pytest.raises(ValueError, match=f"^{name}=0: must be at least 1$"):
        text_set(small(), "small", **numbers, seed=0)
