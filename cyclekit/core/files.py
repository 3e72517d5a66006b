"""Files to translate, whatever they hold: which they are, where each goes, and mistakes told before any work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.whole_file import whole_file
from cyclekit.registry import RecipeError


class Input(NamedTuple):
    """One file to translate, and where it goes, relative to the output folder."""

    path: Path
    place: Path


def find_inputs(
    inputs: Sequence[str],
    out: Path,
    *,
    below: Callable[[Path], list[Path]],
    none_below: str,
    irregular: str = "no such file or folder",
) -> list[Input]:
    """The given files, and those of the given folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time. A file that is given twice is found twice.

    Args:
        below: the files of a folder and of all below it that count, in order.
        none_below: what to say of a folder without any.
        irregular: what to say of a path that is there, but is neither file nor folder, such as a pipe.

    Raises:
        RecipeError: an input is missing, a folder has no file that counts, or two files would be written to one place.
    """
    found: list[Input] = []
    for given in map(Path, inputs):
        if given.is_dir():
            earlier = out.resolve() if given.resolve() in out.resolve().parents else None
            paths = [path for path in below(given) if earlier not in path.resolve().parents]
            if not paths:
                raise RecipeError(f"{given}: {none_below}")
            found += [Input(path, path.relative_to(given)) for path in paths]
        elif given.is_file():
            found.append(Input(given, Path(given.name)))
        else:
            raise RecipeError(f"{given}: {irregular if given.exists() else 'no such file or folder'}")
    places: dict[Path, Path] = {}
    for item in found:
        first = places.setdefault(item.place, item.path)
        if first != item.path:
            raise RecipeError(f"{first} and {item.path} would both be written as {item.place}; translate them apart")
    return found


def make_output(out: Path, found: Sequence[Input]) -> None:
    """The folder to write to, once it is sure that nothing written there replaces an input.

    Raises:
        RecipeError: an input would be overwritten, or the folder cannot be made.
    """
    originals = {item.path.resolve() for item in found}
    for item in found:
        if (out / item.place).resolve() in originals:
            raise RecipeError(f"{out / item.place}: a translation would overwrite this input; choose another --out")
    with _clear_errors(out):
        out.mkdir(parents=True, exist_ok=True)


@contextmanager
def translated_file(place: Path) -> Iterator[Path]:
    """A `whole_file` to write a translation to.

    Raises:
        RecipeError: it cannot be written.
    """
    with _clear_errors(place), whole_file(place) as beside:
        yield beside


@contextmanager
def _clear_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise RecipeError(f"{place}: cannot be written: {why}; choose another --out") from error
