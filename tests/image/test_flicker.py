"""Flicker: change where the input stands still."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.image.flicker import Flicker


def measured(given_frames, made_frames):
    flicker = Flicker()
    for one, other in zip(given_frames, made_frames):
        flicker.add(one, other)
    return flicker


def grey(level, height=6, width=8):
    return np.full((height, width, 3), level, np.uint8)


@given(levels=st.lists(st.integers(0, 255), min_size=2, max_size=6))
def test_a_still_input_leaves_all_of_the_change_to_the_translation(levels):
    found = measured([grey(80)] * len(levels), [grey(level) for level in levels]).numbers
    changes = np.abs(np.diff(levels))
    assert found["input"] == 0
    assert found["still"] == 1
    assert abs(found["made"] - changes.mean()) < 1e-3


def test_what_moves_in_the_input_is_left_out():
    before, after = grey(50), grey(50)
    after[:, :4] = 200
    made = [np.where(frame == 200, 0, frame).astype(np.uint8) for frame in (before, after)]
    made[1][:, 4:] = 53
    found = measured([before, after], made).numbers
    assert found == {"made": 3.0, "input": 0.0, "still": 0.5}


def test_nothing_still_is_said_and_not_made_a_number():
    assert measured([grey(0), grey(255)], [grey(0), grey(0)]).numbers is None
    assert measured([grey(0)], [grey(0)]).numbers is None
    assert "nothing stands still" in Flicker().words


def test_the_line_names_both_numbers():
    words = measured([grey(10), grey(11)], [grey(10), grey(20)]).words
    assert words == (
        "flicker: where the input stands still (100%) it changes by 10.00 levels of 255 a frame, the input by 1.00"
    )
