"""Crushed blacks and whites: found in outputs and in what becomes of real pictures, and nowhere else."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.image.clipping import Crushed
from cyclekit.measuring.health import Translating
from cyclekit.measuring.metric import Translated
from tests.image.test_health import ITEMS, look_of, paintings, summers, translated


def as_they_are(rows):
    return rows


SAME = Translating(as_they_are, as_they_are, False)


def darker(pictures, by):
    """The lower part of the tones cut off, as contrast does that goes too far."""
    return (pictures - by).clamp(-1, 1)


def test_dark_outputs_are_found():
    source, truth, real = paintings()
    line = Crushed()(translated(source, darker(truth, 1.0), real), SAME)
    assert line.startswith("the outputs are crushed (")
    assert "% of them black, inputs and real ones at most 0 %; more than 20 above): set objective.identity" in line
    assert "% of them white" in Crushed()(translated(source, -darker(-truth, 1.0), real), SAME)


def test_a_part_of_the_outputs_is_enough():
    source, truth, real = paintings()
    part = torch.cat([darker(truth[:4], 2.0), truth[4:]])
    assert "33 % of them black" in Crushed()(translated(source, part, real), SAME)


def test_real_pictures_that_become_black_in_their_own_generator_are_found_though_nobody_asks_to_keep_them():
    source, truth, real = paintings()
    blackens = SAME._replace(there=lambda rows: Batch(darker(rows.data, 1.2)))
    line = Crushed()(translated(source, truth, real), blackens)
    assert line.startswith("real pictures of the target, in the generator that makes them, are crushed (")
    one_way = blackens._replace(back=None)
    assert Crushed()(translated(source, truth, real), one_way) is None, "a generator that is never shown such pictures"


@pytest.mark.parametrize(("colour", "channels"), [("green", [1]), ("red", [0]), ("yellow", [0, 1]), ("cyan", [1, 2])])
def test_a_patch_of_one_full_colour_is_found_where_no_real_picture_has_one(colour, channels):
    source, truth, real = paintings()
    side = truth.shape[-1]
    patched, drawn = truth.clone(), real.clone()
    for pictures in (patched, drawn):
        pictures[..., : side // 2, : side // 8] = -1
        pictures[:, channels, : side // 2, : side // 8] = 1
    line = Crushed()(translated(source, patched, real), SAME)
    assert line.startswith(
        f"the outputs are crushed (6 % of them {colour}, inputs and real ones at most 0 %; more than 3"
    )
    assert Crushed()(translated(source, patched, drawn), SAME) is None, "a set that has such colours itself"


def test_the_night_is_dark():
    night, later = look_of("landscapes", "night"), look_of("landscapes", "night", ITEMS)
    deep = [darker(side, 0.5) for side in (night, later)]
    assert Crushed()(translated(look_of("landscapes", "day"), *deep), SAME) is None
    drawings = look_of("landscapes", "day").sign()  # black and white alone
    assert Crushed()(translated(drawings, drawings, look_of("landscapes", "day")), SAME) is None


@given(st.floats(0.6, 1.4), st.floats(-0.15, 0.15))
@settings(max_examples=30, deadline=None)
def test_other_contrast_and_light_are_no_fault(contrast, light):
    source, truth, real = summers()
    shown = translated(source, (truth * contrast + light).clamp(-1, 1), real)
    assert Crushed()(shown, SAME) is None


def test_few_pictures_say_nothing():
    source, truth, real = (side[:5] for side in paintings())
    assert Crushed()(translated(source, darker(truth, 2.0), real), SAME) is None


def test_other_channels_are_looked_at_too():
    source, truth, real = (side[:, :1] for side in paintings())
    shown = Translated(*map(Batch, (source.expand(-1, 5, -1, -1), darker(truth, 2.0), real)))
    assert "100 % of them black" in Crushed()(shown, SAME)


@pytest.mark.parametrize("more", [0, 100, -3])
def test_thresholds_are_percentages(more):
    with pytest.raises(ValueError, match=f"more is {more}; it is a percentage"):
        Crushed(more=more)
    with pytest.raises(ValueError, match=f"colour is {more}; it is a percentage"):
        Crushed(colour=more)
