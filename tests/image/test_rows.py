"""Tables of pictures: bytes in, bytes out, in the row's own form, and rows without a picture stay without."""

import io

import numpy as np
import pyarrow
import pytest
from PIL import Image, ImageOps
from pyarrow import parquet

from cyclekit.core.written import NotTranslated
from cyclekit.files.jobs import Job
from cyclekit.image.codec import ImageCodec
from cyclekit.image.files import translate_pictures
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError
from tests.refusals import below

COLOUR = ImageCodec()


def stored(size, kind="PNG"):
    held = io.BytesIO()
    rows = np.linspace(0, 255, size[0] * size[1] * 3).reshape(size[1], size[0], 3).astype(np.uint8)
    Image.fromarray(rows).save(held, kind)
    return held.getvalue()


def translate(path, out, how=lambda pictures: map(ImageOps.invert, pictures), codec=COLOUR, **job):
    job = Job(adds="photo", **job)
    return translate_pictures(how, [str(path)], out, lambda *_: None, source=codec, target=codec, job=job)


def inverse(one, other):
    first, second = (np.asarray(Image.open(io.BytesIO(each)), np.int16) for each in (one, other))
    return first.shape == second.shape and np.abs(255 - first - second).mean() < 6


@pytest.mark.parametrize("structured", [False, True])
def test_each_row_is_translated_in_its_own_form(tmp_path, structured):
    cells = [stored((9, 5)), None, stored((17, 12), "JPEG"), b"no picture", stored((1, 1))]
    given = [{"bytes": cell, "path": f"{n}.png"} for n, cell in enumerate(cells)] if structured else cells
    kind = pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()}) if structured else pyarrow.binary()
    table = pyarrow.table({"id": range(5), "image": pyarrow.array(given, kind)})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=2)
    written = translate(tmp_path / "in.parquet", tmp_path / "out")
    assert (written.done, written.failures) == (3, [])
    assert list(written.notes) == ["in.parquet: 2 rows without a translation"]
    made = parquet.read_table(tmp_path / "out" / "in.parquet")
    assert made.drop_columns("photo").equals(table)
    column = made["photo"].to_pylist()
    assert [cell is None for cell in column] == [False, True, False, True, False]
    answered = [cell["bytes"] if structured and cell else cell for cell in column]
    assert all(inverse(cells[place], answered[place]) for place in (0, 2, 4))
    assert answered[2].startswith(b"\xff\xd8")
    assert answered[0].startswith(b"\x89PNG")
    assert not structured or column[4]["path"] == "4.png"


def test_a_picture_that_memory_does_not_suffice_for_has_no_translation(tmp_path):
    parquet.write_table(pyarrow.table({"image": [stored((3, 3))] * 3}), tmp_path / "in.parquet")

    def starved(pictures):
        for number, picture in enumerate(pictures):
            yield NotTranslated("memory does not suffice") if number == 1 else picture

    written = translate(tmp_path / "in.parquet", tmp_path / "out", starved)
    assert written.done == 2
    assert parquet.read_table(tmp_path / "out" / "in.parquet")["photo"].null_count == 1


def test_a_table_without_pictures_is_reported(tmp_path):
    parquet.write_table(pyarrow.table({"n": [1]}), tmp_path / "in.parquet")
    written = translate(tmp_path / "in.parquet", tmp_path / "out")
    ((_, why),) = written.failures
    assert why == "has no columns of pictures (none); name it: cyclekit translate --column NAME"
    assert below(tmp_path / "out") == set()


def test_a_run_about_numbers_takes_no_table(tmp_path):
    parquet.write_table(pyarrow.table({"image": [stored((3, 3))]}), tmp_path / "in.parquet")
    numbers = ImageCodec(3, Scale.of_type("uint16", 3))
    with pytest.raises(RecipeError, match="tables are of 8-bit pictures, and this run is about numbers"):
        translate(tmp_path / "in.parquet", tmp_path / "out", codec=numbers)
