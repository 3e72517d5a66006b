"""What is done with trained runs on the command line: what is written where, and what is said of it."""

import gzip
import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

import cyclekit
from tests.commands import SETTINGS, below, call, mistake, process
from tests.pictures import picture, picture_folders

# From a run to a page


def test_translate_evaluate_report(run, data, tmp_path):
    shutil.copytree(run, tmp_path / "run", symlinks=True)
    translated = process("translate", "run", data / "testA", "--to", "photo", "--out", "out", cwd=tmp_path)
    assert (translated.status, translated.out) == (0, "")
    assert translated.err == "3 translated to photo, in out\n"
    assert below(tmp_path / "out") == {"00.png", "01.png", "02.png"}

    evaluated = process("evaluate", "run", cwd=tmp_path)
    assert evaluated.status == 0, evaluated.err
    assert "copy the input" in evaluated.out
    assert "monet -> photo: 3 held-out items against 3" in evaluated.out
    text = (tmp_path / "run" / "metrics.json").read_text()
    measured = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert measured["step"] == 4
    assert measured["data"].startswith(f"{data}: ")
    for direction in measured["directions"].values():
        assert direction["rows"].keys() == {"translated", "copy the input", "colours matched"}
        for name in direction["better"]:
            # Whole, wherever the table is printed: which metric it is must never be guessed.
            assert name.split()[0] in evaluated.out

    reported = process("report", "run", cwd=tmp_path)
    assert (reported.status, reported.out) == (0, "run/report.html\n")
    assert "copy the input" in (tmp_path / "run" / "report.html").read_text()


def test_evaluate_prints_what_it_measured_before_it_writes(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder, symlinks=True)
    (folder / "metrics.json").unlink(missing_ok=True)  # of another test
    (folder / "metrics.json").mkdir()  # so that nothing can take its place
    ended = call("evaluate", folder)
    line = f"{folder / 'metrics.json'}: cannot be written: Is a directory; what was saved before is whole"
    assert mistake(ended) == line
    assert "monet -> photo: 3 held-out items against 3" in ended.out
    with pytest.warns(UserWarning, match="metrics.json: cannot be written: Is a directory"):
        assert cyclekit.evaluate(folder, device="cpu")["step"] == 4


def test_evaluate_on_other_data(run, tmp_path):
    other = picture_folders(tmp_path / "other", train=2, test=2)
    evaluated = call("evaluate", run, "--data", f"{other / 'trainA'},{other / 'trainB'}")
    assert evaluated.status == 0, evaluated.err
    assert "two folders" in evaluated.out
    line = mistake(call("evaluate", run, "--data", tmp_path / "nowhere"))
    assert line == f"--data {tmp_path / 'nowhere'}: no such file or folder"


@pytest.mark.parametrize("command", ["translate", "evaluate"])
def test_a_folder_that_is_no_run(command, data):
    inputs = [data / "testA"] if command == "translate" else []
    line = mistake(call(command, data, *inputs))
    assert line == f"{data}: is not a run folder (no recipe.yaml); `cyclekit run` makes one under runs/"


def test_a_report_of_no_run(data):
    assert mistake(call("report", data)).startswith(f"{data}: is no run folder")


def test_a_run_with_nothing_held_out_trains_and_cannot_be_measured(data, tmp_path):
    two = ["--data", f"{data / 'trainA'},{data / 'trainB'}"]
    ended = call("run", "monet2photo", *two, *SETTINGS, "--set", "data.test_share=0", "--out", "run")
    assert ended.status == 0, ended.err
    assert not (tmp_path / "run" / "samples").exists()
    assert "holds nothing out" in mistake(call("evaluate", "run"))


# Translating


def test_outputs_have_the_inputs_sizes_and_names(run, tmp_path):
    sizes = {"odd.png": (33, 21), "dot.png": (1, 1), "deep/er/Portrait.JPG": (13, 40), "wide.bmp": (50, 3)}
    for number, (name, size) in enumerate(sizes.items()):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        picture(number, size).save(tmp_path / "in" / name)
    picture(9).convert("RGBA").save(tmp_path / "in" / "clear.png")
    assert call("translate", run, "in", "--out", "out", "--to", "monet").status == 0
    assert below(tmp_path / "out") == {*sizes, "clear.png"}
    for name, size in sizes.items():
        assert Image.open(tmp_path / "out" / name).size == size


def test_all_of_many_are_translated_into_the_run_by_default(run, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(60):
        picture(number, (6, 5)).save(tmp_path / "in" / f"{number}.png")
    translated = call("translate", run, "in", "in/0.png", "--batch-size", "7")
    assert (translated.status, translated.err) == (0, f"61 translated to photo, in {run / 'translated' / 'photo'}\n")
    assert len(below(run / "translated" / "photo")) == 60
    shutil.rmtree(run / "translated")


def test_unreadable_inputs_come_last_and_the_others_are_done(run, tmp_path):
    for number in range(3):
        picture(number).save(tmp_path / f"{number}.png")
    (tmp_path / "0.png").write_bytes(b"")
    (tmp_path / "2.png").write_text("words")
    translated = call("translate", run, "0.png", "1.png", "2.png", "--out", "out")
    assert translated.status == 2
    assert translated.err.splitlines() == [
        "1 translated to photo, in out",
        "not translated: 0.png: the file is empty",
        "not translated: 2.png: not a picture in any known format",
    ]
    assert below(tmp_path / "out") == {"1.png"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["x.png", "--to", "phto"],
            "--to phto: is no domain of this run; did you mean 'photo'?; it has: photo, monet",
        ),
        (["nowhere.png"], "nowhere.png: no such file or folder"),
        (["empty"], "empty: no pictures in this folder or below"),
        (["x.png", "sub"], "x.png and sub/x.png would both be written as x.png; translate them apart"),
        (["x.png", "--out", "."], "x.png: a translation would overwrite this input; choose another --out"),
        (["x.png", "--out", "x.png/below"], "x.png/below: cannot be written: Not a directory; choose another --out"),
        (["x.png", "--device", "quantum"], "--device quantum: no such device; choose auto, "),
        (["x.png", "--batch-size", "0"], "Invalid value for '--batch-size'"),
    ],
)
def test_translations_that_cannot_be(run, tmp_path, arguments, line):
    (tmp_path / "empty").mkdir()
    (tmp_path / "sub").mkdir()
    picture(1).save(tmp_path / "x.png")
    picture(2).save(tmp_path / "sub" / "x.png")
    before = {name: (tmp_path / name).read_bytes() for name in below(tmp_path)}
    assert mistake(call("translate", run, *arguments)).startswith(line)
    assert {name: (tmp_path / name).read_bytes() for name in below(tmp_path)} == before


def test_pictures_are_not_searched_for(run, tmp_path):
    picture(1).save(tmp_path / "x.png")
    line = mistake(call("translate", run, "x.png", "--beam", "4"))
    assert line.startswith("--sample, --beam, --n-best: generator 'resnet' makes one translation")


# Translating sentences


def test_text_files_are_translated_line_by_line(speaking, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "formal").write_text("I do not know.\n\nYou cannot find the invoice.\n")
    (tmp_path / "in" / "more.txt.gz").write_bytes(gzip.compress(("word " * 99).encode()))
    translated = call("translate", speaking, "in", "--to", "informal", "--out", "out")
    assert (translated.status, translated.out) == (0, "")
    assert translated.err.splitlines() == [
        "4 translated to informal, in out",
        "cut: 1 were longer than the 20 tokens that a sentence of this run may have",
    ]
    lines = (tmp_path / "out" / "formal").read_text().split("\n")
    assert (len(lines), lines[1], lines[3]) == (4, "", "")
    assert gzip.decompress((tmp_path / "out" / "more.txt.gz").read_bytes()).count(b"\n") == 1
    best = call("translate", speaking, "in/formal", "--to", "informal", "--out", "best", "--beam", "4", "--n-best", "3")
    assert best.status == 0, best.err
    found = (tmp_path / "best" / "formal").read_text().split("\n")
    assert [len(found), found[1]] == [4, ""]
    assert all(1 <= len(set(line.split("\t"))) == len(line.split("\t")) <= 3 for line in found)


def test_standard_input_is_answered_as_it_comes_and_nothing_else_is_said(speaking):
    translating = subprocess.Popen(
        [sys.executable, "-m", "cyclekit", "translate", str(speaking), "-", "--to", "informal"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    with translating:
        answers = []
        for line in (b"I do not know.\n", b"\n", b"You know.\n"):
            translating.stdin.write(line)
            translating.stdin.flush()
            answers.append(translating.stdout.readline())
        rest, err = translating.communicate(b"I do not know.\n" * 200 + b"You know.")
    assert (translating.returncode, err) == (0, b"")
    assert answers[1] == b"\n"
    assert rest == answers[0] * 200 + answers[2]


def test_what_is_no_utf8_is_one_line(speaking):
    translated = subprocess.run(
        [sys.executable, "-m", "cyclekit", "translate", str(speaking), "-"],
        input=b"I do not know.\n\xff\n", capture_output=True,
    )  # fmt: skip
    assert translated.returncode == 2
    assert translated.stdout.count(b"\n") == 1
    assert translated.stderr.startswith(b"cyclekit: standard input: line 2: is not UTF-8 (byte 0xff), but perhaps ")
    assert translated.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-", "--out", "out"], "--out: with - translations go to standard output; leave it out, and redirect that"),
        (["-", "x"], "-: standard input is translated alone; name the files in a call of their own"),
        (["x", "--n-best", "3", "--beam", "2"], "--n-best 3: a beam of 2 finds no more; set --beam to 3"),
        (["x", "--sample", "0"], "--sample 0: a temperature is above 0; try 0.7"),
        (["x", "--beam", "0"], "--beam 0: must be 1 or more"),
        (["nowhere"], "nowhere: no such file or folder"),
        (["x", "--out", "."], "x: a translation would overwrite this input; choose another --out"),
        (["x", "--to", "formall"], "--to formall: is no domain of this run; did you mean 'formal'?"),
    ],
)
def test_sentences_that_cannot_be_translated(speaking, tmp_path, arguments, line):
    (tmp_path / "x").write_text("I know.\n")
    assert mistake(call("translate", speaking, *arguments)).startswith(line)
    assert below(tmp_path) == {"x"}
