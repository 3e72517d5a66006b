"""What a model card is made of: the facts of a run, and the YAML that the hub reads."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.sharing.card_data import _slug, _source, gather, metadata, without_paths
from tests.made_run import DATA, made_run, write_metrics


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("../shared/data/yelp: train.txt, test.txt: 5", "yelp: train.txt, test.txt: 5"),
        ("/home/me/a,~/pictures/b: 3/4 kept", "a,b: 3/4 kept"),
        ("builtin:landscapes: hills", "builtin:landscapes: hills"),
        ("hub:some/body: 3", "hub:some/body: 3"),
    ],
)
def test_cards_name_no_folders(words, left):
    assert without_paths(words) == left


def test_every_license_of_the_list_is_one_word():
    from cyclekit.sharing.card_data import LICENSES

    assert {"mit", "cc-by-sa-4.0", "unknown", "other"} <= LICENSES
    assert all(name == name.lower() and " " not in name for name in LICENSES)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = made_run(tmp_path_factory.mktemp("made") / "run", license="MIT")
    write_metrics(folder)
    return folder


def test_the_facts_of_a_run_are_gathered(run):
    model = gather(run)
    assert (model.step, model.targets, model.data) == (4, ["a", "b"], DATA)
    assert model.directions() == [("monet", "photo"), ("photo", "monet")]
    assert model.modality.items == "pictures"
    assert model.measured["step"] == 4
    assert model._replace(files=model.files._replace(metrics=[1])).measured == {}


def test_the_hub_reads_every_finite_number_with_its_protocol(run):
    told = yaml.safe_load(metadata(gather(run)))
    assert (told["license"], told["library_name"]) == ("mit", "cyclekit")
    assert told["tags"][:3] == ["cyclekit", "cyclegan", "gan"]
    ((result,),) = [index["results"] for index in told["model-index"]]
    assert result["dataset"] == {"name": "builtin:landscapes", "type": "builtin-landscapes", "split": "held out"}
    ((metric,),) = [result["metrics"]]
    assert (metric["value"], metric["type"], metric["name"]) == (
        0.19052, "kid-lite-0", "KID (Lite|0), monet -> photo",
    )  # fmt: skip
    assert metric["args"] == {"features": "Lite0"}


@pytest.mark.parametrize("odd", [3, ["mit"], {"a": 1}])
def test_a_license_of_another_shape_is_told_as_other(run, odd):
    model = gather(run)
    changed = model._replace(files=model.files._replace(recipe={**model.files.recipe, "license": odd}))
    assert yaml.safe_load(metadata(changed))["license"] == "other"


@given(st.lists(st.text("ab. _", min_size=1).filter(lambda name: name.strip() == name), min_size=1, max_size=4))
def test_of_a_path_the_last_name_alone_is_left(names):
    for root in ("/", "~/", "../", "./"):
        path = root + "/".join(name.replace(" ", "_") for name in names)
        assert without_paths(f"{path}: 3 pictures") == f"{names[-1].replace(' ', '_')}: 3 pictures"


@given(st.text())
def test_a_slug_is_of_letters_the_hub_takes(words):
    assert re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", _slug(words))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("hub:a/b: 3 + 3", "hub:a/b"),
        ("builtin: landscapes (x): 3", "builtin:landscapes"),
        ("yelp: 5", "yelp"),
        ("x", "x"),
    ],
)
def test_the_name_of_a_source_goes_before_its_description(data, name):
    assert _source(data) == name
