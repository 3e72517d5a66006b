"""Scales: stored numbers to [-1, 1] and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.image.codec import ImageCodec
from cyclekit.image.scale import Scale, scale_in_words

kinds = st.sampled_from(["uint8", "uint16", "int16", "int8"])


@settings(deadline=None, max_examples=60)
@given(kinds, st.integers(1, 5), st.integers(0, 99))
def test_there_and_back_is_exact_for_whole_numbers(kind, channels, seed):
    limits = np.iinfo(kind)
    scale = Scale.of([limits.min] * channels, [limits.max] * channels, kind)
    stored = np.random.default_rng(seed).integers(limits.min, limits.max, (5, 4, channels), dtype=kind, endpoint=True)
    codec = ImageCodec(channels, scale)
    row = codec.encode([stored])
    assert row.data.shape == (1, channels, 5, 4)
    assert row.data.abs().max() <= 1
    (back,) = codec.decode(row)
    assert back.dtype == kind
    assert np.array_equal(back, stored)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)), min_size=1, max_size=4),
    st.sampled_from(["float32", "float64"]),
)
def test_the_ends_are_minus_one_and_one_and_what_is_beyond_is_clipped(ends, kind):
    low, high = [start for start, _ in ends], [start + length for start, length in ends]
    scale = Scale.of(low, high, kind)
    stored = np.array([low, high, [one - 1e5 for one in low], [one + 1e5 for one in high]])[:, None]
    scaled = scale(stored)
    assert scaled.dtype == np.float32
    assert scaled[:, 0].T.tolist() == [[-1, 1, -1, 1]] * len(ends)
    back = scale.undone(np.concatenate([scaled, 3 * scaled]))
    assert back.dtype == kind
    largest = max(map(abs, [*low, *high]))
    assert np.allclose(back[[0, 1], 0], [low, high], rtol=0, atol=1e-6 * largest)
    assert np.array_equal(back[4:], back[:4])


@given(st.integers(-1000, 1000), st.integers(1, 5000), st.lists(st.floats(-1, 1), min_size=2, max_size=9))
def test_it_keeps_the_order_and_rounds_to_the_nearest(low, length, values):
    scale = Scale.of([low], [low + length], "int16")
    ordered = np.sort(np.array(values))[None, :, None]
    made = scale.undone(ordered)[0, :, 0]
    assert (np.diff(made.astype(int)) >= 0).all()
    exact = (ordered[0, :, 0] + 1) / 2 * length + low
    assert (np.abs(made - exact) <= 0.5 + 1e-9).all()
    assert made.min() >= low
    assert made.max() <= low + length


def test_a_scale_wider_than_its_type_stays_inside():
    assert Scale.of([-100], [1000], "uint8").undone(np.array([[[-1.0], [1.0]]]))[0, :, 0].tolist() == [0, 255]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("kind", "most"), [("uint8", 255), ("uint16", 65535)])
def test_all_that_a_type_can_hold(kind, most, channels):
    assert Scale.of_type(kind, channels) == ((0.0,) * channels, (float(most),) * channels, kind)


@pytest.mark.parametrize(
    ("low", "high", "kind", "message"),
    [
        ([], [], "uint8", r"^a scale from \[\] to \[\]: every lowest number is below the highest$"),
        ([0], [0], "uint8", "every lowest number is below the highest"),
        ([0, 5], [1, 4], "uint8", "every lowest number is below the highest"),
        ([0], [1, 2], "uint8", "every lowest number is below the highest"),
        ([0], [float("inf")], "uint8", "every lowest number is below the highest"),
        ([float("nan")], [1], "uint8", "every lowest number is below the highest"),
        ([0], [1], "bool", r"^a scale of type bool: numbers are integers or floats$"),
        ([0], [1], "complex64", "numbers are integers or floats"),
    ],
)
def test_scales_that_are_none(low, high, kind, message):
    with pytest.raises(ValueError, match=message):
        Scale.of(low, high, kind)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ([0], [4095], "0 to 4,095"),
        ([0, 0], [4095, 4095], "0 to 4,095"),
        ([0, 5, 1], [1, 6, 2.5], "0 to 1 ... 1 to 2.5"),
    ],
)
def test_a_scale_in_words(low, high, words):
    assert scale_in_words(Scale.of(low, high, "float32")) == words
