"""Every layout of folders is understood, and every wrong one is refused in one clear line."""

from __future__ import annotations

import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.folders import open_folder, open_one, open_two
from cyclekit.registry import RecipeError

DOMAINS = Pair("monet", "photo")


def opened(root, aligned=None, left="a"):
    return open_folder(root, DOMAINS, aligned, left)


def names(pair):
    return pair.map(lambda side: None if side is None else list(side.names))


def test_the_fields_layout(tmp_path, pictures):
    for folder, count in (("trainA", 3), ("trainB", 2), ("testA", 1), ("testB", 2)):
        pictures(tmp_path / folder, *(f"{i}.png" for i in range(count)))
    found = opened(tmp_path)
    assert names(found.train) == (["0", "1", "2"], ["0", "1"])
    assert names(found.test) == (["0"], ["0", "1"])
    assert (found.paired, found.test_paired, found.words) == (False, False, "trainA and trainB")


def test_validation_stands_in_for_a_missing_test_split_and_case_does_not_matter(tmp_path, pictures):
    for folder in ("TrainA", "trainb", "valB"):
        pictures(tmp_path / folder, "x.PNG")
    assert names(opened(tmp_path).test) == (None, ["x"])


def test_side_by_side_pairs(tmp_path, pictures):
    pictures(tmp_path / "train", "p.png", "deep/q.png", size=(41, 20))
    pictures(tmp_path / "val", "r.png", size=(40, 20))
    found = opened(tmp_path)
    assert names(found.train) == (["deep/q", "p"], ["deep/q", "p"])
    assert names(found.test) == (["r"], ["r"])
    assert found.paired
    assert found.words == "side-by-side pairs, a left"
    assert found.notes == (
        "taken for side-by-side pairs, a the left half and b the right one: every picture is twice as wide as high",
    )
    a, b = found.train.a.open(1, 3), found.train.b.open(1, 3)
    whole = open_one(str(tmp_path / "train"))[0].open(1, 3)
    assert a.tobytes() == whole.crop((0, 0, 20, 20)).tobytes()
    assert b.tobytes() == whole.crop((21, 0, 41, 20)).tobytes()
    swapped = opened(tmp_path, left="b").train
    assert (swapped.a.open(1, 3).tobytes(), swapped.b.open(1, 3).tobytes()) == (b.tobytes(), a.tobytes())


@pytest.mark.parametrize("pair", [("monet", "photo"), ("Monet", "PHOTO"), ("A", "B")])
def test_folders_named_after_the_domains(tmp_path, pictures, pair):
    pictures(tmp_path / pair[0], "x.png", "sub/y.jpg")
    pictures(tmp_path / pair[1], "z.png")
    found = opened(tmp_path)
    assert names(found.train) == (["sub/y", "x"], ["z"])
    assert found.test == (None, None)


def test_domain_folders_below_train_are_not_taken_for_pairs(tmp_path, pictures):
    pictures(tmp_path / "train/monet", "x.png")
    pictures(tmp_path / "train/photo", "y.png")
    pictures(tmp_path / "test/photo", "z.png")
    found = opened(tmp_path)
    assert names(found.train) == (["x"], ["y"])
    assert names(found.test) == (None, ["z"])
    assert not found.paired


def test_two_folders_and_two_globs(tmp_path, pictures):
    pictures(tmp_path / "p", "x.png", "x.jpg", "sub/x.png")
    pictures(tmp_path / "q", "y.png", "y.txt.bmp", "deep/er/z.png")
    folders = Pair(str(tmp_path / "p"), str(tmp_path / "q"))
    assert names(open_two(folders, False).train) == (["sub/x", "x.jpg", "x.png"], ["deep/er/z", "y", "y.txt"])
    globs = Pair(str(tmp_path / "p/*.png"), str(tmp_path / "q/**/*.png"))
    assert names(open_two(globs, False).train) == (["x"], ["deep/er/z", "y"])


def test_links_are_followed_and_loops_end(tmp_path, pictures):
    pictures(tmp_path / "p", "x.png")
    pictures(tmp_path / "elsewhere", "y.png")
    (tmp_path / "p/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "p/loop").symlink_to(tmp_path / "p")
    assert list(open_one(str(tmp_path / "p"))[0].names) == ["linked/y", "x"]


def test_two_folders_paired_by_name(tmp_path, pictures):
    pictures(tmp_path / "trainA", "2.png", "1.png")
    pictures(tmp_path / "trainB", "1.jpg", "2.jpg")
    found = opened(tmp_path, aligned=True)
    assert names(found.train) == (["1", "2"], ["1", "2"])
    assert (found.paired, found.test_paired) == (True, True)
    pictures(tmp_path / "trainB", "3.jpg")
    with pytest.raises(RecipeError, match=r"data\.aligned: 1 pictures have no partner of the same name, first 3; give"):
        opened(tmp_path, aligned=True)


def test_what_is_not_there_is_missing(tmp_path):
    with pytest.raises(SourceMissing, match="no such folder"):
        opened(tmp_path / "gone")
    with pytest.raises(SourceMissing, match="no such folders"):
        open_two(Pair(str(tmp_path / "p"), str(tmp_path / "q")), False)
    with pytest.raises(SourceMissing, match="no file matches"):
        open_two(Pair(str(tmp_path / "p*.png"), str(tmp_path / "q*.png")), False)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (["trainA/x.png"], r"data\.sources: .* has trainA but no trainB; both domains need pictures$"),
        (["train/A/x.png", "train/photos/x.png"], r" has train/A but no train/B; both domains need pictures$"),
        (["photo/x.png", "photo/deep/y.png"], r"data\.sources: .* has photo but no monet; both domains need pictures$"),
        (["set/photo/x.png"], r"data\.sources: .* has set/photo but no set/monet; both domains need pictures$"),
        (
            ["x.png", "other/y.png"],
            r"is not plain: found other \(1\), 1 picture beside them; name two folders: data=",
        ),
        (
            ["x.png"],
            r"is not plain: found 1 picture; name two folders: .*, or ask for side-by-side pairs by overrides=data",
        ),
        (
            ["p/x.png", "q/x.png", "r s/x.png"],
            r"found p \(1\), q \(1\), r s \(1\); name two .*data=a='?/.*/p'?,b='?/.*/q'?; or",
        ),
        (
            ["set1/A/x.png", "set1/B/x.png", "set2/A/x.png", "set2/B/x.png"],
            r"read as either of two: set1 and set2; or set1/A \+ set2/A",
        ),
        (
            ["h2z/trainA/x", "h2z/trainB/x", "m2p/trainA/x", "m2p/trainB/x"],
            r"holds no pictures, but 4 without an ending",
        ),
        (["trainA/x.txt", "trainB/x.png"], r" has trainB but no trainA; both domains need pictures$"),
        (["testA/x.png", "testB/x.png"], r"found every picture lies in a folder that says test or validation"),
        (["train/readme.txt"], r"holds no pictures, but 1 \.txt; names end in \.jpg, "),
    ],
)
def test_wrong_layouts(tmp_path, made, message):
    for name in made:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    with pytest.raises(RecipeError, match=message):
        opened(tmp_path)


def test_other_refusals(tmp_path, pictures):
    pictures(tmp_path, "p/x.png")
    with pytest.raises(RecipeError, match=r"x\.png is a file; name the folder of a data set, laid out as trainA"):
        opened(tmp_path / "p/x.png")
    with pytest.raises(RecipeError, match=r"p is there, but not .*q; both domains need pictures"):
        open_two(Pair(str(tmp_path / "p"), str(tmp_path / "q")), False)
    (tmp_path / "p/x.txt").write_text("")
    with pytest.raises(RecipeError, match=r"\*\.txt matches no pictures"):
        open_two(Pair(str(tmp_path / "p/*.txt"), str(tmp_path / "p/*.png")), False)
