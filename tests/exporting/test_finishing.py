"""What a run ends with where its recipe has a student: once, and only what is not there yet."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from cyclekit import exported
from cyclekit.exporting import finishing, runtimes
from cyclekit.image.codec import ImageCodec
from cyclekit.image.distillation import Settings
from cyclekit.recipe.schema import Student
from cyclekit.registry import RecipeError
from cyclekit.use.translate import Translator
from tests.commands import SETTINGS, call, flags, mistake
from tests.tiny import TINY_TEXT

STUDENT = [f"--set=student.{setting}" for setting in ("steps=2", "width=2", "blocks=1", "batch_size=2")]
STUDENT += ["--set=student.features=0", "--set=student.adversarial=0"]

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


@pytest.fixture
def asked(monkeypatch):
    """What would be distilled and exported, in place of the work."""
    done = []

    def distill(run, out, **options):
        out.mkdir()
        done.append(("distill", run, out, options))
        return SimpleNamespace(lines=["distilled"])

    def export(run, out, **options):
        out.mkdir()
        done.append(("export", run, out, options))
        return SimpleNamespace(notes=["exported"])

    monkeypatch.setattr(finishing, "distill", distill)
    monkeypatch.setattr(finishing, "export", export)
    return done


def recipe(**options):
    return SimpleNamespace(student=Student(**options), train=SimpleNamespace(seed=7))


def test_only_what_is_not_there_yet_is_made(tmp_path, asked):
    assert finishing.finish(tmp_path, recipe()) == ["distilled", "exported"]
    assert finishing.finish(tmp_path, recipe()) == []
    shutil.rmtree(tmp_path / "live")
    assert finishing.finish(tmp_path, recipe()) == ["exported"]
    assert [(what, run, out) for what, run, out, _ in asked] == [
        ("distill", tmp_path, tmp_path / "student"),
        ("export", tmp_path / "student", tmp_path / "live"),
        ("export", tmp_path / "student", tmp_path / "live"),
    ]


def test_every_option_of_a_student_reaches_the_work(tmp_path, asked):
    shape = {"width": 5, "blocks": 2, "depthwise": False, "factor": 2}
    given = {"pictures": 9, "steps": 11, "batch_size": 3, "crop": 24, "features": 0.5, "adversarial": 0.2}
    finishing.finish(tmp_path, recipe(**shape, **given), without=["plugin"])
    (_, _, _, options), (_, _, _, exporting) = asked
    assert options["options"] == shape
    assert (options["pictures"], options["without"], exporting["without"]) == (9, ["plugin"], ["plugin"])
    settings = options["settings"]
    assert settings == Settings(11, 3, 24, features=0.5, adversarial=0.2, seed=7)
    used = {*options["options"], "pictures", "steps", "batch_size", "crop", "features", "adversarial"}
    assert set(Student.model_fields) == used  # none is taken and does nothing


def test_without_a_student_nothing_is_asked_of_anything(tmp_path, asked):
    plain = SimpleNamespace(student=None)
    assert finishing.finish(tmp_path, plain) == []
    finishing.check_student(plain, object())
    assert asked == []


def test_whether_it_can_end_with_a_student_is_found_before_training(monkeypatch):
    finishing.check_student(recipe(), ImageCodec(3))
    with pytest.raises(RecipeError, match=r"^student: is for pictures; set student: null$"):
        finishing.check_student(recipe(), object())
    monkeypatch.setitem(runtimes.RUNTIMES, "onnx", runtimes.RUNTIMES["onnx"]._replace(packages=("no_such_package",)))
    with pytest.raises(RecipeError, match=r"no_such_package.*pip install"):
        finishing.check_student(recipe(), ImageCodec(3))
