"""Every command on the page about own sentences, on files made as the page describes them: what is found in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands import call
from tests.docs.pages import ROOT
from tests.docs.places import FORMAL, INFORMAL, ODD, own_sentences
from tests.docs.walking import follow

PAGE = ROOT / "docs" / "own-sentences.md"
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
    return own_sentences(tmp_path_factory.mktemp("page"))


def test_the_commands_do_what_the_page_says(place, monkeypatch):
    checked = []
    for done in follow(PAGE, place, monkeypatch):
        if done.words[:2] == ["data", "check"]:
            checked.append(done.words[2])
            table = [line.replace("│", " ").split() for line in done.result.out.splitlines() if line.startswith("│")]
            counted = {" ".join(row[:2]): row[2] for row in table}
            for expected in READ[done.words[2]]:
                name, _, count = expected.rpartition(" ")
                assert counted[name if " " in name else f"train {name}"] == count, (done.words, done.result.out)
    assert checked == list(READ)
    answers = (place.folder / "answers" / "odd.txt").read_bytes().decode().split("\n")
    assert len(answers) == len(ODD) + 1
    assert [not answer for answer in answers[:-1]] == [not line.strip() for line in ODD]


def test_what_looks_like_a_table_is_refused_with_what_to_type(place, monkeypatch):
    monkeypatch.chdir(place.folder)
    Path("disguised.txt").write_text(Path("labelled.csv").read_text())
    refused = call("data", "check", "disguised.txt,chats.txt")
    assert refused.status == 2
    assert "its first row is a header (text, label); if it is a table, name it .csv" in refused.err


def test_the_conversion_that_the_page_shows_is_what_is_said(place, monkeypatch):
    (place.folder / "utf").mkdir(exist_ok=True)
    monkeypatch.chdir(place.folder / "utf")
    Path("letters.txt").write_bytes("\n".join(FORMAL).encode("utf-16"))
    Path("chats.txt").write_text("\n".join(INFORMAL))
    said = call("data", "check", "letters.txt,chats.txt").err.strip()
    shown = re.search(r"`(is UTF-16, .*?)`", PAGE.read_text())[1]
    assert said.endswith(shown)
