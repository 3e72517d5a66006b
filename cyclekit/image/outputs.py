"""Writing translated pictures: in the format of the name where it can hold them, with what the input carried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin

from cyclekit.files.inputs import translated_file
from cyclekit.image.arrays import Layout, place_in_array, tifffile
from cyclekit.image.eight_bits import upright
from cyclekit.image.formats import ARRAYS
from cyclekit.image.notes import FRACTION
from cyclekit.image.pictures import Contents, Encoding
from cyclekit.image.profiles import describes
from cyclekit.image.scale import Scale

SAVE_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
"""As little loss as the format allows at a sensible size; lossless formats need nothing."""

TRANSPARENT = frozenset({"PNG", "WEBP", "TIFF", "GIF", "TGA", "JPEG2000", "AVIF", "QOI"})
"""Formats that hold transparency."""

COLOURED_ONLY = frozenset({"GIF", "WEBP", "AVIF", "QOI"})
"""Those of them that hold it beside colours, not beside grey."""

GEOGRAPHY = (33550, 33922, 34264, 34735, 34736, 34737, 42113)
"""GeoTIFF's tags (OGC 19-008r4, annex B), and GDAL's for the number that means no data."""

UNFIT = {"BLP": (1, 3), "ICNS": (1, 3), "ICO": (1, 3), "MSP": (1, 3), "XBM": (1, 3), "QOI": (1,)}
"""Formats that hold no 8-bit pictures of these channels, or not at their own size."""

TIFF_ENDINGS = (".tif", ".tiff")


class Carried(NamedTuple):
    """What a picture file carries beside what is translated, for its translation."""

    alpha: Image.Image | None = None
    """Its transparency, mode L."""
    profile: bytes | None = None
    dpi: tuple[float, float] | None = None
    layout: Layout = "bands last"
    """How bands lie in it."""
    place: Mapping[int, tuple[int, Any]] = {}
    """Of a GeoTIFF, where on the earth it lies: the tags in `GEOGRAPHY`, by code their type and value."""


def carried_by(path: Path) -> Carried:
    """What a readable picture file carries; nothing, if Pillow does not open it."""
    try:
        with Image.open(path) as image:
            alpha = None
            if image.has_transparency_data:
                image.load()
                alpha = upright(image).convert("RGBA").getchannel("A")
            tags: Any = getattr(image, "tag_v2", {})
            turned = tags.get(ExifTags.Base.Orientation, 1) != 1  # where it lies is said of the picture as stored
            codes = [code for code in GEOGRAPHY if code in tags and not turned]
            place = {code: (tags.tagtype[code], tags[code]) for code in codes}
            return Carried(alpha, image.info.get("icc_profile"), image.info.get("dpi"), place=place)
    except Image.UnidentifiedImageError:
        return Carried(place=place_in_array(path, GEOGRAPHY))
    except Exception:  # whatever is odd about it, its values were read
        return Carried()


def place_of(place: Path, codec: Encoding) -> Path:
    """Where a translation by `codec` goes: as its name says, but what its format cannot hold becomes a PNG or TIFF."""
    if codec.scale is None:
        return place.with_suffix(".png") if codec.channels in UNFIT.get(_format_of(place), ()) else place
    return place if _holds(place, codec) else place.with_suffix(TIFF_ENDINGS[0])


def check_writable(places: Iterable[Path], codec: Encoding) -> None:
    """Find out before any work whether a package is missing that writes these.

    Raises:
        NeedsPackage: tifffile is.
    """
    if codec.scale is not None and any(place.suffix.lower() in TIFF_ENDINGS for place in places):
        tifffile()


class PictureWriter:
    """Writes translations whole, and counts what of their inputs they could not keep. Several threads may use it."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self._counting = Lock()

    @property
    def notes(self) -> list[str]:
        """What was not kept, one line each; the most frequent first."""
        return [f"{count:,} {words}" for words, count in sorted(self.lost.items(), key=lambda one: (-one[1], one[0]))]

    def _lose(self, words: str) -> None:
        with self._counting:
            self.lost[words] += 1

    def count(self, held: Contents, path: Path, place: Path, scale: Scale | None) -> None:
        """Count what of an input is not used, and whether its translation goes under another ending.

        Args:
            scale: by which it was read; None: as an 8-bit picture.
        """
        if held.bands > held.used:
            first = f"first {held.used} were" if held.used > 1 else "first was"
            self._lose(f"have {held.bands} bands, of which the {first} read")
        if scale is None and held.type == "uint16" and 0 < held.highest <= 65535 * FRACTION:
            self._lose(
                "have 16 bits and use little of their range, so that they are read as dark: a run that was trained "
                "with data.range reads them whole"
            )
        if held.others:
            self._lose("have several frames or pages, of which the first was translated")
        if path.suffix != place.suffix:
            self._lose(f"written as {place.suffix}: {path.suffix or 'its name'} does not hold such pictures")

    def write(self, made: Image.Image | np.ndarray, place: Path, carried: Carried) -> None:
        """Write one translation; endings of no format that can be written get PNG.

        Raises:
            RecipeError: it cannot be written there.
        """
        if isinstance(made, np.ndarray):
            if place.suffix.lower() in (*TIFF_ENDINGS, ARRAYS):
                self._write_array(made, place, carried)
                return
            made = Image.fromarray(made[..., 0] if made.shape[2] == 1 else made)
            carried = carried._replace(alpha=None)  # bands are what the recipe says they are
        kind = _format_of(place)
        options: dict[str, Any] = dict(SAVE_OPTIONS.get(kind, {}))
        if carried.alpha is not None:
            if kind in TRANSPARENT:
                made = made.convert("RGB") if kind in COLOURED_ONLY else made.copy()
                made.putalpha(carried.alpha)
            else:
                self._lose(f"without their transparency, which {kind} does not hold")
        if carried.profile is not None:
            if describes(carried.profile, made.mode):
                options["icc_profile"] = carried.profile
            else:
                self._lose("without their colour profile, which is of other colours than the translation's")
        if carried.dpi is not None:
            options["dpi"] = carried.dpi
        if kind == "TIFF" and carried.place:
            tags = TiffImagePlugin.ImageFileDirectory_v2()
            for code, (type_, value) in carried.place.items():
                tags[code] = value
                tags.tagtype[code] = type_
            options["tiffinfo"] = tags
        with translated_file(place) as beside:
            made.save(beside, format=kind, **options)

    def _write_array(self, values: np.ndarray, place: Path, carried: Carried) -> None:
        """(H, W, C) as `.npy` or TIFF, bands lying as in the input; one band as (H, W)."""
        channels = values.shape[2]
        pages = carried.layout == "bands first" and channels > 1
        values = values[..., 0] if channels == 1 else np.moveaxis(values, 2, 0) if pages else values
        with translated_file(place) as beside:
            if place.suffix.lower() == ARRAYS:
                with beside.open("wb") as file:
                    np.save(file, np.ascontiguousarray(values), allow_pickle=False)
                return
            colour = channels == 3 and not pages and values.dtype.kind == "u"
            options: dict[str, Any] = {"planarconfig": "contig"} if channels > 1 and not pages else {}
            if carried.dpi is not None:
                options |= {"resolution": carried.dpi, "resolutionunit": "INCH"}
            if carried.profile is not None and colour and describes(carried.profile, "RGB"):
                options["iccprofile"] = carried.profile
            options["extratags"] = [
                (code, type_, 1 if isinstance(value, int | float | str) else len(value), value, True)
                for code, (type_, value) in carried.place.items()
            ]
            photometric = "rgb" if colour else "minisblack"
            tifffile().imwrite(beside, np.ascontiguousarray(values), photometric=photometric, metadata=None, **options)


def _format_of(place: Path) -> str:
    """Pillow's format of a name that it can write; PNG for others."""
    kind = Image.registered_extensions().get(place.suffix.lower(), "PNG")
    return kind if kind in Image.SAVE else "PNG"


def _holds(place: Path, codec: Encoding) -> bool:
    """Whether the format of a name holds a codec's numbers as they are."""
    assert codec.scale is not None
    if place.suffix.lower() in (*TIFF_ENDINGS, ARRAYS):
        return True
    if codec.scale.type == "uint8":
        return codec.channels in (1, 3)
    return codec.scale.type == "uint16" and codec.channels == 1 and _format_of(place) == "PNG"
