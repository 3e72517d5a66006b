"""Precision, recall, density and coverage: against a naive reading of the papers, and where the answer is known."""

import numpy as np
import pytest
import torch

from cyclekit.image.metrics import neighbours
from cyclekit.image.metrics.neighbours import Distances, Neighbours
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import build
from tests.image.textures import SMALL, between, blurred, needs_lite0, normal, textures


def numbers(fake, real, k, fakes=None, reals=None):
    counts = (torch.ones(1, len(fake)).double(), torch.ones(1, len(real)).double())
    given = counts if fakes is None else (fakes[None].double(), reals[None].double())
    return [float(value) for value in Distances(fake, real, k).numbers(*given)]


def naive(fake, real, k):
    """Kynkaanniemi et al. 2019, equations 1 and 2; Naeem et al. 2020, equations 3 and 4: one pair at a time."""

    def radius(rows, i):
        return sorted(np.linalg.norm(rows[i] - other) for j, other in enumerate(rows) if j != i)[k - 1]

    def inside(point, centre, rows, i):
        return np.linalg.norm(point - centre) <= radius(rows, i)

    balls = [[inside(f, r, real, i) for i, r in enumerate(real)] for f in fake]
    back = [[inside(r, f, fake, i) for i, f in enumerate(fake)] for r in real]
    return [
        np.mean([any(row) for row in balls]),
        np.mean([any(row) for row in back]),
        np.mean([sum(row) / k for row in balls]),
        np.mean([any(row[i] for row in balls) for i in range(len(real))]),
    ]


@pytest.mark.parametrize(("n", "m", "k"), [(14, 11, 3), (9, 20, 5), (12, 12, 1)])
def test_the_four_numbers_are_what_the_papers_say(n, m, k):
    fake, real = normal(n, 3, 0) * 1.2 + 0.4, normal(m, 3, 1)
    assert numbers(fake, real, k) == pytest.approx(naive(fake.numpy(), real.numpy(), k))


def test_a_subset_counts_as_if_the_other_rows_were_not_there():
    fake, real = normal(40, 4, 0) + 0.3, normal(30, 4, 1)
    fakes, reals = torch.arange(40) % 2 == 0, torch.arange(30) % 3 != 0
    assert numbers(fake, real, 4, fakes, reals) == pytest.approx(numbers(fake[fakes], real[reals], 4))


def test_what_each_of_them_is_for():
    """Two clusters of real pictures: fakes that miss one, fakes that are right or far off, and a real outlier."""
    real = torch.cat([normal(60, 4, 0), normal(60, 4, 1) + 20])
    one_mode, half_wrong = normal(120, 4, 2), torch.cat([normal(60, 4, 3), normal(60, 4, 4) + 200])
    precision, recall, _, coverage = numbers(one_mode, real, 5)
    assert precision > 0.9
    assert max(recall, coverage) <= 0.5
    precision, _, density, _ = numbers(half_wrong, real, 5)
    assert precision <= 0.5
    assert density < 0.75
    # One stray real picture has a ball that holds all fakes between it and the others: precision believes it.
    stray = torch.cat([normal(100, 4, 5), torch.full((1, 4), 30.0).double()])
    around_nothing = normal(100, 4, 6) + 15
    precision, _, density, _ = numbers(around_nothing, stray, 5)
    assert precision > 0.9
    assert density < 0.25


def test_equal_distributions_reach_what_the_paper_says():
    found = np.mean([numbers(normal(150, 4, 2 * i), normal(150, 4, 2 * i + 1), 5) for i in range(6)], axis=0)
    assert found[2] == pytest.approx(1.0, abs=0.1)
    assert found[3] == pytest.approx(1 - 0.5**5, abs=0.03)


def test_the_spread_is_how_far_another_sample_falls(monkeypatch):
    monkeypatch.setattr(neighbours, "HALVES", 40)
    found, spreads = [], []
    for i in range(40):
        fake, real = normal(100, 6, 2 * i) * 1.1 + 0.3, normal(100, 6, 2 * i + 1)
        values, resampled = neighbours._measured(fake, real, 5)
        found.append(values)
        spreads.append(resampled.std(0))
    falls, told = torch.stack(found).std(0), torch.stack(spreads).mean(0)
    for name, one, other in zip(Neighbours._fields, falls.tolist(), told.tolist()):
        assert 0.7 * one < other < 1.6 * one, name


@needs_lite0
def test_the_metrics_say_which_fault_there_is():
    real = textures(40, 0)
    metrics = {name: build("metric", name, options={**SMALL, "k": 3}) for name in Neighbours._fields}
    good = {name: metric(between(textures(40, 1), real)) for name, metric in metrics.items()}
    soft = {name: metric(between(blurred(textures(40, 1), 6), real)) for name, metric in metrics.items()}
    same = {name: metric(between(textures(2, 1).repeat(20, 1, 1, 1), real)) for name, metric in metrics.items()}
    assert soft["precision"].value < good["precision"].value
    assert same["coverage"].value < 0.5 * good["coverage"].value
    for name, measured in good.items():
        low, high = measured.interval
        assert 0 <= low <= measured.value <= high, name
        assert measured.spread > 0
        assert name == "density" or high <= 1
        assert metrics[name].name == f"{name} (EfficientNet-Lite0)"
    assert metrics["recall"](between(textures(40, 1), real)) == good["recall"]


@needs_lite0
def test_distances_are_computed_once_for_all_four(monkeypatch):
    made = []
    monkeypatch.setattr(neighbours, "Distances", lambda *given: made.append(1) or Distances(*given))
    shown = between(textures(12, 21), textures(11, 22))
    for name in Neighbours._fields:
        build("metric", name, options=SMALL)(shown)
    assert len(made) == 1


@needs_lite0
def test_too_few_pictures_have_no_neighbours_and_few_have_no_interval(monkeypatch):
    metric = build("metric", "recall", options=SMALL)
    with pytest.raises(MetricUnavailable, match="needs more than 5 and at most 10,000 pictures of each domain; got 5"):
        metric(between(textures(5, 0), textures(20, 1)))
    few = metric(between(textures(8, 0), textures(20, 1)))
    assert few.spread is few.interval is None
    monkeypatch.setattr(neighbours, "MOST_PICTURES", 10)
    with pytest.raises(MetricUnavailable, match="at most 10 pictures of each domain; got 20"):
        metric(between(textures(8, 0), textures(20, 1)))
