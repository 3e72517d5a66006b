"""Picture files to picture files: all of them, each at its size under its name, and nothing overwritten by accident."""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cyclekit.core.written import NotTranslated
from cyclekit.files.whole_file import HERE
from cyclekit.image.codec import ImageCodec
from cyclekit.image.files import find_pictures, translate_pictures
from cyclekit.image.pictures import read_picture
from cyclekit.registry import RecipeError
from tests.commands import PATIENCE
from tests.refusals import below, refusal_of

COLOUR = ImageCodec()


def inverted(pictures):
    """A translation as lazy as the real one: takes a few, then gives a few."""
    waiting = []
    for picture in pictures:
        waiting.append(ImageOps.invert(picture))
        if len(waiting) == 3:
            yield from waiting
            waiting = []
    yield from waiting


def translate(inputs, out, told=None):
    told = [] if told is None else told
    return translate_pictures(
        inverted, [str(path) for path in inputs], out, lambda *state: told.append(state), source=COLOUR, target=COLOUR
    )


refusal = partial(refusal_of, translate)


def test_every_picture_of_a_folder_in_its_place_and_size(tmp_path, pictures):
    source, out, told = tmp_path / "in", tmp_path / "out", []
    pictures(source, "a.png", "B.PNG", "deep/er/c.png", size=(21, 13))
    pictures(source, "portrait.bmp", size=(3, 40))
    pictures(source, "dot.tif", size=(1, 1))
    pictures(source, ".hidden.png")
    (source / "notes.txt").write_text("no picture")
    for pipe in ("pipe.png", "pipe.txt"):
        os.mkfifo(source / pipe)
    written = translate([source], out, told)
    assert (written.done, written.failures, written.folder) == (5, [], out)
    assert written.not_read == "2 named pipe, 1 .txt"
    assert below(out) == {"a.png", "B.PNG", "deep/er/c.png", "portrait.bmp", "dot.tif"}
    for name in below(out):
        before, after = Image.open(source / name), Image.open(out / name)
        assert (after.size, after.format) == (before.size, before.format)
        assert np.array_equal(np.asarray(after), 255 - np.asarray(before))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_there_is_no_limit_to_how_many(tmp_path, pictures):
    pictures(tmp_path / "in", *(f"{number}.png" for number in range(120)), size=(2, 2))
    assert translate([tmp_path / "in"], tmp_path / "out").done == 120
    assert len(below(tmp_path / "out")) == 120


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("x.jpg", "JPEG", "JPEG"),
        ("x.JPEG", "JPEG", "JPEG"),
        ("x.jfif", "JPEG", "JPEG"),
        ("x.webp", "WEBP", "WEBP"),
        ("x.gif", "GIF", "GIF"),
        ("x.ppm", "PPM", "PPM"),
        ("x", "PNG", "PNG"),
        ("x.picture", "PNG", "PNG"),
        ("x.psd", "PNG", "PNG"),  # Pillow knows this format, but cannot write it
    ],
)
def test_the_format_is_the_one_of_the_name(tmp_path, name, content, kept):
    Image.new("RGB", (9, 7), (200, 30, 30)).save(tmp_path / name, format=content)
    assert translate([tmp_path / name], tmp_path / "out").done == 1
    with Image.open(tmp_path / "out" / name) as made:
        assert (made.size, made.format) == ((9, 7), kept)
        assert np.abs(np.asarray(made.convert("RGB"), dtype=int) - (55, 225, 225)).max() < 12


def test_transparency_is_laid_on_white_and_kept_and_the_camera_is_turned_upright(tmp_path):
    clear = Image.new("RGBA", (4, 3), (0, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    turned = Image.new("RGB", (6, 2), "red")
    exif = turned.getexif()
    exif[0x0112] = 6  # lies on its side
    turned.save(tmp_path / "turned.png", exif=exif)
    translate([tmp_path / "clear.png", tmp_path / "turned.png"], tmp_path / "out")
    assert Image.open(tmp_path / "out" / "clear.png").getpixel((0, 0)) == (0, 0, 0, 0)
    assert Image.open(tmp_path / "out" / "turned.png").size == (2, 6)


def test_what_cannot_be_read_is_reported_and_the_others_are_done(tmp_path, pictures):
    source = pictures(tmp_path / "in", "a.png", "b.png", "c.png", "d.png", "e.png")
    (source / "b.png").write_bytes(b"no picture at all")
    (source / "c.png").write_bytes(b"")
    (source / "e.png").write_bytes((source / "d.png").read_bytes()[:60])
    told = []
    written = translate([source], tmp_path / "out", told)
    assert written.done == 2
    assert below(tmp_path / "out") == {"a.png", "d.png"}
    assert dict(written.failures).keys() == {str(source / name) for name in ("b.png", "c.png", "e.png")}
    reasons = [reason for _, reason in written.failures]
    assert reasons[:2] == ["not a picture in any known format", "the file is empty"]
    assert reasons[2].startswith("broken picture (")
    assert max(done for done, _ in told) == 5


def test_what_cannot_be_translated(tmp_path, pictures):
    source, other = pictures(tmp_path / "in", "a.png", "sub/b.png"), pictures(tmp_path / "other", "a.png")
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    out = tmp_path / "out"
    assert refusal([tmp_path / "nowhere.png"], out) == f"{tmp_path / 'nowhere.png'}: no such file or folder"
    assert refusal([tmp_path / "empty"], out) == (f"{tmp_path / 'empty'}: no pictures in this folder or below")
    mend = "a translation would overwrite this input; choose another out"
    assert refusal([source], source) == f"{source / 'a.png'}: {mend}"
    both = f"{source / 'a.png'} and {other / 'a.png'} would both be written as a.png; translate them apart"
    assert refusal([source, other], out) == both
    assert not out.exists()


def test_the_same_picture_twice_is_no_clash_and_an_earlier_output_no_input(tmp_path, pictures):
    source = pictures(tmp_path / "in", "a.png", "sub/b.png")
    assert translate([source, source], tmp_path / "out").done == 4
    for _ in range(2):
        assert translate([source], source / "inverted").done == 2
    assert below(source) == {"a.png", "sub/b.png", "inverted/a.png", "inverted/sub/b.png"}


def test_an_output_that_cannot_be_written_is_one_line_before_any_work(tmp_path, pictures):
    source = pictures(tmp_path / "in", "a.png", "sub/b.png")
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RecipeError) as refused:
            translate_pictures(
                lambda pictures: pytest.fail("it began"), [str(source)], out, print, source=COLOUR, target=COLOUR
            )
        assert str(refused.value).startswith(f"{out}: cannot be written: ")
        assert str(refused.value).endswith("; choose another out")
    # or in the middle, where a folder cannot be made
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").write_text("")
    assert refusal([source], tmp_path / "out").startswith(f"{tmp_path / 'out/sub/b.png'}: cannot be written: ")
    assert below(tmp_path / "out") == {"a.png", "sub"}


def test_links_are_followed_and_a_link_in_a_circle_is_no_trap(tmp_path, pictures):
    pictures(tmp_path / "elsewhere", "b.png")
    source = pictures(tmp_path / "in", "a.png")
    os.symlink(tmp_path / "elsewhere", source / "linked")
    os.symlink(source, source / "circle")
    assert translate([source], tmp_path / "out").done == 2
    assert below(tmp_path / "out") == {"a.png", "linked/b.png"}


stems = st.text("abXY1 .é", min_size=1, max_size=5)
endings = st.sampled_from([".png", ".PNG", ".jpg", ".Jpeg", ".tif", ".webp", ".txt", ".npy", "", ".png.part"])
files = st.tuples(st.lists(st.sampled_from(["sub", "Sub 2", "x.png"]), max_size=2), stems, endings)


@settings(deadline=None, max_examples=60)
@given(st.lists(files, max_size=12))
def test_exactly_the_pictures_of_any_tree_are_found_each_once_in_order(tree):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "in"
        wanted = set()
        for folders, stem, ending in [([], "always", ".png"), *tree]:
            path = root.joinpath(*folders, stem + ending)
            if path.exists() or stem + ending in (".", ".."):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            if ending.lower() in (".png", ".jpg", ".jpeg", ".tif", ".webp", ".npy") and not stem.startswith("."):
                wanted.add(path)
        found = list(find_pictures([str(root)], Path(place) / "out", COLOUR))
        assert [item.path for item in found] == sorted(wanted, key=Path.as_posix)
        assert all(root / item.place == item.path for item in found)
        assert list(find_pictures([str(root)], root / "out", COLOUR)) == found
        # Named one by one, or the folder twice, they are the same pictures.
        twice = find_pictures([str(root), str(root)], Path(place) / "out", COLOUR)
        assert {item.path for item in twice} == wanted
        alone = find_pictures([str(root / "always.png")], Path(place) / "out", COLOUR)
        assert [(item.path, str(item.place)) for item in alone] == [(root / "always.png", "always.png")]


def test_a_picture_without_a_translation_is_named_and_the_others_are_written(tmp_path, pictures):
    pictures(tmp_path / "in", "a.png", "b.png", "c.png", "d.png")
    told = []

    def failing(items):
        for number, picture in enumerate(items):
            yield NotTranslated("too large") if number in (1, 3) else picture
            end = time.monotonic() + PATIENCE
            while len(below(tmp_path / "out")) != (1, 1, 2, 2)[number]:  # each as soon as it is made, by another thread
                assert time.monotonic() < end
                time.sleep(0.001)

    written = translate_pictures(
        failing,
        [str(tmp_path / "in")],
        tmp_path / "out",
        lambda *state: told.append(state),
        source=COLOUR,
        target=COLOUR,
    )
    assert (written.done, below(tmp_path / "out")) == (2, {"a.png", "c.png"})
    assert written.failures == [(str(tmp_path / "in" / name), "too large") for name in ("b.png", "d.png")]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_picture_that_memory_does_not_suffice_for_is_named(tmp_path, pictures, monkeypatch):
    pictures(tmp_path / "in", "a.png", "b.png")

    def read(path, reading):
        if path.name == "a.png":
            raise MemoryError
        return read_picture(path, reading)

    monkeypatch.setattr("cyclekit.image.files.read_picture", read)
    written = translate([tmp_path / "in"], tmp_path / "out")
    assert (written.done, below(tmp_path / "out")) == (1, {"b.png"})
    assert written.failures == [(str(tmp_path / "in" / "a.png"), "memory does not suffice for it")]


def test_what_a_killed_translation_left_is_gone_after_the_next(tmp_path, pictures):
    pictures(tmp_path / "in", "a.png", "deep/b.png")
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    for folder in (tmp_path / "out", tmp_path / "out" / "deep"):
        folder.mkdir()
        (folder / f"{HERE}{killed.pid}-c.png").write_bytes(b"half")
    translate([tmp_path / "in"], tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == ["a.png", "b.png", "deep"]
