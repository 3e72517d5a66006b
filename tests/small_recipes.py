"""Settings that make any recipe that travels with cyclekit quick, on data that is made on the spot."""

from cyclekit import registry
from cyclekit.builtin import scenes as builtin
from cyclekit.recipe.loading import find_recipe, load_recipe
from tests.tiny import TINY_TEXT, even_stages

TRAINING = {
    "train.steps": 2,
    "train.batch_size": 1,
    "train.workers": 0,
    "train.compile": False,
    "sample.rows": 1,
}

SMALL = {
    "images": {
        "data.load_size": 18,
        "data.crop_size": 16,
        "generator.width": 4,
        "discriminator.width": 4,
        "discriminator.layers": 1,
        **TRAINING,
    },
    "sentences": {key: value for key, value in TINY_TEXT.items() if key.split(".")[0] not in ("train", "objective")}
    | TRAINING
    | {"train.batch_size": 2},
}
"""What makes any recipe quick, by its data part; the parts themselves stay the recipe's own."""

BUILTIN = {
    **{
        name: {"scenes": 4, "held_out": 2}
        for name, part in registry.registered()["builtin"].items()
        if part.factory.__module__ == builtin.__name__
    },
    "emoji": {"pictures": 4, "held_out": 2},
    "formality": {"sentences": 60, "held_out": 12, "validation": 12},
    "reviews": {"sentences": 60, "held_out": 12, "validation": 12},
    "bible": {"words": 6, "held_out": 12},
    "languages": {"sentences": 200, "held_out": 12, "validation": 12},
}
"""What makes built-in data small."""


def builtin_of(name):
    """The source of a recipe that is made on the spot, made small; every recipe has one to fall back to."""
    sources = load_recipe(find_recipe(name)).data.options["sources"]
    made = [source for source in sources if "builtin" in source]
    assert made, f"{name} lists no built-in data"
    source = made[0] if isinstance(made[0], dict) else {"builtin": made[0].removeprefix("builtin:")}
    assert source["builtin"] in BUILTIN, f"say here how builtin:{source['builtin']} becomes small"
    return source | BUILTIN[source["builtin"]]


def small(name, profile, model=None):
    """Overrides that make a recipe quick, all its stages passed.

    Args:
        model: the folder of a tiny Hugging Face model, for a recipe that would fetch a large one.
    """
    recipe = load_recipe(find_recipe(name), profile=profile)
    assert recipe.data.name in SMALL, "a recipe of another modality needs small sizes of its own here"
    overrides = SMALL[recipe.data.name] | {"data.sources": [builtin_of(name)]}
    if recipe.generator.name == "pretrained":  # whose sizes are the model's
        assert model is not None, "make a tiny model here, as in tests/text/tiny_models.py"
        own = ("generator.", "data.vocabulary")
        overrides = {key: value for key, value in overrides.items() if not key.startswith(own)}
        overrides |= {"data.tokenizer": f"huggingface:{model}", "data.limit": 24}
    if recipe.generator.name == "resnet":
        overrides["generator.blocks"] = 1
    if recipe.objective.name == "cut":  # whose layers are of the larger generator
        overrides |= {"objective.layers": [0, 3], "objective.patches": 9}
    if recipe.generator.name in ("unet", "colorizer"):
        overrides["generator.depth"] = 3
    if recipe.discriminator.name == "projected":  # its layers are of a trained network, which sees 32 px and more
        overrides |= {"discriminator.layers": [-1], "data.load_size": 34, "data.crop_size": 32}
    if recipe.train.stages:
        overrides |= {"train.stages": even_stages(name, profile), "train.steps": len(recipe.train.stages)}
    return overrides
