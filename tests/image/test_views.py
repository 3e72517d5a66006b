"""Views: pairs out of any folder of pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.image.views import EDGE_SHARE, edges
from cyclekit.registry import RecipeError

DOMAINS = Pair("grey", "colour")


def build(source, a="grey", b="picture", **options):
    given = {"sources": [source], "load_size": 18, "crop_size": 16, "views": {"a": a, "b": b}} | options
    return registry.build("data", "images", DOMAINS, options=given, where="data")


def test_a_folder_becomes_pairs_of_one_picture_seen_twice(tmp_path, pictures):
    pictures(tmp_path / "any" / "deep", *(f"{i}.png" for i in range(10)), size=(30, 24))
    data = build(str(tmp_path / "any"))
    assert data.sizes == (9, 9)
    assert data.aligned
    assert data.codecs.map(lambda codec: codec.channels) == (1, 3)
    pair = data.training_pair(0, 0, seed=5)
    assert pair.map(lambda row: tuple(row.data.shape)) == ((1, 1, 16, 16), (1, 3, 16, 16))
    (colour,) = data.codecs.b.decode(pair.b)
    assert np.array_equal(np.asarray(colour.convert("L")), np.asarray(data.codecs.a.decode(pair.a)[0]))
    (held,) = data.held_out("a")
    assert held.row.data.shape == (1, 1, 16, 16)
    assert torch.equal(held.truth.data, data.held_out("b")[0].row.data)


def test_splits_of_the_folder_are_kept(tmp_path, pictures):
    pictures(tmp_path / "any/train", *(f"{i}.png" for i in range(4)))
    pictures(tmp_path / "any/test", "x.png", "y.png")
    data = build(str(tmp_path / "any"))
    assert data.sizes == (4, 4)
    assert [item.name for item in data.held_out("b")] == ["x", "y"]


def test_globs_and_built_in_pictures_are_collections_too(tmp_path, pictures):
    pictures(tmp_path, *(f"{i}.png" for i in range(4)))
    assert build(f"{tmp_path}/*.png").sizes == (3, 3)
    made = build({"builtin": "landscapes", "scenes": 3, "held_out": 2}, a="picture", b="grey")
    assert made.sizes == (3, 3)
    assert len(made.held_out("a")) == 2
    assert made.codecs.map(lambda codec: codec.channels) == (3, 1)
    assert made.description.startswith("picture and grey of domain b of procedural landscapes, no real pictures")
    same = build({"builtin": "landscapes", "scenes": 3, "held_out": 2})
    assert torch.equal(made.held_out("a")[0].row.data, same.held_out("b")[0].row.data)


def test_edges_are_thin_dark_lines_where_brightness_changes():
    picture = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(picture).ellipse((16, 16, 48, 48), fill="navy")
    drawn = np.asarray(edges(picture)) == 0
    assert 60 < drawn.sum() < 260  # a circle of 32 pixels is 100 long
    assert not drawn[24:40, 24:40].any()
    assert not drawn[:10].any()
    assert drawn[12:20, 28:36].any()


def test_edges_of_nothing_and_of_noise():
    assert np.asarray(edges(Image.new("RGB", (32, 32), "grey"))).min() == 255
    noise = Image.effect_noise((64, 64), 120).convert("RGB")
    assert (np.asarray(edges(noise)) == 0).mean() < 3 * EDGE_SHARE


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (
            {"a": "gray", "b": "picture"},
            "data.views.a: there is no view 'gray'; did you mean 'grey'?; there are: picture",
        ),
        ({"a": "grey"}, "should name a view for a and one for b"),
    ],
)
def test_views_that_are_none(views, message):
    with pytest.raises(RecipeError, match=message.replace("?", r"\?")):
        build("builtin:landscapes", views=views)


def test_a_folder_that_is_not_there_is_passed_over(tmp_path):
    given = {"sources": [str(tmp_path / "gone"), {"builtin": "landscapes", "scenes": 2, "held_out": 1}]}
    data = build("", **given)
    assert data.passed_over == [(str(tmp_path / "gone"), "no such folder")]
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecipeError, match="is a file; name a folder of pictures"):
        build(str(tmp_path / "file"))
