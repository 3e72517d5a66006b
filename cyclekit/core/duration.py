"""Lengths of time as people write them: `10min`, `90s`, `1h`, or a number of seconds."""

from __future__ import annotations

import re
from typing import Any

UNITS = {"s": 1, "min": 60, "h": 3600}


def seconds_of(written: Any) -> Any:
    """Seconds of a written length of time; what is no text is left as it is.

    Raises:
        ValueError: a text that is no length of time.
    """
    if not isinstance(written, str):
        return written
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(s|min|h)", written.strip())
    if found is None:
        raise ValueError("should be a length of time, such as 90s, 10min or 1h, or a number of seconds")
    return float(found[1]) * UNITS[found[2]]


def written(seconds: float) -> str:
    """Seconds as `seconds_of` reads them, in the largest unit of which they are a whole number."""
    unit = next((unit for unit in ("h", "min") if seconds and seconds % UNITS[unit] == 0), "s")
    return f"{seconds / UNITS[unit]:.15g}{unit}"
