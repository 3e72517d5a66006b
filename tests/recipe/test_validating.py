"""Every mistake in a recipe's settings is one line with its dotted key, whether a file or `--set` says it."""

import copy

import pytest
import yaml

from cyclekit.recipe import loading as recipes
from cyclekit.recipe.loading import load_recipe, merged
from cyclekit.recipe.yaml_files import read_value
from cyclekit.registry import RecipeError
from tests.recipe.refused import START, refusal

KEYS = "known here: name, title, base, domains, data, generator, "


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("trian.steps=4", f"trian: no such key; did you mean 'train'?; {KEYS}"),
        (
            "train.stps=4",
            "train.stps: no such key; did you mean 'steps'?; known here: epochs, steps, budget, batch_size, ",
        ),
        ("domains.c=x", "domains.c: no such key; known here: a, b"),
        ("sample.row=4", "sample.row: no such key; did you mean 'rows'?; known here: rows"),
        (
            "train.learning_rate.generatrs=1",
            "train.learning_rate.generatrs: no such key; did you mean 'generators'?; known here: generators, discrimin",
        ),
    ],
)
def test_unknown_keys_at_any_depth(folder, key, complaint):
    name, _, value = key.partition("=")
    assert refusal(folder(START), key).startswith(f"overrides={key}: {complaint.removeprefix(f'{name}: ')}")
    nested = copy.deepcopy(yaml.safe_load(START))
    in_file = folder(yaml.safe_dump(merged(nested, recipes._nested(name, value))))
    assert refusal(in_file).startswith(f"recipe.yaml: {complaint}")


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("train.steps=abc", "train.steps: 'abc' should be a number"),
        ("train.steps=true", "train.steps: True should be a number"),
        ("train.steps='4'", "train.steps: '4' should be a number"),
        ("train.steps=0", "train.steps: 0 should be greater than or equal to 1"),
        ("train.steps=1.5", "train.steps: 1.5 should be a valid integer, got a number with a fractional part"),
        ("train.batch_size=-1", "train.batch_size: -1 should be greater than or equal to 1"),
        ("train.learning_rate=0", "train.learning_rate: 0 should be greater than 0"),
        ("train.learning_rate=.inf", "train.learning_rate: inf should be a finite number"),
        ("train.learning_rate.generators=fast", "train.learning_rate.generators: 'fast' should be a number"),
        ("train.betas=[0.5]", "train.betas: [0.5] has too few values"),
        ("train.betas=[0.5, 1.5]", "train.betas.1: 1.5 should be less than 1"),
        ("train.moving_average=1", "train.moving_average: 1 should be less than 1"),
        ("train.compile=maybe", "train.compile: 'maybe' should be a valid boolean or 'auto'"),
        ("train.workers=many", "train.workers: 'many' should be a number or 'auto'"),
        ("train.workers=-1", "train.workers: -1 should be greater than or equal to 0 or 'auto'"),
        ("train.precision=fp8", "train.precision: 'fp8' should be 'auto', 'float32', 'bf16' or 'fp16'"),
        ("train.seed=-1", "train.seed: -1 should be greater than or equal to 0"),
        ("train.epochs=null", "train: give one of epochs, steps and budget (the others null): training has one length"),
        ("train=4", "train: 4 should be a mapping of keys to values"),
        ("train.schedule=[]", "train.schedule: [] should be a part's name, or a mapping with its name and its options"),
        ("test_time=evla", "test_time: 'evla' should be 'eval' or 'train'"),
        ("domains=3", "domains: 3 should be a mapping of keys to values"),
        ("domains.a=b", "domains: both domains are called 'b'; give them two names"),
        ("domains.a=2024", "domains.a: 2024 should be a valid string"),
        ("domains.a=x/y", "domains.a: 'x/y' names a folder too; write a name without slashes"),
        (
            'domains.a="a\\nb"',
            "domains.a: 'a\\nb' names a folder too; write a name without control characters and line breaks",
        ),
        (
            'domains.b="\\e[2J"',
            "domains.b: '\\x1b[2J' names a folder too; write a name without control characters and line breaks",
        ),
        (f"name={'ü' * 101}", f"name: '{'ü' * 101}' names a folder too; write a name of at most 200 bytes"),
        ("name=..", "name: '..' names a folder too; write a name without slashes"),
        ("generator=null", "generator: null should be a part's name, or a mapping with its name and its options"),
        ("discriminator.count=0", "discriminator.count: 0 should be greater than or equal to 1"),
        ("metrics=kid", "metrics: 'kid' should be a valid list"),
        ("metrics=[3]", "metrics.0: 3 should be a part's name, or a mapping with its name and its options"),
    ],
)
def test_values_that_do_not_fit(folder, override, complaint):
    key, _, text = override.partition("=")
    shown = read_value(text)
    shown = shown if str(shown).isprintable() else ascii(shown)
    said = complaint.removeprefix(f"{key}: ")  # a place is named once
    assert refusal(folder(START), override) == f"overrides={key}={shown}: {said}"


def test_a_mistake_in_the_file_is_not_blamed_on_an_override(folder):
    mine = folder(START + "train: {batch_size: none}\n")
    assert refusal(mine, "train.steps=4") == "recipe.yaml: train.batch_size: 'none' should be a number"


def test_what_is_missing_is_named(folder):
    assert (
        refusal(folder("title: nothing\n"))
        == "recipe.yaml: data: is missing, and neither the recipe nor its base sets it"
    )
    assert refusal(folder(START), "metrics=[{size: 3}]") == (
        "overrides=metrics=[{'size': 3}]: metrics.0.name: is missing, and neither the recipe nor its base sets it"
    )


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ({"title": "\ud800"}, "title"),
        ({"data.sources": ["a\0b"]}, "data.sources.0"),
        ({"generator": {"name": "resnet", "x": {"\udcff": 1}}}, "generator.x"),
    ],
)
def test_what_no_file_could_hold_is_refused_from_python_too(folder, override, key):
    first = key.split(".")[0]
    with pytest.raises(RecipeError, match=rf"^overrides={first}.*: ({key}: )?'.+' holds half of a surrogate pair"):
        load_recipe(folder(START), overrides=override)
