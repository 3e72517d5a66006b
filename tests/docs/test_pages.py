"""What holds for every page: it can be found, its links lead somewhere, and what it tells to type exists."""

from __future__ import annotations

import ast
import functools
import os
import re

import pytest
import yaml

from cyclekit.cli import early
from cyclekit.cli.parts import read_parts
from tests.docs.commands_known import complain
from tests.docs.pages import (
    EXECUTED,
    ROOT,
    SHOWN,
    anchors,
    blocks,
    inline_commands,
    links,
    pages,
    pipelines,
    prose,
    text_of,
)

PAGES = pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
READ_ONCE = functools.cache(read_parts)
REFERENCE = ROOT / "docs" / "commands.md"
every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)


@pytest.fixture(autouse=True)
def parts_are_read_once(monkeypatch):
    """The recipes that pages name travel with cyclekit, and bring no parts of their own."""
    monkeypatch.setattr(early, "read_parts", lambda folder, without: READ_ONCE())


def site() -> dict:
    return yaml.safe_load(text_of(ROOT / "mkdocs.yml"))


def in_nav(entries) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    below = entries.values() if isinstance(entries, dict) else entries
    return [page for entry in below for page in in_nav(entry)]


def test_every_page_of_the_site_is_in_its_navigation_once():
    assert sorted(in_nav(site()["nav"])) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_the_site_opens_on_a_page():
    assert in_nav(site()["nav"])[0] == "index.md"


def test_the_site_builds_without_a_warning(tmp_path, monkeypatch):
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    build(load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(tmp_path)))
    assert (tmp_path / "index.html").is_file()
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"} <= {
        page.name for page in tmp_path.iterdir()
    }


@every_page
def test_links_lead_somewhere(page):
    for link in links(page):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
        if page.parent == ROOT / "docs":  # the site has nothing of what lies beside it
            assert target.resolve().is_relative_to(ROOT / "docs"), link


@every_page
def test_every_block_says_what_it_is(page):
    assert text_of(page).count("```") == 2 * len(blocks(page)), "a fence is not closed, or a mark stands elsewhere"
    for block in blocks(page):
        assert block.language in (*EXECUTED, *SHOWN), block.place
        assert block.language != "console" or page == REFERENCE, block.place
        assert block.not_run is None or block.language in EXECUTED, block.place
    typed = re.findall(r"^ {4,}(?:cyclekit|python|pip|make) .*", prose(page), re.MULTILINE)
    assert not typed, "write commands in a block"


@every_page
def test_what_is_to_be_typed_exists(page):
    for block in blocks(page):
        if block.language == "sh":
            for commands in pipelines(block.text):
                for command in commands:
                    assert (complaint := complain(command.words, page)) is None, (block.place, complaint)
        elif block.language == "python":
            ast.parse(block.text)
        elif block.language == "yaml":
            yaml.safe_load(block.text)


@every_page
def test_what_sentences_tell_to_type_exists(page):
    for line, words in inline_commands(page):
        complaint = complain(words, page)
        # A command is often named without all that it needs.
        assert complaint is None or complaint.startswith("Missing"), (line, words, complaint)


@every_page
def test_files_of_the_house_are_where_a_page_says(page):
    rooms = {path.name for folder in (ROOT, ROOT / "cyclekit") for path in folder.iterdir() if path.is_dir()}
    for span in re.findall(r"`([\w./-]+/[\w./-]*\.(?:py|yaml|md|toml))`", prose(page)):
        there = any((folder / span).exists() for folder in (ROOT, ROOT / "cyclekit", page.parent))
        assert there or span.split("/")[0] not in rooms, span


def test_a_stale_command_would_be_found():
    page = ROOT / "README.md"
    for words in (
        ["cyclekit", "train", "monet2photo"],
        ["cyclekit", "run", "monet2photo", "--epochs", "3"],
        ["cyclekit", "run", "monet2foto"],
        ["cyclekit", "run", "monet2photo", "--set", "train.step=3"],
        ["cyclekit", "run", "monet2photo", "--set", "generator.blokcs=3"],
        ["cyclekit", "translate", "RUN", "a.jpg", "--to", "photograph"],
        ["cyclekit", "data", "get", "monets"],
        ["make", "demos"],
        ["pip", "install", "cyclekit[metric]"],
        ["python", "-m", "experiments.speeds"],
        ["wget", "x"],
    ):
        assert complain(words, page), words
    assert complain(["cyclekit", "run", "monet2photo", "--set", "train.steps=N"], page) is None


def test_no_page_is_written_for_one_machine():
    home = os.path.expanduser("~")
    assert not [name for name, page in zip(NAMES, PAGES) if len(home) > 5 and home in text_of(page)]
