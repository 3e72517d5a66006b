"""Translating picture files: every picture below the given paths, written under the same name at the same size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from cyclekit.core.written import NotTranslated, Written
from cyclekit.files.inputs import Input, Inputs, find_inputs, make_output
from cyclekit.files.jobs import Job
from cyclekit.files.one_by_one import NotAhead, Unreadable, translate_each
from cyclekit.files.parquet import is_parquet
from cyclekit.image.arrays import NeedsPackage, TooLarge
from cyclekit.image.bands import Picture
from cyclekit.image.formats import is_picture
from cyclekit.image.outputs import Carried, PictureWriter, carried_by, check_writable, place_of
from cyclekit.image.pictures import MAX_PIXELS, Contents, Encoding, UnreadablePicture, read_picture
from cyclekit.image.rows import translate_table
from cyclekit.image.video import check_videos, is_video, translate_video
from cyclekit.registry import RecipeError

Made = Image.Image | np.ndarray
"""A translation: an 8-bit picture, or numbers (H, W, C)."""

AHEAD = 2**21
"""Pixels of the largest picture that is read ahead, as many as share a batch (`core.rows`): several lie in memory."""


def picture_files(source: Encoding, target: Encoding, *, max_pixels: int = MAX_PIXELS) -> Callable[..., Written]:
    """Files of the image modality.

    Args:
        source: how they are read.
        target: how they are written.
        max_pixels: pictures of more are refused before they are decoded.
    """
    return partial(translate_pictures, source=source, target=target, max_pixels=max_pixels)


def translate_pictures(
    translate: Callable[[Iterable[Picture]], Iterator[Made | NotTranslated]],
    inputs: Sequence[str],
    out: Path,
    progress: Callable[[int, int], None],
    *,
    source: Encoding,
    target: Encoding,
    max_pixels: int = MAX_PIXELS,
    job: Job | None = None,
) -> Written:
    """Translate picture files and folders (recursively, all of them) into `out`, keeping names and subfolders.

    A video that is named is translated frame by frame, and a Parquet table that is named gets a column more; those in
    folders are not read, and counted.

    A picture that cannot be read, or that memory does not suffice for, is left out and reported; the others are done,
    each written as soon as it is made. Transparency, colour profile and resolution are kept; numbers that the format of
    a name does not hold are written as TIFF.

    Args:
        job: which of them; None: all.

    Raises:
        RecipeError: an input is missing, two would be written to one place, one would be overwritten, there is no
            picture at all, `out` cannot be written, or a package is missing that reads or writes it.
    """
    found = find_pictures(inputs, out, target)
    try:
        check_videos((item.path for item in found if is_video(item.path)), source.scale or target.scale)
        check_writable((item.place for item in found if not is_parquet(item.path)), target)
        if (source.scale or target.scale) is not None and any(is_parquet(item.path) for item in found):
            raise RecipeError("tables are of 8-bit pictures, and this run is about numbers; give pictures")
    except NeedsPackage as error:
        raise RecipeError(f"{out}: {error}") from error
    make_output(out, found)
    job = job or Job()
    reading, outputs = source.reading._replace(max_pixels=max_pixels), PictureWriter()
    others: list[Input] = []
    notes: list[str] = []

    def stills() -> Iterator[Input]:
        for item in job.share(found, out):
            if is_video(item.path) or is_parquet(item.path):
                others.append(item)
            else:
                yield item

    def read(item: Input, most: int = max_pixels) -> tuple[Picture, Carried]:
        held: list[Contents] = []
        try:
            picture = read_picture(item.path, reading._replace(noticed=held.append, max_pixels=most))
            carried = carried_by(item.path)._replace(layout=held[0].layout)
        except UnreadablePicture as error:
            if most < max_pixels and isinstance(error.__cause__, TooLarge):
                raise NotAhead from error
            raise Unreadable(error.why) from error
        outputs.count(held[0], item.path, item.place, source.scale)
        return picture, carried

    def told(passed: int) -> None:
        progress(passed + job.passed, len(found))

    done, failures = translate_each(
        translate, stills(), out, told, job,
        read=read, write=outputs.write, read_ahead=partial(read, most=min(max_pixels, AHEAD)),
    )  # fmt: skip
    for item in others:
        try:
            if is_parquet(item.path):
                rows, lost = translate_table(translate, item, out, job, reading)
                notes += [f"{item.path.name}: {lost:,} rows without a translation"] if lost else []
                job.done(item, out, {"rows": rows})
                done += rows - lost
                continue
            filmed = translate_video(
                translate,
                item.path,
                out / item.place,
                channels=source.channels,
                max_pixels=max_pixels,
                progress=progress,
            )
        except UnreadablePicture as error:
            failures.append((str(item.path), error.why))
            job.failed(item.path, out, error.why)
            told(done + len(failures))
            continue
        notes += filmed.notes
        job.done(item, out, filmed.said)
        done += 1
    return Written(done, out, failures, found.not_read, [*outputs.notes, *notes])


def find_pictures(inputs: Sequence[str], out: Path, target: Encoding) -> Inputs:
    """Every picture of the given files and folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time.

    Raises:
        RecipeError: see `translate_pictures`.
    """
    none = "no pictures in this folder or below"

    def written(place: Path) -> Path:
        return place if is_video(place) or is_parquet(place) else place_of(place, target)

    return find_inputs(inputs, out, wanted=is_picture, none_below=none, written=written)
