"""A set without its broken pictures: all are named at once, or left out of both domains."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.image.picture_set import PictureSet, Stored
from cyclekit.image.pictures import Contents, Reading, UnreadablePicture
from cyclekit.image.readable import readable
from cyclekit.image.transform import Transform
from cyclekit.registry import RecipeError
from tests.image.test_data import build


def test_all_broken_files_are_named_at_once_before_training(unpaired):
    (unpaired / "trainA/1.png").write_bytes(b"")
    (unpaired / "testB/x.jpg").write_bytes(b"nothing")
    with pytest.raises(RecipeError) as error:
        build(unpaired)
    text = str(error.value)
    assert text.startswith("data: 2 unreadable pictures: ")
    assert f"{unpaired}/trainA/1.png: the file is empty" in text
    assert f"{unpaired}/testB/x.jpg: not a picture in any known format" in text
    assert text.endswith("mend or remove them, or go on without them: overrides=data.skip_broken=true")
    assert "\n" not in text
    data = build(unpaired, skip_broken=True)
    assert data.sizes == (4, 7)
    assert len(data.held_out("b")) == 3
    assert data.description.endswith("; 2 broken files left out")


def test_a_broken_pair_is_left_out_of_both_domains(paired):
    (paired / "train/2.png").write_bytes(b"")
    data = build(paired, skip_broken=True, test_share=0.2)
    assert data.sizes == (4, 4)
    assert data.description.endswith("; 1 broken file left out")
    assert list(data.train.a.names) == list(data.train.b.names)


def test_only_the_first_names_of_many_are_listed(unpaired):
    for i in range(30):
        (unpaired / f"trainA/broken{i:02d}.png").write_bytes(b"")
    with pytest.raises(RecipeError, match=r"data: 30 unreadable .*broken19\.png: the file is empty; and 10 more; mend"):
        build(unpaired)


def test_nothing_readable_at_all(unpaired):
    for path in (unpaired / "trainA").iterdir():
        path.write_bytes(b"")
    with pytest.raises(RecipeError, match=r"data: every training picture of a domain is unreadable; first .*trainA/0"):
        build(unpaired, skip_broken=True)


class Listed:
    """Pictures of these widths; broken where it is negative."""

    def __init__(self, name, *widths):
        self.name, self.widths = name, widths
        self.names = [f"{name}{row}" for row in range(len(widths))]

    def open(self, index, reading):
        if self.widths[index] < 0:
            raise UnreadablePicture(f"/root/{self.names[index]}", "is broken")
        reading.noticed(Contents("uint8", 1, 1, 0, 0.0, self.widths[index], False, ""))
        return Image.new("L", (self.widths[index], 20))

    def stored(self, index):
        return Stored(f"/root/{self.names[index]}", f"{self.name} {index} {self.widths[index]}")


widths = st.lists(st.sampled_from([-1, 20, 30]), min_size=1, max_size=5)


@given(widths, widths, st.none() | st.tuples(widths, widths), st.booleans())
@settings(max_examples=40)
def test_what_is_left_is_what_can_be_read_and_pairs_stay_together(a, b, test, paired):
    if paired:
        a, b = (side[: min(len(a), len(b))] for side in (a, b))
    train = Pair(Listed("a", *a), Listed("b", *b))
    held = Pair(None, None) if test is None else Pair(Listed("ta", *test[0]), Listed("tb", *test[1]))
    given_ = PictureSet(train, held, paired, False, "made")
    transform = Transform("resize_and_crop", 18, 16)
    good = [[row for row, width in enumerate(side) if width > 0] for side in (a, b)]
    if paired:
        good = [[row for row in good[0] if row in good[1]]] * 2
    broken = sum(width < 0 for side in (a, b, *(test or ())) for width in side)
    if not all(good):
        with pytest.raises(RecipeError, match=r"^data: every training picture of a domain is unreadable; first /root/"):
            readable(given_, transform, Pair(Reading(1), Reading(1)), True, None)
        return
    found = readable(given_, transform, Pair(Reading(1), Reading(1)), True, None)
    assert found.broken == broken
    assert [list(side.names) for side in found.pictures.train] == [
        [side.names[row] for row in rows] for side, rows in zip(train, good)
    ]
    for side, kept in zip(held, found.pictures.test):
        assert (kept is None) == (side is None)
        assert side is None or list(kept.names) == [n for n, width in zip(side.names, side.widths) if width > 0]
    for sizes, contents, side in zip(found.sizes, found.contents, train):
        assert sizes == {n: (width, 20) for n, width in zip(side.names, side.widths) if width > 0}
        assert {n: one.highest for n, one in contents.items()} == {n: size[0] for n, size in sizes.items()}
    if broken:
        words = "1 unreadable picture: " if broken == 1 else f"{broken} unreadable pictures: "
        with pytest.raises(RecipeError, match=rf"^data: {words}/root/.*; mend or remove them, or go on without them: "):
            readable(given_, transform, Pair(Reading(1), Reading(1)), False, None)


def test_pictures_smaller_than_a_crop_are_named_in_every_split():
    given_ = PictureSet(Pair(Listed("a", 20), Listed("b", 30)), Pair(Listed("ta", 17, 30, 16), None), False, False, "")
    readings = Pair(Reading(1), Reading(1))
    readable(given_, Transform("crop", 18, 16), readings, False, None)
    with pytest.raises(
        RecipeError, match=r"^data\.crop_size: 18 is larger than 2 pictures: ta0 is 17x20; ta2 is 16x20; "
    ):
        readable(given_, Transform("crop", 18, 18), readings, False, None)
    readable(given_, Transform("resize_and_crop", 18, 18), readings, False, None)
