"""Values in words and in HTML: the small pieces that every section of the report uses."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any


def table(values: Mapping[str, Any]) -> str:
    """A (nested) mapping as a two-column table with dotted names."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(plain(value))}</td></tr>' for name, value in flat(values)
    )
    return f'<table class="pairs"><tbody>{rows}</tbody></table>' if rows else ""


def flat(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def plain(value: Any) -> str:
    """A setting as the recipe would spell it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list) and all(isinstance(item, dict) and list(item) == ["name"] for item in value):
        value = [item["name"] for item in value]
    if isinstance(value, list) and all(not isinstance(item, list | dict) for item in value):
        return ", ".join(map(plain, value)) or "none"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def as_found(words: str, content: Any) -> str:
    """Content of an unexpected shape: shown as it is rather than guessed at."""
    found = json.dumps(content, indent=1, ensure_ascii=False)
    cut = found if len(found) <= 20_000 else found[:20_000] + "\n… (the rest is in the file)"
    return f'<p class="complaint">{escape(words)}</p><pre>{escape(cut)}</pre>'


def empty(words: str) -> str:
    return f'<p class="empty">{escape(words)}</p>'


def section(values: Any, key: str) -> dict[str, Any]:
    """The mapping under a key; an empty one where there is none."""
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, dict) else {}


def as_float(value: Any) -> float:
    """A logged value as a float; also "nan" and "inf", as a writer of strict JSON spells them."""
    if isinstance(value, float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
    except OverflowError:  # JSON's integers have no end
        return math.inf if value > 0 else -math.inf


def finite(value: Any) -> float | None:
    """The value, if it is a number that is finite as a float."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(as_float(value))
    return value if known else None


def duration(seconds: float) -> str:
    """Seconds in the two units that matter."""
    seconds = round(seconds)
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 60:
        return f"{seconds} s"
    if hours < 1:
        return f"{minutes} min {seconds % 60} s" if minutes < 10 else f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{seconds / 86400:.1f} days"


def moment_in_words(moment: Any) -> str | None:
    """An ISO time as people write it; the text itself where it is no such time."""
    if moment is None:
        return None
    try:
        read = datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment)
    return f"{read.day} {read:%B %Y, %H:%M %Z}".strip()
