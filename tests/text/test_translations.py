import pytest
import torch

from cyclekit.core.batch import Pair, concat
from cyclekit.registry import RecipeError, build
from cyclekit.text.data import TextData
from tests.text.test_sources import write

PAIRS = [(f"the {thing} is {how} .", f"le {thing}o est {how}u .") for thing in "abcdefgh" for how in ("old", "new")]


def made(folder, aligned):
    files = {"en.txt": [a for a, _ in PAIRS], "fr.txt": [b for _, b in PAIRS]}
    return TextData(
        Pair("en", "fr"), sources=[write(folder, files)], vocabulary=320, parallel=True, aligned=aligned, validation=0,
        test_share=0.2,
    )  # fmt: skip


def test_each_training_sentence_gets_its_translation_in_both_directions(tmp_path):
    data = made(tmp_path, aligned=True)
    known = build("bootstrap", "translations", data, options={})
    places = torch.randperm(data.sizes.a)[:5].tolist()
    a, b = (concat([getattr(data.training_pair(place, place, 0), side) for place in places]) for side in "ab")
    assert data.codecs.b.decode(known(a, "a", None)) == data.codecs.b.decode(b)
    assert data.codecs.a.decode(known(b, "b", None)) == data.codecs.a.decode(a)
    assert dict(PAIRS)[data.codecs.a.decode(a)[0]] == data.codecs.b.decode(b)[0]


def test_without_pairs_it_is_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"set data\.aligned=true"):
        build("bootstrap", "translations", made(tmp_path, aligned=False), options={})
