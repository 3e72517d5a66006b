"""Layouts are what folders say: the field's trees are understood whatever stands around them, and none is guessed.

The paths are made, no picture is: what a layout is depends on names alone.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.image.layouts import OneDomain, Unclear, collection, two_domains
from cyclekit.image.splits import said_by

DOMAINS = Pair("monet", "photo")


def read(*paths, domains=DOMAINS):
    return two_domains([PurePosixPath(path) for path in paths], domains)


def trained(layout):
    return layout.shares.map(lambda share: sorted(str(one.path) for one in share.train))


def held_out(layout):
    return layout.shares.map(lambda share: sorted(str(one.path) for one in share.test))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("trainA", "trainB"), ("train_A", "train_B"), ("A_train", "B_train"), ("train/A", "train/B"),
        ("A/train", "B/train"), ("A", "B"), ("monet", "photo"), ("Monet", "PHOTO"), ("train/monet", "train/photo"),
        ("monet/train", "photo/train"), ("train_monet", "train_photo"), ("set/A", "set/B"), ("x/y/z/A", "x/y/z/B"),
        ("one/A", "two/B"), ("z/A", "y/deep/B"), ("A/1/2", "B"), ("set/train/images/monet", "set/train/images/photo"),
    ],
)  # fmt: skip
def test_known_names_of_any_nesting(a, b):
    layout = read(f"{a}/1.png", f"{a}/sub/2.png", f"{b}/1.png")
    assert trained(layout) == ([f"{a}/1.png", f"{a}/sub/2.png"], [f"{b}/1.png"])
    assert layout.names == (None, None)
    assert layout.unused == []


@pytest.mark.parametrize(
    ("a", "b", "names"),
    [
        ("paintings", "pictures", ("paintings", "pictures")),
        ("train/cat", "train/dog", ("cat", "dog")),
        ("train_cat", "train_dog", ("cat", "dog")),
        ("cat/train", "dog/train", ("cat", "dog")),
        ("set/images/train", "set/masks/train", ("images", "masks")),
        ("gtFine/train/aachen", "leftImg8bit/train/aachen", ("gtFine", "leftImg8bit")),
        ("DIV2K_train_HR", "DIV2K_train_LR/X4", ("DIV2K_HR", "DIV2K_LR")),
        ("cezanne", "photos", ("cezanne", None)),  # the recipe calls the second photo
        ("zebra", "Photo", ("zebra", None)),
        ("monets", "aerial", (None, "aerial")),
        ("imagesA", "imagesB", (None, None)),
        ("real_a", "real_b", (None, None)),
        ("A_big", "B_big", (None, None)),
    ],
)
def test_two_folders_of_any_names_are_the_domains_and_may_name_them(a, b, names):
    for first, second in ((a, b), (b, a)):  # whichever comes first
        layout = read(f"{second}/1.png", f"{first}/1.png")
        assert trained(layout) == ([f"{a}/1.png"], [f"{b}/1.png"])
        assert layout.names == names


def test_partners_have_one_name_wherever_they_lie():
    for a, b in (("trainA", "trainB"), ("one/A", "two/B"), ("cat/train", "dog/train"), ("train/cat", "train/dog")):
        shares = read(f"{a}/sub/1.png", f"{b}/sub/1.png").shares
        assert [one.name for one in shares.a.train] == [one.name for one in shares.b.train] == ["sub/1.png"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["p/1", "q/1", "r/1"], r"p \(1\), q \(1\), r \(1\)"),
        (["p/1", "q/1", "3"], r"p \(1\), q \(1\), 1 picture beside them"),
        (["1", "2"], r"2 pictures"),
        (["train/1", "test/1"], r"2 pictures"),
        (["h2z/trainA/1", "h2z/trainB/1", "m2p/trainA/1", "m2p/trainB/1"],
         r"either of two: h2z and m2p; or h2z/trainA \+ m2p/trainA and h2z/trainB \+ m2p/trainB"),
        (["p/A/1", "p/B/1", "q/A/1", "q/B/1", "r/A/1", "r/B/1"], r"one set or several, of p/A \+ q/A \+ r/A and p/B"),
        (["paintings/a/1", "paintings/b/1", "photos/a/1"], r"either of two: paintings and photos; or paintings/a"),
        (["train_station/1", "forest/1"], r"forest \(1\), train_station \(1\)"),
        (["train/1", "results/1"], r"train|results"),
        (["testA/1", "valB/1"], r"every picture lies in a folder that says test or validation"),
        (["A/1", "photos/1"], r"has A but no B"),
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_none_is_refused(paths, message):
    with pytest.raises(Unclear, match=message):
        read(*paths)


def test_subfolders_called_like_letters_are_no_domains_where_others_stand_beside_them():
    layout = read("paintings/a/1", "paintings/b/1", "paintings/c/1", "photos/a/1", "photos/z/1")
    assert layout.names == ("paintings", None)
    assert len(layout.shares.a.train) == 3


def test_one_known_domain_alone():
    for path in ("photo/x/1", "set/photo/1", "train/photo/1"):
        with pytest.raises(OneDomain, match="photo but no"):
            read(path, path + "2")
    with pytest.raises(OneDomain, match="has trainA but no trainB"):
        read("trainA/1")


def test_what_is_marked_train_is_trained_on_alone_and_the_rest_is_told():
    layout = read("monet/train/1", "monet/2", "monet/test/3", "photo/4", "photo/val/5", "misc/6", "7")
    assert trained(layout) == (["monet/train/1"], ["photo/4"])
    assert held_out(layout) == (["monet/test/3"], ["photo/val/5"])
    assert [str(path) for path in layout.shares.a.unused] == ["monet/2"]
    assert sorted(map(str, layout.unused)) == ["7", "misc/6"]
    both = read("trainA/1", "trainB/1", "valA/2", "testA/3", "valB/4")
    assert held_out(both) == (["testA/3"], ["valB/4"])
    assert [str(path) for path in both.shares.a.unused] == ["valA/2"]


# Trees by a grammar: where the domain's folder stands, where the split's, and what stands around.
DOMAIN_NAMES = st.sampled_from([("A", "B"), ("a", "b"), ("monet", "photo"), ("cats", "dogs"), ("Summer 1", "winter")])
MARKS = {
    "joined": "{split}{letter}/{rest}", "under": "{split}_{domain}/{rest}", "after": "{domain}-{split}/{rest}",
    "inside": "{domain}/{split}/{rest}", "above": "{split}/{domain}/{rest}", "deep": "{domain}/{rest}",
}  # fmt: skip
rests = st.lists(st.sampled_from(["", "sub/", "1/2/", "x y/"]), min_size=1, max_size=4)


@st.composite
def trees(draw):
    """Paths of a data set in one layout, each with the domain and split it is of."""
    names = draw(DOMAIN_NAMES)
    mark = MARKS[draw(st.sampled_from(sorted(MARKS)))]
    wrapped = draw(st.sampled_from(["", "set/", "my set/v1/"]))
    found = {}
    splits = draw(st.sampled_from([["train"], ["train", "test"], ["train", "val"], ["train", "val", "test"]]))
    if mark == MARKS["deep"]:
        splits = ["train"]
    for split in splits:
        for domain, letter, name in zip("ab", "AB", names):
            for number, rest in enumerate(draw(rests)):
                shown = "joined" if "{letter}" in mark else ""
                path = mark.format(split=split, letter=letter, domain=name, rest=f"{rest}{number}{shown}.png")
                found[wrapped + path] = (domain, split)
    return found


@settings(max_examples=150)
@given(trees())
def test_every_layout_of_the_grammar_is_understood_and_every_picture_is_where_it_belongs(tree):
    layout = read(*sorted(tree))
    assert layout.unused == []
    for domain, share in zip("ab", layout.shares):
        assert {tree[str(one.path)] for one in share.train} == {(domain, "train")}
        held = "test" if (domain, "test") in tree.values() else "val"
        assert {tree[str(one.path)] for one in share.test} <= {(domain, held)}
        used = len(share.train) + len(share.test) + len(share.unused)
        assert used == sum(where == domain for where, _ in tree.values())


words = st.sampled_from(
    ["A", "B", "a", "monet", "photo", "train", "test", "val", "trainA", "trainB", "testA", "valB", "cats", "dogs",
     "train_cats", "dogs_test", "results", "1", "val2017", "Testing", "x-holdout", "b"]
)  # fmt: skip
any_path = st.builds(lambda folders, n: "/".join((*folders, f"{n}.png")), st.lists(words, max_size=4),
                     st.integers(0, 3))  # fmt: skip


@settings(max_examples=200)
@given(st.lists(any_path, min_size=1, max_size=14, unique=True))
def test_of_any_tree_nothing_held_out_is_trained_on_and_every_picture_is_accounted_for(paths):
    def held(path):
        return any(said_by(part).split in ("test", "validation") for part in PurePosixPath(path).parts[:-1])

    whole = collection([PurePosixPath(path) for path in paths])
    assert not any(held(one.path) for one in whole.train)
    assert all(held(one.path) for one in whole.test)
    assert sorted(str(p) for p in [*(one.path for one in (*whole.train, *whole.test)), *whole.unused]) == sorted(paths)
    try:
        layout = read(*paths)
    except Unclear:
        return
    trained_on = [str(one.path) for share in layout.shares for one in share.train]
    assert all(share.train for share in layout.shares)
    assert not any(map(held, trained_on))
    assert all(held(one.path) for share in layout.shares for one in share.test)
    everything = [one.path for share in layout.shares for one in (*share.train, *share.test)]
    everything += [path for share in layout.shares for path in share.unused] + layout.unused
    assert sorted(map(str, everything)) == sorted(paths)  # each once
    if layout.names != (None, None):
        return  # two folders of any names, whatever lies below them
    # Where all that the way says is the one domain, it is not read as the other.
    sides = {"a": "a", "monet": "a", "b": "b", "photo": "b"}
    for share, other in zip(layout.shares, "ba"):
        for one in share.train:
            said = {sides.get(said_by(part).rest.casefold()) for part in one.path.parts[:-1]} - {None}
            assert said != {other}
