"""Checkpoints: safetensors and JSON in a folder, written beside its place and renamed, so there is never half of one.

A checkpoint folder `checkpoints/step-N` holds

    generators.safetensors       keys "a.*", "b.*"
    average.safetensors          the generators' moving average, where the run keeps one
    discriminators.safetensors
    NAME.safetensors             of each side that the objective brings, and NAME-average.safetensors where it wants one
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

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import Tensor

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.core.finite import first_not_finite
from cyclekit.core.parts import Codec
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.tensor_files import file_checksum, json_checksum, read_tensors, tensor_checksum, write_tensors
from cyclekit.files.whole_file import rename, write_whole
from cyclekit.registry import RecipeError, argument
from cyclekit.runs.history import folder_of, latest, point, step_of, steps

STATE, CHECKSUMS, OF_TENSORS = "state.json", "sha256", "tensors"
"""The file, and the keys in it under which the checksums of files stand and, where it was pushed, of all tensors."""

WEIGHTS = ("generators", "average", "discriminators")
"""The files of networks, by their stems."""


UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, SafetensorError)
"""What comes of reading a file that does not hold what was written."""


def generators_of(averaged: bool) -> str:
    """The stem of the file with the generators that are used: the moving average of a run that keeps one."""
    return "average" if averaged else "generators"


class Damaged(RecipeError):
    """A file of a checkpoint is gone, cut, changed, of another kind, or holds weights that are not finite."""

    def __init__(self, place: Path, why: str) -> None:
        folder, step = place.parent.parent, step_of(place)
        before = [there for there in steps(folder) if there < step]
        if (folder / "best").resolve() == place.resolve() and latest(folder) != place:
            mend = f"remove {folder / 'best'} to use the newest checkpoint"
        elif before:
            mend = f"go on from the one before with {argument('resume', True)} {argument('from_step', before[-1])}"
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


def amend(place: Path, changes: Mapping[str, Any]) -> None:
    """Change some values of a checkpoint's state, in one instant."""
    with clear_disk_errors(place):
        state = read_state(place)
        write_whole(place / STATE, state_with_checksums({**state, **changes}, state.get(CHECKSUMS, {})))
