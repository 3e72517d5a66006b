"""Translating picture files: every picture below the given paths, written under the same name at the same size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from cyclekit.core.parts import Written
from cyclekit.core.whole_file import whole_file
from cyclekit.image.folders import picture_paths
from cyclekit.image.pictures import UnreadablePicture, open_picture
from cyclekit.registry import RecipeError, register

SAVE_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
"""As little loss as the format allows at a sensible size; lossless formats need nothing."""


class Input(NamedTuple):
    """One picture to translate, and where it goes, relative to the output folder."""

    path: Path
    place: Path


@register("files", "image")
def picture_files() -> Callable[..., Written]:
    """Files of the image modality."""
    return translate_pictures


def translate_pictures(
    translate: Callable[[Iterable[Image.Image]], Iterator[Image.Image]],
    inputs: Sequence[str],
    out: Path,
    progress: Callable[[int, int], None],
) -> Written:
    """Translate picture files and folders (recursively, all of them) into `out`, keeping names and subfolders.

    A picture that cannot be read is left out and reported; the others are done.

    Raises:
        RecipeError: an input is missing, two would be written to one place, one would be overwritten, there is no
            picture at all, or `out` cannot be written.
    """
    found = find_pictures(inputs, out)
    originals = {item.path.resolve() for item in found}
    for item in found:
        if (out / item.place).resolve() in originals:
            raise RecipeError(f"{out / item.place}: a translation would overwrite this input; choose another --out")
    with _clear_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    failures: list[tuple[str, str]] = []
    readable: list[Input] = []

    def opened() -> Iterator[Image.Image]:
        for item in found:
            try:
                picture = open_picture(item.path)
            except UnreadablePicture as error:
                failures.append((str(item.path), error.why))
                progress(len(readable) + len(failures), len(found))
                continue
            readable.append(item)
            yield picture

    done = 0
    for picture in translate(opened()):
        _write(picture, out / readable[done].place)
        done += 1
        progress(done + len(failures), len(found))
    return Written(done, out, failures)


def find_pictures(inputs: Sequence[str], out: Path) -> list[Input]:
    """Every picture of the given files and folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time.

    Raises:
        RecipeError: see `translate_pictures`.
    """
    found: list[Input] = []
    for given in map(Path, inputs):
        if given.is_dir():
            earlier = out.resolve() if given.resolve() in out.resolve().parents else None
            paths = [path for path in picture_paths(given) if earlier not in path.resolve().parents]
            if not paths:
                raise RecipeError(f"{given}: no pictures in this folder or below (jpg, png, ppm, bmp, tif, webp)")
            found += [Input(path, path.relative_to(given)) for path in paths]
        elif given.is_file():
            found.append(Input(given, Path(given.name)))
        else:
            raise RecipeError(f"{given}: no such file or folder")
    places: dict[Path, Path] = {}
    for item in found:
        first = places.setdefault(item.place, item.path)
        if first != item.path:
            raise RecipeError(f"{first} and {item.path} would both be written as {item.place}; translate them apart")
    return found


def _write(picture: Image.Image, place: Path) -> None:
    """Written whole, in the format its name says; endings of no format that can be written get PNG."""
    kind = Image.registered_extensions().get(place.suffix.lower(), "PNG")
    kind = kind if kind in Image.SAVE else "PNG"
    with _clear_errors(place), whole_file(place) as beside:
        picture.save(beside, format=kind, **SAVE_OPTIONS.get(kind, {}))


@contextmanager
def _clear_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise RecipeError(f"{place}: cannot be written: {why}; choose another --out") from error
