import json
import shutil

import numpy
import pytest
from PIL import Image

import cyclekit
from cyclekit.cli.console import print_metrics
from cyclekit.core.batch import Batch
from cyclekit.image import metrics
from cyclekit.measuring.metric import Measured, MetricUnavailable
from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.terminal.screen import Screen
from cyclekit.text.language_model import LanguageModel
from cyclekit.use import evaluation
from tests import sentences
from tests.commands import call, mistake
from tests.pictures import picture, picture_folders
from tests.tiny import TINY


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


def trained(data, folder, **changes):
    run = cyclekit.load(
        "recipes/monet2photo", profile="published", data=str(data), overrides=TINY | {"train.steps": 2} | changes
    )
    return cyclekit.train(run, folder)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    return trained(data, tmp_path_factory.mktemp("runs") / "run", metrics=["structure", "psnr"])


def test_every_direction_stands_beside_copying(run):
    told = []
    result = cyclekit.evaluate(run, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert set(result["directions"]) == {"monet -> photo", "photo -> monet"}
    for measured in result["directions"].values():
        assert set(measured["rows"]) == {"translated", "copy the input", "colours matched"}
        assert measured["size"] == measured["protocol"]["structure kept (gradient correlation)"]["size"]
        assert measured["size"] == "their own, 20 x 20 px"
        name = "structure kept (gradient correlation)"
        assert measured["rows"]["copy the input"][name]["value"] == pytest.approx(1.0)
        assert measured["rows"]["translated"][name]["value"] < 1.0
        assert measured["better"][name] == "higher"
        assert measured["protocol"][name]["rows"] == "3 held-out items, 3 of the target domain"
        assert (measured["items"], measured["references"], measured["data"]) == (3, 3, result["data"])
        assert measured["split"].startswith("held out")
        for cell in measured["rows"]["translated"].values():
            low, high = cell["interval"]
            assert low <= cell["value"] <= high
    assert json.loads((run / "metrics.json").read_text()) == result
    assert result["weights"] == "moving average"


def test_other_metrics_can_be_asked_of_a_run_and_nothing_else_of_it(run, tmp_path):
    before = (run / "recipe.yaml").read_text()
    result = cyclekit.evaluate(
        run, overrides=["metrics=[cycle_error, fid_legacy]", f"metrics.inception_weights={tmp_path}"]
    )
    for measured in result["directions"].values():
        assert list(measured["better"]) == ["cycle error"]
        assert measured["rows"]["copy the input"]["cycle error"]["value"] == 0
        assert 0 < measured["rows"]["translated"]["cycle error"]["value"] < 1
        assert measured["protocol"]["cycle error"]["copying"] == "is perfect by construction"
        (why,) = measured["not measured"].values()
        assert "inception" in why
    assert (run / "recipe.yaml").read_text() == before
    with pytest.raises(RecipeError) as refused:
        cyclekit.evaluate(run, overrides=["generator.blocks=3"])
    assert str(refused.value) == (
        "overrides=generator.blocks=3: a run is measured as it was made; only metrics, beam, reranking can be set here"
    )
    with pytest.raises(RecipeError, match="no metric is called 'kidd'; did you mean 'kid'"):
        cyclekit.evaluate(run, overrides={"metrics": ["kidd"]})


def test_without_truth_nothing_is_compared_with_it(run):
    result = cyclekit.evaluate(run)
    assert all("PSNR" not in measured["better"] for measured in result["directions"].values())


def test_with_truth_it_is(tmp_path):
    """Built-in scenes come in both renderings."""
    folder = trained("builtin:landscapes", tmp_path / "run", **{"metrics": ["psnr", "ssim"], "data.held_out": 3})
    result = cyclekit.evaluate(folder)
    assert result["data"].startswith("builtin:landscapes")
    for measured in result["directions"].values():
        assert set(measured["better"]) == {"PSNR", "SSIM"}
        assert 5 < measured["rows"]["copy the input"]["PSNR"]["value"] < 40


def test_what_cannot_be_measured_is_said(run, monkeypatch):
    def missing(self, translated):
        raise MetricUnavailable("needs more")

    monkeypatch.setattr(metrics.StructureKept, "__call__", missing)
    result = cyclekit.evaluate(run, overrides=["metrics=[structure, cycle_error]"])
    for measured in result["directions"].values():
        assert measured["not measured"] == {"structure kept (gradient correlation)": "needs more"}


def test_where_nothing_can_be_measured_that_is_a_mistake_and_nothing_is_written(run, monkeypatch, tmp_path):
    def missing(self, translated):
        raise MetricUnavailable("needs more")

    monkeypatch.setattr(metrics.StructureKept, "__call__", missing)
    folder = shutil.copytree(run, tmp_path / "run", symlinks=True)
    (folder / "metrics.json").unlink(missing_ok=True)
    ended = call("evaluate", folder)
    assert ended.out == ""
    assert mistake(ended) == (
        f"{folder}: nothing could be measured: structure kept (gradient correlation) needs more; "
        "PSNR needs the true translation of each item, which these data have not; "
        "name other metrics, as in --set metrics=[NAME] (cyclekit list metric), or other data"
    )
    assert not (folder / "metrics.json").exists()


@pytest.mark.parametrize("interval", [[0.4, 0.6], None])
def test_intervals_are_spoken_of_where_there_are_some(interval, capsys):
    cell = {"value": 0.5, "spread": None, "interval": interval}
    direction = {
        "items": 3, "references": 3, "rows": {"translated": {"KID": cell}}, "better": {"KID": "lower"},
        "protocol": {}, "not measured": {},
    }  # fmt: skip
    nothing = {**direction, "rows": {"translated": {}}, "better": {}, "not measured": {"KID": "needs more"}}
    directions = {"a -> b": direction, "both directions": nothing}
    print_metrics({"data": "d", "step": 1, "weights": "last step", "beam": None, "directions": directions})
    printed = capsys.readouterr()
    assert ("95 % interval" in printed.out) == (interval is not None)
    assert ("0.40 to 0.60" in printed.out) == (interval is not None)
    assert "both directions" not in printed.out  # an empty table
    assert printed.err == "KID is not measured: needs more\n"


@pytest.fixture(scope="module")
def odd_sizes(tmp_path_factory):
    """Held-out pictures of several sizes, all larger than what was trained on."""
    folder = picture_folders(tmp_path_factory.mktemp("odd") / "data", test=0)
    for place in range(6):
        picture(place, size=(40 + place % 3, 33)).save(folder / "testA" / f"{place}.png")
        picture(50 + place, size=(30, 41 + place), warm=False).save(folder / "testB" / f"{place}.png")
    return folder


def test_pictures_are_measured_as_translate_makes_them(run, odd_sizes, monkeypatch):
    """Whole, each at its own size."""
    seen = []
    measure = metrics.StructureKept.__call__
    monkeypatch.setattr(metrics.StructureKept, "__call__", lambda self, t: seen.append(t) or measure(self, t))
    names = ["structure", "self_similarity", "cycle_error", "kid", "texture"]
    listed = [{"name": name, **({"feature_size": 64} if name in ("kid", "self_similarity") else {})} for name in names]
    result = cyclekit.evaluate(run, sources=[str(odd_sizes)], overrides={"metrics": listed})
    for measured in result["directions"].values():
        assert measured["not measured"] == {}
        assert list(measured["rows"]) == ["translated", "copy the input", "colours matched", "real against real"]
        assert set(measured["rows"]["real against real"]) == {"KID (EfficientNet-Lite0)", "texture distance (SWD)"}
        assert set(measured["rows"]["colours matched"]) == set(measured["better"]) - {"cycle error"}
    sizes = [measured["size"] for measured in result["directions"].values()]
    assert sizes == ["their own, 40 x 33 to 42 x 33 px", "their own, 30 x 41 to 30 x 46 px"]
    translator = cyclekit.Translator.load(run)
    fakes = [row.data for row in seen[0].fake.rows()]
    files = sorted((odd_sizes / "testA").iterdir())
    made = translator([str(file) for file in files], to="photo", quiet=True)
    for file, fake, picture_made in zip(files, fakes, made, strict=True):
        assert picture_made.size == picture_size(file)
        levels = metrics.saved_levels(Batch(fake))[0].permute(1, 2, 0).numpy()
        assert (levels == numpy.asarray(picture_made)).all()


def picture_size(file):
    with Image.open(file) as opened:
        return opened.size


def test_the_training_size_and_the_largest_size_may_be_set_and_are_said(run, odd_sizes):
    def sizes(*overrides):
        found = cyclekit.evaluate(run, sources=[str(odd_sizes)], overrides=["metrics=[structure]", *overrides])
        return [measured["size"] for measured in found["directions"].values()]

    assert sizes("metrics.size=training") == ["as for training, 16 x 16 px"] * 2
    assert sizes("metrics.max_pixels=1320") == [
        "their own, 40 x 32 to 40 x 33 px, 4 larger ones shrunk to 1,320 pixels",
        "their own, 30 x 41 to 30 x 44 px, 2 larger ones shrunk to 1,320 pixels",
    ]
    assert sizes("metrics.max_pixels=null")[0] == "their own, 40 x 33 to 42 x 33 px"


def test_what_is_set_aside_is_measured_and_what_is_held_out_changes_nothing(tmp_path):
    data = picture_folders(tmp_path / "data", train=12)
    folder = trained(data, tmp_path / "run", **{"data.validation": 5, "metrics": ["texture"]})
    cyclekit.evaluate(folder)
    before = (folder / "metrics.json").read_bytes()
    told = call("evaluate", folder, "--validation")
    assert told.status == 0, told.err
    assert "monet -> photo: 5 validation items against 5" in told.out
    result = json.loads((folder / "validation.json").read_text())
    assert result["split"] == "validation"
    for measured in result["directions"].values():
        assert measured["split"].startswith("validation: not trained on; checkpoints and settings may be chosen by it")
        assert "real against real" in measured["rows"]
        assert measured["protocol"]["texture distance (SWD)"]["rows"] == "5 validation items, 5 of the target domain"
    for place, other in (("testA", "testB"), ("testB", "testA")):
        (data / place / "00.png").write_bytes((data / other / "01.png").read_bytes())
    assert cyclekit.evaluate(folder, validation=True) == result
    assert (folder / "metrics.json").read_bytes() == before


def test_without_anything_set_aside_it_is_refused(run):
    with pytest.raises(RecipeError, match=r"validation=True: this run set nothing of .* aside; train one with"):
        cyclekit.evaluate(run, validation=True)


def test_a_metric_that_stacks_pictures_is_not_measured_on_several_sizes(run, odd_sizes, monkeypatch):
    monkeypatch.setattr(metrics.StructureKept, "__call__", lambda self, t: Measured(float(t.fake.data.mean())))
    result = cyclekit.evaluate(run, sources=[str(odd_sizes)], overrides=["metrics=[structure, texture]"])
    for measured in result["directions"].values():
        assert list(measured["better"]) == ["texture distance (SWD)"]
        assert measured["not measured"] == {
            "structure kept (gradient correlation)": "needs pictures of one size, and these differ; "
            "metrics.size=training measures such"
        }


def test_real_against_real_is_the_halves_of_the_target(run, odd_sizes):
    """Of one domain with itself the floor is as far as a copy is, but for the sample."""
    result = cyclekit.evaluate(run, sources=[str(odd_sizes)], overrides=["metrics=[texture, structure]"])
    rows = [measured["rows"] for measured in result["directions"].values()]
    for measured in result["directions"].values():
        assert measured["protocol"]["texture distance (SWD)"]["real against real"].startswith("two random halves")
        assert "real against real" not in measured["protocol"]["structure kept (gradient correlation)"]
    assert rows[0]["real against real"] != rows[1]["real against real"]


def test_a_recipe_without_metrics_says_what_to_add(data, tmp_path):
    folder = trained(data, tmp_path / "run", metrics=[])
    with pytest.raises(RecipeError, match=r"lists no metrics; add some, for example metrics: \[kid, structure\]"):
        cyclekit.evaluate(folder)


@pytest.fixture(scope="module")
def text_run(tmp_path_factory):
    """A run on sentences, a few steps long."""
    folder = tmp_path_factory.mktemp("text")
    formal, informal = sentences.formal_and_informal(folder / "data")
    metrics = ["style_accuracy", "bleu", "self_bleu", "copies", "length_ratio", "perplexity"]
    changes = {"metrics": metrics, "data.judging_share": 0.2}
    run = cyclekit.load(
        "recipes/negative2positive",
        profile="published",
        data={"a": str(formal), "b": str(informal)},
        overrides=sentences.TINY | changes,
    )
    return cyclekit.train(run, folder / "run")


def test_sentences_stand_beside_copying_and_the_word_swap_each_way_and_pooled(text_run):
    told = []
    result = cyclekit.evaluate(text_run, progress=lambda done, total: told.append((done, total)))
    first, second, both = result["directions"].values()
    assert list(result["directions"]) == ["formal -> informal", "informal -> formal", evaluation.POOLED]
    assert told[-1][0] == told[-1][1] == both["items"] == first["items"] + second["items"]
    assert both["references"] == both["items"]
    for measured in (first, second, both):
        assert list(measured["rows"]) == ["translated", "copy the input", "word swap"]
        assert measured["rows"]["copy the input"]["exact copies (%)"]["value"] == 100
        assert measured["rows"]["word swap"]["exact copies (%)"]["value"] < 50
        assert measured["better"]["length ratio"] == "near 1"
        assert "BLEU" not in measured["better"]
        assert "the style judge is right on" in measured["protocol"]["style accuracy (%)"]["notes"][0]
    accuracy = [m["rows"]["word swap"]["style accuracy (%)"]["value"] * m["items"] for m in (first, second, both)]
    assert accuracy[2] == pytest.approx(accuracy[0] + accuracy[1])
    assert json.loads((text_run / "metrics.json").read_text()) == result


def test_the_tables_print_what_must_be_read_with_the_numbers(text_run, capsys):
    print_metrics(cyclekit.evaluate(text_run))
    printed = capsys.readouterr().out
    assert "both directions: " in printed
    assert "near 1" in printed
    assert "Below a number: its 95 % interval over the held-out items." in printed
    assert printed.count("the style judge is right on") == 1
    assert "sacreBLEU BLEU|nrefs:1|" in printed
    assert "…" not in printed


def test_what_cannot_be_had_for_a_text_is_said_once(text_run, monkeypatch, capsys):
    def missing(self, sentences):
        raise MetricUnavailable("needs more text")

    monkeypatch.setattr(LanguageModel, "__init__", missing)
    result = cyclekit.evaluate(text_run)
    assert all(
        measured["not measured"] == {"perplexity (trigrams)": "needs more text"}
        for measured in result["directions"].values()
    )
    print_metrics(result)
    assert capsys.readouterr().err.count("perplexity (trigrams) is not measured: needs more text") == 1


def test_the_report_shows_all_rows_and_their_notes(text_run):
    cyclekit.evaluate(text_run)
    page = write_report(text_run).read_text()
    for words in (
        "both directions",
        "word swap",
        "best near 1",
        "the style judge is right on",
        "sacreBLEU BLEU|nrefs:1",
    ):
        assert words in page


def test_how_words_are_chosen_may_be_set_and_is_said(text_run, capsys):
    results = [
        cyclekit.evaluate(text_run, overrides=overrides)
        for overrides in (
            ["beam=null", "reranking=null"],
            ["beam=8", "reranking=null"],
            ["beam=8", "reranking={name: noisy_channel, verdict: 1000}"],
        )
    ]
    chosen = "noisy_channel (verdict 1000)"
    assert [(each["beam"], each["reranking"]) for each in results] == [(None, None), (8, None), (8, chosen)]
    tables = [each["directions"] for each in results]
    assert tables[0] != tables[1] != tables[2] != tables[0]
    for direction, measured in tables[2].items():
        copies = measured["rows"]["copy the input"]
        assert copies == tables[0][direction]["rows"]["copy the input"]
    for result, words in zip(
        results, ("", ", searched with a beam of 8", ", searched with a beam of 8 and chosen by " + chosen)
    ):
        print_metrics(result)
        first = capsys.readouterr().out.splitlines()[0]
        assert (words in first) if words else "beam" not in first


def test_a_table_has_intervals_below_its_numbers_and_reads_those_of_older_files(capsys):
    rows = {"translated": {"KID": {"value": 0.05, "spread": 0.001, "interval": [0.048, 0.0533]}, "one": {"value": 1.0}}}
    older = {"translated": {"KID": {"value": 0.05, "spread": 0.001}, "one": {"value": 1, "spread": None}}}
    for content, interval in ((rows, "0.0480 to 0.0533"), (older, "0.0480 to 0.0520")):
        better = {"KID": "lower", "one": "higher"}
        table = {"items": 4, "references": 5, "rows": content, "better": better, "protocol": {}, "not measured": {}}
        made = {"data": "here", "step": 1, "weights": "last step", "beam": None, "directions": {"a -> b": table}}
        print_metrics(made)
        printed = capsys.readouterr().out
        assert interval in printed
        assert "│ 1 │" in " ".join(printed.split())


@pytest.mark.parametrize("width", [80, 120])
def test_names_and_numbers_are_whole_in_a_narrow_window(width, capsys, monkeypatch):
    monkeypatch.setattr("cyclekit.terminal.screen.table_screen", lambda: Screen(width=width))
    names = [f"KID (EfficientNet-Lite{number})" for number in (0, 2)]
    cells = {name: {"value": 0.081491, "interval": [0.06812, 0.09734]} for name in names}
    rows = dict.fromkeys(("translated", "copy the input", "colours matched", "real against real"), cells)
    better = dict.fromkeys(names, "lower")
    table = {"items": 4, "references": 5, "rows": rows, "better": better, "protocol": {}, "not measured": {}}
    print_metrics({"data": "x", "step": 1, "weights": "last step", "beam": None, "directions": {"a -> b": table}})
    printed = capsys.readouterr().out
    assert "…" not in printed
    for words in ("(EfficientNet-Lite0)", "(EfficientNet-Lite2)"):
        assert printed.count(words) == 1
    assert printed.count("0.08149") == 8
    assert printed.count("0.068") == 8
