"""`cyclekit data check`: what it prints of a set, and what it refuses."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from cyclekit.core.curation import Audited, Finding
from cyclekit.core.modality import Modality
from cyclekit.plugins import load_plugins
from cyclekit.registry import register
from tests.commands import call, mistake
from tests.pictures import picture_folders


def test_check_prints_a_table_and_the_findings(tmp_path):
    data = picture_folders(tmp_path / "set")
    sound = call("data", "check", data, "--strict")
    assert (sound.status, sound.err) == (0, "")
    assert sound.out.startswith(f"{data}  ·  trainA and trainB\n")
    assert "nothing suspicious found" in sound.out.splitlines()
    row = next(line for line in sound.out.splitlines() if line.startswith("│ trainA"))
    assert row.replace("│", "").split() == ["trainA", "6", "0", "20x20", "20x20", "20x20", "1", "RGB", "6"]
    for index in range(7):
        Image.open(data / "trainA" / "02.png").save(data / "testA" / f"leak{index}.png")
    found = call("data", "check", data, "--sheet", "look/sheet.png")
    assert found.status == 0
    lines = found.out.splitlines()
    assert (
        "exact leak between train and test: 7: trainA/02 = testA/leak0; trainA/02 = testA/leak1; "
        "trainA/02 = testA/leak2; trainA/02 = testA/leak3; trainA/02 = testA/leak4; and 2 more"
    ) in lines
    assert lines[-1] == "sheet: look/sheet.png"
    assert Image.open(tmp_path / "look" / "sheet.png").width > 500
    strict = call("data", "check", data, "--strict")
    assert mistake(strict) == f"{data}: 2 kinds of findings, and --strict allows none"
    assert strict.out.splitlines()[-2:] == [line for line in lines if ": 7: " in line or ": 6: " in line]


def test_check_in_json(tmp_path):
    data = picture_folders(tmp_path / "set")
    (data / "trainB" / "empty.jpg").touch()
    found = json.loads(call("data", "check", data, "--json").out)
    assert found["findings"] == [
        {"what": "unreadable", "pictures": 1, "names": ["trainB/empty (the file is empty)"]},
    ]
    assert found["groups"][1] == {
        "group": "trainB", "pictures": 6, "unreadable": 1, "smallest": [20, 20], "median": [20, 20],
        "largest": [20, 20], "sizes": 1, "modes": {"RGB": 6},
    }  # fmt: skip
    assert (found["layout"], found["folders"], found["sheet"]) == ("trainA and trainB", [str(data)], None)


def test_check_refuses(tmp_path):
    assert mistake(call("data", "check", "nowhere")) == (
        "nowhere: no such folder; name folders of pictures, or files of sentences"
    )
    data = picture_folders(tmp_path / "set", train=1, test=1)
    refused = mistake(call("data", "check", data, "--sheet", "x.gif"))
    assert refused == "--sheet x.gif: write a name that ends in .png"


def test_check_of_sentences(tmp_path):
    for name, ends in (("formal", "."), ("informal", "!")):
        lines = [f"{name} words, number {index}{ends}" for index in range(12)]
        (tmp_path / f"{name}.txt").write_text("".join(f"{line}\n" for line in [*lines, "the same"]))
    found = call("data", "check", tmp_path)
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(f"{tmp_path}  ·  formal.txt, informal.txt\n")
    row = next(line for line in found.out.splitlines() if line.startswith("│ train formal"))
    assert row.replace("│", "").split() == ["train", "formal", "13", "13", "4", "4", "spaced"]
    assert found.out.splitlines()[-1] == "in both domains: 1: the same"
    both = call("data", "check", tmp_path / "formal.txt", tmp_path / "informal.txt", "--json")
    assert json.loads(both.out)["findings"] == [{"what": "in both domains", "sentences": 1, "names": ["the same"]}]
    assert mistake(call("data", "check", tmp_path, "--strict")).endswith(
        "1 kinds of findings, and --strict allows none"
    )
    assert mistake(call("data", "check", tmp_path, "--sheet", "x.png")).startswith(
        "--sheet x.png: says nothing of sentences"
    )
    wrong = mistake(call("data", "check", tmp_path, "--columns", "text"))
    assert wrong.startswith("--columns text: write a mapping, as in --columns '{text: review, label: stars}'")
    (tmp_path / "x.csv").write_text("review,stars\ngood,5\nbad,1\n")
    read = call("data", "check", tmp_path / "x.csv", "--columns", "{text: review, label: stars, a: 5, b: 1}")
    assert "x.csv, column review by stars: 5 for a, 1 for b" in read.out


def test_columns_are_of_sentences_and_a_sheet_of_pictures(tmp_path):
    data = picture_folders(tmp_path / "set", train=2, test=1)
    refused = mistake(call("data", "check", data, "--columns", "text"))
    assert refused == "--columns text: says nothing of pictures; leave it out for them"
    assert not list(tmp_path.glob("*.png"))


def test_folders_of_neither_are_told_what_they_hold(tmp_path):
    (tmp_path / "notes").mkdir()
    assert mistake(call("data", "check", tmp_path / "notes")) == f"{tmp_path / 'notes'}: holds no pictures or sentences"
    (tmp_path / "notes" / "model.bin").touch()
    refused = mistake(call("data", "check", tmp_path / "notes"))
    assert refused == f"{tmp_path / 'notes'}: holds 1 .bin, and no pictures or sentences"


@pytest.mark.parametrize(("what", "more"), [("pair", ["{}"]), ("select", ["--metadata", "m.csv", "--tag", "sea"])])
def test_what_is_made_of_pictures_is_not_made_of_sentences(tmp_path, what, more):
    (tmp_path / "one.txt").write_text("a sentence\n")
    options = [tmp_path if one == "{}" else one for one in more]
    refused = mistake(call("data", what, tmp_path, *options, "--out", tmp_path / "new"))
    assert refused.endswith(f": holds sentences, and `data {what}` is for pictures")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("own_parts")
def test_a_third_modality_is_asked_where_its_files_are_the_most(tmp_path):
    """It looks its own sets over with its own words; what it does not say that it can, is refused in its words."""

    def audit(places, progress, *, columns=None):
        return Audited(
            "by name", ("seconds",), [("all", "3.5")], [], [Finding("silence", 1, ["b.snd"])], {"rate": 8000}
        )

    def holds(places):
        return sum(len(list(place.glob("*.snd"))) for place in places)

    (tmp_path / "readme.txt").write_text("what this is\n")
    for name in "abc":
        (tmp_path / f"{name}.snd").touch()
    load_plugins()
    register("modality", "sounds")(lambda: Modality(item="sound", items="sounds", holds=holds, audit=audit))
    found = call("data", "check", tmp_path)
    assert found.out.splitlines()[0] == f"{tmp_path}  ·  by name"
    assert found.out.splitlines()[-1] == "silence: 1: b.snd"
    assert json.loads(call("data", "check", tmp_path, "--json").out) == {"rate": 8000}
    refused = mistake(call("data", "check", tmp_path, "--sheet", "x.png"))
    assert refused == "--sheet x.png: says nothing of sounds; leave it out for them"
    refused = mistake(call("data", "pair", tmp_path, tmp_path, "--out", tmp_path / "new"))
    assert refused.endswith(": holds sounds, and `data pair` is for pictures")
