"""What a user should know of a set of pictures before training on it: what is not used, and what is used oddly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cyclekit.image.pictures import Contents
from cyclekit.image.scale import Scale
from cyclekit.image.transform import Size, Transform

FRACTION = 0.25
"""Of the range from black to white that training pictures use, at most, to be worth a line."""


def notes_on(contents: Sequence[Contents], domain: str, side: str, scale: Scale | None) -> list[str]:
    """One line each of what is to be known of a domain's training pictures.

    Args:
        contents: what each file holds.
        domain: its display name.
        side: "a" or "b", as settings name it.
        scale: None: they are read as 8-bit pictures.
    """
    notes: list[str] = []

    def note(which: Callable[[Contents], bool], words: str) -> None:
        count = sum(map(which, contents))
        if count:
            notes.append(f"{domain}: {'all' if count == len(contents) else f'{count:,} of {len(contents):,}'} {words}")

    for bands, used in sorted({(one.bands, one.used) for one in contents if one.bands > one.used}):
        note(
            lambda one, many=(bands, used): (one.bands, one.used) == many,  # type: ignore[misc]
            f"have {bands} bands or pages, of which the first{f' {used} are' if used > 1 else ' is'} used; set "
            f"data.channels.{side}={bands} to use all",
        )
    note(
        lambda one: one.others > 0,
        "have several frames or pages, of which the first is used",
    )
    note(
        lambda one: one.transparent,
        f"are transparent in places, and laid on white; set data.channels.{side}=4 to learn transparency as a band",
    )
    profiles = Counter(one.profile for one in contents if one.profile)
    for profile, _ in profiles.most_common(3):
        note(lambda one, name=profile: one.profile == name, f"carry the colour profile {profile}, which is not applied")  # type: ignore[misc]
    if scale is None:
        note(
            lambda one: one.lowest < 0 or one.highest > (255 if one.type.startswith("float") else 65535),
            f"hold numbers of which none is known to be white: set data.range.{side}=auto to train on them",
        )
    types = Counter(one.type for one in contents)
    if scale is not None and len(types) > 1:
        listed = ", ".join(f"{count:,} {kind}" for kind, count in types.most_common())
        notes.append(f"{domain}: numbers are stored in several types ({listed}), which one range may not fit")
    return notes + _fraction(contents, domain, side, scale)


def note_on_enlarging(sizes: Mapping[str, Size], domain: str, transform: Transform) -> list[str]:
    """A line where pictures are smaller than what is cut of them: what a network learns there is interpolation.

    Args:
        sizes: of the training pictures, by their names.
        domain: its display name.
    """
    small = [
        f"{name} is {width}x{height}" for name, (width, height) in sizes.items() if transform.enlarges((width, height))
    ]
    if not small:
        return []
    return [
        f"{domain}: {len(small):,} of {len(sizes):,} are enlarged to {transform.load_size} px, first {small[0]}; set "
        "data.load_size and data.crop_size smaller to learn no interpolation"
    ]


def _fraction(contents: Sequence[Contents], domain: str, side: str, scale: Scale | None) -> list[str]:
    """A line where pictures use little of what is black to white: scans of 12 bits in 16, masks of 0 and 1."""
    if not contents:
        return []
    lowest, highest = min(one.lowest for one in contents), max(one.highest for one in contents)
    if scale is not None:
        white, black = max(scale.high), min(scale.low)
    else:
        kind = np.result_type(*{one.type for one in contents})
        black = 0.0
        white = (1.0 if highest <= 1 else 255.0) if kind.kind == "f" else 255.0 if kind == np.uint8 else 65535.0
    used = (highest - lowest) / (white - black)
    if not 0 < used <= FRACTION:
        return []
    ends = f"{lowest:g},{highest:g}"
    return [
        f"{domain}: values are from {lowest:,.6g} to {highest:,.6g}, and black to white is {black:,.6g} to "
        f"{white:,.6g}: 1/{1 / used:.0f} of the range is used; set data.range.{side}=auto or data.range.{side}={ends}"
    ]
