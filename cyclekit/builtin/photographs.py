"""`builtin:photographs`: square cuts of the few colour photographs that scikit-image and scikit-learn carry.

Nothing is downloaded: only files that lie in the two wheels are read, and neither package is imported. Their terms, as
the packages state them (`skimage.data`'s docstrings, `sklearn/datasets/images/README.txt`):

* astronaut (Eileen Collins, NASA): public domain. rocket (Falcon 9, SpaceX): public domain.
* coffee (Rachel Michetti), chelsea, a cat (Stefan van der Walt): CC0.
* china, flower: CC BY 2.0, "some rights reserved by danielbuechele" (of the flower, the link is to vultilion's page on
  Flickr); name them where these are shown.

scikit-image's motorcycle is left out, as no terms are stated for it; so are its microscope, retina and Hubble pictures,
whose colours are not those of everyday things.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.bands import Picture
from cyclekit.image.picture_set import PictureSet
from cyclekit.image.pictures import Reading, open_picture, read_picture
from cyclekit.registry import register


class CarriedPhotograph(NamedTuple):
    """A photograph that a package carries."""

    package: str
    file: str
    """Below the package's folder."""

    @property
    def name(self) -> str:
        return Path(self.file).stem


FOR_TRAINING = (
    CarriedPhotograph("skimage", "data/astronaut.png"),
    CarriedPhotograph("skimage", "data/coffee.png"),
    CarriedPhotograph("sklearn", "datasets/images/china.jpg"),
    CarriedPhotograph("sklearn", "datasets/images/flower.jpg"),
)

HELD_OUT = (CarriedPhotograph("skimage", "data/chelsea.png"), CarriedPhotograph("skimage", "data/rocket.jpg"))
"""Never trained on: one of warm, one of cold colours."""

SMALLEST_CUT = 0.3
"""The side of the smallest cut, as a share of its photograph's shorter side (300 to 512 pixels)."""

DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
"""What to install for a package."""


class Cuts:
    """Random square cuts of photographs, scaled to `size`: cut number n is of photograph n modulo their number.

    A cut depends on the seed and its number alone, so that it shows the same at every size.
    """

    def __init__(self, photographs: Sequence[Path], numbers: Sequence[int], seed: int, size: int) -> None:
        self.photographs, self.numbers, self.seed, self.size = list(photographs), list(numbers), seed, size
        self.names = [f"{self._photograph(number).stem}-{number:06d}" for number in self.numbers]

    def open(self, index: int, reading: Reading | int) -> Picture:
        number = self.numbers[index]
        photograph = _decoded(self._photograph(number))
        draw = np.random.default_rng([self.seed, number])
        side = draw.uniform(SMALLEST_CUT, 1) * min(photograph.size)
        left, top = (draw.uniform(0, length - side) for length in photograph.size)
        cut = photograph.resize(
            (self.size, self.size), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
        )
        return read_picture(cut, reading)

    def stored(self, index: int) -> None:
        """Nothing is stored that the user could mend."""

    def _photograph(self, number: int) -> Path:
        return self.photographs[number % len(self.photographs)]


@register("builtin", "photographs")
def photographs(
    size: int, paired: bool = False, *, pictures: int = 1000, held_out: int = 100, seed: int = 0
) -> PictureSet:
    """Cuts of a few colour photographs: both domains the same, other cuts of the same photographs unless `paired`.

    For what needs one domain of colour pictures and makes the other from it, such as learning to colour grey ones. Four
    photographs are for training; held-out cuts are of two others. So few show that a recipe works, not how well.

    Args:
        size: side of the square pictures in pixels. Above 128, small cuts are enlarged.
        pictures: how many cuts each domain has for training.
        held_out: how many cuts are held out, the same in both domains.
        seed: other seeds are other cuts.

    Raises:
        SourceMissing: a package is not installed.
        ValueError: fewer than one picture, or a negative seed.
    """
    if pictures < 1 or held_out < 1:
        raise ValueError(f"pictures={pictures}, held_out={held_out}: both must be at least 1")
    if seed < 0:
        raise ValueError(f"seed={seed}: must be at least 0")
    shown, unseen = ([_file(one) for one in group] for group in (FOR_TRAINING, HELD_OUT))
    others = range(pictures) if paired else range(pictures, 2 * pictures)
    first, second = (Cuts(shown, numbers, seed, size) for numbers in (range(pictures), others))
    test = Cuts(unseen, range(held_out), seed, size)
    words = f"cuts of {len(shown)} photographs, held out of {len(unseen)} others (seed {seed}, {size}x{size})"
    return PictureSet(Pair(first, second), Pair(test, test), paired, True, words)


def _file(photograph: CarriedPhotograph) -> Path:
    """Where a photograph lies. The package is found, not imported: that takes a second and could start a download."""
    package, distribution = find_spec(photograph.package), DISTRIBUTIONS[photograph.package]
    if package is None or package.origin is None:
        raise SourceMissing(f"needs a package: pip install {distribution} (it is in cyclekit[samples])")
    path = Path(package.origin).parent / photograph.file
    if not path.is_file():
        raise SourceMissing(f"{path} is missing: pip install --force-reinstall {distribution}")
    return path


@lru_cache(maxsize=len(FOR_TRAINING) + len(HELD_OUT))
def _decoded(path: Path) -> Image.Image:
    return open_picture(path)
