"""The photograph of a town: what its map says, with shadows."""

import numpy as np

from cyclekit.builtin.worlds.aerial import render
from cyclekit.builtin.worlds.aerial.kinds import KINDS
from cyclekit.builtin.worlds.aerial.town import town
from tests.builtin.worlds import test_aerial
from tests.builtin.worlds.test_aerial import luminance

maps = test_aerial.maps
photographs = test_aerial.photographs


def where(picture: np.ndarray, *kinds: str) -> np.ndarray:
    """Where a map shows nothing but one of `kinds`: bool (H, W)."""
    return np.any([(picture == KINDS[kind].map).all(axis=2) for kind in kinds], axis=0)


def test_the_photograph_shows_what_the_map_says(maps, photographs):
    """Colours of the photograph gathered by the map's classes: blue water, green woods, grey streets, bright roofs."""

    def mean(*kinds: str) -> np.ndarray:
        there = [picture[where(drawn, *kinds)] for drawn, picture in zip(maps, photographs)]
        pixels = np.concatenate(there).astype(float)
        assert len(pixels) > 300, kinds
        return pixels.mean(axis=0)

    water, wood, street, house, park = mean("water"), mean("wood"), mean("avenue"), mean("tiled 0 lit"), mean("park")
    assert water[2] > water[0] + 15
    assert wood[1] > max(wood[0], wood[2]) + 10
    assert park[1] > max(park[0], park[2]) + 10
    assert np.ptp(street) < 15
    assert house[0] > house[2]
    assert luminance(house) > luminance(wood) + 30


def test_houses_throw_their_shadows_away_from_the_sun():
    """The ground beyond a house is darker on the side that `shadow` names than on the other."""
    beyond, before = [], []
    for index in range(16):
        drawn, light = render("map", 4, index, 128), luminance(render("aerial", 4, index, 128))
        house, ground = where(drawn, "tiled 0 lit"), where(drawn, "yard", "park", "industrial", "parking")
        x, y = (round(2.0 * one) for one in town(4, index).shadow)
        for sign, found in ((1, beyond), (-1, before)):
            found += light[ground & np.roll(house, (sign * y, sign * x), axis=(0, 1))].tolist()
    assert min(len(beyond), len(before)) > 500
    assert np.mean(beyond) < 0.9 * np.mean(before)
