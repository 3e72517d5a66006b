"""A landscape as a painting: its palette, and strokes."""

import numpy as np

from tests.builtin.worlds import test_landscapes
from tests.builtin.worlds.test_landscapes import luminance

photographs = test_landscapes.photographs
paintings = test_landscapes.paintings


def test_the_palette_of_paintings_has_no_black_and_fewer_extremes(photographs, paintings):
    photographed, painted = np.stack(photographs), np.stack(paintings)
    assert painted.max(axis=3).min() > 45
    assert (photographed.max(axis=3) < 45).mean() > 0.01
    assert luminance(painted).mean() > luminance(photographed).mean() + 5
    # shadows are violet: less green and more blue in the dark tenth of the paintings
    green_to_blue = []
    for pictures in (photographed, painted):
        light = luminance(pictures)
        dark = pictures[light < np.quantile(light, 0.1)].astype(float).mean(axis=0)
        green_to_blue.append(dark[2] / dark[1])
    assert green_to_blue[1] > green_to_blue[0] + 0.1
    assert green_to_blue[1] > 1.1


def test_strokes_break_the_flat_sky(photographs, paintings):
    def roughness(pictures: list[np.ndarray]) -> float:
        return float(np.mean([np.abs(np.diff(luminance(picture)[2:16], axis=0)).mean() for picture in pictures]))

    assert roughness(paintings) > 1.3 * roughness(photographs)
