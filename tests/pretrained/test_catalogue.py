"""What the package carries: whole, described, and used at once by every command that takes a run, without a network."""

import json
import shlex
import socket
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cyclekit
from benchmarks.pretrained import carry
from cyclekit import exported
from cyclekit.exporting.folder import export
from cyclekit.pretrained import carried, find_pretrained, is_pretrained
from cyclekit.pretrained.catalogue import HERE
from cyclekit.recipe.loading import differing, find_recipe, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.report.metrics import COPY
from tests.commands import call, mistake
from tests.made_run import made_run, write_metrics

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def without_a_network(monkeypatch):
    connect = socket.socket.connect

    def refuse(own, address):
        assert own.family == socket.AF_UNIX, f"asked {address}"  # as processes of one machine do
        connect(own, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def lilies(tmp_path):
    """A picture of odd sides."""
    path = tmp_path / "lilies.png"
    rows = np.linspace(0, 255, 37 * 53 * 3).reshape(37, 53, 3).astype(np.uint8)
    Image.fromarray(rows).save(path)
    return path


def test_something_is_carried_and_it_is_small():
    cards = carried()
    assert "monet2photo" in cards
    assert sum(card.size for card in cards.values()) < 8 * 2**20


@pytest.mark.parametrize("name", carried())
def test_a_card_says_what_made_it_and_how_well(name):
    card = carried()[name]
    assert card.name == f"pretrained:{name}"
    assert card.license
    assert card.commands[0].startswith("cyclekit run ")
    assert not any("/tmp" in words or "/work" in words or "/home" in words for words in (*card.commands, card.data))
    # Weights of data whose terms forbid it may not be handed on: what is made, or lies in packages under open licences.
    assert card.data.startswith("builtin")
    for metrics in card.measured.values():
        assert any({"translated", COPY} <= rows.keys() for rows in metrics.values())


@pytest.mark.parametrize("name", carried())
def test_the_command_on_a_card_still_makes_such_a_run(name):
    """Profiles change: what is measured and checked may be other than it was, but not what the weights learned by."""
    words = shlex.split(carried()[name].commands[0])
    asked = load_recipe(find_recipe(words[2]), profile=words[words.index("--profile") + 1])
    others = [
        key
        for key in differing(load_recipe(find_pretrained(name)[0]), asked)
        if not key.startswith(("metrics", "health"))
    ]
    assert others == ["license"]


@pytest.mark.parametrize("name", carried())
def test_its_files_are_whole(name):
    """Of the live folder each file is compared with its SHA-256; of the run each tensor."""
    run, card = find_pretrained(name)
    live, _ = find_pretrained(name, "live")
    theirs, ours = exported.load(live, device="cpu"), cyclekit.Translator.load(card.name, device="cpu")
    assert theirs.targets == ours.targets
    assert theirs.kind == ours.kind
    assert theirs.manifest.settings["license"] == ours.recipe.license == card.license
    assert not [path for path in run.rglob("*") if path.suffix == ".py"]


def test_translate_answers_and_writes_beside_where_it_was_called(lilies, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("translate", "pretrained:monet2photo", lilies, "--device", "cpu")
    assert result.status == 0, result.err
    assert result.err.splitlines()[0] == carried()["monet2photo"].line
    made = Image.open(tmp_path / "translated" / "monet2photo" / "photo" / "lilies.png")
    assert made.size == (53, 37)
    assert np.abs(np.asarray(made, np.int16) - np.asarray(Image.open(lilies), np.int16)).max() > 8
    assert not (HERE / "monet2photo" / "run" / "translated").exists()


def test_python_takes_it(lilies):
    translator = cyclekit.Translator.from_pretrained("pretrained:monet2photo", device="cpu")
    assert translator(lilies, to="monet").size == (53, 37)


def test_training_starts_from_it(tmp_path):
    result = call(
        "run", "monet2photo", "--profile", "small", "--from", "pretrained:monet2photo", "--out", tmp_path / "run",
        "--set", "data.sources=[{builtin: landscapes, scenes: 2, held_out: 2}]", "--device", "cpu",
        "--set", "train.workers=0", "--set", "train.steps=1", "--set", "train.batch_size=1",
        "--set", "sample.rows=1", "--set", "metrics=[]",
    )  # fmt: skip
    assert result.status == 0, result.err
    assert "from pretrained:monet2photo, step" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["translate", "pretrained:monet2foto", "."],
        ["live", "pretrained:monet2foto"],
        ["export", "pretrained:monet2foto", "--out", "x"],
        ["distill", "pretrained:monet2foto", "--out", "x"],
        ["run", "monet2photo", "--from", "pretrained:monet2foto"],
    ],
)
def test_a_name_that_is_not_carried_is_one_line(arguments):
    line = mistake(call(*arguments))
    assert line.startswith(
        "pretrained:monet2foto: no network that cyclekit carries is called so; did you mean 'monet2photo'?; there are: "
    )


def test_a_command_that_writes_into_runs_leaves_the_package_alone():
    line = mistake(call("evaluate", "pretrained:monet2photo"))
    assert line.startswith("pretrained:monet2photo: is carried in the package and stays as it is; translate, live,")


def test_it_is_listed_with_its_card():
    listed = call("list", "pretrained").out
    for name, card in carried().items():
        assert f"  {name} " in listed
        for words in (card.title, card.license, *card.commands[0].split(), *card.data.split()):
            assert words in listed


def test_what_is_carried_travels_in_the_wheel(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
    files = [path for path in HERE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert len(files) > 4
    assert {f"cyclekit/{path.relative_to(HERE.parent).as_posix()}" for path in files} <= names


def test_a_run_is_carried_by_one_command(tmp_path):
    run = made_run(tmp_path / "mine", **{"generator.start": "random"})
    with pytest.raises(RecipeError, match="is not evaluated; do so first"):
        carry(run, run, "mine", "CC0-1.0", tmp_path / "carried")
    write_metrics(run)
    for _ in range(2):  # a second one takes the first one's place
        place = carry(run, run, "mine", "CC0-1.0", tmp_path / "carried")
    assert [path.name for path in (tmp_path / "carried").iterdir()] == ["mine"]
    card = carried(tmp_path / "carried")["mine"]
    assert json.loads((place / "live" / "manifest.json").read_text())["license"] == card.license == "CC0-1.0"
    assert card.measured["monet -> photo"]["KID (Lite|0)"] == {"translated": 0.19052, COPY: 0.4454}
    given = np.arange(9 * 14 * 3, dtype=np.uint8).reshape(9, 14, 3)
    made = [np.asarray(load(place / part)(given), np.int16) for load, part in LOADERS]
    assert np.abs(made[0] - made[1]).max() <= 1
    assert not export(place / "run", tmp_path / "again").notes[-1].startswith("license")


LOADERS = ((cyclekit.Translator.load, "run"), (exported.load, "live"))


def test_only_the_prefix_names_what_is_carried():
    assert is_pretrained("pretrained:anything")
    assert not is_pretrained("monet2photo")
    assert not is_pretrained(Path("pretrained:monet2photo"))
