"""Every picture of a set is looked at once: what it is, what it is like, and which cannot be read."""

import numpy as np
from PIL import Image

from cyclekit.image.curation.grouping import groups_of
from cyclekit.image.curation.looking import look_at
from tests.pictures import picture, picture_folders


def test_every_picture_is_looked_at_once_and_told(tmp_path):
    grouped = groups_of([picture_folders(tmp_path / "set")])
    told = []
    looks = look_at(grouped.groups, grouped.paired, lambda done, total: told.append((done, total)))
    expected = [f"{group.name}/{name}" for group in grouped.groups for name in group.pictures.names]
    assert [one.name for one in looks.seen] == expected
    assert told == [(done, len(expected)) for done in range(1, len(expected) + 1)]
    assert looks.broken == {}


def test_one_picture_in_numbers(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    picture(1, (30, 20)).save(folder / "a.png")
    picture(1, (30, 20)).save(folder / "b.bmp")
    picture(1, (30, 20)).convert("L").save(folder / "c.png")
    Image.fromarray(np.full((20, 30, 3), 7, np.uint8)).save(folder / "d.png")
    (folder / "e.png").write_text("no picture")
    grouped = groups_of([folder])
    looks = look_at(grouped.groups, grouped.paired)
    a, b, c, d = looks.seen
    assert (a.size, a.mode, a.grey, a.constant) == ((30, 20), "RGB", False, False)
    assert a.digest == b.digest != c.digest
    assert (c.mode, c.grey) == ("L", True)
    assert d.constant
    (name,) = looks.broken
    assert name.endswith("/e")
    assert looks.broken[name] == "not a picture in any known format"
