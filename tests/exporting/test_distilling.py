"""A student of a run: a run of its own, which translates, and says how near it comes."""

import json

import numpy as np
import pytest
from PIL import Image

from cyclekit.exporting.folder import export
from cyclekit.use.translate import Translator
from tests.commands import call
from tests.made_run import made_run

QUICK = ["--steps", "3", "--crop", "16", "--width", "2", "--blocks", "1", "--batch-size", "2"]
QUICK += ["--features", "0", "--adversarial", "0"]


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
        (
            ["--adversarial", "1"],
            "distill: a discriminator needs crops of 32 px at least, got 16; --features 0 and --adversarial 0 do",
        ),
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
