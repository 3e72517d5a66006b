"""Checkpoints as a run goes."""

from __future__ import annotations

from cyclekit.callbacks.log import Log, due
from cyclekit.core.finite import first_not_finite
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import flush
from cyclekit.runs import history
from cyclekit.training.loop import NotFinite
from cyclekit.training.resuming import write_checkpoint
from cyclekit.training.state import Callback, Training


class Saver(Callback):
    """A checkpoint every `train.save_every` steps and at the end; the newest few are kept."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Remove what a killed training left behind, checkpoints that it had no more time to delete among it."""
        history.sweep(training.folder)
        history.prune(training.folder, training.run.recipe.train.keep, training.healthy_until)

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
        if network is not None and (bad := first_not_finite(network.state_dict())) is not None:
            raise NotFinite(f"{training.folder}: the weight {bad} is no longer finite; not saved")
    # First, and to the disk: a checkpoint stands for all that was logged until it.
    with clear_disk_errors(log.path):
        flush(log.path)
    write_checkpoint(training)
    history.prune(training.folder, training.run.recipe.train.keep, training.healthy_until)
    log.write_checkpoint(training.folder, training.step)
