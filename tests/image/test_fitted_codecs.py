"""The codec of a domain: 8-bit, or with the scale that its training pictures come to."""

import numpy as np
import pytest

from cyclekit.core.batch import Pair
from cyclekit.image.bands import Bands
from cyclekit.image.fitted_codecs import channels_said, fitted_codec, sided
from cyclekit.image.pictures import Contents, Reading
from cyclekit.image.ranges import ranges_of
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError


@pytest.mark.parametrize(
    ("value", "both"),
    [
        (5, (5, 5)), (None, (None, None)), ([1, 2], ([1, 2], [1, 2])), ({}, (9, 9)), ({"b": 4}, (9, 4)),
        ({"a": None}, (None, 9)),
    ],
)  # fmt: skip
def test_a_setting_is_of_both_or_of_each(value, both):
    assert sided(value, 9, "data.x") == both


def test_settings_of_other_domains_are_refused():
    with pytest.raises(
        RecipeError, match=r"^data\.x: \{'A': 1\} should say it for a and for b: \{a: \.\.\., b: \.\.\.\}$"
    ):
        sided({"A": 1}, 9, "data.x")


@pytest.mark.parametrize(("setting", "both"), [(1, (1, 1)), ({"a": 1}, (1, 3)), ({"b": 13}, (3, 13))])
def test_channels_of_both_domains(setting, both):
    assert channels_said(setting) == Pair(*both)


@pytest.mark.parametrize("setting", [0, -1, True, 1.5, "3", {"a": 0}, {"b": None}, None])
def test_no_number_of_channels(setting):
    with pytest.raises(RecipeError, match=r"is no number of channels; 1 is grey, 3 colour, or more bands$"):
        channels_said(setting)


class Scans:
    """Grey pictures of these values, each a row of them."""

    def __init__(self, *rows):
        self.rows = [np.array(row, np.uint16)[None] for row in rows]
        self.names = [f"{place}" for place in range(len(rows))]

    def open(self, index, reading):
        return Bands(self.rows[index])

    def contents(self):
        return {
            name: Contents("uint16", 1, 1, 0, float(row.min()), float(row.max()), False, "")
            for name, row in zip(self.names, self.rows)
        }


def codec_of(scans, setting, shown=None, values=True):
    ranges = ranges_of(setting, Pair(1, 1)).a
    return fitted_codec(scans, scans.contents(), Reading(1, values), ranges, shown, "ct", "a")


def test_eight_bit_pictures_need_no_scale():
    found = codec_of(Scans([0, 65535]), None, values=False)
    assert found.codec.scale is None
    assert found.notes == []


def test_the_scale_is_that_of_the_training_pictures():
    scans = Scans([100, 200, 300], [250, 900, 100])
    assert codec_of(scans, "auto").codec.scale == Scale((100.0,), (900.0,), "uint16")
    assert codec_of(scans, [0, 1000]).codec.scale == Scale((0.0,), (1000.0,), "uint16")
    assert codec_of(scans, [0, 1000]).notes == []


@pytest.mark.parametrize("setting", [[0, 800], [150, 2000]])
def test_values_beyond_a_given_range_are_said(setting):
    scans = Scans([100, 200, 300], [250, 900, 100])
    (note,) = codec_of(scans, setting).notes
    ends = f"{setting[0]:,} to {setting[1]:,}"
    assert note == f"ct: values are from 100 to 900, and clipped to data.range, {ends}"
    assert codec_of(scans, ["10%", "90%"]).notes == []  # whoever asks for percentiles knows that some lie beyond


def test_bands_to_show_that_are_not_there():
    with pytest.raises(RecipeError, match=r"^data\.shown: bands to show are one or three of 1 to 1, got 2$"):
        codec_of(Scans([0, 9]), "auto", shown=[2])
