"""Trainings with all callbacks, and what they logged."""

import json

from cyclekit.callbacks import default_callbacks
from cyclekit.training.loop import train


def training_of(run, folder, **options):
    """The training itself, as it stands at the end."""
    folder.mkdir(exist_ok=True)
    (folder / "recipe.yaml").write_text(run.recipe.dump())
    return train(run, folder, default_callbacks(), device="cpu", **options)


def lines(folder, kind):
    """The log's lines of one kind."""
    found = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [line for line in found if line["kind"] == kind]
