"""What a modality says of itself: found by the codec, with defaults that work."""

import sys

import pytest

from cyclekit import registry
from cyclekit.core.modality import Example, Modality, modality_of
from cyclekit.plugins import load_plugins
from cyclekit.registry import RecipeError, check_options, register


class Digits:
    """A codec of numbers."""

    name = "digits"


def test_every_codec_of_the_house_has_a_modality_and_says_what_the_rooms_ask_for():
    load_plugins()
    described = {name: modality_of(name) for name in ("image", "sentencepiece", "huggingface")}
    assert described["sentencepiece"] == described["huggingface"]
    assert [described[name].items for name in ("image", "sentencepiece")] == ["pictures", "sentences"]
    for modality in described.values():
        assert modality.items == modality.item + "s"
        assert modality.files is not None
        assert modality.task in ("image-to-image", "text-generation")
        assert modality.example != Example()


def test_only_pictures_know_a_limit_of_pixels():
    load_plugins()
    check_options(modality_of("image").files, {"max_pixels": 9}, where="translate", what="reading pictures")
    files = modality_of("sentencepiece").files
    with pytest.raises(RecipeError, match=r"^translate\.max_pixels: reading sentences has no option 'max_pixels'"):
        check_options(files, {"max_pixels": 9}, where="translate", what="reading sentences")


@pytest.mark.usefixtures("own_parts")
def test_a_modality_is_found_by_the_package_of_its_codec(monkeypatch):
    register("codec", "digits")(Digits)
    assert modality_of("digits") == Modality()  # its package says nothing
    monkeypatch.setattr(sys.modules[__name__], "MODALITY", "numbers", raising=False)
    assert modality_of("digits") == Modality()  # nobody describes them
    register("modality", "numbers")(lambda: Modality(item="number", items="numbers"))
    assert modality_of("digits").items == "numbers"
    assert registry.part("codec", "digits").modality == "numbers"


def test_a_codec_that_nobody_brings_has_plain_items():
    assert modality_of("no such codec") == Modality()
