import json
import shutil

import pytest
import torch

import cyclekit
from cyclekit.cli.console import print_metrics
from cyclekit.core.batch import Batch
from cyclekit.core.parts import HeldOut
from cyclekit.image import metrics
from cyclekit.measuring.metric import HUMAN, Measured, MetricUnavailable, Translated
from cyclekit.registry import RecipeError
from cyclekit.report import write_report
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
        assert set(measured["rows"]) == {"translated", "copy the input"}
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
        "--set generator.blocks=3: a run is measured as it was made; only metrics, beam, reranking can be set here"
    )
    with pytest.raises(RecipeError, match="no metric is called 'kidd'; did you mean 'kid'"):
        cyclekit.evaluate(run, overrides={"metrics": ["kidd"]})


def test_a_run_in_one_direction_says_that_it_has_no_way_back():
    rows = {evaluation.TRANSLATED: [Translated(*3 * [Batch(torch.zeros(2, 3, 8, 8))])]}
    measured = evaluation._measured([metrics.CycleError()], rows, "made up")
    assert measured["not measured"] == {"cycle error": "needs a way back, and this run learnt one direction only"}


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


def test_pictures_of_different_sizes_are_refused(data, tmp_path):
    folder = trained(data, tmp_path / "run", metrics=["structure"])
    other = picture_folders(tmp_path / "other")
    picture(1, size=(40, 28)).save(other / "testA" / "wide.png")
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("  load_size: 20", "  load_size: 20\n  preprocess: none"))
    with pytest.raises(RecipeError, match="held-out items differ in size"):
        cyclekit.evaluate(folder, sources=[str(other)])


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


class Nearest:
    """Whether a row is among its accepted ones, in percent."""

    name, better, needs_truth, protocol = "among the accepted", "higher", True, {}

    def __call__(self, translated):
        fakes = translated.fake.data.tolist()
        return Measured(100 * sum(fake in one.data.tolist() for fake, one in zip(fakes, translated.truth)) / len(fakes))


@pytest.mark.parametrize("references", [1, 3])
def test_a_person_is_measured_by_what_other_people_wrote(references):
    def ids(*rows):
        return Batch(torch.tensor(rows), torch.ones(len(rows), 1, dtype=torch.bool))

    items = [
        HeldOut(str(place), ids([place]), ids(*([place + 10 * k] for k in range(1, 1 + references))))
        for place in range(4)
    ]

    class Data:
        def baselines(self, target, items):
            return {HUMAN: ids(*([place + 10] for place in range(4)))}

    rows = evaluation._rows(Data(), "b", items, [ids([place + 10]) for place in range(4)], items)
    measured = evaluation._measured([Nearest()], rows, "made up")
    assert measured["rows"]["translated"]["among the accepted"]["value"] == 100
    human = measured["rows"][HUMAN]
    assert human == (
        {} if references == 1 else {"among the accepted": {"value": 0.0, "spread": None, "interval": None}}
    )
    assert "against the other accepted translations" in measured["protocol"]["among the accepted"][HUMAN]


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
