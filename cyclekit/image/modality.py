"""Pictures, as the rooms that know no modality see them."""

from __future__ import annotations

from cyclekit.core.modality import Example, Modality
from cyclekit.image.files import picture_files
from cyclekit.registry import register


@register("modality", "pictures")
def pictures() -> Modality:
    """Pictures: large, of any size, translated a few at a time."""
    return Modality(
        item="picture",
        items="pictures",
        tiled=True,
        files=picture_files,
        task="image-to-image",
        example=Example('Image.open("picture.png")', "picture.png", "from PIL import Image"),
    )
