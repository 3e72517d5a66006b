"""The checkpoints of a run: which there are, which to use, and which are deleted."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import sweep_folder
from cyclekit.registry import RecipeError

T = TypeVar("T")


TRIES = 20
"""How often a reader looks for another checkpoint while the run that it belongs to deletes them."""


def folder_of(run_folder: Path, step: int) -> Path:
    """Where the checkpoint of a step stands."""
    return run_folder / "checkpoints" / f"step-{step:08d}"


def steps(run_folder: Path) -> list[int]:
    """The steps of all whole checkpoints of a run, oldest first."""
    found = (re.fullmatch(r"step-(\d+)", path.name) for path in (run_folder / "checkpoints").glob("step-*"))
    return sorted(int(match[1]) for match in found if match)


def latest(run_folder: Path) -> Path:
    """The newest whole checkpoint.

    Raises:
        RecipeError: there is none.
    """
    there = steps(run_folder)
    if not there:
        raise RecipeError(no_checkpoint(run_folder))
    return folder_of(run_folder, there[-1])


def no_checkpoint(run_folder: Path) -> str:
    """What to say of a run that has none."""
    return f"{run_folder}: has no checkpoint; a run writes its first after train.save_every steps"


def chosen(run_folder: Path) -> Path:
    """The checkpoint to use: the best by the run's own criterion where it has one, else the newest.

    Raises:
        RecipeError: there is none, or the one that was best is gone.
    """
    best = run_folder / "best"
    if not best.is_symlink() and not best.exists():
        return latest(run_folder)
    place = folder_of(run_folder, 0).with_name(best.resolve().name)
    if place not in [folder_of(run_folder, step) for step in steps(run_folder)]:
        raise RecipeError(f"{best}: is no link to a checkpoint of this run; remove it to use the newest")
    return place


def read_chosen(run_folder: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of the checkpoint to use; of the next one where the run, which goes on, has deleted that.

    Raises:
        RecipeError: there is none, or as `read` does of one that is still there.
    """
    for _ in range(TRIES):
        place = _chosen_at_last(run_folder)
        try:
            return read(place)
        except (RecipeError, OSError):
            if place.exists():
                raise
    raise RecipeError(f"{run_folder}: deletes its checkpoints faster than they can be read; set a larger train.keep")


def _chosen_at_last(run_folder: Path) -> Path:
    """Like `chosen`, of a folder that changes: a look in between two changes finds less than there ever was."""
    for _ in range(2):
        with contextlib.suppress(RecipeError):
            return chosen(run_folder)
    return chosen(run_folder)


def step_of(place: Path) -> int:
    """The step of a checkpoint."""
    return int(place.name.removeprefix("step-"))


def prune(run_folder: Path, keep: int, healthy_until: int | None = None) -> None:
    """Delete all but the newest `keep` checkpoints (and the one `best` points at).

    Args:
        healthy_until: the newest checkpoint up to this step stays too: a rollback would go back to it.
    """
    best, there = run_folder / "best", steps(run_folder)
    healthy = [step for step in there if healthy_until is not None and step <= healthy_until]
    protected = {folder_of(run_folder, step).name for step in healthy[-1:]}
    if best.exists():
        protected.add(best.resolve().name)
    for step in there[:-keep]:
        place = folder_of(run_folder, step)
        if place.name not in protected:
            _delete(place)


def discard_after(run_folder: Path, step: int) -> None:
    """Delete every checkpoint after a step, `best` too if it is one of them; the newest that stays is `latest`."""
    best = run_folder / "best"
    kept = [there for there in steps(run_folder) if there <= step]
    with clear_disk_errors(run_folder):
        if best.is_symlink() and best.resolve().name not in {folder_of(run_folder, there).name for there in kept}:
            best.unlink()
        point(run_folder / "latest", folder_of(run_folder, kept[-1]))
        for there in reversed(
            steps(run_folder)[len(kept) :]
        ):  # after a crash in between, the newest that is left is one
            _delete(folder_of(run_folder, there))


def sweep(run_folder: Path) -> None:
    """Remove what processes that were killed left half-written or half-deleted in a run that nobody else trains now."""
    for left in (run_folder / "checkpoints").glob(".step-*"):
        shutil.rmtree(left, ignore_errors=True)
    for name in ("latest", "best"):
        run_folder.joinpath(f".{name}.partial").unlink(missing_ok=True)
    for folder in (run_folder, run_folder / "samples", *(folder_of(run_folder, step) for step in steps(run_folder))):
        sweep_folder(folder)


def _delete(place: Path) -> None:
    # Renamed first, so that a crash while deleting leaves no half checkpoint under a checkpoint's name.
    doomed = place.with_name(f".{place.name}.deleted")
    os.replace(place, doomed)
    shutil.rmtree(doomed)


def point(link: Path, place: Path) -> None:
    """Make `link` a symbolic link to `place`, replacing the old one in one instant."""
    beside = link.with_name(f".{link.name}.partial")
    beside.unlink(missing_ok=True)
    beside.symlink_to(place.relative_to(link.parent), target_is_directory=True)
    os.replace(beside, link)
