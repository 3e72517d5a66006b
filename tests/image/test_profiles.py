"""Colour profiles: their names, and whose they are."""

import pytest
from PIL import ImageCms

from cyclekit.image.profiles import describes, name_of
from tests.image.odd_pictures import profile


@pytest.mark.parametrize(
    ("space", "modes"), [(b"RGB ", {"RGB", "RGBA"}), (b"GRAY", {"L", "LA"}), (b"CMYK", set()), (b"", set())]
)
def test_a_profile_describes_pictures_of_its_own_colours(space, modes):
    held = bytes(16) + space
    assert {mode for mode in ("L", "LA", "RGB", "RGBA", "CMYK", "1", "I;16") if describes(held, mode)} == modes


def test_real_profiles():
    assert describes(profile("sRGB"), "RGB")
    assert not describes(profile("sRGB"), "L")
    assert not describes(profile("LAB"), "RGB")


def test_srgb_is_what_pictures_are_taken_for_and_needs_no_name():
    assert name_of(profile("sRGB")) == ""
    assert name_of(profile("LAB")) == ImageCms.getProfileDescription(ImageCms.createProfile("LAB")).strip()


@pytest.mark.parametrize("held", [b"", b"no profile", bytes(200)])
def test_a_damaged_one_is_called_so(held):
    assert name_of(held) == "a damaged one"
    assert not describes(held, "RGB")


def test_a_profile_cut_short_never_ends_in_a_traceback():
    whole = profile("sRGB")
    names = {name_of(whole[:cut]) for cut in range(0, len(whole), 37)}
    assert "a damaged one" in names
    assert names <= {"a damaged one", "", "without a name"} | {name for name in names if name.isprintable()}
