"""The one walk: each file once and in order, whatever links, pipes and hidden things lie about."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.files.walking import counted, walk
from cyclekit.registry import RecipeError


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def found(folder):
    return [path.relative_to(folder).as_posix() for path in walk(folder).files]


def test_files_in_order_without_hidden_ones_and_litter(tmp_path):
    write(tmp_path, "b.txt", "a/c.txt", ".hidden", ".git/x.txt", "a/.ipynb_checkpoints/c.txt", "Thumbs.db")
    assert found(tmp_path) == ["a/c.txt", "b.txt"]
    assert walk(tmp_path).others == []
    assert found(tmp_path / ".git") == ["x.txt"]  # named itself it counts


def test_links_back_are_not_followed_so_that_no_neighbour_comes_in(tmp_path):
    write(tmp_path, "set/trainA/x.png", "set/testA/secret.png", "elsewhere/y.png")
    inside = tmp_path / "set/trainA"
    (inside / "up").symlink_to("..")  # would list testA, and trainA again
    (inside / "self").symlink_to(".")
    (inside / "far").symlink_to(tmp_path)
    (inside / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/round").symlink_to(tmp_path / "elsewhere")
    assert found(inside) == ["linked/y.png", "x.png"]
    assert {other.path.name for other in walk(inside).others} == {"up", "self", "far", "round"}
    (tmp_path / "way in").symlink_to(inside)
    assert [path.name for path in walk(tmp_path / "way in").files] == ["y.png", "x.png"]


def test_a_folder_reached_twice_is_listed_by_its_own_path(tmp_path):
    write(tmp_path, "zebra/x.png")
    (tmp_path / "a link").symlink_to("zebra")
    (tmp_path / "a second").symlink_to("zebra")
    assert found(tmp_path) == ["zebra/x.png"]
    assert counted(walk(tmp_path).others) == "2 link to a folder above, or to one that is read already"


def test_what_would_block_a_reader_is_named_and_not_opened(tmp_path):
    write(tmp_path, "x.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "dead.png").symlink_to("nowhere")
    (tmp_path / "null.png").symlink_to("/dev/null")
    (tmp_path / "to pipe.png").symlink_to("pipe.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.getcwd()
        os.chdir(tmp_path)  # a socket's address is short
        try:
            listening.bind("socket.png")
        finally:
            os.chdir(before)
    walked = walk(tmp_path)
    assert [path.name for path in walked.files] == ["x.png"]
    assert counted(walked.others) == "2 link to nothing, 2 named pipe, 1 device, 1 socket"


def test_unwanted_files_are_counted_by_their_endings(tmp_path):
    write(tmp_path, "a.png", "b.HEIC", "c.heic", "readme", "d/e.txt")
    walked = walk(tmp_path).only(lambda path: path.suffix == ".png")
    assert [path.name for path in walked.files] == ["a.png"]
    assert counted(walked.others) == "2 .heic, 1 .txt, 1 without an ending"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_no_empty_one(tmp_path):
    write(tmp_path, "x.png", "closed/y.png")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(RecipeError, match=r"closed: cannot be listed: Permission denied"):
            walk(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_folder_that_goes_away_is_one_line(tmp_path):
    with pytest.raises(RecipeError, match=r"gone: cannot be listed: No such file or directory"):
        walk(tmp_path / "gone")


names = st.sampled_from(["a", "b", "c d", "é"])
paths = st.lists(names, min_size=1, max_size=4)


@settings(max_examples=60)
@given(st.lists(paths, max_size=8), st.lists(st.tuples(paths, paths), max_size=4))
def test_any_tree_with_any_links_is_walked_once_and_to_its_end(files, links):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "root")
        root.mkdir()
        for number, parts in enumerate(files):
            folder = root.joinpath(*parts)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.txt").write_text("")
        for number, (parts, target) in enumerate(links):
            folder = root.joinpath(*parts)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"link {number}").symlink_to(root.joinpath(*target))
        walked = walk(root)
        # Every file of the tree by its own path, and nothing else: links only lead to what is read already.
        assert walked.files == sorted((path for path in root.rglob("*.txt") if path.is_file()), key=Path.as_posix)
        assert len(walked.others) == len(links)
        for folder in (folder for folder in root.rglob("*") if folder.is_dir() and not folder.is_symlink()):
            real = [path.resolve() for path in walk(folder).files]
            assert len(set(real)) == len(real)
            own = {
                path.resolve() for path in walked.files if folder in path.parents
            }  # a temporary folder may be a link
            assert own <= set(real)
