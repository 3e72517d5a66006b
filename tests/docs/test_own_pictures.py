"""Every tree on the page of own pictures is built, and what a run says of it is what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from cyclekit import api
from cyclekit.assembling.data import build_data
from cyclekit.cli.console import in_flags
from cyclekit.cli.options import named_sources
from cyclekit.registry import RecipeError
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "own-pictures.md"


class Layout(NamedTuple):
    """One layout of the page."""

    title: str
    tree: str
    command: str
    said: str


def layouts() -> list[Layout]:
    """Every tree, with the command and the words that follow it."""
    found, title = [], ""
    pattern = r"^#+ ([^\n]*)$|^```tree\n(.*?)^```\n+```sh\n(.*?)^```\n+```said\n(.*?)^```"
    for heading, tree, command, said in re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.M | re.S):
        title = heading or title
        if tree:
            found.append(Layout(title, tree, command, said))
    return found


LAYOUTS = layouts()


def build(tree: str, root: Path) -> None:
    """Make the files of a tree: a folder ends in a slash, and may hold `20 pictures` or `5 pictures of 512x256`."""
    folders = [root]
    for line in tree.splitlines():
        depth, entry = (len(line) - len(line.lstrip())) // 2, line.strip()
        name, _, held = entry.partition("/")
        path = folders[depth] / name
        if "/" not in entry:
            write(path)
            continue
        path.mkdir()
        folders[depth + 1 :] = [path]
        count = re.fullmatch(r"(\d+) pictures(?: of (\d+)x(\d+))?", held.strip())
        for number in range(int(count[1]) if count else 0):
            size = (int(count[2]), int(count[3])) if count[2] else (300, 300)
            write(path / f"{number:03d}.png", size)


def write(path: Path, size: tuple[int, int] = (300, 300)) -> None:
    if path.suffix in (".png", ".gif"):
        Image.linear_gradient("L").resize(size).convert("RGB").save(path, compress_level=1)
    else:
        path.write_bytes(b"")


def said_of(command: str) -> list[str]:
    """The lines that `cyclekit run` says of its data, or its refusal."""
    given = shlex.split(command)
    assert given[:2] == ["cyclekit", "run"]
    options = dict(zip(given[3::2], given[4::2]))
    assert set(options) == {"--data"}
    try:
        recipe = api.read(given[2], data=named_sources(options["--data"]))
        data = build_data(recipe)
    except RecipeError as error:
        return [in_flags(error)]
    return [f"data: {data.source}: {data.description}", *(f"data: {note}" for note in data.notes)]


def test_the_page_has_its_layouts():
    assert len(LAYOUTS) >= 18
    assert PAGE.read_text(encoding="utf-8").count("```tree") == len(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.title for layout in LAYOUTS])
def test_a_layout_is_read_as_the_page_says(layout, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    build(layout.tree, tmp_path)
    assert said_of(layout.command) == layout.said.splitlines()
