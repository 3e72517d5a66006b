"""Every command on the page about own sentences, on files made as the page describes them."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest

from tests import sentences
from tests.commands import call, flags

PAGE = Path(__file__).parents[2] / "docs" / "own-sentences.md"
FORMAL = [f"I should like to see room number {number}." for number in range(40)]
INFORMAL = [f"can i see house {number} {'pls ' * (number * 7 % 5)}!" for number in range(40)]
ODD = ["I do not know.", "", "a\tb\rc", "我不知道", "word " * 300, "nul\0byte", "vt\x0bff\x0c\u2028ps", "   ", "last"]
SMALL = sentences.TINY | {"train.steps": 2}
READ = {
    "mine": ("formal 40", "informal 40"),
    "splits": ("formal 40", "informal 40", "validation formal 2", "test informal 2"),
    "gyafc": ("formal 40", "informal 40", "validation formal 2", "test informal 2"),
    "letters.txt,chats.txt": ("letters 40", "chats 40"),
    "labelled.csv": ("formal 40", "informal 40"),
    "reviews.jsonl": ("a 40", "b 40"),
    "bare.csv": ("formal 40", "informal 40"),
    "pairs.csv": ("en 40", "de 40"),
    "letters.csv,chats.csv": ("letters 40", "chats 40"),
    "tables": ("formal 40", "informal 40", "test formal 2"),
}
"""What `data check` should find: sentences of each domain, of the training set where nothing else is said."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with all that the page's commands name."""
    place = tmp_path_factory.mktemp("page")

    def lines(name: str, some: list[str]) -> None:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("".join(f"{line}\n" for line in some))

    def rows(name: str, *some: tuple[object, ...]) -> None:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        with (place / name).open("w", newline="") as file:
            csv.writer(file).writerows(some)

    labelled = [*((one, "formal") for one in FORMAL), *((one, "informal") for one in INFORMAL)]
    for domain, some in {"formal": FORMAL, "informal": INFORMAL}.items():
        held = [f"{domain} {number}" for number in (100, 200)]
        lines(f"mine/{domain}.txt", some)
        for split, folder, kept in (("train", "train", some), ("dev", "tune", held), ("test", "test", held[::-1])):
            new = kept if split == "train" else [f"{one} {split}" for one in kept]
            lines(f"splits/{split}.{domain}.txt", new)
            lines(f"gyafc/{folder}/{domain}", new)
        name = {"formal": "letters", "informal": "chats"}[domain]
        lines(f"{name}.txt", some)
        rows(f"{name}.csv", ("id", "body", "by"), *((number, one, "me too") for number, one in enumerate(some)))
    rows("labelled.csv", ("text", "label"), *labelled)
    rows("bare.csv", *((label, one) for one, label in labelled))
    rows("pairs.csv", ("en", "de"), *zip(FORMAL, INFORMAL))
    rows("tables/train.csv", ("text", "label"), *labelled)
    rows(
        "tables/test.csv",
        ("text", "label"),
        *((f"{label} {n}", label) for label in ("formal", "informal") for n in "xy"),
    )
    stars = [*((one, 1 + n % 2) for n, one in enumerate(FORMAL)), *((one, 4 + n % 2) for n, one in enumerate(INFORMAL))]
    reviews = [{"review": one, "stars": count} for one, count in [*stars, ("so so", 3)]]
    (place / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reviews))
    (place / "odd.txt").write_bytes(("\ufeff" + "\n".join(ODD)).encode())
    return place


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def test_the_commands_do_what_the_page_says(place, monkeypatch):
    monkeypatch.chdir(place)
    found = commands()
    assert [words[2] for words in found if words[:2] == ["data", "check"]] == list(READ)
    for words in found:
        small = flags(SMALL) if words[0] == "run" else []
        ended = call(*words, *small)
        assert ended.status == 0, (words, ended.err)
        if words[:2] == ["data", "check"]:
            table = [line.replace("│", " ").split() for line in ended.out.splitlines() if line.startswith("│")]
            counted = {" ".join(row[:2]): row[2] for row in table}
            for expected in READ[words[2]]:
                name, _, count = expected.rpartition(" ")
                assert counted[name if " " in name else f"train {name}"] == count, (words, ended.out)
    answers = (place / "answers" / "odd.txt").read_bytes().decode().split("\n")
    assert len(answers) == len(ODD) + 1
    assert [not answer for answer in answers[:-1]] == [not line.strip() for line in ODD]


def test_what_looks_like_a_table_is_refused_with_what_to_type(place, monkeypatch):
    monkeypatch.chdir(place)
    (place / "disguised.txt").write_text((place / "labelled.csv").read_text())
    refused = call("data", "check", "disguised.txt,chats.txt")
    assert refused.status == 2
    assert "its first row is a header (text, label); if it is a table, name it .csv" in refused.err


def test_the_conversion_that_the_page_shows_is_what_is_said(place, monkeypatch):
    monkeypatch.chdir(place)
    (place / "utf").mkdir(exist_ok=True)
    monkeypatch.chdir(place / "utf")
    Path("letters.txt").write_bytes("\n".join(FORMAL).encode("utf-16"))
    Path("chats.txt").write_text("\n".join(INFORMAL))
    said = call("data", "check", "letters.txt,chats.txt").err.strip()
    shown = re.search(r"`(is UTF-16, .*?)`", PAGE.read_text())[1]
    assert said.endswith(shown)
