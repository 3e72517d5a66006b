"""What sentences say of themselves to the rooms that know no modality, held against what they are."""

from pathlib import Path

import numpy as np

from cyclekit.exported.translator import is_one
from cyclekit.registry import build
from cyclekit.text.lines import is_text


def test_an_item_is_a_line_and_its_file_is_one_of_text():
    modality = build("modality", "sentences")
    assert (modality.item, modality.items) == ("sentence", "sentences")
    assert is_text(Path(modality.example.file))
    assert is_one(eval(modality.example.item), modality.dimensions)
    assert not is_one(np.array(["a", "b"]), modality.dimensions)  # an array holds several
    assert not modality.tiled
