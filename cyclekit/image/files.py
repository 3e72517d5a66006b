"""Translating picture files: every picture below the given paths, written under the same name at the same size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from cyclekit.core.files import Input, Inputs, find_inputs, make_output, translated_file
from cyclekit.core.parts import Written
from cyclekit.core.walking import counted
from cyclekit.image.folders import walk_pictures
from cyclekit.image.pictures import UnreadablePicture, open_picture
from cyclekit.registry import register

SAVE_OPTIONS = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
"""As little loss as the format allows at a sensible size; lossless formats need nothing."""


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
    found, others = find_pictures(inputs, out)
    make_output(out, found)
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
    return Written(done, out, failures, counted(others))


def find_pictures(inputs: Sequence[str], out: Path) -> Inputs:
    """Every picture of the given files and folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time.

    Raises:
        RecipeError: see `translate_pictures`.
    """
    return find_inputs(inputs, out, below=walk_pictures, none_below="no pictures in this folder or below")


def _write(picture: Image.Image, place: Path) -> None:
    """Written whole, in the format its name says; endings of no format that can be written get PNG."""
    kind = Image.registered_extensions().get(place.suffix.lower(), "PNG")
    kind = kind if kind in Image.SAVE else "PNG"
    with translated_file(place) as beside:
        picture.save(beside, format=kind, **SAVE_OPTIONS.get(kind, {}))
