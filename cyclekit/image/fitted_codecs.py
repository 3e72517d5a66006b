"""The codecs of a data set: of 8-bit pictures, or with the scale that `data.range` comes to on its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.image.bands import Bands
from cyclekit.image.codec import ImageCodec
from cyclekit.image.notes import notes_on
from cyclekit.image.picture_set import PictureList
from cyclekit.image.pictures import Contents, Reading
from cyclekit.image.ranges import Range, scale_of
from cyclekit.image.scale import scale_in_words
from cyclekit.registry import RecipeError

SIDES = Pair("a", "b")


class FittedCodec(NamedTuple):
    """What looking at a domain's training pictures gave."""

    codec: ImageCodec
    notes: list[str]
    """What a user should know of them, one line each."""


def sided(value: object, otherwise: object, where: str) -> Pair[object]:
    """A setting for both domains, or of each: `{a: VALUE, b: VALUE}`; a domain that is not named has `otherwise`.

    Raises:
        RecipeError: a mapping of anything else.
    """
    if not isinstance(value, dict):
        return Pair(value, value)
    if not set(value) <= {"a", "b"}:
        raise RecipeError(f"{where}: {value} should say it for a and for b: {{a: ..., b: ...}}")
    return Pair(value.get("a", otherwise), value.get("b", otherwise))


def channels_said(setting: int | dict[str, int]) -> Pair[int]:
    """What `data.channels` says of each domain.

    Raises:
        RecipeError: fewer than one, or a mapping of anything but both domains.
    """
    counts = sided(setting, 3, "data.channels")
    for count in counts:
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise RecipeError(f"data.channels: {setting} is no number of channels; 1 is grey, 3 colour, or more bands")
    return counts  # type: ignore[return-value]


def fitted_codec(
    pictures: PictureList,
    contents: Mapping[str, Contents],
    reading: Reading,
    ranges: Sequence[Range] | None,
    shown: object,
    domain: str,
    side: str,
) -> FittedCodec:
    """The codec of one domain, and what is to be known of its training pictures.

    Args:
        contents: what is in the files, by the pictures' names; without those that are made on the spot.
        reading: how they are read, and so of how many channels.
        ranges: what `data.range` says of the domain.
        shown: what `data.shown` says of it.
        domain: its display name.
        side: "a" or "b", as settings name it.

    Raises:
        RecipeError: a range or bands to show that make no sense, see `scale_of` and `ImageCodec`.
    """
    held = [contents[name] for name in pictures.names if name in contents]
    scale = None
    if reading.values:
        count = len(pictures.names)
        opened = _opened(pictures, reading)
        scale = scale_of(ranges, reading.channels, held, opened, count, f"data.range.{side}")
    try:
        codec = ImageCodec(reading.channels, scale, shown)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise RecipeError(f"data.shown: {error}") from error
    notes = notes_on(held, domain, side, scale)
    if scale is not None and held and ranges and not any(end.percentile for one in ranges for end in one):
        lowest, highest = min(one.lowest for one in held), max(one.highest for one in held)
        if lowest < min(scale.low) or highest > max(scale.high):
            ends = f"{lowest:,.6g} to {highest:,.6g}"
            notes.append(f"{domain}: values are from {ends}, and clipped to data.range, {scale_in_words(scale)}")
    return FittedCodec(codec, notes)


def _opened(pictures: PictureList, reading: Reading) -> Iterator[Bands]:
    for row in range(len(pictures.names)):
        picture = pictures.open(row, reading)
        assert isinstance(picture, Bands)
        yield picture
