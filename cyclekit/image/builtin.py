"""Built-in pictures by name: worlds made on the spot from a seed, so that a run needs no download and truth is known.

A recipe writes `builtin:streets`, or `{builtin: landscapes, a: summer, b: winter}` with options. Whatever they stand in
for, they are named for what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.image.listing import PictureSet
from cyclekit.image.made import made
from cyclekit.registry import register


class World(NamedTuple):
    """A module of `cyclekit.image.worlds`, and the looks its domains have unless a recipe says otherwise."""

    name: str
    looks: Pair[str]
    words: str


WORLDS = (
    # Also spring, summer, autumn, winter; day, night; fog, rain, snow: all of the same scenes.
    World("landscapes", Pair("painting", "photograph"), "procedural landscapes"),
    World("streets", Pair("rendered", "camera"), "procedural streets from the driver's seat"),
    World("facades", Pair("labels", "photograph"), "procedural fronts of houses"),
    World("aerial", Pair("aerial", "map"), "procedural towns from above"),
    World("creatures", Pair("plain", "striped"), "procedural animals, coats"),
    World("bowls", Pair("face", "bowl"), "drawn faces and bowls of noodle soup"),
)


def _factory(world: World) -> Callable[..., PictureSet]:
    def pictures(
        size: int,
        paired: bool = False,
        *,
        a: str = world.looks.a,
        b: str = world.looks.b,
        scenes: int = 1000,
        held_out: int = 100,
        seed: int = 0,
    ) -> PictureSet:
        """Pictures of a world in two looks.

        Args:
            size: side of the square pictures in pixels.
            a: look of domain a.
            b: look of domain b.
            scenes: how many pictures each domain has for training; of different scenes unless `paired`.
            held_out: how many further scenes are held out, in both looks.
            seed: other seeds are other scenes.

        Raises:
            ValueError: fewer than one scene, or a look that the world has not.
        """
        return made(world.name, world.words, Pair(a, b), size, paired, scenes, held_out, seed)

    return pictures


for each in WORLDS:
    register("builtin", each.name)(_factory(each))
