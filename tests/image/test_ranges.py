"""`data.range`, and the scale it comes to: exact there and back, measured on training pictures alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from cyclekit import registry
from cyclekit.core.batch import Batch, Pair
from cyclekit.image.codec import ImageCodec
from cyclekit.image.data import ImageData
from cyclekit.image.ranges import ranges_of
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError
from tests.image.odd_pictures import GREY, bands, tiff

DOMAINS = Pair("ct", "satellite")


def build(*sources, **options) -> ImageData:
    given = {"sources": [str(source) for source in sources], "load_size": 18, "crop_size": 16} | options
    return registry.build("data", "images", DOMAINS, options=given, where="data")


def test_scans_and_satellite_bands_are_trained_on_whole(scans):
    data = build(scans, channels={"a": 1, "b": 13}, range="auto")
    assert data.codecs.a.scale == Scale((0.0,), (4095.0,), "uint16")  # held-out pictures go to 16380
    assert data.codecs.b.scale == Scale((0.0,) * 13, (10000.0,) * 13, "uint16")
    assert data.description.endswith("; ct from 0 to 4,095; satellite from 0 to 10,000")
    assert data.notes == []
    pair = data.training_pair(2, 2, 0)
    assert pair.map(lambda row: tuple(row.data.shape)) == ((1, 1, 16, 16), (1, 13, 16, 16))
    assert pair.a.data.dtype == torch.float32
    for side in data.held_out("a"), data.held_out("b"):
        for item in side:
            assert item.row.data.min() >= -1
            assert item.row.data.max() <= 1


def test_percentiles_and_ranges_of_each_band(scans):
    codecs = build(scans, channels={"a": 1, "b": 3}, range={"a": ["1%", "99%"], "b": ["0,100", "auto", "0,50%"]}).codecs
    stored = np.concatenate([(GREY * 4095 * share / 3).astype(np.uint16).ravel() for share in (1, 2, 3)])
    assert codecs.a.scale.low == pytest.approx(np.percentile(stored, [1]), abs=2)
    assert codecs.a.scale.high == pytest.approx(np.percentile(stored, [99]), abs=2)
    assert codecs.b.scale.low == (0.0, 0.0, 0.0)
    assert codecs.b.scale.high[:2] == (100.0, 9500.0)
    assert 2000 < codecs.b.scale.high[2] < 4000


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("full", r"data\.range: 'full' is no range; write auto, \[LOWEST, HIGHEST\]"),
        ([5], r"data\.range: \[5\] is no range"),
        ([5, 5], r"data\.range: \[5, 5\]: the lowest is to be below the highest"),
        (["99%", "1%"], "the lowest is to be below the highest"),
        (["a", 1], r"data\.range: 'a' is neither a number nor a percentile from 0% to 100%"),
        ([0, "101%"], "'101%' is neither"),
        ([0, True], "True is neither"),
        ([float("nan"), 1], "nan is neither"),
        ({"c": "auto"}, "should name a range for a, for b or for both"),
        ({"b": [[0, 1], [0, 1]]}, r"data\.range\.b: 2 ranges for 3 channels"),
    ],
)
def test_ranges_that_make_no_sense(setting, words):
    with pytest.raises(RecipeError, match=words):
        ranges_of(setting, Pair(1, 3))


def test_sets_whose_white_is_not_known(tmp_path):
    for name in ("trainA", "trainB"):
        (tmp_path / name).mkdir()
        for number in range(3):
            stored = (bands(2, 4000, np.float32) - 1000).astype(np.int16)
            tiff(tmp_path / name / f"{number}.tif", stored, planarconfig="contig")
    with pytest.raises(
        RecipeError, match=r"data\.range\.a: pictures hold int16 values from -1000 to 3000, .* to auto, or"
    ):
        build(tmp_path, channels=2)
    assert build(tmp_path, channels=2, range="auto").codecs.a.scale.type == "int16"
    with pytest.raises(RecipeError, match=r"6 unreadable pictures: .*0\.tif: values from -1,000 to 3,000"):
        build(tmp_path, channels=1)
    with pytest.raises(RecipeError, match=r"data\.shown: bands to show are one or three of 1 to 2, got 3"):
        build(tmp_path, channels=2, range="auto", shown=[3])
    with pytest.raises(RecipeError, match=r"data\.views: are of 8-bit pictures; leave out data\.range"):
        build(tmp_path, views={"a": "grey", "b": "picture"}, range="auto")


def test_values_beyond_a_range_are_clipped_before_they_are_resized(tmp_path):
    for name in ("trainA", "trainB"):
        (tmp_path / name).mkdir()
        stored = np.zeros((32, 32), np.int16)
        stored[16, 16] = 30000  # metal in a scan
        tiff(tmp_path / name / "0.tif", stored)
    data = build(tmp_path, channels=1, range=[0, 1000], test_share=0, load_size=16)
    shown = (data.training_pair(0, 0, 0).a.data + 1) / 2
    assert shown.max() < 0.5
    assert shown.sum() == pytest.approx(0.25, rel=0.3)  # of one bright pixel, a quarter of its share


def test_decoding_clips_and_keeps_the_type():
    codec = ImageCodec(1, Scale.of([-1000], [3000], "int16"))
    made = codec.decode(Batch(torch.tensor([-7.0, -1.0, 0.0, 9.0]).reshape(1, 1, 2, 2)))[0]
    assert made[..., 0].tolist() == [[-1000, -1000], [1000, 3000]]
    floats = ImageCodec(1, Scale.of([0], [0.5], "float32")).decode(Batch(torch.zeros(1, 1, 1, 1)))[0]
    assert (floats.dtype, floats.item()) == (np.float32, 0.25)


def test_codecs_travel_with_checkpoints_old_and_new(tmp_path):
    codec = ImageCodec(4, Scale.of([0, 0, 0, 1], [1, 2, 3, 4], "float32"), (4, 2, 1))
    codec.save(tmp_path)
    again = ImageCodec.load(tmp_path)
    assert (again.channels, again.scale, again.shown) == (codec.channels, codec.scale, codec.shown)
    assert codec.changed_since(tmp_path) is None
    assert ImageCodec(1, Scale.of([0], [9], "float32")).changed_since(tmp_path) == (
        "values were from 0 to 1 ... 1 to 4, and are from 0 to 9 by now: bring the pictures back, or set data.range to "
        "what it was, such as 0,1"
    )
    (tmp_path / "codec.json").write_text('{"name": "image", "channels": 1}\n')  # as before there were scales
    old = ImageCodec.load(tmp_path)
    assert (old.channels, old.scale) == (1, None)
    ImageCodec(3).save(tmp_path)
    assert json.loads((tmp_path / "codec.json").read_text()) == {"name": "image", "channels": 3}
    (tmp_path / "codec.json").write_text('{"channels": 1, "scale": {"low": [2], "high": [1], "type": "uint8"}}')
    with pytest.raises(ValueError, match="every lowest number is below the highest"):
        ImageCodec.load(tmp_path)
    for damaged in (
        '{"channels": null}',
        "{}",
        "[]",
        "{",
        '{"channels": 1, "scale": 5}',
        '{"channels": 1, "scale": {"low": [1]}}',
        '{"channels": 1, "scale": {"low": 1, "high": 2, "type": "uint8"}}',
        '{"channels": 1, "scale": {"low": [1], "high": [2], "type": "ponies"}}',
        '{"channels": 5, "shown": 3}',
    ):
        (tmp_path / "codec.json").write_text(damaged)
        with pytest.raises(ValueError):  # noqa: PT011 (JSON's own among them)
            ImageCodec.load(tmp_path)


def test_sheets_show_chosen_bands(scans):
    rows = [Batch(torch.full((2, count, 16, 16), -1.0)) for count in (1, 13)]
    rows[1].data[:, 4] = 1.0
    for shown, colour in ((None, (0, 0, 0)), ({"b": [1, 5, 9]}, (0, 255, 0)), ({"b": [5]}, (255, 255, 255))):
        data = build(scans, channels={"a": 1, "b": 13}, range="auto", shown=shown)
        grey, shown_b = (codec.cells(row)[0].picture for codec, row in zip(data.codecs, rows))
        assert (grey.shape, grey.max()) == ((16, 16), 0)
        assert (shown_b[..., None] == colour).all() if shown_b.ndim == 2 else (shown_b == colour).all()
