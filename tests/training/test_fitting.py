"""What fits into memory and what would, and how fast a step is on this machine."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cyclekit
from cyclekit.training import fitting
from cyclekit.training.fitting import Fitting, Speed, timed
from cyclekit.training.memory import WORKSPACE, Needed
from tests.pictures import picture_folders
from tests.tiny import TINY


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("pictures"), train=4, test=2)


def run_of(recipe, data=None, base=TINY, **changes):
    return cyclekit.load(recipe, profile="published", data=data, overrides=base | changes, quiet=True)


def test_what_fits_does_and_one_row_more_does_not(pictures):
    fits = Fitting(run_of("recipes/monet2photo", pictures, **{"generator.dropout": 0.0}), "cpu")
    most = 3 * fits.needed.total
    rows = fits.largest_batch(most)
    assert fits.predict(fits.run, batch_size=rows).total <= most < fits.predict(fits.run, batch_size=rows + 1).total
    assert fits.largest_batch(1000) == 0


def test_a_crop_is_named_where_the_batch_cannot_be_smaller(pictures):
    fits = Fitting(run_of("recipes/monet2photo", pictures, **{"data.load_size": 128, "data.crop_size": 128}), "cpu")
    half = fits.needed.total // 2
    crops = [other for other in fits.others(half) if other.startswith("data.crop_size=")]
    side = int(crops[0].split("=")[1].split()[0])
    assert fits.predict(fits.run, side=side).total <= half < fits.predict(fits.run, side=side + 32).total


def test_a_card_is_predicted_without_one(pictures):
    run = run_of("recipes/monet2photo", pictures, **{"data.load_size": 64, "data.crop_size": 64})
    fits = Fitting(run, "cuda")
    assert "on a CUDA card, in bf16" in fits.words
    assert fits.needed.passing > WORKSPACE
    assert fits.largest_batch(10 * fits.needed.total) > 1


def test_steps_are_timed(pictures):
    pace = timed(run_of("recipes/monet2photo", pictures), "cpu")
    assert pace.seconds > 0
    assert pace.steps == 2  # 4 pictures, 2 a batch


def fitting_of(monkeypatch, size, side=None, crop=True):
    """A Fitting of a run that takes `size(rows, side)` bytes."""
    train = SimpleNamespace(precision="float32", batch_size=2)
    data = SimpleNamespace(options={"crop_size": side} if crop and side else {})
    row = torch.zeros(1, 3, side, side) if side else torch.zeros(1, 5)
    pair = SimpleNamespace(a=SimpleNamespace(data=row))
    run = SimpleNamespace(
        recipe=SimpleNamespace(train=train, data=data), data=SimpleNamespace(training_pair=lambda *_: pair)
    )

    def needed(of, card, precision, batch_size=2, side=side):
        return Needed(0, 0, 0, 0, size(batch_size, side), None)

    monkeypatch.setattr(fitting, "needed", needed)
    return Fitting(run, "cpu")


@given(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(0, 10**9))
def test_the_largest_batch_is_exactly_that_where_rows_take_alike(fixed, row, most):
    with pytest.MonkeyPatch.context() as patch:
        rows = fitting_of(patch, lambda rows, side: fixed + row * rows).largest_batch(most)
    assert rows == min(fitting.MOST_ROWS, max(0, (most - fixed) // row))


@given(st.floats(0.5, 2), st.integers(0, 10**9))
def test_the_largest_batch_fits_however_memory_grows(power, most):
    def size(rows, side):
        return int(1000 * rows**power)

    with pytest.MonkeyPatch.context() as patch:
        rows = fitting_of(patch, size).largest_batch(most)
    assert rows == 0 or size(rows, None) <= most
    assert rows > 0 or size(1, None) > most


@given(st.integers(1, 20), st.integers(1, 10**8))
def test_a_smaller_crop_fits_and_is_a_multiple(sides, most):
    side = 32 * sides
    with pytest.MonkeyPatch.context() as patch:
        found = [*fitting_of(patch, lambda rows, side: rows * side * side, side).others(most)]
    crops = [int(other.split("=")[1].split()[0]) for other in found if other.startswith("data.crop_size=")]
    for crop in crops:
        assert found[-1] == f"data.crop_size={crop} at a batch of 2"
        assert crop % 32 == 0
        assert 2 * crop * crop <= most
        assert crop < side
    assert crops or side <= 32 or most < 2 * 32 * 32


def test_sentences_have_no_crop(monkeypatch):
    fits = fitting_of(monkeypatch, lambda rows, side: 100 * rows)
    assert (fits.side, [*fits.others(150)]) == (None, ["train.batch_size=1"])
    assert "on a processor, in float32, batch 2)" in fits.words
    fits = fitting_of(monkeypatch, lambda rows, side: 100 * rows, 64, crop=False)
    assert [*fits.others(99)] == []
    assert "batch 2, 64 px" in fits.words


@pytest.mark.parametrize(
    ("seconds", "steps", "words"),
    [(0.01234, 100, "0.0123 s a step here; an epoch of 100 steps takes 1.2 s"),
     (1.0, 1000, "1 s a step here; an epoch of 1,000 steps takes 16.7 min"),
     (2.5, 10_000, "2.5 s a step here; an epoch of 10,000 steps takes 6.9 h")],
)  # fmt: skip
def test_a_pace_is_told_in_the_unit_that_fits(seconds, steps, words):
    assert Speed(seconds, steps).words == words
