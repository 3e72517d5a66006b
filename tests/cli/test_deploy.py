"""What export, distill and live hand on, and what they refuse before anything is loaded."""

from types import SimpleNamespace

import pytest

from tests.commands import call, mistake
from tests.made_run import made_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made_run(tmp_path_factory.mktemp("made") / "run")


@pytest.fixture
def noted(monkeypatch):
    """Stands for what does the work: the arguments that it was given."""
    asked = []

    def replace(place, returned):
        def work(*arguments, **options):
            asked.append((arguments, options))
            return returned(*arguments, **options)

        monkeypatch.setattr(place, work)
        return asked

    return replace


def test_export_hands_on_what_the_flags_say_and_answers_with_the_folder(run, tmp_path, noted):
    made = SimpleNamespace(notes=["differs by 1e-6"], folder=tmp_path / "out")
    asked = noted("cyclekit.exporting.folder.export", lambda *_, **__: made)
    told = call("export", run, "--out", tmp_path / "out", "--to", "torch", "--direction", "photo", "--web-gpu")
    assert told == (0, f"{tmp_path / 'out'}\n", "differs by 1e-6\n")
    ((arguments, options),) = asked
    assert arguments == (str(run), tmp_path / "out")
    assert options == {
        "to": "torch", "direction": "photo", "web_runtime": None, "web_gpu": True, "without": [], "trust_plugin": False,
    }  # fmt: skip


def test_distill_hands_on_what_the_flags_say(run, tmp_path, noted):
    made = SimpleNamespace(lines=["near"], folder=tmp_path / "out")
    asked = noted("cyclekit.exporting.distilling.distill", lambda *_, **__: made)
    flags = ["--width", "8", "--no-depthwise", "--steps", "3", "--pictures", "5", "--seed", "7", "--crop", "16"]
    weights = ["--features", "0", "--adversarial", "0.1"]
    told = call("distill", run, "--out", tmp_path / "out", *flags, "--set", "train.seed=1", *weights)
    assert (told.status, told.out) == (0, f"{tmp_path / 'out'}\n")
    assert "near" in told.err
    ((arguments, options),) = asked
    assert [str(argument) for argument in arguments] == [str(run), str(tmp_path / "out")]
    assert options["options"] == {"width": 8, "blocks": 6, "depthwise": False, "factor": 4}
    how = options["settings"]
    assert (how.steps, how.batch_size, how.crop, how.seed) == (3, 8, 16, 7)
    assert (how.features, how.adversarial) == (0.0, 0.1)
    assert (options["pictures"], options["overrides"], options["data"]) == (5, ["train.seed=1"], None)


@pytest.mark.parametrize(
    "command", [["export", "RUN", "--out", "x"], ["distill", "RUN", "--out", "x"], ["live", "RUN"]]
)
def test_a_run_that_is_not_there_is_refused_first(command, noted):
    assert mistake(call(*(argument.replace("RUN", "nowhere") for argument in command))).startswith(
        "nowhere: is not a run folder (no recipe.yaml)"
    )


def test_a_student_needs_data_that_are_there(run, tmp_path):
    refused = mistake(call("distill", run, "--out", tmp_path / "out", "--data", "nowhere"))
    assert refused == "--data nowhere: no such file or folder"
    assert not (tmp_path / "out").exists()


def test_a_run_folder_is_served_by_one_thread(run):
    refused = mistake(call("live", run, "--threads", "2"))
    assert refused == "--threads 2: a run folder is used by one; export it, and serve that"


def test_live_serves_within_the_limits_that_were_given(run, noted):
    asked = noted("cyclekit.live.server.serve", lambda *_, started, **__: started("http://127.0.0.1:7"))
    told = call("live", run, "--port", "0", "--waiting", "3", "--max-upload", "2", "--max-pixels", "9")
    assert (told.status, told.out) == (0, "http://127.0.0.1:7\n")
    assert told.err.splitlines()[-2:] == ["pictures to photo, monet; Ctrl-C stops it", "stopped"]
    (((translator,), options),) = asked
    limits = options["limits"]
    assert (limits.upload, limits.pixels, limits.waiting) == (2 * 2**20, 9, 3)
    assert (options["host"], options["port"], options["threads"]) == ("127.0.0.1", 0, 1)
    assert translator.kind == "pictures"


def test_what_is_neither_pictures_nor_sentences_is_not_served(run, noted, monkeypatch):
    asked = noted("cyclekit.live.server.serve", lambda *_, **__: None)
    sounds = SimpleNamespace(kind="sounds", targets=["x"])
    monkeypatch.setattr("cyclekit.use.translate.Translator.load", lambda *_, **__: sounds)
    assert mistake(call("live", run)) == f"live: serves pictures and sentences, and {run} translates sounds"
    assert asked == []
