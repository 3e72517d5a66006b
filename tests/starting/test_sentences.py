"""A run on sentences that starts from another: its vocabulary comes with the weights, also when it goes on alone."""

from __future__ import annotations

import shutil
import warnings

import pytest
import torch

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.training.loop import train
from tests import sentences
from tests.pictures import picture_folders
from tests.tiny import TINY
from tests.training.test_loop import assert_same_weights

RECIPE = "recipes/negative2positive"


def tiny_run(folder, start_from=None, resuming=None, **overrides):
    formal, informal = folder / "formal", folder / "informal"
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cyclekit.load(
            RECIPE, profile="published",
            data={"a": formal, "b": informal}, overrides=sentences.TINY | changed, start_from=start_from,
            resuming=resuming,
        )  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    sentences.formal_and_informal(folder)
    return cyclekit.train(tiny_run(folder), folder / "run")


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Sentences of other words."""
    folder = tmp_path_factory.mktemp("second")
    sentences.formal_and_informal(folder)
    for name in ("formal", "informal"):
        words = (folder / name).read_text().replace("report", "cupboard").replace("today", "yesterday")
        (folder / name).write_text(words)
    return folder


def test_the_vocabulary_comes_with_the_weights(trained, others):
    plain, run = tiny_run(others), tiny_run(others, trained)
    text = ["I cannot find the invoice today."]
    there = cyclekit.Translator.load(trained, device="cpu").codecs.a.encode(text).data
    assert not torch.equal(plain.data.codecs.a.encode(text).data, there)
    assert torch.equal(run.data.codecs.a.encode(text).data, there)
    tensors, _ = checkpoint.load(history.chosen(trained))
    own = tensors.get("average", tensors["generators"])
    for name, tensor in run.networks.generators.b.state_dict().items():
        assert torch.equal(tensor, own[f"b.{name}"]), name
    assert run.started.fresh == []


def test_a_started_run_resumes_exactly_without_its_source(trained, others, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(trained, source, symlinks=True)
    straight = cyclekit.train(tiny_run(others, source), tmp_path / "straight")
    (tmp_path / "run").mkdir()
    run = tiny_run(others, source)
    (tmp_path / "run" / "recipe.yaml").write_text(run.recipe.dump())
    train(run, tmp_path / "run", default_callbacks(), until=2)
    shutil.rmtree(source)
    cyclekit.train(tiny_run(others, source, resuming=tmp_path / "run"), tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", straight)


def test_sources_that_sentences_cannot_start_from_are_refused(trained, others, tmp_path):
    with pytest.raises(RecipeError, match="sentences start from one run in both directions"):
        tiny_run(others, {"informal": trained})
    with pytest.raises(RecipeError, match="its network knows them by that; give this recipe's domains, and its data"):
        tiny_run(others, trained, domains__a="informal", domains__b="formal")
    with pytest.raises(RecipeError, match="is a file, and this recipe can start from a run alone; give a run folder"):
        tiny_run(others, others / "formal")
    pictures = picture_folders(tmp_path / "pictures")
    with pytest.raises(RecipeError, match="its networks read 'sentencepiece', and this recipe's 'image'"):
        cyclekit.load(
            "recipes/monet2photo", profile="published", data=str(pictures), overrides=TINY, start_from=trained
        )
