"""Streets from a driver's seat: as a game draws them, as a camera sees them, and what class stands in every pixel.

The world behind domain adaptation in miniature: GTA -> Cityscapes (Hoffman et al. 2018, "CyCADA", section 4.2). A
Scene holds a street in metres and is a function of two integers; the looks are drawings of it, aligned to the pixel.
Read in this order: `scene` (what is there), `drawing` (its shapes in the picture), `materials`, `looks`.
"""

from __future__ import annotations

import numpy as np

from ..arguments import check_look, check_size
from .looks import camera, labels, rendered
from .materials import CLASSES
from .scene import Scene, scene

__all__ = ["CLASSES", "LOOKS", "Scene", "coloured", "render", "scene"]

DRAWN = {"rendered": rendered, "camera": camera, "labels": labels}
LOOKS = tuple(DRAWN)


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """The street number `index` (>= 0) of the world `seed` (>= 0); equal arguments give equal pictures.

    Args:
        look: one of LOOKS; all looks of a street show the same things in the same pixels.
        size: side of the picture, 8 or more.

    Returns:
        uint8 (size, size, 3), sRGB; for "labels" class ids, uint8 (size, size), which count in CLASSES.

    Raises:
        ValueError: an unknown look, a negative number, or a size below 8.
    """
    check_look(look, LOOKS)
    check_size("a street", size)
    return DRAWN[look](scene(seed, index), size)


def coloured(labels: np.ndarray) -> np.ndarray:
    """Class ids (H, W) in Cityscapes' colours: uint8 (H, W, 3). ValueError on an id that is no class."""
    if labels.size and not 0 <= labels.min() <= labels.max() < len(CLASSES):
        raise ValueError(f"class ids are 0 to {len(CLASSES) - 1}, got {labels.min()} to {labels.max()}")
    return np.array([colour for _, colour in CLASSES], np.uint8)[labels]
