"""How metrics read pictures: as the levels that are saved, and what is no picture is refused."""

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.image.metrics import saved_levels
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import build
from tests.image.textures import SMALL, needs_lite0


@pytest.mark.parametrize(
    ("fake", "text"),
    [
        (torch.full((2, 3, 16, 16), float("nan")), "needs finite pictures; 2 of 2 hold NaN or infinity"),
        (torch.zeros(2, 3, 16, 16, dtype=torch.int64), "needs pictures (N, C, H, W) in [-1, 1]; got (2, 3, 16, 16)"),
        (torch.zeros(2, 7), "needs pictures (N, C, H, W) in [-1, 1]; got (2, 7)"),
    ],
)
@pytest.mark.parametrize("name", ["ssim", "structure", "kid"])
@needs_lite0
def test_what_is_no_picture_is_refused_in_one_line(name, fake, text):
    options = SMALL if name == "kid" else {}
    with pytest.raises(MetricUnavailable) as error:
        build("metric", name, options=options)(Translated(Batch(fake), Batch(fake), Batch(fake), [Batch(fake)]))
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("channels", [2, 4, 13])
@needs_lite0
def test_many_bands_are_measured_but_in_features(channels):
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
    read = saved_levels(Batch(pictures))
    assert read.dtype == torch.uint8
    if dtype != torch.bfloat16:  # which has no 256 values between -1 and 1
        assert torch.equal(read.long(), levels)
    assert saved_levels(Batch(torch.tensor([-3.0, 3.0]).view(1, 1, 1, 2))).flatten().tolist() == [0, 255]
