"""Translating picture files: every picture below the given paths, written under the same name at the same size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from cyclekit.core.parts import Written
from cyclekit.image.pictures import UnreadablePicture, is_picture, open_picture
from cyclekit.registry import RecipeError, register

SAVE_OPTIONS = {".jpg": {"quality": 95, "subsampling": 0}, ".webp": {"quality": 95}}
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
        RecipeError: an input is missing, two would be written to one place, or there is no picture at all.
    """
    found = find_pictures(inputs)
    for item in found:
        if (out / item.place).resolve() == item.path.resolve():
            raise RecipeError(f"{item.path}: would be overwritten by its own translation; choose another --out")
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


def find_pictures(inputs: Sequence[str]) -> list[Input]:
    """Every picture of the given files and folders.

    Raises:
        RecipeError: see `translate_pictures`.
    """
    found: list[Input] = []
    for given in map(Path, inputs):
        if given.is_dir():
            paths = sorted(path for path in given.rglob("*") if path.is_file() and is_picture(path))
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
    """Written beside and renamed, in the format its name says; unknown endings get PNG content all the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.partial")
    formats = Image.registered_extensions()
    kind = place.suffix.lower()
    picture.save(beside, format=formats.get(kind, "PNG"), **SAVE_OPTIONS.get(kind.replace("jpeg", "jpg"), {}))
    beside.replace(place)
