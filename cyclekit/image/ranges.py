"""The setting `data.range`: what it may say, and the scale it comes to for one domain's training pictures.

A range is `auto`, or `[LOWEST, HIGHEST]`, also written "LOWEST,HIGHEST": each a number, or a percentile of the training
pictures such as "1%". One range serves all bands; a list of as many ranges as there are channels gives each its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from cyclekit.core.batch import Pair
from cyclekit.image.bands import Bands
from cyclekit.image.pictures import Contents
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError

Setting = str | list[Any] | dict[str, Any] | None

SAMPLED = 4_000_000
"""Numbers of a band, at most, that percentiles are taken of: as many of every picture, evenly spaced."""


class End(NamedTuple):
    """One end of a range."""

    value: float
    percentile: bool


class Range(NamedTuple):
    """From where to where."""

    low: End
    high: End


AUTO = Range(End(0.0, True), End(100.0, True))


def ranges_of(setting: Setting, channels: Pair[int]) -> Pair[list[Range] | None]:
    """What `data.range` says of each domain: a range for all bands, one for each, or None where nothing is said.

    Raises:
        RecipeError: it makes no sense.
    """
    if not isinstance(setting, dict):
        return channels.map(lambda count: _listed(setting, count, "data.range"))
    if not set(setting) <= {"a", "b"}:
        raise RecipeError(f"data.range: {setting} should name a range for a, for b or for both: {{a: auto, b: null}}")
    return Pair(*(_listed(setting.get(side), getattr(channels, side), f"data.range.{side}") for side in ("a", "b")))


def scale_of(
    ranges: Sequence[Range] | None,
    channels: int,
    contents: Sequence[Contents],
    pictures: Iterable[Bands],
    count: int,
    where: str,
) -> Scale:
    """The scale of a domain.

    Args:
        ranges: one for all bands or one for each; None: all that the pictures' type can hold.
        contents: of the training pictures; empty where they are made on the spot, which are of 8 bits.
        pictures: the same ones, opened one after the other where percentiles are asked for.
        count: how many these are.
        where: the setting, for messages.

    Raises:
        RecipeError: nothing says what is white, or all numbers are equal.
    """
    kind = np.result_type(*{one.type for one in contents}) if contents else np.dtype(np.uint8)
    lowest = min((one.lowest for one in contents), default=0.0)
    highest = max((one.highest for one in contents), default=255.0)
    if ranges is None:
        if kind.kind == "u" and kind.itemsize <= 2:
            return Scale.of_type(str(kind), channels)
        raise RecipeError(
            f"{where}: pictures hold {kind} values from {lowest:g} to {highest:g}, of which none is known to be white: "
            f"set {where} to auto, or to [{lowest:g}, {highest:g}]"
        )
    ends = [end for one in ranges for end in one]
    asked = sorted({end.value for end in ends if end.percentile})
    # One range for all bands is of all their numbers together; the ends of these are known already.
    if len(ranges) == 1 and set(asked) <= {0.0, 100.0}:
        measured = np.array([[lowest, highest]])
        asked = [0.0, 100.0]
    else:
        measured = _percentiles(asked, pictures, count, apart=len(ranges) > 1) if asked else np.zeros((1, 0))
    low, high = [], []
    for band in range(channels):
        one = ranges[band if len(ranges) > 1 else 0]
        found = measured[band if len(measured) > 1 else 0]
        first, last = (found[asked.index(end.value)] if end.percentile else end.value for end in one)
        if not first < last:
            raise RecipeError(f"{where}: all training values are {first:g}: nothing can be learned from them")
        low.append(float(first))
        high.append(float(last))
    return Scale.of(low, high, str(kind))


def _percentiles(asked: Sequence[float], pictures: Iterable[Bands], count: int, *, apart: bool) -> np.ndarray:
    """(bands or 1, percentiles)."""
    each = max(64, SAMPLED // max(count, 1))
    taken = []
    for picture in pictures:
        values = picture.values.reshape(-1, picture.channels)
        if not apart:
            values = values.reshape(-1, 1)
        taken.append(values[:: max(1, len(values) // each)])
    return np.percentile(np.concatenate(taken).astype(np.float64), asked, axis=0).T


def _listed(setting: Any, channels: int, where: str) -> list[Range] | None:
    if setting is None:
        return None
    several = (
        isinstance(setting, list)
        and bool(setting)
        and (
            isinstance(setting[0], list)
            or any(isinstance(one, str) and ("," in one or one == "auto") for one in setting)
        )
    )
    if not several:
        return [_range(setting, where)]
    if len(setting) != channels:
        raise RecipeError(f"{where}: {len(setting)} ranges for {channels} channels; give one for all, or one for each")
    return [_range(one, where) for one in setting]


def _range(setting: Any, where: str) -> Range:
    if setting == "auto":
        return AUTO
    ends = setting.split(",") if isinstance(setting, str) else setting
    if not isinstance(ends, list) or len(ends) != 2:
        raise RecipeError(
            f"{where}: {setting!r} is no range; write auto, [LOWEST, HIGHEST] such as [0, 4095], or percentiles such "
            "as [1%, 99%]"
        )
    low, high = (_end(end, where) for end in ends)
    if low.percentile == high.percentile and not low.value < high.value:
        raise RecipeError(f"{where}: {setting!r}: the lowest is to be below the highest")
    return Range(low, high)


def _end(written: Any, where: str) -> End:
    text = str(written).strip()
    try:
        value, percentile = float(text.removesuffix("%")), text.endswith("%")
    except ValueError:
        value, percentile = float("nan"), False
    if isinstance(written, bool) or not np.isfinite(value) or (percentile and not 0 <= value <= 100):
        raise RecipeError(f"{where}: {written!r} is neither a number nor a percentile from 0% to 100%")
    return End(value, percentile)
