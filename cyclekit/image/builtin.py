"""Built-in pictures: made on the spot from a seed, so that a run needs no download and its truth is known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.image.listing import PictureSet
from cyclekit.image.pictures import UnreadablePicture, open_picture
from cyclekit.image.storage import cache_folder, remember
from cyclekit.registry import register

HELD_OUT_FROM = 1_000_000
"""The first held-out scene: far from all training scenes, so that any number of these leaves the same ones held out."""


class Renderings:
    """Landscape scenes in one of two renderings, `size` pixels square, made when first asked for and then kept."""

    def __init__(
        self, rendering: Literal["painting", "photograph"], seed: int, scenes: Sequence[int], size: int
    ) -> None:
        self.rendering, self.seed, self.scenes, self.size = rendering, seed, scenes, size
        self.names = [f"scene-{scene:07d}" for scene in scenes]
        self.folder = _folder(seed, size)

    def open(self, index: int, channels: int) -> Image.Image:
        kept = None if self.folder is None else self.folder / f"{self.rendering}-{self.scenes[index]:07d}.png"
        if kept is not None and kept.exists():
            try:
                return open_picture(kept, channels)
            except UnreadablePicture:
                pass  # whatever became of it: it is made again
        picture = self.made(index)
        if kept is not None:
            remember(kept, picture.save)
        return open_picture(picture, channels)

    def made(self, index: int) -> Image.Image:
        """Render scene `index` of this list, RGB."""
        from cyclekit.image import landscapes

        scene = landscapes.scene(self.seed, self.scenes[index])
        render = getattr(landscapes, self.rendering)
        return Image.fromarray(render(scene, (self.size, self.size)))

    def stored(self, index: int) -> None:
        """Nothing is stored that could be broken."""


@register("builtin", "landscapes")
def landscapes(
    size: int, paired: bool = False, *, scenes: int = 1000, held_out: int = 100, seed: int = 0
) -> PictureSet:
    """Procedural landscapes: domain a paintings, domain b photographs, of different scenes unless `paired`.

    Args:
        size: side of the square pictures in pixels.
        scenes: how many pictures each domain has for training.
        held_out: how many further scenes are held out, in both renderings.
        seed: other seeds are other landscapes.

    Raises:
        ValueError: fewer than one scene.
    """
    if scenes < 1 or held_out < 1:
        raise ValueError(f"scenes={scenes}, held_out={held_out}: both must be at least 1")
    others = range(scenes) if paired else range(scenes, 2 * scenes)
    unseen = range(HELD_OUT_FROM, HELD_OUT_FROM + held_out)

    def both(paintings: Sequence[int], photographs: Sequence[int]) -> Pair[Any]:
        return Pair(Renderings("painting", seed, paintings, size), Renderings("photograph", seed, photographs, size))

    words = f"procedural landscapes, no real pictures (seed {seed}, {size}x{size})"
    return PictureSet(both(range(scenes), others), both(unseen, unseen), paired, True, words)


def _folder(seed: int, size: int) -> Path | None:
    """Where renderings are kept: another folder when the painter's code changes, so that no old picture is shown."""
    from cyclekit.image import landscapes as painter

    cache = cache_folder()
    if cache is None:
        return None
    code = hashlib.blake2b(digest_size=5)
    for file in sorted(Path(painter.__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return cache / f"landscapes-v{code.hexdigest()}-{size}-seed{seed}"
