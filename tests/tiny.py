"""Settings that make any recipe small enough for a test."""

from cyclekit.api import read

TINY = {
    "data.validation": 0,
    "validation.metrics": [],
    "validation.criterion": None,
    "data.load_size": 20,
    "data.crop_size": 16,
    "generator.width": 4,
    "generator.blocks": 1,
    "generator.dropout": 0.5,  # so that the global random state matters
    "discriminator.width": 4,
    "discriminator.layers": 1,
    "objective.replay": 3,
    "train.steps": 6,
    "train.batch_size": 2,
    "train.moving_average": 0.9,
    "train.workers": 0,
    "train.log_every": 2,
    "train.sample_every": 4,
    "train.save_every": 2,
    "sample.rows": 2,
}
"""A recipe for pictures."""

TINY_TEXT = {
    "data.sources": [{"builtin": "formality", "sentences": 60, "held_out": 12, "validation": 12}],
    "data.vocabulary": 400,
    "data.judging_share": 0.25,  # enough for a judge of style
    "generator.width": 16,
    "generator.layers": 1,
    "generator.heads": 2,
    "generator.hidden": 32,
    "generator.dropout": 0.1,
    "generator.word_dropout": 0.1,
    "discriminator.width": 8,
    "discriminator.filters": 4,
    "objective.replay": 6,
    "objective.adversarial_target": 0.25,
    "train.steps": 8,
    "train.batch_size": 4,
    "train.moving_average": 0.9,
    "train.log_every": 2,
    "train.sample_every": 4,
    "train.save_every": 2,
    "sample.rows": 2,
}
"""A recipe for sentences; with `even_stages` every stage gets its share of so few steps."""


def even_stages(recipe, profile=None):
    """A recipe's own stages, each with an equal share of the training."""
    stages = read(recipe, profile=profile).train.stages
    return [{**stage.model_dump(mode="json", exclude_none=True), "share": 1 / len(stages)} for stage in stages]
