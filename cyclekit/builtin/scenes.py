"""Built-in pictures by name: worlds made on the spot from a seed, so that a run needs no download and truth is known.

A recipe writes `builtin:streets`, or `{builtin: landscapes, a: summer, b: winter}` with options. Whatever they stand in
for, they are named for what they are.

Each part is a module of `cyclekit.builtin.worlds`, and has the same parameters:

    size: side of the square pictures in pixels.
    paired: whether both domains show the same scenes.
    a, b: looks of the domains.
    scenes: how many pictures each domain has for training; of different scenes unless `paired`.
    held_out: how many further scenes are held out, in both looks.
    seed: other seeds are other scenes.

Each raises ValueError: fewer than one scene, or a look that the world has not.
"""

from __future__ import annotations

from cyclekit.builtin.made import made
from cyclekit.core.batch import Pair
from cyclekit.image.picture_set import PictureSet
from cyclekit.registry import register


@register("builtin", "landscapes")
def landscapes(
    size: int,
    paired: bool = False,
    *,
    a: str = "painting",
    b: str = "photograph",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Landscapes, painted and photographed; also spring, summer, autumn, winter, day, night, fog, rain and snow."""
    return made("landscapes", "procedural landscapes", Pair(a, b), size, paired, scenes, held_out, seed)


@register("builtin", "streets")
def streets(
    size: int,
    paired: bool = False,
    *,
    a: str = "rendered",
    b: str = "camera",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Streets from the driver's seat, as a game draws them and as a camera sees them; also labels."""
    return made(
        "streets", "procedural streets from the driver's seat", Pair(a, b), size, paired, scenes, held_out, seed
    )


@register("builtin", "facades")
def facades(
    size: int,
    paired: bool = False,
    *,
    a: str = "labels",
    b: str = "photograph",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Fronts of houses: label maps and photographs."""
    return made("facades", "procedural fronts of houses", Pair(a, b), size, paired, scenes, held_out, seed)


@register("builtin", "aerial")
def aerial(
    size: int,
    paired: bool = False,
    *,
    a: str = "aerial",
    b: str = "map",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Towns from above: aerial photographs and maps."""
    return made("aerial", "procedural towns from above", Pair(a, b), size, paired, scenes, held_out, seed)


@register("builtin", "creatures")
def creatures(
    size: int,
    paired: bool = False,
    *,
    a: str = "plain",
    b: str = "striped",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Animals with plain and with striped coats."""
    return made("creatures", "procedural animals, coats", Pair(a, b), size, paired, scenes, held_out, seed)


@register("builtin", "bowls")
def bowls(
    size: int,
    paired: bool = False,
    *,
    a: str = "face",
    b: str = "bowl",
    scenes: int = 1000,
    held_out: int = 100,
    seed: int = 0,
) -> PictureSet:
    """Drawn faces, and bowls of noodle soup."""
    return made("bowls", "drawn faces and bowls of noodle soup", Pair(a, b), size, paired, scenes, held_out, seed)
