"""Pictures that are made on the spot: lists of scenes of a world (see `worlds`), each in one of the world's looks."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.image.bands import Picture
from cyclekit.image.picture_set import PictureSet
from cyclekit.image.pictures import Reading, UnreadablePicture, read_picture
from cyclekit.image.storage import cache_folder, remember
from cyclekit.registry import did_you_mean

WORLDS = Path(__file__).parent / "worlds"

HELD_OUT_FROM = 1_000_000
"""The first held-out scene: far from all training scenes, so that any number of these leaves the same ones held out."""


class MadePictures:
    """Scenes of a world in one look, `size` pixels square, made when first asked for and then kept."""

    def __init__(self, world: str, look: str, seed: int, scenes: Sequence[int], size: int) -> None:
        self.world, self.look, self.seed, self.scenes, self.size = world, look, seed, scenes, size
        self.names = [f"scene-{scene:07d}" for scene in scenes]
        cached = cache_folder()
        # Another folder when the world's code changes, so that no old picture is shown.
        kept = f"{world}-v{_version(world)}-{size}-seed{seed}"
        self.folder = None if cached is None else cached / kept

    def open(self, index: int, reading: Reading | int) -> Picture:
        kept = None if self.folder is None else self.folder / f"{self.look}-{self.scenes[index]:07d}.png"
        return made_once(kept, lambda: self.made(index), reading)

    def made(self, index: int) -> Image.Image:
        """Render scene `index` of this list, RGB."""
        world = _module(self.world)
        pixels = world.render(self.look, self.seed, self.scenes[index], self.size)
        # A look of class numbers (size, size) is shown in the classes' colours.
        return Image.fromarray(pixels if pixels.ndim == 3 else world.coloured(pixels))

    def stored(self, index: int) -> None:
        """Nothing is stored that could be broken."""


def made_once(kept: Path | None, make: Callable[[], Image.Image], reading: Reading | int) -> Picture:
    """The picture kept in a file; if it is not there, made and kept. None: there is nowhere to keep it."""
    if kept is not None and kept.exists():
        try:
            return read_picture(kept, reading)
        except UnreadablePicture:
            pass  # whatever became of it: it is made again
    picture = make()
    if kept is not None:
        remember(kept, picture.save)
    return read_picture(picture, reading)


def made(
    world: str, words: str, looks: Pair[str], size: int, paired: bool, scenes: int, held_out: int, seed: int
) -> PictureSet:
    """A world as pictures of two domains: of different scenes unless `paired`; held-out scenes come in both looks.

    Args:
        world: name of a module of `cyclekit.builtin.worlds`.
        words: what it shows, for the description.

    Raises:
        ValueError: fewer than one scene, or a look that the world has not.
    """
    if scenes < 1 or held_out < 1:
        raise ValueError(f"scenes={scenes}, held_out={held_out}: both must be at least 1")
    there = _module(world).LOOKS
    for look in looks:
        if look not in there:
            raise ValueError(
                f"builtin:{world} has no look '{look}'{did_you_mean(look, there)}; it has {', '.join(there)}"
            )
    others = range(scenes) if paired else range(scenes, 2 * scenes)
    unseen = range(HELD_OUT_FROM, HELD_OUT_FROM + held_out)

    def both(*numbers: Sequence[int]) -> Pair[Any]:
        return Pair(*(MadePictures(world, look, seed, chosen, size) for look, chosen in zip(looks, numbers)))

    described = f"{words}, no real pictures ({looks.a} and {looks.b}; seed {seed}, {size}x{size})"
    return PictureSet(both(range(scenes), others), both(unseen, unseen), paired, True, described)


def _module(world: str) -> Any:
    return importlib.import_module(f"cyclekit.builtin.worlds.{world}")


@cache
def _version(world: str) -> str:
    """Changes with the world's code, and with what all worlds share."""
    place = Path(_module(world).__file__)
    own = sorted(place.parent.glob("*.py")) if place.name == "__init__.py" else [place]
    code = hashlib.blake2b(digest_size=5)
    for file in [*own, WORLDS / "noise.py"]:
        code.update(file.read_bytes())
    return code.hexdigest()
