"""Pages: a template filled, with the style and the script inside, and written whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path
from string import Template

from cyclekit.registry import RecipeError


def filled(template: str, page_title: str, refresh: str = "", **parts: str) -> str:
    """A template of this folder with its parts, the shared head with its style sheet, and the shared script.

    Args:
        refresh: an element of the head that makes a browser load the page again, where it will change.
    """
    head = _part("head.html").substitute(style=_part("style.css").template, page_title=page_title, refresh=refresh)
    return _part(template).substitute(head=head, script=_part("script.js").template, **parts)


def write_page(path: Path, page: str) -> Path:
    """Write a page beside its place, then rename it: who reads sees the old page or the whole new one.

    Raises:
        RecipeError: it cannot be written; the old page is untouched.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(page, encoding="utf-8", errors="replace")
        os.replace(beside, path)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # a folder that is none has been complained of already
            beside.unlink(missing_ok=True)
    return path


@functools.cache
def _part(name: str) -> Template:
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
