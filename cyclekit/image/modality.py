"""Pictures, as the rooms that know no modality see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cyclekit.core.modality import Example, Modality
from cyclekit.image.curation.pairing import pair
from cyclekit.image.curation.selecting import select
from cyclekit.image.curation.whole_set import audit
from cyclekit.image.files import picture_files
from cyclekit.image.formats import is_picture, walk_pictures
from cyclekit.registry import register


@register("modality", "pictures")
def pictures() -> Modality:
    """Pictures: large, of any size, translated a few at a time."""
    return Modality(
        item="picture",
        items="pictures",
        tiled=True,
        files=picture_files,
        holds=pictures_at,
        audit=audit,
        pair=pair,
        select=select,
        task="image-to-image",
        example=Example('Image.open("picture.png")', "picture.png", "from PIL import Image"),
    )


def pictures_at(places: Sequence[Path]) -> int:
    """How many files at and below some places are pictures."""
    return sum(len(walk_pictures(place).files) if place.is_dir() else is_picture(place) for place in places)
