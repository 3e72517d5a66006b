"""Resamples of rows, and the intervals they give."""

import pytest
import torch

from cyclekit.measuring import resampling
from cyclekit.measuring.resampling import bootstraps, halves, interval_of, interval_of_mean, resampled_rows


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_bootstrap_draws_as_many_rows_as_there_are():
    counts = resampled_rows(7, 500, generator())
    assert counts.shape == (500, 7)
    assert counts.sum(1).unique().tolist() == [7.0]
    assert counts.mean(0).tolist() == pytest.approx([1.0] * 7, abs=0.2)
    assert float((counts == 0).double().mean()) == pytest.approx((6 / 7) ** 7, abs=0.02)


def test_halves_have_half_of_the_rows_each_at_most_once():
    counts = halves(9, 300, generator())
    assert set(counts.unique().tolist()) == {0.0, 1.0}
    assert counts.sum(1).unique().tolist() == [4.0]
    assert counts.mean(0).tolist() == pytest.approx([4 / 9] * 9, abs=0.1)


def test_resamples_are_seeded_and_come_in_blocks(monkeypatch):
    monkeypatch.setattr(resampling, "BLOCK", 55)
    blocks = list(bootstraps(5, 30))
    assert [len(block) for block in blocks] == [11, 11, 8]
    assert torch.equal(torch.cat(blocks), torch.cat(list(bootstraps(5, 30))))
    assert not torch.equal(torch.cat(blocks), torch.cat(list(bootstraps(5, 30, seed=1))))
    before = torch.get_rng_state()
    interval_of_mean(torch.rand(4, generator=generator()).double())
    assert torch.equal(before, torch.get_rng_state())


def test_an_interval_holds_95_percent_of_the_resamples():
    assert interval_of(torch.arange(1001.0)) == pytest.approx((25.0, 975.0))
    assert interval_of(torch.full((10,), 3.0)) == (3.0, 3.0)
    assert interval_of(torch.tensor([1.0, float("nan")])) is None
    assert interval_of(torch.tensor([])) is None


def test_the_interval_of_a_mean_covers_the_truth_about_as_often_as_it_says():
    """Skewed scores, 40 rows each: percentiles fall a little short of 95 %, as they are known to."""
    covered = 0
    for i in range(200):
        low, high = interval_of_mean(torch.rand(40, generator=generator(i), dtype=torch.float64).log().neg())
        covered += low < 1 < high
    assert 0.88 < covered / 200 < 0.98
