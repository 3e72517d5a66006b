"""Pairs of two folders: each photograph beside its own label map, read back as it was written."""

import numpy as np
import pytest
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.image.curation.pairing import Paired, pair
from cyclekit.image.folders import open_folder
from cyclekit.registry import RecipeError


@pytest.fixture
def folders(tmp_path):
    def write(*names, sizes=((8, 6), (8, 6))):
        for folder, channel, size in (("photos", 0, sizes[0]), ("labels", 1, sizes[1])):
            for number, name in enumerate(names):
                values = np.zeros((size[1], size[0], 3), np.uint8)
                values[..., channel] = number + 1
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(values).save(path)
        return tmp_path / "photos", tmp_path / "labels", tmp_path / "out"

    return write


def halves(path):
    values = np.asarray(Image.open(path))
    return values[:, : values.shape[1] // 2], values[:, values.shape[1] // 2 :]


@pytest.mark.parametrize("left", ["photos", "labels"])
def test_each_photograph_stands_beside_its_own_label_map(folders, left):
    photos, labels, out = folders("c.png", "sub/a.png", "b.d.png")
    told = []
    assert pair(photos, labels, out, left, 0, progress=lambda *done: told.append(done)) == Paired(3, 0, 0)
    assert told == [(1, 3), (2, 3), (3, 3)]
    written = {path.relative_to(out).as_posix(): halves(path) for path in out.rglob("*.png")}
    assert written.keys() == {"train/c.png", "train/sub/a.png", "train/b.d.png"}
    for number, name in enumerate(("c", "sub/a", "b.d"), start=1):
        photo, label = written[f"train/{name}.png"][:: 1 if left == "photos" else -1]
        assert (photo == [number, 0, 0]).all()
        assert (label == [0, number, 0]).all()


@pytest.mark.parametrize("share", [0, 0.25, 0.5])
def test_training_reads_the_pairs_that_were_written_whatever_their_folders_say(folders, share):
    names = [f"{folder}/{k}.png" for folder in ("train", "val", "town") for k in range(4)]
    photos, labels, out = folders(*names)
    made = pair(photos, labels, out, test_share=share)
    assert (made.train, made.test) == (12 - round(12 * share), round(12 * share))
    found = open_folder(out, Pair("a", "b"), True, "a")
    assert found.paired
    assert len(found.train.a.names) == made.train
    assert (0 if found.test.a is None else len(found.test.a.names)) == made.test
    assert not any("not used" in note for note in found.notes)
    assert any("town/" in name for name in found.train.a.names)  # a folder that says nothing is kept


def test_the_same_pairs_are_held_out_wherever_they_lie(folders, tmp_path):
    photos, labels, out = folders(*(f"{k}.png" for k in range(20)))
    pair(photos, labels, out, test_share=0.2)
    (photos / "5.png").rename(photos / "5.jpeg.png")
    (labels / "5.png").rename(labels / "5.jpeg.png")
    pair(photos, labels, tmp_path / "again", test_share=0.2)
    held = [{path.name for path in (folder / "test").iterdir()} for folder in (out, tmp_path / "again")]
    assert len(held[0] ^ held[1]) <= 2
    assert len(held[0]) == len(held[1]) == 4


def test_label_maps_are_brought_to_size_without_new_labels(folders):
    photos, labels, out = folders("a.png", sizes=((9, 7), (4, 3)))
    values = np.array([[[0, 0, 255], [255, 0, 0], [0, 255, 0], [9, 9, 9]]] * 3, np.uint8)
    Image.fromarray(values).save(labels / "a.png")
    assert pair(photos, labels, out, test_share=0).resized == 1
    _, label = halves(out / "train/a.png")
    assert label.shape == (7, 9, 3)
    assert {tuple(colour) for colour in label.reshape(-1, 3)} == {tuple(colour) for colour in values[0]}


def refused(message, *given, **options):
    with pytest.raises(RecipeError, match=message) as error:
        pair(*given, **options)
    assert "\n" not in str(error.value)
    assert not given[2].exists()


def test_mistakes_are_one_line_and_leave_nothing(folders, tmp_path):
    photos, labels, out = folders("a.png", "b.png")
    refused(
        r"test_share=1: is no share; choose from 0 \(hold nothing out\) up to 0\.5$", photos, labels, out, test_share=1
    )
    refused(r"nowhere: no such folder; name a folder of pictures$", tmp_path / "nowhere", labels, out)
    (tmp_path / "empty").mkdir()
    refused(r"empty: holds no pictures$", photos, tmp_path / "empty", out)
    refused(r"test_share=0\.9: leaves none of 2 pairs to train on; choose 0$", photos, labels, out, test_share=0.9)
    Image.new("RGB", (3, 3)).save(labels / "b.png")
    refused(
        r"b\.png: is 3x3, and .*b\.png is 8x6; bring them to one size, or leave out", photos, labels, out, resize=False
    )
    (labels / "b.png").write_bytes(b"no picture")
    refused(r"b\.png.*; mend it, or remove it and its partner$", photos, labels, out)
    (labels / "b.png").unlink()
    refused(r"1 picture has no partner in .*labels: .*b\.png; partners have the same name", photos, labels, out)
    Image.new("RGB", (8, 6)).save(photos / "a.jpg")
    refused(r"photos: a: several pictures of one name; keep one of them$", photos, labels, out)


def test_pairs_that_would_have_one_name(folders):
    photos, labels, out = folders("val/x.png", "val-x.png")
    refused(r"photos: val-x: several pairs would have this name; rename some$", photos, labels, out)
