"""Exported runs as translators: what they say of themselves, and what only a run can do is refused."""

import numpy as np
import pytest
from PIL import Image

from cyclekit.core.written import NotTranslated
from cyclekit.exported import translator as room
from cyclekit.exported.translator import PictureTranslator, SentenceTranslator, is_one, load
from cyclekit.registry import RecipeError
from cyclekit.use.decoding import Decoding
from tests.exported.folders import exported


class Mirror:
    """A session that gives pictures back from right to left; broken for those of 12 rows."""

    def run(self, outputs, given_):
        assert outputs == ["made"]
        if given_["source"].shape[2] == 12:
            raise RuntimeError("out of\n  memory")
        return [given_["source"][..., ::-1].copy()]


@pytest.fixture
def mirrors(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(room, "session_of", lambda *given: opened.append(given) or Mirror())
    made = load(exported(tmp_path / "onnx"), device="cpu", threads=2)
    made.opened = opened
    return made


@pytest.mark.parametrize(
    ("items", "one"),
    [
        ("x.png", True), (b"x", True), (Image.new("L", (2, 2)), True), (np.zeros((4, 4)), True),
        (np.zeros((4, 4, 3)), True), (np.zeros((2, 4, 4, 3)), False), (["x.png"], False), ([], False),
        (iter(["x"]), False), (("a", "b"), False), (7, True),
    ],
)  # fmt: skip
def test_one_item_is_told_from_several(items, one):
    assert is_one(items) == one


def test_an_array_of_an_item_may_have_other_dimensions():
    assert is_one(np.zeros(5), (1,))
    assert not is_one(np.zeros((2, 5)), (1,))


def test_what_it_says_of_itself(mirrors):
    assert isinstance(mirrors, PictureTranslator)
    assert (mirrors.kind, mirrors.targets, mirrors.channels("photo")) == ("pictures", ["photo", "monet"], 3)
    assert [mirrors.name(to) for to in (None, "monet", "a")] == ["photo", "monet", "monet"]
    with pytest.raises(RecipeError, match="does not translate to 'foto'; did you mean 'photo'"):
        mirrors.name("foto")


def test_one_picture_gives_one_and_several_a_list_each_at_its_own_size(mirrors):
    values = np.arange(6 * 5 * 3, dtype=np.uint8).reshape(6, 5, 3)
    one = mirrors(values)
    assert one.size == (5, 6)
    several = mirrors([values, Image.new("RGB", (9, 7), (1, 2, 3))], to="monet")
    assert [made.size for made in several] == [(5, 6), (9, 7)]
    assert several[1].getpixel((4, 4)) == (1, 2, 3)
    # Padded on the right by its mirror image, turned around, and cut: what is left is the padded picture's right end.
    assert np.array_equal(np.asarray(one)[:, -1], values[:, 3])


def test_files_are_opened_once_when_their_direction_is_first_used(mirrors):
    assert mirrors.opened == []
    mirrors.stream([])  # a generator: nothing yet
    for _ in range(2):
        mirrors(np.zeros((6, 6, 3), np.uint8), to="photo")
    assert [(path.name, device, threads) for path, device, threads in mirrors.opened] == [
        ("monet-to-photo.onnx", "cpu", 2)
    ]
    mirrors(np.zeros((6, 6, 3), np.uint8), to="monet")
    assert len(mirrors.opened) == 2


def test_a_picture_that_cannot_be_translated_ends_it_or_is_passed_over(mirrors):
    pictures = [np.zeros((6, 6, 3), np.uint8), np.zeros((12, 6, 3), np.uint8), np.zeros((7, 6, 3), np.uint8)]
    why = "ONNX Runtime cannot translate it: out of memory"
    with pytest.raises(RecipeError, match=f"^{why}$"):
        mirrors(pictures)
    first, broken, last = mirrors.stream(pictures, keep_going=True)
    assert (first.size, last.size) == ((6, 6), (6, 7))
    assert broken == NotTranslated(why)


@pytest.mark.parametrize("decoding", [Decoding(beam=2), Decoding(temperature=0.7), Decoding(best=2)])
def test_pictures_choose_no_words_and_are_never_cut(mirrors, decoding):
    with pytest.raises(
        RecipeError, match=r"^temperature, beam, best: .* translates pictures and chooses no words; leave"
    ):
        mirrors(np.zeros((6, 6, 3), np.uint8), decoding=decoding)
    with pytest.raises(
        RecipeError, match=r"^tile=64: an exported run translates pictures whole; leave it out, or use the"
    ):
        mirrors(np.zeros((6, 6, 3), np.uint8), tile=64)


def test_a_run_about_numbers_has_no_8_bit_channels(tmp_path):
    codec = {"name": "image", "channels": 1, "scale": {"low": [0], "high": [9], "type": "uint16"}}
    with pytest.raises(RecipeError, match=r"^this run is about numbers, not 8-bit pictures$"):
        load(exported(tmp_path, codecs={"a": codec, "b": codec})).channels(None)


@pytest.mark.parametrize("changes", [{"runtime": "openvino"}, {"runtime": None}, {"kind": "sounds"}])
def test_what_is_exported_for_others_is_refused(tmp_path, changes):
    with pytest.raises(
        RecipeError, match=r"is exported for .*, and cyclekit runs what is exported for onnx; export the run"
    ):
        load(exported(tmp_path, **changes))


def test_sentences_have_no_pixels(tmp_path):
    made = load(exported(tmp_path, kind="sentences", codecs={"a": {"limit": 9}, "b": {"limit": 9}}))
    assert isinstance(made, SentenceTranslator)
    assert made.limit == 9
    with pytest.raises(RecipeError, match=r"^max_pixels: .* translates sentences; leave it out$"):
        made.files(None, max_pixels=5)
    with pytest.raises(RecipeError, match="does not translate to 'x'"):
        made.files("x")
