"""A translator's work in three steps: every item comes back in its place, whatever memory says meanwhile."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.modality import Modality
from cyclekit.core.written import NotTranslated
from cyclekit.registry import RecipeError
from cyclekit.use.decoding import Decoding
from cyclekit.use.steps import Made, Steps

TOO_LARGE_TO_FINISH, TOO_LARGE, TOO_LARGE_TO_READ = 50, 100, 300
"""The one for whose end memory does not suffice, and those from which on it does not for the network, or to read."""


class Numbers:
    """A codec of numbers: n is n ones, of at most `limit`."""

    def __init__(self, name: str, limit: int = 1000) -> None:
        self.name, self.limit, self.reads_lowercase = name, limit, False

    def prepare(self, item, multiple, smallest=1):
        if item >= TOO_LARGE_TO_READ:
            raise MemoryError
        return Batch(torch.ones(1, min(item, self.limit))), item

    def finish(self, row, remembered):
        if remembered == TOO_LARGE_TO_FINISH:
            raise MemoryError
        return f"{self.name}: {remembered}, {int(row.data.sum())}"


class Translator:
    """As much of a translator as is asked for: what it makes has twice as much in it."""

    def __init__(self, together: int = 2, ahead: int = 1, holds: int = 10**9, best: int = 1) -> None:
        self.modality = Modality("number", "numbers", together, ahead)
        self.codecs = Pair(Numbers("a"), Numbers("b"))
        self.generators, self.tiles = Pair(object(), object()), None
        self.lowered = self.cut = 0
        self.holds, self.best, self.batches = holds, best, []

    def target(self, to):
        return to or "b"

    def translate_rows(self, domain, rows, batch_size, decoding, random, tiles):
        self.batches.append(len(rows))
        if sum(row.data.numel() for row in rows) > self.holds or any(row.data.numel() >= TOO_LARGE for row in rows):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return [[Batch(row.data * 2)] * self.best for row in rows]


@given(st.lists(st.integers(1, 20), max_size=12), st.integers(1, 4), st.integers(20, 60))
def test_what_does_not_fit_together_is_done_one_by_one_in_order(items, together, holds):
    translator = Translator(together, holds=holds)
    assert list(Steps(translator)(items)) == [f"b: {item}, {2 * item}" for item in items]
    assert all(rows <= together for rows in translator.batches)


@given(st.lists(st.sampled_from([1, 2, TOO_LARGE, TOO_LARGE_TO_FINISH, TOO_LARGE_TO_READ]), max_size=8))
def test_what_memory_does_not_suffice_for_says_so_in_its_place_and_the_others_are_done(items):
    made = list(Steps(Translator(), keep_going=True)(items))
    why = "memory does not suffice for a number so large; make it smaller, or cut it"
    assert made == [f"b: {item}, {2 * item}" if item < 3 else NotTranslated(why) for item in items]
    if items and max(items) > 2:
        with pytest.raises(RecipeError, match="memory does not suffice for a number so large"):
            list(Steps(Translator())(items))


def test_items_are_taken_as_results_are_asked_for():
    taken = []
    results = Steps(Translator(together=1))(item for item in (1, 2, 3, 4) if taken.append(item) is None)
    assert taken == []
    assert next(results) == "b: 1, 2"
    assert len(taken) <= 2


def test_the_other_direction_reads_b_and_writes_a():
    steps = Steps(Translator(), "a")
    assert (steps.source.name, steps.target.name) == ("b", "a")
    assert list(steps([3])) == ["a: 3, 6"]


def test_several_ahead_share_their_batches_and_no_error_is_taken_for_a_lack_of_memory():
    translator = Translator(together=2, ahead=3)
    assert list(Steps(translator)([1, 2, 3, 4, 5, 6, 7])) == [f"b: {n}, {2 * n}" for n in range(1, 8)]
    assert translator.batches == [6, 1]
    with pytest.raises(MemoryError):
        list(Steps(Translator(ahead=3))([TOO_LARGE_TO_READ]))

    def bug(*_, **__):
        raise RuntimeError("a bug")

    broken = Translator()
    broken.translate_rows = bug
    with pytest.raises(RuntimeError, match="a bug"):
        list(Steps(broken, keep_going=True)([1]))


def test_of_several_wanted_each_is_there_once():
    steps = Steps(Translator(best=3), decoding=Decoding(beam=3, best=3))
    assert list(steps([4])) == [["b: 4, 8"]]
    made = Made([Batch(torch.ones(1, 2)), Batch(torch.ones(1, 1)), Batch(torch.ones(1, 2))], 7)
    assert steps.finish(made) == ["b: 7, 2", "b: 7, 1"]


def test_what_was_cut_or_read_in_lower_case_is_counted():
    translator = Translator()
    translator.codecs = Pair(Numbers("a", limit=5), Numbers("b"))
    list(Steps(translator)([4, 5, 6, 40]))
    assert (translator.cut, translator.lowered) == (2, 0)

    class Words(Numbers):
        def prepare(self, item, multiple, smallest=1):
            return super().prepare(len(item), multiple, smallest)

    translator.codecs = Pair(Words("a"), Numbers("b"))
    translator.codecs.a.reads_lowercase = True
    list(Steps(translator)(["Abc", "abc", "aBC"]))
    assert translator.lowered == 2


def test_tiles_are_of_what_is_cut():
    with pytest.raises(RecipeError) as refused:
        Steps(Translator(), tile=512)
    assert str(refused.value) == "tile=512: this run translates numbers, which are not cut; leave it out"


@pytest.mark.parametrize(
    ("tiles", "advice"),
    [
        (SimpleNamespace(whole=True, side=0), "smaller tiles take less, such as tile=512"),
        (SimpleNamespace(whole=False, side=1024), "smaller tiles take less, such as tile=512"),
        (SimpleNamespace(whole=False, side=512), "make it smaller, or cut it"),
        (None, "make it smaller, or cut it"),
    ],
)
def test_who_has_no_memory_is_told_what_would_take_less(tiles, advice):
    steps = Steps(Translator(), keep_going=True)
    steps.tiles = tiles
    (made,) = steps([TOO_LARGE])
    assert made == NotTranslated(f"memory does not suffice for a number so large; {advice}")
