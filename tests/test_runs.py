"""Run folders: made once, never overwritten, found again for a resume."""

import json
from pathlib import Path

import pytest

from cyclekit import runs
from cyclekit.recipe import carried_recipes, load_recipe
from cyclekit.registry import RecipeError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recipe(**overrides):
    return load_recipe(carried_recipes()["monet2photo"], overrides=overrides)


def refusal(function, *arguments):
    with pytest.raises(RecipeError) as refused:
        function(*arguments)
    return str(refused.value)


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
    assert runs.find(recipe()) == made[-1]


def test_an_empty_folder_may_become_a_run_and_no_other(here):
    (here / "empty").mkdir()
    assert runs.create(recipe(), here / "empty") == here / "empty"
    before = (here / "empty" / "recipe.yaml").read_bytes()
    assert refusal(runs.create, recipe(**{"train.seed": 1}), here / "empty") == (
        f"{here / 'empty'}: is a run already; go on with it by --resume, or choose another --out"
    )
    assert (here / "empty" / "recipe.yaml").read_bytes() == before
    (here / "notes").mkdir()
    (here / "notes" / "mine.txt").write_text("mine")
    for taken in (here / "notes", here / "notes" / "mine.txt"):
        assert refusal(runs.create, recipe(), taken) == (
            f"{taken}: is not an empty folder, and a run overwrites nothing; choose another --out"
        )
    assert [path.name for path in (here / "notes").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made(here):
    (here / "file").write_text("")
    below = here / "file" / "run"
    assert refusal(runs.create, recipe(), below) == f"{below}: cannot be made: Not a directory; choose another --out"


def test_a_folder_is_no_run_until_all_of_it_is_written(here, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "environment", full)
    assert refusal(runs.create, recipe(), here / "run").startswith(
        f"{here / 'run'}: cannot be written: No space left on device"
    )
    assert not (here / "run" / "recipe.yaml").exists()


def test_a_resume_without_a_run(here):
    mend = "no run to resume here; start one without --resume"
    assert refusal(runs.find, recipe()) == f"runs/monet2photo: {mend}"
    assert refusal(runs.find, recipe(), here / "nowhere") == f"{here / 'nowhere'}: {mend}"


def test_a_resume_of_another_recipe_names_what_differs(here):
    folder = runs.create(recipe(**{"train.steps": 4, "data.sources": ["here"]}))
    assert runs.find(recipe(**{"train.steps": 4, "data.sources": ["here"]})) == folder
    assert refusal(runs.find, recipe(**{"train.steps": 5, "data.sources": ["there"]})) == (
        f"{folder}: was made from a recipe that differs in data.sources (['here'] there, ['there'] now); "
        "train.steps (4 there, 5 now); resume with the same settings, or start a new run"
    )
