"""The pages that users read, and the blocks in them: commands, Python, and what is only shown.

A block of commands begins with ```sh, one of Python with ```python. Both are executed (`walking.py`), unless the line
above the block says why not:

    <!-- not run: needs a GPU -->

What is not run is still held against the command line, the recipes and their settings (`commands_known.py`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
EXECUTED = ("sh", "python")
SHOWN = ("text", "said", "tree", "yaml", "toml", "csv", "console")
"""Languages of blocks that are not executed. `console` is the command reference's, which is generated."""

BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]+) -->\n+)?(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """One fenced block."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str | None

    @property
    def place(self) -> str:
        """Where it stands, as an editor takes it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Command(NamedTuple):
    """One program with its arguments."""

    words: list[str]
    given: str | None
    """What arrives on standard input: the words of the `echo` before it."""


def pages() -> list[Path]:
    """Every page that tells a user what to type."""
    found = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("docs/*.md")),
        ROOT / "recipes" / "README.md",
        *sorted(ROOT.glob("recipes/*/README.md")),
    ]
    assert len(found) > 30, found
    return found


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    text = text_of(page)
    return [
        Block(
            page,
            text.count("\n", 0, match.start("language")) + 1,
            match["language"],
            match["text"],
            match["why"],
        )
        for match in BLOCK.finditer(text)
    ]


def prose(page: Path) -> str:
    """A page without its blocks, lines kept."""
    return BLOCK.sub(lambda match: "\n" * match[0].count("\n"), text_of(page))


def pipelines(text: str) -> Iterator[list[Command]]:
    """The commands of a block of shell: one list for each line, more than one command where a pipe joins them."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
        lexer.whitespace_split = True
        commands: list[list[str]] = [[]]
        for word in lexer:
            if word and set(word) <= set("|&;"):
                commands.append([])
            else:
                commands[-1].append(word)
        if commands != [[]]:
            given = " ".join(commands[0][1:]) if commands[0][:1] == ["echo"] else None
            yield [Command(words, given if place else None) for place, words in enumerate(commands)]


def inline_commands(page: Path) -> Iterator[tuple[int, list[str]]]:
    """`cyclekit ...` within sentences: (line, words). Those with an ellipsis stand for many."""
    for number, line in enumerate(prose(page).splitlines(), 1):
        for span in re.findall(r"(?<!`)`(cyclekit [^`]+)`(?!`)", line):
            if "..." not in span and "…" not in span:
                yield number, shlex.split(span.replace("\\|", "|"))


def links(page: Path) -> Iterator[str]:
    """What a page links to, pictures too."""
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(page))


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings can be linked to, as GitHub and mkdocs both make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
