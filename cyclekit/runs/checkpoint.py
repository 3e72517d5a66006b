"""Checkpoints: safetensors and JSON in a folder, written beside its place and renamed, so there is never half of one.

A checkpoint folder `checkpoints/step-N` holds

    generators.safetensors       keys "a.*", "b.*"
    average.safetensors          the generators' moving average, where the run keeps one
    discriminators.safetensors
    optimizers.safetensors       Adam's moments
    objective.safetensors        the replay buffers
    random.safetensors           torch's and numpy's random states
    state.json                   the step, everything that is not a tensor, and the SHA-256 of every file; of a run that
                                 was pushed, of every tensor too
    codec-a/, codec-b/           how raw items become Batches

Whatever is read of one is compared with its checksum first, and weights have to be finite; checkpoints that were
written before there were checksums are read without. Nothing is pickled, so nothing is unpickled: a checkpoint from a
stranger cannot run code.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from torch import Tensor

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.core.finite import first_not_finite
from cyclekit.core.parts import Codec
from cyclekit.files.tensor_files import file_checksum, json_checksum, read_tensors, tensor_checksum, write_tensors
from cyclekit.files.whole_file import rename, sweep_folder, write_whole
from cyclekit.registry import RecipeError

T = TypeVar("T")

STATE, CHECKSUMS, OF_TENSORS = "state.json", "sha256", "tensors"
"""The file, and the keys in it under which the checksums of files stand and, where it was pushed, of all tensors."""

WEIGHTS = ("generators", "average", "discriminators")
"""The files of networks, by their stems."""

TRIES = 20
"""How often a reader looks for another checkpoint while the run that it belongs to deletes them."""

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, SafetensorError)
"""What comes of reading a file that does not hold what was written."""

_FULL_OR_FORBIDDEN = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EROFS,
    errno.EPERM,
    errno.EFBIG,
    errno.EISDIR,
    errno.ENOTDIR,
}


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


def generators_of(averaged: bool) -> str:
    """The stem of the file with the generators that are used: the moving average of a run that keeps one."""
    return "average" if averaged else "generators"


def step_of(place: Path) -> int:
    """The step of a checkpoint."""
    return int(place.name.removeprefix("step-"))


class Damaged(RecipeError):
    """A file of a checkpoint is gone, cut, changed, of another kind, or holds weights that are not finite."""

    def __init__(self, place: Path, why: str) -> None:
        folder, step = place.parent.parent, step_of(place)
        before = [there for there in steps(folder) if there < step]
        if (folder / "best").resolve() == place.resolve() and latest(folder) != place:
            mend = f"remove {folder / 'best'} to use the newest checkpoint"
        elif before:
            mend = f"go on from the one before with --resume --from-step {before[-1]}"
        else:
            mend = "there is none before it; train anew in another folder"
        self.what = f"{place}: the checkpoint is damaged: {why}"
        super().__init__(f"{self.what}; {mend}")


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
                write_tensors(named, beside / f"{stem}.safetensors")
            for domain, codec in codecs._asdict().items():
                (beside / f"codec-{domain}").mkdir()
                codec.save(beside / f"codec-{domain}")
            checksums = {name: file_checksum(path) for name, path in files_of(beside).items()}
            (beside / STATE).write_text(state_with_checksums(state, checksums), encoding="utf-8")
            rename(beside, place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        point(run_folder / "latest", place)
    return place


def files_of(place: Path) -> dict[str, Path]:
    """All files of a checkpoint but its state, by their paths in it."""
    found = sorted(path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path for path in found if path != place / STATE}


def state_with_checksums(state: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """What state.json holds: a state, the checksums of the other files by their paths, and that of all this."""
    return json.dumps({**state, CHECKSUMS: {**checksums, STATE: checksum_of(state, checksums)}})


def checksum_of(state: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """The checksum of a state and of other files' checksums."""
    return json_checksum({**state, CHECKSUMS: {name: of for name, of in checksums.items() if name != STATE}})


def load(place: Path, stems: Sequence[str] | None = None) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]]:
    """Tensors, by file stem, and the state of one checkpoint; its codecs' files are compared with their checksums too.

    Args:
        stems: the files to read; None for all.

    Raises:
        Damaged: a file is missing or damaged, or holds weights that are not finite.
    """
    state = read_state(place)
    checksums = state.get(CHECKSUMS, {})
    stems = stems_of(place, state) if stems is None else stems
    for name, expected in checksums.items():
        if name != STATE and (not name.endswith(".safetensors") or name.removesuffix(".safetensors") in stems):
            with reading(place, name):
                if file_checksum(place / name) != expected:
                    _compare_tensors(place, name, state)
                    raise Damaged(place, f"{name} is not as it was written (its SHA-256 is another)")
    tensors = {stem: _read(place, f"{stem}.safetensors") for stem in stems}
    for stem, named in tensors.items():
        _compare_tensors(place, f"{stem}.safetensors", state, named)
    return tensors, state


def tensor_checksums(place: Path, stems: Sequence[str]) -> dict[str, dict[str, str]]:
    """The checksum of every tensor of some files of a checkpoint, as a state has them under `OF_TENSORS`."""
    named = {f"{stem}.safetensors": _read(place, f"{stem}.safetensors") for stem in stems}
    return {file: {name: tensor_checksum(one) for name, one in own.items()} for file, own in named.items()}


def _compare_tensors(place: Path, file: str, state: Mapping[str, Any], named: dict[str, Tensor] | None = None) -> None:
    """Compare the tensors of a file with what a state says of each, if it does.

    Raises:
        Damaged: one is another, or there are others; names the first.
    """
    with reading(place, STATE):
        expected = state.get(OF_TENSORS, {}).get(file)
        if expected is None:
            return
        there = {name: tensor_checksum(one) for name, one in (named or _read(place, file)).items()}
        changed = sorted(name for name in {**expected, **there} if expected.get(name) != there.get(name))
    if changed:
        more = f" and {len(changed) - 1} more are" if len(changed) > 1 else " is"
        raise Damaged(place, f"{file}: the tensor {changed[0]}{more} not as it was pushed (its SHA-256 is another)")


def stems_of(place: Path, state: Mapping[str, Any]) -> list[str]:
    """The files of tensors that a checkpoint of this state was written with, by their stems."""
    names = [Path(name) for name in state.get(CHECKSUMS) or files_of(place)]
    return [name.stem for name in names if name.suffix == ".safetensors" and len(name.parts) == 1]


def load_codecs(place: Path) -> Pair[Codec]:
    """The codecs that a checkpoint was saved with.

    Raises:
        RecipeError: they are missing or damaged, or of a kind that is not installed.
    """
    return Pair(*(_load_codec(place, f"codec-{domain}") for domain in Pair._fields))


def _load_codec(place: Path, name: str) -> Codec:
    with reading(place, f"{name}/codec.json"):
        kind = json.loads((place / name / "codec.json").read_text(encoding="utf-8"))["name"]
        codec: type[Codec] = registry.part("codec", kind).factory  # type: ignore[assignment]
        return codec.load(place / name)


def read_state(place: Path) -> dict[str, Any]:
    """What is in a checkpoint's state.json.

    Raises:
        Damaged: it is missing or damaged.
    """
    with reading(place, STATE):
        state = json.loads((place / STATE).read_text(encoding="utf-8"))
        if not isinstance(state, dict) or not isinstance(state["step"], int):
            raise ValueError("it holds no step")
        if CHECKSUMS in state and state[CHECKSUMS].get(STATE) != checksum_of(state, state[CHECKSUMS]):
            raise Damaged(place, f"{STATE} is not as it was written (its SHA-256 is another)")
    return state


@contextmanager
def reading(place: Path, name: str) -> Iterator[None]:
    """Turn whatever a file of a checkpoint holds in place of what was written into one clear line.

    Raises:
        Damaged: the file is missing or damaged.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise Damaged(place, f"it has no {name}") from error
    except OSError as error:
        raise Damaged(place, f"{name} cannot be read: {error.strerror or error}") from error
    except UNREADABLE as error:
        raise Damaged(place, f"{name} cannot be read: {error}") from error


def _read(place: Path, name: str) -> dict[str, Tensor]:
    with reading(place, name):
        named = read_tensors(place / name)
    if name.removesuffix(".safetensors") in WEIGHTS and (bad := first_not_finite(named)) is not None:
        raise Damaged(place, f"{name}: the tensor {bad} holds values that are infinite or no numbers (NaN)")
    return named


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


def amend(place: Path, changes: Mapping[str, Any]) -> None:
    """Change some values of a checkpoint's state, in one instant."""
    with clear_disk_errors(place):
        state = read_state(place)
        write_whole(place / STATE, state_with_checksums({**state, **changes}, state.get(CHECKSUMS, {})))


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
