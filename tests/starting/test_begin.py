"""A run on pictures that starts from weights: what fits bit for bit, what does not by name, and exactly resumed."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.image.importing import read_weights
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.starting.importing import import_weights
from cyclekit.training.loop import train
from tests.image.importing.foreign import ForeignResNet, drawn
from tests.pictures import picture_folders
from tests.tiny import TINY
from tests.training.test_loop import assert_same_weights, tensors_of

RECIPE = "recipes/monet2photo"
LIKE_FOREIGN = {"generator.width": 4, "generator.blocks": 2, "generator.dropout": 0.0}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A finished run."""
    return cyclekit.train(tiny_run(data), tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of another toolkit."""
    path = tmp_path_factory.mktemp("weights") / "latest_net_G_A.pth"
    torch.save(drawn(ForeignResNet()).state_dict(), path)
    return path


def tiny_run(data, start_from=None, resuming=None, **overrides):
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cyclekit.load(
            RECIPE,
            profile="published",
            data=str(data),
            overrides=TINY | changed,
            start_from=start_from,
            resuming=resuming,
        )


def same(network, tensors, prefix=""):
    """Whether all of a network's tensors are those of a file, bit for bit."""
    own = network.state_dict()
    return all(torch.equal(tensor, tensors[f"{prefix}{name}"]) for name, tensor in own.items())


def test_a_run_starts_from_another_bit_for_bit(data, trained):
    run = tiny_run(data, trained, train__seed=5)
    place = history.chosen(trained)
    average, judges = (load_file(place / f"{stem}.safetensors") for stem in ("average", "discriminators"))
    for domain in ("a", "b"):
        assert same(getattr(run.networks.generators, domain), average, f"{domain}.")
        assert same(getattr(run.networks.discriminators, domain), judges, f"{domain}.")
        assert same(getattr(run.generators, domain), average, f"{domain}."), "the moving average starts there too"
    assert run.started.fresh == []
    assert [line.split(":")[0] for line in run.started.loaded] == [
        "the generator that makes photo", "the discriminator that judges photo",
        "the generator that makes monet", "the discriminator that judges monet",
    ]  # fmt: skip
    assert f"from {trained}, step 6, moving average: all " in run.started.loaded[0]
    sha = hashlib.sha256((place / "average.safetensors").read_bytes()).hexdigest()
    assert run.recipe.started["sha256"][f"{trained}/average.safetensors"] == sha


def test_a_started_run_resumes_exactly_and_without_its_source(data, trained, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(trained, source, symlinks=True)
    straight = cyclekit.train(tiny_run(data, source), tmp_path / "straight")
    run = tiny_run(data, source)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.yaml").write_text(run.recipe.dump())
    stopped = train(run, tmp_path / "run", default_callbacks(), until=4)
    assert stopped.step == 4
    shutil.rmtree(source)
    with pytest.raises(RecipeError, match="no such run folder or file"):
        tiny_run(data, source)
    torch.rand(17)
    cyclekit.train(tiny_run(data, source, resuming=tmp_path / "run"), tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", straight)
    # The recipe says what it started from, and needs not be told again.
    assert load_recipe(straight).train.start_from == str(source)
    assert load_recipe(straight).started["sha256"].keys() == {
        f"{source}/average.safetensors", f"{source}/discriminators.safetensors"
    }  # fmt: skip
    again = cyclekit.train(tiny_run(data), tmp_path / "run", resume=True)
    assert tensors_of(again).keys() == tensors_of(straight).keys()


def test_a_started_run_differs_from_a_random_one_in_its_weights_alone(data, trained):
    """The same seed draws the same batches, whatever was loaded."""
    run, other = tiny_run(data, trained), tiny_run(data)
    assert run.recipe.model_copy(update={"started": None, "train": other.recipe.train}) == other.recipe
    assert torch.equal(run.data.training_pair(1, 2, 3).a.data, other.data.training_pair(1, 2, 3).a.data)


def test_a_file_starts_one_direction_and_the_rest_is_named(data, weights):
    with pytest.warns(UserWarning, match="starts fresh") as warned:
        run = cyclekit.load(
            RECIPE, profile="published", data=str(data), overrides=TINY | LIKE_FOREIGN, start_from=weights
        )
    assert same(run.networks.generators.b, read_weights(weights).state)
    told = [str(each.message) for each in warned]
    assert told == run.started.fresh
    assert told[0] == f"{weights} does not say what it makes: taken for photo; otherwise start from monet=FILE"
    assert f"the discriminator that judges photo starts fresh; {weights} has none" in told
    assert "the generator that makes monet starts fresh" in told
    assert run.recipe.started["fresh"] == {
        "discriminators.b": ["all"], "generators.a": ["all"], "discriminators.a": ["all"]
    }  # fmt: skip
    fresh = tiny_run(data, **{key.replace(".", "__"): value for key, value in LIKE_FOREIGN.items()})
    assert same(run.networks.generators.a, fresh.networks.generators.a.state_dict()), "as without any weights"


def test_an_imported_run_is_trained_on_in_the_direction_it_has(data, weights, tmp_path):
    named, _ = import_weights(weights, tmp_path / "named", domains=("photo", "monet"))
    other, _ = import_weights(weights, tmp_path / "other", domains=("x", "y"))
    state = read_weights(weights).state
    like = {key.replace(".", "__"): value for key, value in LIKE_FOREIGN.items()}
    run = tiny_run(data, named, **like)
    assert same(run.networks.generators.a, state), "its second domain is our first, by name"
    run = tiny_run(data, other, **like)
    assert same(run.networks.generators.b, state)
    otherwise = f"start from {shlex.quote(f'monet={other}')}"
    assert run.started.fresh[0] == f"{other} has other domains: y is taken for photo; otherwise {otherwise}"
    run = tiny_run(data, {"monet": other, "photo": named}, **like)
    assert same(run.networks.generators.a, state)
    assert same(run.networks.generators.b, state)
    folder = cyclekit.train(run, tmp_path / "trained")
    assert history.steps(folder)[-1] == 6


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"generator.blocks": 2}, "blocks.1.first.convolution.weight"),
        (
            {"data.channels": {"a": 3, "b": 1}, "objective.identity": 0},
            "head.convolution.weight (3x4x7x7 there, 1x4x7x7",
        ),
        ({"generator.width": 6}, "stem.convolution.weight (4x3x7x7 there, 6x3x7x7 here)"),
    ],
)
def test_what_fits_is_loaded_and_what_does_not_is_listed(data, trained, changed, named):
    run = tiny_run(data, trained, **{key.replace(".", "__"): value for key, value in changed.items()})
    average = load_file(history.chosen(trained) / "average.safetensors")
    own = run.networks.generators.b.state_dict()
    fitting = {name for name, tensor in own.items() if average.get(f"b.{name}", torch.zeros(0)).shape == tensor.shape}
    assert all(torch.equal(own[name], average[f"b.{name}"]) for name in fitting)
    (line,) = [line for line in run.started.fresh if line.startswith("the generator that makes photo")]
    assert f"{len(fitting)} of {len(own)} tensors; start fresh: " in line
    listed = run.recipe.started["fresh"]["generators.b"]
    assert any(name.startswith(named) for name in listed)
    assert {name.split(" ")[0] for name in listed} == own.keys() - fitting


def test_options_that_no_shape_tells_are_said(data, trained):
    """The same tensors in a network that works otherwise."""
    run = tiny_run(data, trained, generator__start="identity", generator__norm="none")
    (line,) = [line for line in run.started.fresh if line.startswith("the generator that makes photo")]
    assert "all 16 tensors; it has " in line
    for told in ("norm instance (here none)", "generator.norm=instance", "generator.start=random"):
        assert told in line


def test_another_architecture_is_refused_with_the_settings_of_the_right_one(data, trained):
    unet = {"generator": {"name": "unet", "width": 4, "depth": 2}}
    with pytest.raises(RecipeError) as refusal:
        cyclekit.load(
            RECIPE, profile="published", data=str(data), start_from=trained,
            overrides={k: v for k, v in TINY.items() if not k.startswith("generator")} | unet,
        )  # fmt: skip
    told = str(refusal.value)
    assert "the generator that makes photo: nothing of it fits; it has name resnet (here unet); as there: " in told
    assert "as there: generator.name=resnet " in told
    assert "generator.width=4" in told


def test_weights_that_are_not_finite_start_nothing(data, trained, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(trained, source, symlinks=True)
    path = history.latest(source) / "average.safetensors"
    tensors = load_file(path)
    tensors["b.head.convolution.bias"][1] = float("nan")
    save_file(tensors, path, metadata={"shared": "{}"})
    with pytest.raises(RecipeError, match=r"average\.safetensors"):
        tiny_run(data, source)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("pretrained:horse2zebra", "pretrained:horse2zebra: no network that cyclekit carries is called so"),
        ("someone/horse2zebra", "no such run folder or file; on the hub it would be hub:someone/horse2zebra"),
        ("nowhere/at/all", "nowhere/at/all: no such run folder or file"),
        ("{several}", r"several: is not a run folder \(no recipe.yaml\); did you mean .*several/mine\?"),
        ("{empty}", r"is no run folder \(no recipe.yaml\); give one, such as runs/"),
        ("{text}", "is damaged, or no file that torch.save or safetensors wrote"),
        ("{recipe}", "has no checkpoint"),
        ({"phtoo": "{trained}"}, "no domain is called 'phtoo'; did you mean 'photo'"),
    ],
)
def test_sources_that_are_none_are_refused_in_a_line(data, trained, tmp_path, source, complaint):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("no weights")
    shutil.copytree("recipes/monet2photo", tmp_path / "recipe")
    shutil.copytree(trained, tmp_path / "several" / "mine", symlinks=True)
    places = {name: tmp_path / name for name in ("empty", "text", "recipe", "several")} | {"trained": trained}
    filled = (
        {key: value.format(**places) for key, value in source.items()}
        if isinstance(source, dict)
        else source.format(**places)
    )
    with pytest.raises(RecipeError, match=complaint) as refusal:
        tiny_run(data, filled)
    assert "\n" not in str(refusal.value)


def test_a_file_with_several_networks_is_made_a_run_of_first(data, tmp_path):
    path = tmp_path / "joint.pth"
    torch.save({name: ForeignResNet().state_dict() for name in ("G_A", "G_B")}, path)
    with pytest.raises(RecipeError) as refusal:
        tiny_run(data, path)
    make = f"cyclekit import {shlex.quote(str(path))} --key NAME --out runs/imported"
    assert str(refusal.value).endswith(f"; make a run of one first, and start from that: {make}")


def test_the_settings_of_a_run_without_its_weights_are_said_to_be_that(data, trained):
    start = f"train.start_from={shlex.quote(str(trained))}"
    with pytest.warns(UserWarning, match=f"of the run {trained} the settings alone are taken; {start} starts"):
        cyclekit.load(trained, profile="published", data=str(data))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cyclekit.load(trained, profile="published", data=str(data), start_from=trained)
        cyclekit.load(trained, profile="published", data=str(data), resuming=trained)


def test_other_weights_than_a_recipes_run_began_with_are_noticed(data, weights, tmp_path):
    source = tmp_path / "net.pth"
    shutil.copy(weights, source)
    like = {key.replace(".", "__"): value for key, value in LIKE_FOREIGN.items()}
    run = tiny_run(data, source, **like)
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe" / "recipe.yaml").write_text(run.recipe.dump())
    torch.save(drawn(ForeignResNet(), seed=9).state_dict(), source)
    with pytest.warns(UserWarning, match=r"not the weights that this recipe's run started from \(other SHA-256\)"):
        cyclekit.load(tmp_path / "recipe", profile="published", data=str(data))


def test_an_evaluation_of_a_started_run_does_not_ask_for_its_source(data, trained, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(trained, source, symlinks=True)
    folder = cyclekit.train(tiny_run(data, source, metrics=["structure"]), tmp_path / "run")
    shutil.rmtree(source)
    assert cyclekit.evaluate(folder)["step"] == 6
    assert cyclekit.Translator.load(folder).targets == ["photo", "monet"]
    assert json.loads((folder / "environment.json").read_text())["seed"] == 0
    assert Path(folder / "report.html").is_file()
