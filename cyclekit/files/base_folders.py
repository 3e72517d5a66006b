"""Where a user's own caches and records are, by the XDG base directory specification."""

from __future__ import annotations

import os
from pathlib import Path


def base_folder(variable: str, below_home: str) -> Path | None:
    """The folder that an environment variable names, or the one below the home; None for a user without a home.

    A variable that is no absolute path is ignored, as the specification asks: it would name another folder wherever a
    command is run.
    """
    named = os.environ.get(variable)
    if named and Path(named).is_absolute():
        return Path(named)
    try:
        return Path.home() / below_home
    except RuntimeError:
        return None
