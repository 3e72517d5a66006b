"""A sheet of a set that was looked over: every group, then the suspects."""

import numpy as np
import pytest
from PIL import Image

from cyclekit.image.curation.audit import findings
from cyclekit.image.curation.audit_sheet import write_audit_sheet
from cyclekit.registry import RecipeError
from tests.image.curation.test_audit import looked_at
from tests.pictures import picture_folders


@pytest.fixture
def data(tmp_path):
    """A sound set: 6 + 6 to train on, 3 + 3 held out."""
    return picture_folders(tmp_path / "set")


def test_the_sheet_shows_every_group_and_the_suspects(data, tmp_path):
    looks = looked_at(data)
    write_audit_sheet(looks, [], "sound", tmp_path / "sound.png")
    Image.open(data / "trainA" / "02.png").save(data / "testA" / "leak.png")
    suspicious = looked_at(data)
    write_audit_sheet(suspicious, findings(suspicious), "leaking", tmp_path / "leaking.png")
    sound, leaking = (Image.open(tmp_path / f"{name}.png") for name in ("sound", "leaking"))
    assert leaking.width >= sound.width + 2 * 128
    assert sound.width >= 4 * 128
    assert len(np.unique(np.asarray(sound).reshape(-1, 3), axis=0)) > 1000  # there are pictures on it
    with pytest.raises(RecipeError, match=r"sheet=x\.gif: write a name that ends in \.png"):
        write_audit_sheet(looks, [], "", tmp_path.joinpath("x.gif").relative_to(tmp_path))
