"""Checkpoints: safetensors and JSON in a folder, written beside its place and renamed, so there is never half of one.

A checkpoint folder `checkpoints/step-N` holds

    generators.safetensors       keys "a.*", "b.*"
    average.safetensors          the generators' moving average, where the run keeps one
    discriminators.safetensors
    optimizers.safetensors       Adam's moments
    objective.safetensors        the replay buffers
    random.safetensors           torch's and numpy's random states
    state.json                   the step and everything that is not a tensor
    codec-a/, codec-b/           how raw items become Batches

Nothing is pickled, so nothing is unpickled: a checkpoint from a stranger cannot run code.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from cyclekit.core.batch import Pair
from cyclekit.core.parts import Codec
from cyclekit.core.whole_file import flush, write_whole
from cyclekit.registry import RecipeError

_FULL_OR_FORBIDDEN = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM, errno.EFBIG}


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
        raise RecipeError(f"{run_folder}: has no checkpoint; a run writes its first after train.save_every steps")
    return folder_of(run_folder, there[-1])


def chosen(run_folder: Path) -> Path:
    """The checkpoint to use: the best by the run's own criterion where it has one, else the newest.

    Raises:
        RecipeError: there is none.
    """
    best = run_folder / "best"
    return best.resolve() if best.exists() else latest(run_folder)


def step_of(place: Path) -> int:
    """The step of a checkpoint."""
    return int(place.name.removeprefix("step-"))


def save(
    run_folder: Path,
    step: int,
    tensors: Mapping[str, Mapping[str, Tensor]],
    state: Mapping[str, Any],
    codecs: Pair[Codec],
) -> Path:
    """Write one checkpoint, whole or not at all, and point `latest` at it.

    Args:
        tensors: file stem -> named tensors.
        state: anything JSON holds.
        codecs: of both domains; saved with the weights that were trained on what they encode.

    Raises:
        RecipeError: the disk is full or the folder cannot be written. What was there before is untouched.
    """
    place = folder_of(run_folder, step)
    if place.exists():
        return place  # a step is a pure function of its run, so this is it
    beside = place.with_name(f".{place.name}.partial")
    with clear_disk_errors(place):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        try:
            for stem, named in tensors.items():
                _write(named, beside / f"{stem}.safetensors")
            (beside / "state.json").write_text(json.dumps(state))
            for domain, codec in codecs._asdict().items():
                (beside / f"codec-{domain}").mkdir()
                codec.save(beside / f"codec-{domain}")
            for written in beside.rglob("*"):
                flush(written)
            os.replace(beside, place)
            flush(place.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        point(run_folder / "latest", place)
    return place


def load(place: Path) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """The tensors (by file stem) and the state of one checkpoint.

    Raises:
        RecipeError: a file is missing or damaged.
    """
    try:
        state = json.loads((place / "state.json").read_text())
        return {path.stem: _read(path) for path in sorted(place.glob("*.safetensors"))}, state
    except (OSError, ValueError, SafetensorError) as error:
        raise RecipeError(
            f"{place}: the checkpoint is damaged ({error}); delete this folder to go on from the one before"
        ) from error


def _write(named: Mapping[str, Tensor], path: Path) -> None:
    """Named tensors to one file; what two names share (a network that serves both directions) is written once."""
    plain: dict[str, Tensor] = {}
    shared: dict[str, str] = {}
    first: dict[tuple[Any, ...], str] = {}
    for name, tensor in named.items():
        same = first.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype), name)
        if same == name or not tensor.numel():
            plain[name] = tensor.detach().cpu().contiguous()
        else:
            shared[name] = same
    save_file(plain, path, metadata={"shared": json.dumps(shared)})


def _read(path: Path) -> dict[str, Tensor]:
    """Undo `_write`."""
    with safe_open(path, "pt") as file:
        shared = json.loads((file.metadata() or {}).get("shared", "{}"))
    named = load_file(path)
    return named | {name: named[same] for name, same in shared.items()}


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
    if best.is_symlink() and step_of(best.resolve()) > step:
        best.unlink()
    kept = [there for there in steps(run_folder) if there <= step]
    point(run_folder / "latest", folder_of(run_folder, kept[-1]))
    for there in steps(run_folder)[len(kept) :]:
        _delete(folder_of(run_folder, there))


def amend(place: Path, changes: Mapping[str, Any]) -> None:
    """Change some values of a checkpoint's state, in one instant."""
    with clear_disk_errors(place):
        state = json.loads((place / "state.json").read_text())
        write_whole(place / "state.json", json.dumps({**state, **changes}))


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


@contextmanager
def clear_disk_errors(place: Path) -> Iterator[None]:
    """Turn a full disk or a forbidden folder into one clear line."""
    try:
        yield
    except SafetensorError as error:
        if "os error" not in str(error).lower() and "i/o" not in str(error).lower():
            raise
        raise RecipeError(f"{place}: cannot be written: {error}; what was saved before is whole") from error
    except OSError as error:
        if error.errno not in _FULL_OR_FORBIDDEN:
            raise
        raise RecipeError(f"{place}: cannot be written: {error.strerror}; what was saved before is whole") from error


def random_state() -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state of every global random generator: as tensors, and the rest for JSON."""
    kind, keys, position, has_gauss, gauss = numpy.random.get_state()
    tensors = {"torch": torch.get_rng_state(), "numpy": torch.from_numpy(numpy.asarray(keys).astype(numpy.int64))}
    for device in range(torch.cuda.device_count()):
        tensors[f"cuda.{device}"] = torch.cuda.get_rng_state(device)
    version, internal, gauss_next = random.getstate()
    return tensors, {
        "numpy": [kind, int(position), int(has_gauss), float(gauss)],
        "python": [version, list(internal), gauss_next],
    }


def restore_random_state(tensors: Mapping[str, Tensor], rest: Mapping[str, Any]) -> None:
    """Undo `random_state`."""
    torch.set_rng_state(tensors["torch"])
    for device in range(torch.cuda.device_count()):
        if f"cuda.{device}" in tensors:
            torch.cuda.set_rng_state(tensors[f"cuda.{device}"], device)
    kind, position, has_gauss, gauss = rest["numpy"]
    numpy.random.set_state((kind, tensors["numpy"].numpy().astype(numpy.uint32), position, has_gauss, gauss))
    version, internal, gauss_next = rest["python"]
    random.setstate((version, tuple(internal), gauss_next))


def flat_optimizers(optimizers: Mapping[str, torch.optim.Optimizer]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Optimizers' states as named tensors, and what is not a tensor (rates, betas) for JSON."""
    tensors: dict[str, Tensor] = {}
    rest: dict[str, Any] = {}
    for side, optimizer in optimizers.items():
        packed = optimizer.state_dict()
        rest[side] = packed["param_groups"]
        for parameter, moments in packed["state"].items():
            tensors |= {f"{side}.{parameter}.{name}": torch.as_tensor(value) for name, value in moments.items()}
    return tensors, rest


def restore_optimizers(
    optimizers: Mapping[str, torch.optim.Optimizer], tensors: Mapping[str, Tensor], rest: Mapping[str, Any]
) -> None:
    """Undo `flat_optimizers`."""
    for side, optimizer in optimizers.items():
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            owner, parameter, name = key.split(".", 2)
            if owner == side:
                moments.setdefault(int(parameter), {})[name] = value
        optimizer.load_state_dict({"state": moments, "param_groups": rest[side]})
