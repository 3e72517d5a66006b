"""Pictures to numbers and back, in numpy: exactly as a run's codec has it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit.exported.pictures import Border, padded_values
from cyclekit.image.codec import ImageCodec
from cyclekit.image.scale import Scale

SIDES = st.integers(1, 21)


@given(
    height=SIDES,
    width=SIDES,
    channels=st.sampled_from([1, 3]),
    multiple=st.sampled_from([1, 4, 8]),
    seed=st.integers(0, 99),
)
@settings(max_examples=60)
def test_what_goes_in_and_comes_out_is_what_the_codec_makes(height, width, channels, multiple, seed):
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    picture = Image.fromarray(levels if channels == 3 else levels[..., 0])
    codec, border = ImageCodec(channels), Border({"channels": channels, "scale": None})
    row, size = codec.prepare(picture, multiple, smallest=multiple + 1)
    values = padded_values(border.values(picture), multiple, multiple + 1)
    assert np.array_equal(values, row.data.numpy())
    made = border.finished(values[:, :, : size[0], : size[1]])
    assert np.array_equal(np.asarray(made), np.asarray(codec.finish(row, size)))
    assert np.array_equal(np.asarray(made), np.asarray(picture))


def test_numbers_of_a_scale_are_those_of_the_codec_too():
    scale = Scale.of([0.0, 10.0], [4095.0, 20.0], "float32")
    numbers = np.random.default_rng(0).uniform(0, 20, (5, 7, 2)).astype(np.float32)
    border = Border({"channels": 2, "scale": scale._asdict()})
    assert np.array_equal(border.values(numbers), ImageCodec(2, scale).encode([numbers]).data.numpy())
    assert np.allclose(border.finished(border.values(numbers)), numbers.clip([0, 10], [4095, 20]), atol=1e-3)
