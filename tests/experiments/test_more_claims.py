"""The experiments for claims 5, 6, 8 and 9: they run, and their measures measure what they are named for."""

from __future__ import annotations

import json

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.image.colorizer import from_lab
from cyclekit.measuring.metric import Translated
from experiments import cycle_and_identity, generators, pairs_or_not, speed


def pictures(count=3, size=32, seed=0):
    """Smooth random colour pictures as levels, (count, 3, size, size) uint8."""
    coarse = torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return (torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(0, 1) * 255).byte()


def as_batch(levels):
    return Batch(levels.float() / 127.5 - 1)


def quick(experiment, folder, *more):
    return experiment.main(["--quick", "--out", str(folder), *more])


def test_generators_runs_and_tells_their_sizes_and_memory(tmp_path):
    results = quick(generators, tmp_path)
    assert set(results) == {*generators.GENERATORS, *generators.REFERENCES}
    for variant in generators.GENERATORS:
        numbers = results[variant][0]
        assert numbers["reconstruction PSNR"] < 40
        assert numbers["parameters"] > 100_000
        assert abs(numbers["face's edges"]) < 0.9, "starts at random, not as the identity"
    assert results["ResNet"][0]["memory"] > 10
    assert results["copy the input"][0]["face's edges"] == pytest.approx(1)
    assert results["true translation"][0]["bowl's edges"] == pytest.approx(1)
    assert (tmp_path / "sheet.png").exists()


def test_generators_have_nearly_equal_parameter_counts_at_the_default_size():
    counts = []
    for name in generators.GENERATORS:
        options = dict(generators.overrides(name, generators.halvings(64))["generator"])
        network = speed.registry.build("generator", options.pop("name"), *[speed.ImageCodec()] * 2, options=options)
        counts.append(sum(parameter.numel() for parameter in network.parameters()))
    assert max(counts) < 1.15 * min(counts)


@pytest.mark.parametrize(("size", "times"), [(64, 6), (256, 8), (48, 4)])
def test_a_side_is_halved_as_often_as_it_divides(size, times):
    assert generators.halvings(size) == times


def test_detail_is_lost_by_blur_and_by_nothing_else():
    levels = pictures() // 2 + (torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 60).byte()
    blurred = (levels.double() - generators.detail(levels.double())).round().byte()

    def kept(fake):
        return generators.given_back(Translated(as_batch(levels), as_batch(fake), as_batch(levels)))

    same, soft, brighter = kept(levels), kept(blurred), kept(levels + 20)
    assert same == {"reconstruction PSNR": 100, "detail PSNR": 100, "detail kept": 1}
    assert soft["detail kept"] < 0.3
    assert brighter["detail kept"] == pytest.approx(1), "brightness is no detail"
    assert brighter["reconstruction PSNR"] < 25 < brighter["detail PSNR"]


def test_cycle_and_identity_runs(tmp_path):
    results = quick(cycle_and_identity, tmp_path)
    assert len(results) == 6 + 2
    assert results["copy the input"][0]["luma correlation"] == pytest.approx(1)
    assert results["copy the input"][0]["drift of pixels"] == 0
    assert results["true photographs"][0]["ΔE to truth"] == 0
    trained = [results[variant][0] for variant in cycle_and_identity.WEIGHTS]
    assert all(numbers["drift of mean colour"] > 1 for numbers in trained), "two steps leave nothing alone"
    assert len({numbers["drift of pixels"] for numbers in trained}) == 6, "the weights make a difference"


def test_a_negative_is_inverted_and_a_darker_copy_is_not():
    levels = pictures()
    assert cycle_and_identity.luma_correlation(levels, 255 - levels).tolist() == pytest.approx([-1] * 3)
    assert cycle_and_identity.luma_correlation(levels, levels // 2).min() > 0.99
    assert cycle_and_identity.luma_correlation(levels, torch.zeros_like(levels)).tolist() == [0] * 3


def test_lab_knows_white_and_red_and_undoes_from_lab():
    corners = torch.tensor([[255, 255, 255], [255, 0, 0], [0, 0, 0]], dtype=torch.uint8).view(3, 3, 1, 1)
    white, red, black = cycle_and_identity.lab(corners).flatten(1)
    assert white.tolist() == pytest.approx([100, 0, 0], abs=0.02)
    assert red.tolist() == pytest.approx([53.24, 80.09, 67.20], abs=0.02)  # Lindbloom's calculator, D65
    assert black.tolist() == pytest.approx([0, 0, 0], abs=0.02)
    levels = pictures()
    found = cycle_and_identity.lab(levels)
    assert torch.equal((from_lab(found[:, :1], found[:, 1:]) * 255).round().byte(), levels)


@pytest.mark.parametrize("task", pairs_or_not.TASKS)
def test_pairs_or_not_runs(tmp_path, task):
    results = quick(pairs_or_not, tmp_path, "--task", task)
    assert set(results) == {*pairs_or_not.VARIANTS, "copy the input"}
    copied = results["copy the input"][0]
    if task == "colorize":
        assert copied["chroma"] == 0
        assert copied["SSIM"] > 0.99, "grey has the truth's luma"
    assert copied["chroma error"] > 1
    assert all(results[variant][0]["training"] > 0 for variant in pairs_or_not.VARIANTS)
    assert (tmp_path / task / "sheet.png").exists()


def test_speed_times_every_generator(tmp_path):
    result = quick(speed, tmp_path, "--devices", "cpu")
    assert json.loads((tmp_path / "speed.json").read_text()) == result
    assert {row["generator"] for row in result["variants"]} == {*speed.PUBLISHED, speed.SMALL}
    assert all(0 < row["of floor"] < 2 and row["pictures a second"] > 0 for row in result["variants"])
    assert result["generators"]["unet_256"]["side"] == 256, "64 px are padded"
    assert "lecture" not in (tmp_path / "table.md").read_text(), "its figure is for another size"


def test_operations_are_those_of_the_published_resnet():
    outer = 2 * 256**2 * 49 * 3 * 64
    between = 4 * 128**2 * 9 * 64 * 128  # each halving and each doubling: half the pixels' side, twice the channels
    blocks = 18 * 64**2 * 9 * 256 * 256
    assert speed.shape("resnet_9blocks", 256)["GFLOP"] == pytest.approx(2 * (outer + between + blocks) / 1e9)
    assert speed.shape("resnet_9blocks", 500)["side"] == 500
    assert speed.shape("unet_256", 500)["side"] == 512
