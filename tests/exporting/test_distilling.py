"""A student of a run: a run of its own, which translates, and says how near it comes."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from cyclekit import exported
from cyclekit.exporting.folder import export
from cyclekit.use.translate import Translator
from tests.commands import SETTINGS, call, flags, mistake
from tests.made_run import made_run
from tests.tiny import TINY_TEXT

QUICK = ["--steps", "3", "--crop", "16", "--width", "2", "--blocks", "1", "--features", "0", "--batch-size", "2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made_run(tmp_path_factory.mktemp("teacher") / "run")


def test_a_student_is_a_run_that_translates_and_is_exported(run, tmp_path):
    out = tmp_path / "student"
    result = call("distill", run, "--out", out, "--pictures", "2", *QUICK)
    assert result.status == 0, result.err
    assert result.out.strip() == str(out)
    for line in (
        "monet -> photo: dB to the run's own pictures, 2 held out: student ",
        ", one colour matrix ",
        ", copy the input ",
        "is not 3 dB nearer than",
    ):
        assert line in result.err
    said = json.loads((out / "distilled.json").read_text())
    assert said["directions"].keys() == {"monet -> photo", "photo -> monet"}
    assert said["directions"]["monet -> photo"]["pictures"] == 2
    assert said["settings"]["steps"] == 3
    student = Translator.load(out)
    assert student.recipe.generator.name == "student"
    assert (student.recipe.test_time, student.step, student.targets) == ("eval", 3, ["photo", "monet"])
    assert student(Image.new("RGB", (21, 13)), to="monet").size == (21, 13)
    made = export(out, tmp_path / "onnx", direction="photo")
    assert np.isfinite(float(made.notes[1].split(": ")[2].split(" ")[0]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--crop", "12"], "distill: a crop of 12 px is a multiple of 8 and no larger than the pictures"),
        (["--crop", "64"], "which are 16x16 here"),
        (["--data", "builtin:landscapess"], "no builtin is called 'landscapess'; did you mean 'landscapes'"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(run, tmp_path, arguments, words):
    result = call("distill", run, "--out", tmp_path / "student", "--pictures", "1", *QUICK, *arguments)
    assert result.status == 2
    assert words in result.err
    assert len(result.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_taken_is_left_alone(run, tmp_path):
    (tmp_path / "mine").write_text("mine")
    result = call("distill", run, "--out", tmp_path, *QUICK)
    assert result.status == 2
    assert "is not an empty folder" in result.err
    assert (tmp_path / "mine").read_text() == "mine"


STUDENT = [f"--set=student.{setting}" for setting in ("steps=2", "width=2", "blocks=1", "features=0", "batch_size=2")]

SMALL = ["--set", "data.sources=[{builtin: landscapes, scenes: 2, held_out: 2}]", "--device", "cpu"]


def test_one_command_trains_and_ends_with_a_live_file(tmp_path):
    out = tmp_path / "run"
    result = call("run", "monet2photo", "--profile", "published", *SETTINGS, *SMALL, *STUDENT, "--out", out)
    assert result.status == 0, result.err
    assert result.out.strip() == str(out)
    assert "student: monet -> photo: dB to the run's own pictures, 2 held out: student " in result.err
    assert f"student: cyclekit live {out / 'live'}" in result.err
    live, student = exported.load(out / "live"), Translator.load(out / "student")
    given = np.arange(17 * 21 * 3, dtype=np.uint8).reshape(17, 21, 3)
    made = [np.asarray(each(given, to="monet"), np.int16) for each in (live, student)]
    assert np.abs(made[0] - made[1]).max() <= 1
    # Who was interrupted in between goes on where it was.
    shutil.rmtree(out / "live")
    before = (out / "student" / "distilled.json").stat().st_mtime_ns
    again = call("run", "--resume", out)
    assert again.status == 0, again.err
    assert (out / "live" / "manifest.json").is_file()
    assert (out / "student" / "distilled.json").stat().st_mtime_ns == before


def test_sentences_have_no_student():
    line = mistake(call("run", "formal2informal", *flags(TINY_TEXT), "--set", "student.steps=2", "--device", "cpu"))
    assert line == "student: is for pictures; set student: null"
