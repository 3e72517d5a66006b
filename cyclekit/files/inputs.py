"""Files to translate, whatever they hold: which they are, where each goes, and mistakes told before any work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cyclekit.files.walking import Other, Walked, counted, kind_of
from cyclekit.files.whole_file import whole_file
from cyclekit.registry import RecipeError


class Input(NamedTuple):
    """One file to translate, and where it goes, relative to the output folder."""

    path: Path
    place: Path


class Inputs(NamedTuple):
    """What was found to translate."""

    files: list[Input]
    others: list[Other]
    """What lies in the given folders and is not read."""


def find_inputs(
    inputs: Sequence[str],
    out: Path,
    *,
    below: Callable[[Path], Walked],
    none_below: str,
    written: Callable[[Path], Path] = lambda place: place,
    irregular: str = "and a file or a folder is wanted",
) -> Inputs:
    """The given files, and those of the given folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time. A file that is given twice is found twice.

    Args:
        below: what lies in a folder and below it: the files that count, in order, and the others.
        none_below: what to say of a folder without any.
        written: the name under which the translation of a file is written.
        irregular: what to say further of a path that is there, but is neither file nor folder, such as a named pipe.

    Raises:
        RecipeError: an input is missing, a folder has no file that counts, or two files would be written to one place.
    """
    found, others = Inputs([], []), dict[Other, None]()  # (a folder that is given twice has its others once)
    for given in map(Path, inputs):
        if given.is_dir():
            earlier = out.resolve() if given.resolve() in out.resolve().parents else None
            walked = below(given)
            paths = [path for path in walked.files if earlier not in path.resolve().parents]
            own = [other for other in walked.others if earlier not in other.path.resolve().parents]
            if not paths:
                raise RecipeError(f"{given}: {none_below}" + (f"; it holds {counted(own)}" if own else ""))
            found.files.extend(Input(path, written(path.relative_to(given))) for path in paths)
            others.update(dict.fromkeys(own))
        elif given.is_file():
            found.files.append(Input(given, written(Path(given.name))))
        elif given.exists():
            raise RecipeError(f"{given}: is a {kind_of(given.stat().st_mode)}, {irregular}")
        else:
            raise RecipeError(f"{given}: no such file or folder")
    places: dict[Path, Path] = {}
    for item in found.files:
        first = places.setdefault(item.place, item.path)
        if first != item.path:
            raise RecipeError(f"{first} and {item.path} would both be written as {item.place}; translate them apart")
    return found._replace(others=list(others))


def make_output(out: Path, found: Sequence[Input]) -> None:
    """The folder to write to, once it is sure that nothing written there replaces an input.

    Raises:
        RecipeError: an input would be overwritten, or the folder cannot be made.
    """
    originals = {item.path.resolve() for item in found}
    for item in found:
        if (out / item.place).resolve() in originals:
            raise RecipeError(f"{out / item.place}: a translation would overwrite this input; choose another --out")
    with clear_errors(out):
        out.mkdir(parents=True, exist_ok=True)


@contextmanager
def translated_file(place: Path) -> Iterator[Path]:
    """A `whole_file` to write a translation to.

    Raises:
        RecipeError: it cannot be written.
    """
    with clear_errors(place), whole_file(place) as beside:
        yield beside


@contextmanager
def clear_errors(place: Path) -> Iterator[None]:
    """Turn what a disk refuses into one clear line."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise RecipeError(f"{place}: cannot be written: {why}; choose another --out") from error
