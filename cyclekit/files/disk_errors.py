"""A disk that is full, or a folder where nothing may be written: one clear line in place of the error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from cyclekit.registry import RecipeError

_FULL_OR_FORBIDDEN = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EROFS,
    errno.EPERM,
    errno.EFBIG,
    errno.EISDIR,
    errno.ENOTDIR,
}


@contextmanager
def clear_disk_errors(place: Path) -> Iterator[None]:
    """Turn a full disk or a forbidden folder into one clear line."""
    try:
        yield
    except SafetensorError as error:
        if "os error" not in str(error).lower() and "i/o" not in str(error).lower():
            raise
        raise RecipeError(f"{place}: cannot be written: {error}; what was saved before is whole") from error
    except OSError as error:
        if error.errno not in _FULL_OR_FORBIDDEN:
            raise
        raise RecipeError(f"{place}: cannot be written: {error.strerror}; what was saved before is whole") from error
