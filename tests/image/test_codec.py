"""The image codec: exact bytes there and back, known ranges, clear refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.core.parts import Codec
from cyclekit.image.codec import ImageCodec


def noise(shape: tuple[int, ...], seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_there_and_back_is_exact(width, height, channels, seed):
    shape = (height, width, 3) if channels == 3 else (height, width)
    pictures = [noise(shape, seed), noise(shape, seed + 1)]
    codec = ImageCodec(channels=channels)
    batch = codec.encode(pictures)
    assert batch.data.shape == (2, channels, height, width)
    assert batch.data.dtype == torch.float32
    assert batch.data.is_contiguous()
    for before, after in zip(pictures, codec.decode(batch)):
        assert before.mode == after.mode
        assert before.tobytes() == after.tobytes()


def test_every_byte_survives_and_the_ends_are_minus_one_and_one():
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    batch = ImageCodec(1).encode([ramp])
    assert batch.data.min() == -1
    assert batch.data.max() == 1
    assert ImageCodec(1).decode(batch)[0].tobytes() == ramp.tobytes()


def test_decoding_clamps_and_takes_half_precision():
    batch = Batch(torch.tensor([-3.0, 0.0, 1.0, 7.0]).reshape(1, 1, 2, 2).bfloat16())
    assert np.asarray(ImageCodec(1).decode(batch)[0]).tolist() == [[0, 128], [255, 255]]


def test_pictures_of_other_modes_are_converted():
    assert ImageCodec(3).encode([noise((4, 4))]).data.shape == (1, 3, 4, 4)
    assert ImageCodec(1).encode([noise((4, 4, 3))]).data.shape == (1, 1, 4, 4)


def test_saved_and_loaded(tmp_path):
    ImageCodec(1).save(tmp_path)
    assert ImageCodec.load(tmp_path).channels == 1


def test_it_is_registered_and_fits_the_protocol():
    assert registry.part("codec", "image").factory is ImageCodec
    assert isinstance(ImageCodec(), Codec)


def test_refusals():
    with pytest.raises(ValueError, match=r"channels=0: a picture has 1 \(grey\), 3 \(colour\) or any other number"):
        ImageCodec(0)
    with pytest.raises(ValueError, match="pictures of one size, got 3x4, 5x4"):
        ImageCodec().encode([noise((4, 3, 3)), noise((4, 5, 3))])
    with pytest.raises(ValueError, match="got no pictures"):
        ImageCodec().encode([])
    with pytest.raises(ValueError, match=r"expected \(B, 3, H, W\), got \(1, 1, 2, 2\)"):
        ImageCodec().decode(Batch(torch.zeros(1, 1, 2, 2)))
