"""`aerial`: towns from above made on the spot, as aerial photographs and as street maps of the same towns.

A town is a list of polygons in painting order. Both looks paint the same polygons: the map gives each its kind's flat
colour, the photograph adds material, trees, sun and shadow. Read in this order: `kinds` (what there is), `plan`
(streets and waters), `town` (blocks and houses), `photograph`.
"""

from __future__ import annotations

import numpy as np

from ..arguments import check_look, check_numbers, check_size
from .kinds import KINDS
from .photograph import cells, photograph
from .town import Town, town

__all__ = ["LOOKS", "render"]

LOOKS = ("aerial", "map")


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Town number `index` (>= 0) of the world `seed` (>= 0) in a look of LOOKS: uint8 (size, size, 3), sRGB.

    Equal arguments give equal pictures. ValueError on an unknown look, a negative number or a size below 8.
    """
    check_look(look, LOOKS, of="aerial")
    check_numbers("a town", seed, index)
    check_size("a town", size)
    place = town(seed, index)
    return street_map(place, size) if look == "map" else photograph(place, seed, index, size)


def street_map(place: Town, size: int) -> np.ndarray:
    """The map of `place`: uint8 (size, size, 3), flat colours with smooth edges."""
    colours = np.array([kind.map or (0, 0, 0) for kind in KINDS.values()], np.float32)
    fine = colours[cells(place, 2 * size, map_only=True)]
    return (fine.reshape(size, 2, size, 2, 3).mean(axis=(1, 3)) + 0.5).astype(np.uint8)
