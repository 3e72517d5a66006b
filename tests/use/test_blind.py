"""The blind sheet: what is on it, that the key tells the truth, and that the page tells nothing."""

import base64
import io
from collections import Counter

import numpy
import pytest
from PIL import Image

import cyclekit
from cyclekit.registry import RecipeError
from cyclekit.use.blind import REAL, write_blind
from tests import sentences
from tests.commands import call, mistake
from tests.pictures import picture_folders
from tests.report.folders import Page
from tests.tiny import TINY


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), test=9)


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")

    def trained(seed):
        settings = TINY | {"train.steps": 1, "train.seed": seed, "metrics": []}
        run = cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=settings)
        return cyclekit.train(run, folder / f"seed{seed}")

    return [trained(0), trained(1)]


def shown(page):
    """The pictures of a page by their numbers."""
    found = {}
    for image in page.all("img"):
        kind, _, content = image["src"].partition(",")
        assert kind == "data:image/png;base64"
        found[int(image["alt"].removeprefix("number "))] = Image.open(io.BytesIO(base64.b64decode(content)))
    return found


def key_of(sheet):
    return [line.split("\t") for line in sheet.key.read_text().splitlines()[1:]]


def test_the_key_tells_which_is_which(runs, data, tmp_path):
    sheet = write_blind(runs, tmp_path / "look.html", count=4)
    assert sheet == (tmp_path / "look.html", tmp_path / "look-key.tsv", 12, "pictures")
    key, pictures = key_of(sheet), shown(Page(sheet.page.read_text()))
    assert [int(number) for number, _, _ in key] == list(pictures) == list(range(1, 13))
    assert Counter(origin for _, origin, _ in key) == {REAL: 4, str(runs[0]): 4, str(runs[1]): 4}
    made = [name for _, origin, name in key if origin != REAL]
    assert len(set(made)) == len(made)  # no input is there twice
    translators = {str(run): cyclekit.Translator.load(run) for run in runs}
    for number, origin, name in key:
        folder = data / ("testB" if origin == REAL else "testA")
        file = next(path for path in folder.iterdir() if path.name in name or path.stem in name)
        expected = Image.open(file) if origin == REAL else translators[origin](str(file), to="photo")
        assert (numpy.asarray(pictures[int(number)]) == numpy.asarray(expected)).all()


def test_the_page_tells_nothing_and_a_seed_makes_it_again(runs, tmp_path):
    first, again, other = (
        write_blind(runs, tmp_path / f"{name}.html", to="monet", count=2, seed=seed)
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    text = first.page.read_text()
    for run in runs:
        assert str(run) not in text
        assert run.name not in text
    assert first.key.read_text() == again.key.read_text() != other.key.read_text()
    assert text == again.page.read_text()


def test_as_many_as_there_are(runs, tmp_path):
    assert write_blind(runs, tmp_path / "all.html", count=50).shown == 3 * 4  # nine inputs for two runs


def test_mistakes_are_said(runs, data, tmp_path):
    with pytest.raises(RecipeError, match="takes two different runs"):
        write_blind([runs[0], runs[0]], tmp_path / "x.html")
    with pytest.raises(RecipeError, match="is a folder; name a file"):
        write_blind(runs, tmp_path)
    with pytest.raises(RecipeError, match="does not translate to 'foto'; did you mean 'photo'"):
        write_blind(runs, tmp_path / "x.html", to="foto")
    assert not list(tmp_path.iterdir())


def test_sentences_are_shown_as_words_and_are_no_pictures(runs, tmp_path):
    formal, informal = sentences.formal_and_informal(tmp_path / "data")
    places = []
    for seed in (0, 1):
        run = cyclekit.load(
            "recipes/negative2positive",
            profile="published",
            data={"a": str(formal), "b": str(informal)},
            overrides=sentences.TINY | {"train.steps": 1, "train.seed": seed},
        )
        places.append(cyclekit.train(run, tmp_path / f"run{seed}"))
    sheet = write_blind(places, tmp_path / "x.html", count=1)
    assert (sheet.shown, sheet.items) == (3, "sentences")
    page = sheet.page.read_text()
    assert page.count("<figure><p>") == 3
    assert "<img" not in page
    with pytest.raises(RecipeError, match="name like runs"):
        write_blind([runs[0], places[0]], tmp_path / "y.html")


def test_the_command_names_both_files(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = call("compare", "--blind", *runs, "--count", "1")
    assert (told.status, told.out.strip()) == (0, "blind.html")
    assert "3 pictures, numbered; which is which: blind-key.tsv" in told.err
    for option in (["--to", "photo"], ["--count", "3"], ["--seed", "0"], ["--validation"], ["--device", "cpu"]):
        assert f"{option[0]}: goes with --blind" in mistake(call("compare", *runs, *option))
    assert "sets aside too few pictures" in mistake(call("compare", "--blind", "--validation", *runs))
