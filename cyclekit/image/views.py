"""Views: both domains from the same pictures, so that any folder of pictures gives pairs (self-supervision).

A recipe writes `data.views: {a: grey, b: picture}`. A view is taken of the resized and cropped picture, so that edges
are as fine as the picture the network sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, did_you_mean

EDGE_SHARE = 0.12
"""Of a picture's pixels so many at most lie on drawn edges."""


class View(NamedTuple):
    """How a domain sees a picture."""

    channels: int
    """Of what is seen."""
    opened: int
    """Channels with which the picture is read, resized and cropped. Views of one picture read it alike."""
    make: Callable[[Image.Image], Image.Image] | None = None
    """From what was read; None: nothing but the codec's own turning of colour into grey."""


def edges(picture: Image.Image) -> Image.Image:
    """Thin dark lines on white where brightness changes most: an RGB picture to mode L.

    Gradient maxima across the edge, as Canny (1986) keeps them, of the picture blurred by one pixel; those that are
    strong for this picture. (pix2pix's own edges are by a network, HED; its photographs of shoes stand on white too.)
    """
    from scipy import ndimage  # not for every run, and every worker of its loader

    luma = ndimage.gaussian_filter(np.asarray(picture.convert("L"), dtype=np.float32), 1.0)
    across, down = ndimage.sobel(luma, axis=1), ndimage.sobel(luma, axis=0)
    strength = np.hypot(across, down)
    steep = np.abs(down) > np.abs(across)
    # A ridge is no weaker than its neighbours across the edge, to the nearer of the two axes.
    beside = [np.where(steep, np.roll(strength, way, 0), np.roll(strength, way, 1)) for way in (-1, 1)]
    ridge = (strength >= beside[0]) & (strength > beside[1])
    least = max(float(np.quantile(strength, 1 - 3 * EDGE_SHARE)), 40.0)
    return Image.fromarray(np.where(ridge & (strength > least), 0, 255).astype(np.uint8))


VIEWS = {"picture": View(3, 3), "grey": View(1, 3), "edges": View(1, 3, edges)}


def views_of(names: Mapping[str, str]) -> Pair[View]:
    """The views of both domains by their names.

    Raises:
        RecipeError: a domain or a view that there is not.
    """
    if set(names) != {"a", "b"}:
        raise RecipeError(f"data.views: {dict(names)} should name a view for a and one for b: {{a: grey, b: picture}}")
    for domain, name in names.items():
        if name not in VIEWS:
            raise RecipeError(
                f"data.views.{domain}: there is no view '{name}'{did_you_mean(name, VIEWS)}; "
                f"there are: {', '.join(VIEWS)}"
            )
    return Pair(VIEWS[names["a"]], VIEWS[names["b"]])
