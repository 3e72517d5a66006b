"""Pictures of the hub: columns understood, fetched sets taken from the cache."""

from __future__ import annotations

import io
import socket

import datasets
import numpy as np
import pytest
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.files.hub import is_cached
from cyclekit.image.checking import check_pictures
from cyclekit.image.data import ImageData
from cyclekit.image.hub import pictures_of_hub
from cyclekit.image.pictures import Reading
from cyclekit.registry import RecipeError

DOMAINS = Pair("horse", "zebra")


def encoded(grey):
    memory = io.BytesIO()
    Image.new("RGB", (18, 18), (grey, grey, grey)).save(memory, "PNG")
    return {"bytes": memory.getvalue(), "path": None}


def table(**columns):
    features = {
        name: datasets.Image() if not isinstance(cells[0], int) else datasets.ClassLabel(names=["zebra", "horse"])
        for name, cells in columns.items()
    }
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def first_levels(pictures):
    return [np.asarray(pictures.open(row, 3))[0, 0, 0].item() for row in range(len(pictures.names))]


def test_two_columns_without_their_empty_cells():
    train = table(imageA=[encoded(1), encoded(2), None], imageB=[encoded(3), encoded(4), encoded(5)])
    found = pictures_of_hub(datasets.DatasetDict(train=train, test=train), "hub:x/y", DOMAINS, False)
    assert first_levels(found.train.a) == [1, 2]
    assert first_levels(found.train.b) == [3, 4, 5]
    assert list(found.test.a.names) == ["row-00000", "row-00001"]
    assert (found.paired, found.words) == (False, "columns imageA, imageB")
    with pytest.raises(
        RecipeError, match=r"data\.aligned: hub:x/y holds no pairs: its columns are filled in different"
    ):
        pictures_of_hub(datasets.DatasetDict(train=train), "hub:x/y", DOMAINS, True)


def test_columns_of_pairs_and_columns_named_after_the_domains():
    train = table(horse=[encoded(1), encoded(2)], zebra=[encoded(3), encoded(4)])
    found = pictures_of_hub(datasets.DatasetDict(train=train), "hub:x/y", DOMAINS, True)
    assert (first_levels(found.train.a), first_levels(found.train.b)) == ([1, 2], [3, 4])
    assert found.paired
    assert found.test == (None, None)


def test_one_column_beside_a_label_goes_by_the_names_of_the_classes():
    train = table(image=[encoded(1), encoded(2), encoded(3)], label=[0, 1, 0])
    loaded = datasets.DatasetDict(train=train)
    found = pictures_of_hub(loaded, "hub:x/y", DOMAINS, False)
    assert (first_levels(found.train.a), first_levels(found.train.b)) == ([2], [1, 3])
    assert found.words == "column image by label: horse, zebra"
    swapped = pictures_of_hub(loaded, "hub:x/y", Pair("first", "second"), False)
    assert first_levels(swapped.train.a) == [1, 3]


def test_broken_cells_are_named():
    train = table(imageA=[encoded(1), {"bytes": b"no picture", "path": None}], imageB=[encoded(2), encoded(3)])
    found = pictures_of_hub(datasets.DatasetDict(train=train), "hub:x/y", DOMAINS, False)
    verdicts = check_pictures(found.train.a, Reading())
    assert verdicts.broken == {1: "hub:x/y train row 1 imageA: not a picture in any known format"}
    assert verdicts.sizes == {0: (18, 18)}


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        ({"test": {"imageA": [encoded(1)], "imageB": [encoded(1)]}}, r"hub:x/y has no split 'train' \(it has test\)"),
        ({"train": {"image": [encoded(1)]}}, "hub:x/y train has the columns image; two domains are picture columns"),
        (
            {"train": {"imageA": [encoded(1)], "imageB": [None]}},
            "hub:x/y train imageB holds no pictures for one domain",
        ),
    ],
)
def test_what_is_not_two_domains(loaded, message):
    splits = {
        split: datasets.Dataset.from_dict(columns, datasets.Features({name: datasets.Image() for name in columns}))
        for split, columns in loaded.items()
    }
    with pytest.raises(RecipeError, match=message):
        pictures_of_hub(datasets.DatasetDict(splits), "hub:x/y", DOMAINS, False)


def test_what_was_fetched_before_is_taken_without_asking(tmp_path, monkeypatch):
    """A real entry of the cache, as `datasets` leaves it, with no hub to reach."""
    from datasets.packaged_modules.parquet.parquet import Parquet

    files = {}
    for split, grey in (("train", 1), ("test", 10)):
        files[split] = [str(tmp_path / f"{split}.parquet")]
        table(imageA=[encoded(grey)] * 3, imageB=[encoded(grey + 1)] * 3).to_parquet(files[split][0])
    cache = tmp_path / "cache"
    Parquet(
        cache_dir=str(cache), dataset_name="HorseZebra", config_id="default", hash="0a", data_files=files
    ).download_and_prepare()
    (cache / "horse_zebra").rename(cache / "some___horse_zebra")  # where sets with an owner lie
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(cache))
    assert is_cached("some/HorseZebra")
    assert not is_cached("some/Other")
    with socket.create_server(("127.0.0.1", 0)) as asked:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{asked.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        data = ImageData(DOMAINS, sources=["hub:some/HorseZebra"], load_size=18, crop_size=16)
        asked.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came
            asked.accept()
    assert data.sizes == (3, 3)
    assert data.held_out("a")[0].row.data.shape == (1, 3, 16, 16)
    assert (first_levels(data.train.a)[0], first_levels(data.train.b)[0]) == (1, 2)
    assert not datasets.config.HF_HUB_OFFLINE
