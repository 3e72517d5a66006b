"""Run folders: made once, never overwritten, found again for a resume."""

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cyclekit.recipe.loading import carried_recipes, is_run, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import folder as runs
from tests.commands import PATIENCE
from tests.runs.made_of import recipe, refusal

pytestmark = pytest.mark.usefixtures("here")


def test_a_folder_holds_what_the_run_is_made_from(here):
    folder = runs.create(recipe(), here / "deep" / "run")
    assert load_recipe(folder).dump() == recipe().dump()
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["seed"] == 0
    assert {"command", "python", "system", "processor", "cyclekit", "torch", "accelerate"} < environment.keys()
    assert "not installed" not in environment.values()
    assert {path.name for path in folder.iterdir()} == {"recipe.yaml", "environment.json"}


def test_runs_of_one_second_have_folders_of_their_own(here):
    made = [runs.create(recipe()) for _ in range(3)]
    assert len(set(made)) == 3
    assert {folder.parent for folder in made} == {Path("runs/monet2photo")}
    assert runs.find("monet2photo") == made[-1]


def test_an_empty_folder_may_become_a_run_and_no_other(here):
    (here / "empty").mkdir()
    assert runs.create(recipe(), here / "empty") == here / "empty"
    before = (here / "empty" / "recipe.yaml").read_bytes()
    assert refusal(runs.create, recipe(**{"train.seed": 1}), here / "empty") == (
        f"{here / 'empty'}: is a run already; go on with it: cyclekit run --resume {shlex.quote(str(here / 'empty'))}; "
        "or choose another out"
    )
    assert (here / "empty" / "recipe.yaml").read_bytes() == before
    (here / "notes").mkdir()
    (here / "notes" / "mine.txt").write_text("mine")
    for taken in (here / "notes", here / "notes" / "mine.txt"):
        assert refusal(runs.create, recipe(), taken) == (
            f"{taken}: is not an empty folder, and a run overwrites nothing; choose another out"
        )
    assert [path.name for path in (here / "notes").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made(here):
    (here / "file").write_text("")
    below = here / "file" / "run"
    assert refusal(runs.create, recipe(), below) == f"{below}: cannot be made: Not a directory; choose another out"


def test_a_folder_is_no_run_until_all_of_it_is_written(here, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "environment", full)
    assert refusal(runs.create, recipe(), here / "run").startswith(
        f"{here / 'run'}: cannot be written: No space left on device"
    )
    assert not (here / "run").exists()


def test_a_resume_without_a_run(here):
    mend = "no run to resume here; start one without resume"
    assert refusal(runs.find, "monet2photo") == f"runs/monet2photo: {mend}"
    assert refusal(runs.find, "monet2photo", here / "nowhere") == f"{here / 'nowhere'}: {mend}"


# Starts that fail, and two at once


def fail(error, out, *files, step=0):
    """A start that has written some files when it fails."""
    with runs.new_run(recipe(), out) as folder:
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text(f'garbage\n{{"kind": "failed", "step": {step}}}\n')
        raise error


def test_a_start_that_fails_leaves_nothing(here):
    def starts(error, out, *files):
        with pytest.raises(type(error)):
            fail(error, out, *files)

    (here / "mine").mkdir()
    for error in (RecipeError("no"), KeyboardInterrupt(), ZeroDivisionError()):
        starts(error, None, "log.jsonl", "samples/step-00000000.png", "report.html")
        starts(error, here / "deep" / "run", "log.jsonl")
        starts(error, here / "mine", "log.jsonl")
    assert list(here.iterdir()) == [here / "mine"]  # which was there before
    assert list((here / "mine").iterdir()) == []


@pytest.mark.parametrize("file", ["log.jsonl", "checkpoints/step-00000001/state.json"])
def test_a_run_that_has_done_a_step_stays_when_it_fails(here, file):
    with pytest.raises(RecipeError):
        fail(RecipeError("no"), here / "run", file, step=1)
    assert (here / "run" / "recipe.yaml").is_file()


def test_what_a_killed_start_left_is_no_obstacle(here):
    (here / "run").mkdir()
    for name in (".lock", "environment.json", "plugin.py", ".cyclekit-01234567-1-recipe.yaml"):
        (here / "run" / name).write_text("")
    assert runs.create(recipe(), here / "run") == here / "run"
    assert {path.name for path in (here / "run").iterdir()} >= {"recipe.yaml", "environment.json"}


def test_a_folder_is_one_process_at_a_time(here):
    with runs.new_run(recipe(), here / "run") as folder:
        line = refusal(runs.held(folder).__enter__)
        assert line == (
            f"{folder}: process {os.getpid()} on {socket.gethostname()} works in it; "
            "wait until it has ended, or stop it"
        )
    with runs.held(folder):
        assert (folder / ".lock").is_file()
    assert not (folder / ".lock").exists()


START = """
import sys, time
from pathlib import Path
from cyclekit.runs import folder as runs
from cyclekit.recipe.loading import carried_recipes, is_run, load_recipe
from cyclekit.registry import RecipeError
recipe = load_recipe(carried_recipes()["monet2photo"])
out = Path(sys.argv[1]) if len(sys.argv) > 1 else None
print("ready", flush=True)
sys.stdin.readline()
try:
    with runs.new_run(recipe, out) as folder:
        print(folder, flush=True)
        time.sleep(1)
except RecipeError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize("out", [["run"], []])
def test_starts_at_the_same_moment(here, out):
    """One of them gets the folder that all want; without --out each gets its own."""
    started = [
        subprocess.Popen([sys.executable, "-c", START, *out], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=PATIENCE)[0].strip() for one in started]
    if not out:
        assert len(set(answers)) == 4
        assert all((here / answer / "recipe.yaml").is_file() for answer in answers)
        return
    assert sorted(answer.startswith("refused: run: ") for answer in answers) == [False, True, True, True]
    refused = [answer for answer in answers if answer != "run"]
    winner = started[answers.index("run")].pid
    assert all("is a run already" in line or f"process {winner} on " in line for line in refused)
    assert {path.name for path in (here / "run").iterdir()} == {"recipe.yaml", "environment.json"}


def test_the_newest_run_is_found(here):
    made = [runs.create(recipe(), here / "runs" / "monet2photo" / f"2026-11-2{day}-090000") for day in (1, 3, 2)]
    assert runs.find("monet2photo") == Path("runs/monet2photo") / made[1].name


def test_a_recipe_is_no_run(here):
    assert not is_run(carried_recipes()["monet2photo"])
    assert is_run(runs.create(recipe()))
