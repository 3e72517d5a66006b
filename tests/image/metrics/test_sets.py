"""Distances between sets: formulas against naive ones, bias and spread against simulation, and what must move them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.image.features import SPACES, features_in
from cyclekit.image.metrics import frechet_distance, kernel_distance, sets
from cyclekit.image.metrics.sets import frechet, frechet_measured
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.measuring.resampling import resampled_rows
from cyclekit.registry import build
from tests.image.textures import SMALL, between, blurred, greyed, needs_lite0, noisy, normal, textures


def test_distances_name_their_feature_space():
    assert build("metric", "kid").name == "KID (EfficientNet-Lite0)"
    assert build("metric", "frechet").name == "FD (EfficientNet-Lite0)"


# --- kernel distance ---


def naive_kernel_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Binkowski et al. 2018, equation 4, one pair at a time. Rows are (identity, vector): one never meets itself."""

    def mean(first, second, same):
        return np.mean([(p @ q / len(p) + 1) ** 3 for i, p in first for j, q in second if not (same and i == j)])

    return mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)


@pytest.mark.parametrize("block", [2, 5, 1024])
def test_kernel_distance_is_the_double_loop(block, monkeypatch):
    monkeypatch.setattr(sets, "KERNEL_ROWS", block)
    x, y = normal(9, 4, 0), normal(7, 4, 1) + 0.5
    expected = naive_kernel_distance(list(enumerate(x.numpy())), list(enumerate(y.numpy())))
    assert float(kernel_distance(x, y)) == pytest.approx(expected, rel=1e-12)


def test_a_resample_is_the_double_loop_over_the_rows_drawn():
    x, y = normal(6, 4, 0), normal(5, 4, 1)
    x_counts, y_counts = torch.tensor([[2, 0, 1, 1, 0, 2.0]]).double(), torch.tensor([[1, 3, 0, 0, 1.0]]).double()
    drawn_x = [(i, x[i].numpy()) for i in (0, 0, 2, 3, 5, 5)]
    drawn_y = [(i, y[i].numpy()) for i in (0, 1, 1, 1, 4)]
    expected = naive_kernel_distance(drawn_x, drawn_y)
    assert float(kernel_distance(x, y, x_counts, y_counts)) == pytest.approx(expected, rel=1e-12)


def test_kernel_distance_of_one_distribution_is_zero_on_average():
    values = torch.cat([kernel_distance(normal(12, 5, 2 * i), normal(8, 5, 2 * i + 1)) for i in range(600)])
    error = float(values.std()) / len(values) ** 0.5
    assert abs(float(values.mean())) < 3 * error
    assert (values < 0).float().mean() > 0.3  # an estimator clamped at 0 could not be unbiased


def test_a_tensor_against_itself_counts_every_cross_pair():
    x = normal(8, 5, 0)
    assert torch.equal(kernel_distance(x, x), kernel_distance(x, x.clone()))


def test_the_spread_is_how_far_another_sample_falls():
    """Against the truth that only a simulation knows: 300 independent samples."""
    generator = torch.Generator().manual_seed(0)
    found, spreads = [], []
    for i in range(300):
        x, y = normal(40, 6, 2 * i), normal(40, 6, 2 * i + 1) + 0.8
        found.append(kernel_distance(x, y))
        counts = [resampled_rows(40, 60, generator) for _ in range(2)]
        spreads.append(kernel_distance(x, y, *counts).std())
    assert float(torch.stack(spreads).mean()) == pytest.approx(float(torch.cat(found).std()), rel=0.15)


@pytest.mark.parametrize(("size", "rows"), [(5, 5), (1000, 9)])
@needs_lite0
def test_subsets_are_a_mean_of_small_distances_with_their_own_spread(size, rows):
    fake, real = textures(12, 0), textures(9, 1)
    metric = build("metric", "kid", options={**SMALL, "subsets": 40, "subset_size": size})
    assert "subsets of up to" in metric.protocol["estimator"]
    measured, whole = metric(between(fake, real)), build("metric", "kid", options=SMALL)(between(fake, real))
    assert f"mean of 40 subsets of {rows} pictures" in metric.protocol["estimator"]
    assert metric.protocol["spread"] == "standard deviation over the subsets"
    assert measured.interval == whole.interval
    assert measured.value != whole.value
    assert measured.value == pytest.approx(whole.value, abs=measured.spread)
    again = build("metric", "kid", options={**SMALL, "subsets": 40, "subset_size": size})
    assert again(between(fake, real)) == measured


def test_a_subset_has_its_size_and_no_row_twice():
    counts = sets.subsets(9, 50, 4, torch.Generator().manual_seed(0))
    assert set(counts.unique().tolist()) == {0.0, 1.0}
    assert counts.sum(1).tolist() == [4.0] * 50
    assert counts.sum(0).min() > 0


# --- Frechet distance ---


def naive_frechet(x: np.ndarray, y: np.ndarray) -> float:
    """The formula as it stands, the root through a symmetric eigendecomposition."""
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    values, vectors = np.linalg.eigh(s1)
    root = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    trace = np.sqrt(np.linalg.eigvalsh(root @ s2 @ root).clip(0)).sum()
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * trace


@pytest.mark.parametrize(("n", "m"), [(50, 40), (5, 4), (50, 4), (8, 9)])
def test_frechet_is_the_formula_whether_covariances_are_singular_or_not(n, m):
    x, y = normal(n, 8, 0), normal(m, 8, 1) * 2 + 0.3
    assert frechet_distance(x, y) == pytest.approx(naive_frechet(x.numpy(), y.numpy()), rel=1e-6)


@pytest.mark.parametrize("rows", [3, 8, 60])
def test_frechet_of_a_set_with_itself_is_zero_and_a_shift_adds_its_square(rows):
    x = normal(rows, 8, 0)
    assert frechet_distance(x, x.flip(0)) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(x, x + 0.5) == pytest.approx(8 * 0.25, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 10_000))
def test_distances_are_symmetric_and_know_no_order(n, m, seed):
    x, y = normal(n, 6, seed), normal(m, 6, seed + 1)
    assert frechet_distance(x, y) >= 0
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x.flip(0)), rel=1e-9, abs=1e-9)
    assert float(kernel_distance(x, y)) == pytest.approx(float(kernel_distance(y.flip(0), x)), rel=1e-9, abs=1e-9)


def test_frechet_is_biased_upwards_and_less_so_with_more_rows():
    few, many = (frechet_distance(normal(rows, 32, 0), normal(rows, 32, 1)) for rows in (20, 400))
    assert few > 3 * many > 0


@pytest.mark.parametrize(("n", "m"), [(30, 24), (5, 7), (30, 5)])
def test_what_a_row_contributes_is_the_slope_of_its_weight(n, m):
    """By differences of the formula, with one row a little heavier."""
    x, y, step = normal(n, 8, 0), normal(m, 8, 1) * 1.5 + 0.3, 1e-5

    def weighted(rows, row, weight):
        weights = np.full(len(rows), 1.0)
        weights[row] += weight
        weights *= len(rows) / weights.sum()
        return rows.numpy(), weights

    def value(of_x, of_y):
        means = [(weights[:, None] * rows).sum(0) / len(rows) for rows, weights in (of_x, of_y)]
        roots = [
            (rows - mean) * np.sqrt(weights / (len(rows) - 1))[:, None]
            for (rows, weights), mean in zip((of_x, of_y), means)
        ]
        cross = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
        return ((means[0] - means[1]) ** 2).sum() + sum((root**2).sum() for root in roots) - 2 * cross

    found = frechet(x, y)
    for row in (0, 3):
        slope = [value(weighted(x, row, way), weighted(y, 0, 0)) for way in (step, -step)]
        assert float(found.of_x[row]) == pytest.approx((slope[0] - slope[1]) / (2 * step), rel=1e-4, abs=1e-6)
        slope = [value(weighted(x, 0, 0), weighted(y, row, way)) for way in (step, -step)]
        assert float(found.of_y[row]) == pytest.approx((slope[0] - slope[1]) / (2 * step), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(("n", "width"), [(60, 8), (30, 48)])
def test_the_frechet_spread_is_how_far_another_sample_falls(n, width):
    """Where covariances are singular, too; it may err to the large side there, by a third at most."""
    found = [frechet_measured(normal(n, width, 2 * i), normal(n, width, 2 * i + 1) * 1.2 + 0.3) for i in range(120)]
    falls = float(np.std([measured.value for measured in found]))
    assert 0.9 * falls < np.mean([measured.spread for measured in found]) < 1.4 * falls
    low, high = np.mean([measured.interval for measured in found], axis=0)
    assert low < np.mean([measured.value for measured in found]) < high
    assert high - low == pytest.approx(2 * 1.96 * np.mean([measured.spread for measured in found]), rel=0.05)


@needs_lite0
def test_a_space_is_another_measure_under_another_name():
    shown = between(textures(8, 0), blurred(textures(8, 1), 2))
    values = {}
    for key, space in SPACES.items():
        for name in ("kid", "frechet", "precision"):
            metric = build(
                "metric", name, options={**SMALL, "features": key, **({"k": 2} if name == "precision" else {})}
            )
            assert f"({space.name})" in metric.name
            assert space.weights in metric.protocol["features"]
            values[name, key] = metric(shown).value
    assert len({value for (name, _), value in values.items() if name != "precision"}) == 2 * len(SPACES)


@pytest.mark.parametrize("name", ["kid", "frechet"])
@needs_lite0
def test_one_picture_has_no_distribution(name):
    with pytest.raises(MetricUnavailable, match="needs at least 2 pictures of each domain; got 1"):
        build("metric", name, options=SMALL)(between(textures(1, 0), textures(4, 1)))


@pytest.mark.parametrize("name", ["kid", "frechet"])
@pytest.mark.parametrize(
    ("spoil", "levels"), [(blurred, (2, 6)), (noisy, (0.1, 0.3)), (greyed, (0.5, 1.0))], ids=["blur", "noise", "grey"]
)
@needs_lite0
def test_distances_grow_with_what_spoils_pictures(name, spoil, levels):
    real, fake = textures(40, 0), textures(40, 1)
    metric = build("metric", name, options=SMALL)
    values = [metric(between(spoiled, real)).value for spoiled in (fake, *(spoil(fake, level) for level in levels))]
    assert values == sorted(values)
    assert values[-1] > 1.2 * values[0] + 0.01


@needs_lite0
def test_kid_of_two_halves_of_one_set_is_near_zero():
    halves = textures(80, 5).split(40)
    measured = build("metric", "kid", options=SMALL)(between(*halves))
    assert measured.spread is not None
    assert abs(measured.value) < 3 * measured.spread
    assert measured.interval[0] < 0 < measured.interval[1]


@needs_lite0
def test_distances_are_deterministic_and_know_no_order():
    fake, real = textures(12, 0), textures(10, 1, size=48)  # sets may differ in size and count
    before = torch.get_rng_state()
    for name in ("kid", "frechet"):
        metric = build("metric", name, options=SMALL)
        measured = metric(between(fake, real))
        features_in.cache_clear()
        assert metric(between(fake, real)) == measured
        assert metric(between(fake.flip(0), real.flip(0))).value == pytest.approx(measured.value, rel=1e-4)
    assert torch.equal(before, torch.get_rng_state())


@needs_lite0
def test_frechet_of_identical_sets_is_zero_and_of_two_sets_symmetric():
    metric = build("metric", "frechet", options=SMALL)
    first, second = textures(12, 0), textures(10, 1)
    assert metric(between(first, first)).value == pytest.approx(0, abs=1e-9)
    assert metric(between(first, second)).value == pytest.approx(metric(between(second, first)).value, rel=1e-9)


@needs_lite0
def test_kid_spread_and_interval_can_be_left_out():
    sets = between(textures(12, 0), textures(10, 1))
    bare = build("metric", "kid", options={**SMALL, "bootstraps": 0})(sets)
    assert bare.spread is bare.interval is None
    assert bare.value == pytest.approx(build("metric", "kid", options=SMALL)(sets).value, rel=1e-12)
