"""Checkpoints as a run goes."""

from __future__ import annotations

import torch

from cyclekit import checkpoint
from cyclekit.callbacks.log import Log, due
from cyclekit.resuming import save
from cyclekit.training import NotFinite
from cyclekit.training_state import Callback, Training


class Saver(Callback):
    """A checkpoint every `train.save_every` steps and at the end; the newest few are kept."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def stepped(self, training: Training) -> None:
        """Save when it is time."""
        if due(training, training.run.recipe.train.save_every):
            save_checkpoint(training, self.log)


def save_checkpoint(training: Training, log: Log) -> None:
    """Save this step, delete what is too old, and log it.

    Raises:
        NotFinite: a weight is infinite or NaN.
        RecipeError: a full disk.
    """
    for network in [*training.run.networks.generators, *training.run.networks.discriminators]:
        for name, parameter in network.named_parameters() if network is not None else ():
            if not torch.isfinite(parameter).all():
                raise NotFinite(f"{training.folder}: the weight {name} is no longer finite; not saved")
    place = save(training)
    checkpoint.prune(training.folder, training.run.recipe.train.keep, training.healthy_until)
    log.write("checkpoint", training.step, folder=str(place.relative_to(training.folder)))
