"""What a user should know of a set before training on it: one line each, and nothing where all is well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.notes import FRACTION, note_on_enlarging, notes_on
from cyclekit.image.pictures import Contents
from cyclekit.image.scale import Scale
from cyclekit.image.transform import Transform
from tests.image.odd_pictures import encoded, profile
from tests.image.test_ranges import DOMAINS, build


def test_one_line_says_what_is_not_used(scans):
    notes = build(scans).notes
    assert notes == [
        "ct: values are from 0 to 4,095, and black to white is 0 to 65,535: 1/16 of the range is used; "
        "set data.range.a=auto or data.range.a=0,4095",
        "satellite: all have 13 bands or pages, of which the first is used; set data.channels.b=13 to use all",
        "satellite: values are from 0 to 10,000, and black to white is 0 to 65,535: 1/7 of the range is used; "
        "set data.range.b=auto or data.range.b=0,10000",
    ]
    assert build(scans).notes == notes  # remembered, not looked at again
    assert build(scans, channels={"b": 13}, range={"a": "0,4095", "b": [0, 10000]}).notes == []
    clipped = build(scans, channels={"b": 13}, range={"a": [0, 2000], "b": ["1%", "99%"]}).notes
    assert clipped == ["ct: values are from 0 to 4,095, and clipped to data.range, 0 to 2,000"]
    some = build(scans, channels={"a": 1, "b": 4}, range="auto").notes
    assert some == [
        "satellite: all have 13 bands or pages, of which the first 4 are used; set data.channels.b=13 to use all"
    ]


def test_transparency_frames_and_profiles_are_named(tmp_path):
    for name in ("trainA", "trainB"):
        (tmp_path / name).mkdir()
    clear = Image.new("RGBA", (20, 20), (200, 0, 0, 90))
    odd = Image.effect_noise((20, 20), 90).convert("RGB")
    (tmp_path / "trainA/0.png").write_bytes(encoded("PNG", clear))
    (tmp_path / "trainA/1.gif").write_bytes(encoded("GIF", odd, save_all=True, append_images=[clear.convert("RGB")]))
    (tmp_path / "trainB/0.jpg").write_bytes(encoded("JPEG", odd, icc_profile=profile("sRGB")))
    (tmp_path / "trainB/1.tif").write_bytes(encoded("TIFF", odd, icc_profile=profile("LAB")))
    assert build(tmp_path, test_share=0).notes == [
        "ct: 1 of 2 have several frames or pages, of which the first is used",
        "ct: 1 of 2 are transparent in places, and laid on white; "
        "set data.channels.a=4 to learn transparency as a band",
        "satellite: 1 of 2 carry the colour profile Lab identity built-in, which is not applied",
    ]


def test_enlarging_is_said(tmp_path):
    for name in ("trainA", "trainB"):
        (tmp_path / name).mkdir()
        for number, side in enumerate((10, 16, 40)):
            Image.effect_noise((side, 40), 90).save(tmp_path / name / f"{number}.png")
    said = "1 of 3 are enlarged to 18 px, first 0 is 10x40; set data.load_size and data.crop_size smaller to learn"
    notes = build(tmp_path, test_share=0).notes
    assert [note.startswith(f"{domain}: {said}") for note, domain in zip(notes, DOMAINS, strict=True)] == [True, True]
    assert build(tmp_path, test_share=0, preprocess="scale_width").notes[0].startswith("ct: 2 of 3 are enlarged to 18")
    assert build(tmp_path, test_share=0, preprocess="none").notes == []


def held(**facts):
    return Contents(**{
        "type": "uint8", "bands": 3, "used": 3, "others": 0, "lowest": 0.0, "highest": 255.0, "transparent": False,
        "profile": "", **facts,
    })  # fmt: skip


PLAIN = held()


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"bands": 13}, "have 13 bands or pages, of which the first 3 are used; set data.channels.b=13 to use all"),
        (
            {"bands": 2, "used": 1},
            "have 2 bands or pages, of which the first is used; set data.channels.b=2 to use all",
        ),
        ({"others": 4}, "have several frames or pages, of which the first is used"),
        ({"transparent": True}, "are transparent in places, and laid on white; set data.channels.b=4 to learn"),
        ({"profile": "Adobe RGB"}, "carry the colour profile Adobe RGB, which is not applied"),
        ({"lowest": -3.0}, "hold numbers of which none is known to be white: set data.range.b=auto to train on them"),
        ({"type": "float32", "highest": 256.0}, "hold numbers of which none is known to be white"),
    ],
)
def test_each_oddity_is_one_line_that_counts_its_pictures(odd, words):
    assert notes_on([], "photo", "b", None) == notes_on([PLAIN] * 3, "photo", "b", None) == []
    (some,) = notes_on([PLAIN, held(**odd), PLAIN], "photo", "b", None)
    assert some.startswith(f"photo: 1 of 3 {words}")
    (every,) = notes_on([held(**odd)] * 2, "photo", "b", None)
    assert every.startswith(f"photo: all {words}")


def test_the_commonest_profiles_are_named():
    contents = [held(profile=name) for name in "aabbccd"]
    assert [note.split()[-5].rstrip(",") for note in notes_on(contents, "x", "a", None)] == ["a", "b", "c"]


def test_types_that_one_range_may_not_fit():
    contents = [held(type="uint16", highest=900.0)] * 2 + [held(type="float32", highest=1.0)]
    scale = Scale.of([0], [900], "float32")
    assert notes_on(contents, "ct", "a", scale) == [
        "ct: numbers are stored in several types (2 uint16, 1 float32), which one range may not fit"
    ]


@given(st.sampled_from(["uint8", "uint16", "float32"]), st.floats(0, 1), st.floats(0, 1))
def test_little_of_the_range_is_said_exactly_where_it_is_little(kind, first, second):
    white = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}[kind]
    lowest, highest = sorted((first * white, second * white))
    notes = notes_on([held(type=kind, lowest=lowest, highest=highest)], "x", "a", None)
    share = (highest - lowest) / white
    assert len(notes) == (0 < share <= FRACTION)
    assert all(f"1/{1 / share:.0f} of the range is used" in note for note in notes)


def test_enlarging_names_the_first():
    transform = Transform("resize_and_crop", 18, 16)
    assert note_on_enlarging({}, "x", transform) == note_on_enlarging({"a": (18, 18)}, "x", transform) == []
    (note,) = note_on_enlarging({"a": (40, 40), "b": (15, 40), "c": (9, 9)}, "x", transform)
    assert note.startswith("x: 2 of 3 are enlarged to 18 px, first b is 15x40; set data.load_size and data.crop_size")
