"""`aerial`: towns from above made on the spot, as aerial photographs and as street maps of the same towns.

A town is a list of polygons in painting order. Both looks paint the same polygons: the map gives each its kind's flat
colour, the photograph adds material, trees, sun and shadow. Read in this order: `kinds` (what there is), `plan`
(streets and waters), `town` (blocks and houses), `photograph`.
"""

from __future__ import annotations

import difflib

import numpy as np

from .kinds import KINDS
from .photograph import cells, photograph
from .town import Town, town

__all__ = ["LOOKS", "render"]

LOOKS = ("aerial", "map")


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Town number `index` (>= 0) of the world `seed` (>= 0) in a look of LOOKS: uint8 (size, size, 3), sRGB.

    Equal arguments give equal pictures. ValueError on an unknown look, a negative number or a size below 8.
    """
    if look not in LOOKS:
        near = difflib.get_close_matches(look, LOOKS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"unknown look {look!r} of aerial: {hint}looks are {', '.join(LOOKS)}")
    if seed < 0 or index < 0:
        raise ValueError(f"a town needs seed >= 0 and index >= 0, got seed={seed}, index={index}")
    if size < 8:
        raise ValueError(f"a town needs a size of at least 8, got {size}")
    place = town(seed, index)
    return street_map(place, size) if look == "map" else photograph(place, seed, index, size)


def street_map(place: Town, size: int) -> np.ndarray:
    """The map of `place`: uint8 (size, size, 3), flat colours with smooth edges."""
    colours = np.array([kind.map or (0, 0, 0) for kind in KINDS.values()], np.float32)
    fine = colours[cells(place, 2 * size, map_only=True)]
    return (fine.reshape(size, 2, size, 2, 3).mean(axis=(1, 3)) + 0.5).astype(np.uint8)
