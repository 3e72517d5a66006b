"""Each experiment once, in its quick mode, and its measures on data whose answer is known."""

import json
import math

import pytest
import torch
from PIL import Image

from cyclekit.image.codec import ImageCodec
from cyclekit.image.metrics import saved_levels
from experiments import chart, cycle_against_collapse, l1_alone, replay_buffer, vanishing_gradients
from tests.pictures import picture


@pytest.mark.parametrize(
    ("experiment", "columns", "written"),
    [
        (l1_alone, {"saturation", "sharpness (gradient)", "sharpness (Laplacian)", "KID", "PSNR"}, []),
        (cycle_against_collapse, {"input found", "truth found", "distinctness", "KID", "PSNR"}, []),
        (vanishing_gradients, {"accuracy", "slope", "gradient", "KID", "PSNR"}, ["gradients.png"]),
        (replay_buffer, {"loss oscillation", "KID oscillation", "mean KID", "buffers, MiB"}, ["kid.png"]),
    ],
)
def test_every_experiment_runs(experiment, columns, written, tmp_path):
    results = experiment.main(["--quick", "--out", str(tmp_path)])
    assert len(results) > 1
    for of in results.values():
        (numbers,) = of.values()
        assert columns <= set(numbers)
        assert all(math.isfinite(number) for number in numbers.values())
    kept = json.loads((tmp_path / "results.json").read_text())
    assert kept["results"].keys() == results.keys()
    for name in ["sheet.png", *written]:
        Image.open(tmp_path / name).load()


def test_blur_and_grey_are_measured():
    sharp = [picture(seed, (64, 64)) for seed in range(3)]
    blurred = [one.resize((16, 16), Image.Resampling.BOX).resize((64, 64), Image.Resampling.BICUBIC) for one in sharp]
    grey = [one.convert("L").convert("RGB") for one in sharp]
    of_sharp, of_blurred, of_grey = (saved_levels(ImageCodec().encode(pictures)) for pictures in (sharp, blurred, grey))
    assert l1_alone.gradient(of_blurred) < 0.7 * l1_alone.gradient(of_sharp)
    assert l1_alone.laplacian(of_blurred) < 0.1 * l1_alone.laplacian(of_sharp)
    assert l1_alone.chroma(of_grey) == 0
    assert l1_alone.chroma(of_sharp) > 30
    assert float(l1_alone.gradient(of_grey) / l1_alone.gradient(of_sharp)) == pytest.approx(1, abs=0.02)


def test_an_input_kept_in_other_colours_is_found_and_a_lost_one_is_not():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(100, 40, generator=generator, dtype=torch.float64)
    mixed = inputs @ torch.randn(40, 40, generator=generator, dtype=torch.float64) + 5
    unrelated = torch.randn(100, 40, generator=generator, dtype=torch.float64)
    collapsed = torch.ones(100, 40, dtype=torch.float64)

    def found(outputs):
        return cycle_against_collapse.share_found(cycle_against_collapse.decoded(outputs, inputs), inputs)

    assert found(mixed) == 1
    assert found(-inputs) == 1
    assert found(unrelated) <= 0.05
    assert found(collapsed) <= 0.05


def test_a_row_is_left_out_of_its_own_decoding():
    generator = torch.Generator().manual_seed(0)
    outputs, inputs = torch.randn(2, 30, 8, generator=generator, dtype=torch.float64)
    decoded = cycle_against_collapse.decoded(outputs, inputs)
    changed = inputs.clone()
    changed[4] += 100
    assert torch.allclose(cycle_against_collapse.decoded(outputs, changed)[4], decoded[4])


def test_the_saturating_loss_is_flat_where_the_discriminator_is_sure():
    scores = torch.tensor([-10.0, 0.0, 10.0], requires_grad=True)
    loss = vanishing_gradients.saturating()
    (slope,) = torch.autograd.grad(loss.generator(scores), scores)
    assert torch.allclose(3 * slope, -torch.sigmoid(scores))  # of log(1 - sigmoid(s)), which falls as s rises
    assert loss.generator(scores[1:2]).item() == pytest.approx(math.log(0.5))


def test_a_level_that_was_not_reached_has_no_gradient():
    look = vanishing_gradients.Look
    numbers = vanishing_gradients.summary([look(0, 0.5, 1, 5), look(1, 0.7, 1, 4), look(2, 0.95, 1, 3)])
    assert numbers == {"accuracy": 0.95, "slope": 1, "gradient at 60%": 4, "gradient at 90%": 3, "gradient": 3}


def test_oscillation_is_of_the_windows_means():
    assert replay_buffer.oscillation([0, 2, 10, 12, 0, 2], window=2) == 10
    assert replay_buffer.oscillation([1, 1, 1, 1], window=2) == 0
    assert replay_buffer.oscillation([3], window=1) == 0


def test_a_logarithmic_axis_refuses_zero(tmp_path):
    with pytest.raises(ValueError, match="positive values, got 0"):
        chart.draw(tmp_path / "chart.png", [chart.Panel("p", "x", {"line": [(1, 0.0), (2, 1.0)]}, log_y=True)])
