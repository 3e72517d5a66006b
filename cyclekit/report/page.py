"""Pages: a template filled, with the style and the script inside, and written whole or not at all."""

from __future__ import annotations

import functools
from pathlib import Path
from string import Template

from cyclekit.files.whole_file import write_whole
from cyclekit.registry import RecipeError


def filled(template: str, page_title: str, refresh: str = "", **parts: str) -> str:
    """A template of this folder with its parts, the shared head with its style sheet, and the shared script.

    Args:
        refresh: an element of the head that makes a browser load the page again, where it will change.
    """
    head = _part("head.html").substitute(style=_part("style.css").template, page_title=page_title, refresh=refresh)
    return _part(template).substitute(head=head, script=_part("script.js").template, **parts)


def write_page(path: Path, page: str) -> Path:
    """Write a page: who reads meanwhile sees the old one or the whole new one.

    Raises:
        RecipeError: it cannot be written; the old page is untouched.
    """
    try:
        write_whole(path, page.encode("utf-8", "replace"), durable=False)  # `report` makes it anew
    except OSError as error:
        raise RecipeError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


@functools.cache
def _part(name: str) -> Template:
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
