"""Files to translate: each that counts, in its place; nothing overwritten by accident; mistakes before any work."""

from __future__ import annotations

import os
import tracemalloc
from functools import partial
from pathlib import Path

import pytest

from cyclekit.files import inputs as inputs_module
from cyclekit.files.inputs import find_inputs, make_output, translated_file
from cyclekit.files.jobs import Job, Shard
from cyclekit.files.walking import Found
from cyclekit.registry import RecipeError
from tests.refusals import below, refusal_of


def find(inputs, out, **words):
    return find_inputs(
        [str(path) for path in inputs],
        out,
        wanted=lambda path: path.suffix == ".txt",
        none_below="no letters here",
        **words,
    )


def copy(inputs, out):
    """The plainest translation: how many files were written."""
    found = find(inputs, out)
    make_output(out, found)
    for item in found:
        with translated_file(out / item.place) as beside:
            beside.write_bytes(item.path.read_bytes())
    return len(found)


refusal = partial(refusal_of, copy)


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{folder.name}/{name}")
    return folder


def test_every_file_that_counts_goes_to_its_place_in_order(tmp_path):
    source, out = write(tmp_path / "in", "b.txt", "deep/er/a.txt", "notes.md"), tmp_path / "out"
    alone = write(tmp_path / "else", "letter.md") / "letter.md"  # named itself it counts, whatever it is
    found = find([source, alone, source], out)
    assert [other.path for other in found.others] == [source / "notes.md"]
    assert found.not_read == "1 .md"
    assert len(found) == len(list(found)) == 5
    found = list(found)[:3]
    assert [str(item.place) for item in found] == ["b.txt", "deep/er/a.txt", "letter.md"]
    assert [item.path for item in found] == [source / "b.txt", source / "deep/er/a.txt", alone]
    assert not out.exists()
    assert copy([source, alone], out) == 3
    assert below(out) == {"b.txt", "deep/er/a.txt", "letter.md"}
    assert (out / "deep/er/a.txt").read_text() == "in/deep/er/a.txt"


def test_inputs_that_are_not_there(tmp_path):
    empty, out = write(tmp_path / "empty", "deep/notes.md"), tmp_path / "out"
    (tmp_path / "dead").symlink_to("nowhere")
    for missing in (tmp_path / "nowhere.txt", tmp_path / "dead"):
        assert refusal([missing], out) == f"{missing}: no such file or folder"
    assert refusal([empty], out) == f"{empty}: no letters here; it holds 1 .md"
    # One of several is as wrong, and nothing is done before it is mended.
    source = write(tmp_path / "in", "a.txt")
    assert "no such file" in refusal([source, tmp_path / "nowhere.txt"], out)
    assert not out.exists()


def test_what_is_neither_file_nor_folder_is_refused_in_the_words_given(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecipeError, match=r"/pipe: is a named pipe, and read twice$"):
        find([tmp_path / "pipe"], tmp_path / "out", irregular="and read twice")
    with pytest.raises(RecipeError, match=r"/pipe: is a named pipe, and a file or a folder is wanted$"):
        find([tmp_path / "pipe"], tmp_path / "out")
    with pytest.raises(RecipeError, match=r"/nowhere: no such file or folder$"):
        find([tmp_path / "nowhere"], tmp_path / "out", irregular="and read twice")


def test_two_inputs_never_share_a_place(tmp_path):
    one, two = write(tmp_path / "one", "x/a.txt"), write(tmp_path / "two", "x/a.txt")
    assert refusal([one, two], tmp_path / "out") == (
        f"{one / 'x/a.txt'} and {two / 'x/a.txt'} would both be written as x/a.txt; translate them apart"
    )
    assert not (tmp_path / "out").exists()
    assert copy([one, one], tmp_path / "out") == 2  # the same one twice is no clash


def test_an_input_is_never_overwritten(tmp_path):
    source = write(tmp_path / "in", "a.txt", "sub/b.txt")
    before = {name: (source / name).read_bytes() for name in below(source)}
    mend = "a translation would overwrite this input; choose another out"
    assert refusal([source], source) == f"{source / 'a.txt'}: {mend}"
    assert refusal([source / "sub" / "b.txt"], source / "sub") == f"{source / 'sub/b.txt'}: {mend}"
    (tmp_path / "link").symlink_to(source)
    assert refusal([source], tmp_path / "link") == f"{tmp_path / 'link/a.txt'}: {mend}"
    # Nor is another input of the same command, of the same name in a folder of the same name.
    other = write(tmp_path / "other", "sub/b.txt")
    assert refusal([other, source / "sub"], source) == f"{source / 'sub/b.txt'}: {mend}"
    assert {name: (source / name).read_bytes() for name in below(source)} == before


def test_the_output_may_lie_beside_or_below_the_inputs_again_and_again(tmp_path):
    source = write(tmp_path / "in", "a.txt", "sub/b.txt")
    for _ in range(2):
        assert copy([source], source / "copies") == 2
    assert below(source) == {"a.txt", "sub/b.txt", "copies/a.txt", "copies/sub/b.txt"}
    assert copy([source / "sub"], source / "sub" / ".." / "elsewhere") == 1
    assert copy([source / "copies" / "sub"], source) == 1


def test_an_output_that_cannot_be_written_is_one_line(tmp_path):
    source = write(tmp_path / "in", "a.txt", "sub/b.txt")
    (tmp_path / "file").write_text("")
    for out, why in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "below", "Not a directory")):
        with pytest.raises(RecipeError) as refused:
            make_output(out, find([source], out))
        assert str(refused.value) == f"{out}: cannot be written: {why}; choose another out"
    # or in the middle, where a folder cannot be made
    out = write(tmp_path / "out", "sub")
    assert refusal([source], out) == f"{out / 'sub/b.txt'}: cannot be written: File exists; choose another out"
    assert below(out) == {"a.txt", "sub"}


def test_a_translation_is_whole_or_not_there(tmp_path):
    out = write(tmp_path / "out", "a.txt")

    def interrupted():
        with translated_file(out / "a.txt") as beside:
            beside.write_text("half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert below(out) == {"a.txt"}
    assert (out / "a.txt").read_text() == "out/a.txt"


def test_links_lead_to_inputs_that_are_not_overwritten_either(tmp_path):
    source = write(tmp_path / "in", "a.txt")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").symlink_to(source / "a.txt")
    assert "a translation would overwrite this input" in refusal([source], out)


def test_a_relative_output_is_where_the_process_is_now(tmp_path, monkeypatch):
    for name in ("one", "two"):
        source = write(tmp_path / name, "a.txt")
        monkeypatch.chdir(source)
        assert "a translation would overwrite this input" in refusal(["a.txt"], Path())


MANY = 200_000
"""Files of the folder that takes no more memory than one with few."""

GROWTH = 30
"""MiB that Python's objects may take meanwhile. As paths in a list they would take 100 and more."""


def test_what_is_found_takes_the_disk_and_no_memory(tmp_path, monkeypatch):
    """The walk is fed by hand, since that many real files take a slow disk minutes; the rest is as it is."""
    place = tmp_path / "in"
    place.mkdir()

    def walking(folder):
        for number in range(MANY):
            path = f"{folder}/{number % 1000:03d}/a picture of some length {number:08d}.txt"
            yield Found(path, "file", path)
            yield Found(f"{path}.json", "file", f"{path}.json")

    monkeypatch.setattr(inputs_module, "walking", walking)
    tracemalloc.start()  # of what the process holds by itself, nothing can be told
    found = find([place], tmp_path / "out")
    make_output(tmp_path / "out", found)
    job = Job(Shard(2, 3), skip_existing=True)
    own = sum(1 for _ in job.share(found, tmp_path / "out"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most / 2**20 < GROWTH
    assert (len(found), found.not_read) == (MANY, f"{MANY:,} .json")
    assert own + job.elsewhere == MANY
    assert abs(own - MANY / 3) < 2000
