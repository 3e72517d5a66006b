"""What a callback may ask of the loop, by returning it: to stop, to go back, or to keep a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cyclekit.registry import RecipeError
from cyclekit.runs import history

if TYPE_CHECKING:
    from cyclekit.training.state import Training


class Stop(NamedTuple):
    """No more steps: the next one is the last, and everything is saved after it."""

    why: str
    """In one line, for the log and the terminal."""
    interrupted: bool = False
    """The run is not done, as after Ctrl-C: a resume does the rest. Otherwise it ended by itself, and stays so."""


class GoBack(NamedTuple):
    """To the checkpoint of a step, at once; later ones are deleted, and the run goes on at lower learning rates."""

    step: int


class Keep(NamedTuple):
    """The newest checkpoint up to a step is not deleted, for it is the one to go back to; None: no such one is kept."""

    step: int | None


Asked = Stop | GoBack | Keep


def take(training: Training, asked: Any) -> None:
    """Note in the training what a callback returned.

    Raises:
        RecipeError: it can ask for no such thing, or wants back to a checkpoint that is not there.
    """
    if isinstance(asked, Stop):
        if asked.interrupted:
            training.asked_to_stop = True
        else:
            training.enough = training.enough or asked.why
    elif isinstance(asked, GoBack):
        there = history.steps(training.folder)
        if asked.step not in there:
            kept = ", ".join(map(str, there)) or "none"
            raise RecipeError(
                f"{training.folder}: a callback asks to go back to step {asked.step}, which has no checkpoint; "
                f"there are: {kept}"
            )
        training.back_to = asked.step
    elif isinstance(asked, Keep):
        training.healthy_until = asked.step
    elif asked is not None:
        raise RecipeError(
            f"{training.folder}: a callback returned {asked!r}; it asks by returning Stop(why), GoBack(step) or "
            "Keep(step) of cyclekit.training.asking, and None for nothing"
        )
