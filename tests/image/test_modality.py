"""What pictures say of themselves to the rooms that know no modality, held against what they are."""

from pathlib import Path

import numpy as np
from PIL import Image

from cyclekit.exported.translator import is_one
from cyclekit.image.formats import is_picture
from cyclekit.registry import build


def test_an_item_is_a_picture_and_its_file_is_one(tmp_path, monkeypatch):
    modality = build("modality", "pictures")
    assert (modality.item, modality.items) == ("picture", "pictures")
    assert is_picture(Path(modality.example.file))
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 4)).save(modality.example.file)
    assert is_one(eval(modality.example.item, {"Image": Image}), modality.dimensions)
    assert is_one(np.zeros((4, 4, 3)), modality.dimensions)
    assert not is_one(np.zeros((2, 4, 4, 3)), modality.dimensions)
    assert modality.tiled
