"""What translating came to. Without torch, so that exported runs say it too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class NotTranslated(NamedTuple):
    """Stands in the place of the translation of an item that has none."""

    why: str


class Written(NamedTuple):
    """What translating files came to."""

    done: int
    folder: Path
    failures: list[tuple[str, str]]
    """Inputs that could not be read or translated, with the reason."""
    not_read: str = ""
    """What lay in the given folders and is no input, counted by kind: `12 .heic, 1 named pipe`."""
    notes: Sequence[str] = ()
    """What of the inputs was not used, or could not be kept: a line each."""
