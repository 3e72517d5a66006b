"""Held-out and validation pictures are drawn by name, and nothing is in two places."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.image.picture_set import PictureFiles, PictureSet
from cyclekit.image.setting_aside import hold_out, how_many_aside, set_aside
from cyclekit.registry import RecipeError


@given(st.integers(1, 5000))
def test_auto_validation_is_64_and_never_more_than_a_tenth(there):
    aside = how_many_aside("auto", there)
    assert 2 <= aside <= 64
    assert aside == 2 or aside <= there / 10


DOMAINS = Pair("monet", "photo")
NAMES = st.sets(st.text("abcdefgh", min_size=1, max_size=4), min_size=2, max_size=30)


def listed(names):
    paths = [PurePath(f"{name}.png") for name in sorted(names)]
    return PictureFiles([Path(path) for path in paths], paths)


@given(NAMES, NAMES, st.floats(0, 0.5), st.none() | st.integers(1, 5))
def test_what_is_held_out_is_drawn_by_name_and_not_trained_on(one, other, share, most):
    both = Pair(listed(one), listed(other))
    train, test, told = hold_out(PictureSet(both, Pair(None, None), False, False, "made"), DOMAINS, share, most)
    for whole, kept, held in zip(both, train, test):
        assert not set(kept.names) & set(held.names)
        assert set(kept.names) | set(held.names) <= set(whole.names)
        assert most is None or len(held.names) <= most
        assert bool(held.names) == (share > 0)
    assert told.startswith(f"held out monet {len(test.a.names)}, photo {len(test.b.names)}")
    again, _, _ = hold_out(PictureSet(both, Pair(None, None), False, False, "made"), DOMAINS, share, most)
    assert [list(side.names) for side in again] == [list(side.names) for side in train]


@given(NAMES, st.integers(0, 40), st.booleans())
def test_validation_pictures_are_so_many_and_not_trained_on(names, count, aligned):
    train = Pair(listed(names), listed(names))
    if count >= len(names):
        with pytest.raises(RecipeError, match=rf"{count} pictures are to be set aside, and monet has {len(names)}"):
            set_aside(train, DOMAINS, count, aligned)
        return
    kept, aside = set_aside(train, DOMAINS, count, aligned)
    for whole, one, other in zip(train, kept, aside):
        assert sorted([*one.names, *other.names]) == sorted(whole.names)
        assert len(other.names) == count
    assert list(aside.a.names) == list(aside.b.names), "of equal names the same are drawn: pairs stay together"
