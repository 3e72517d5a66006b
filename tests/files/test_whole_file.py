"""Files that are whole or not there."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.files import whole_file as module
from cyclekit.files.whole_file import HERE, flush, whole_file, write_whole
from tests.commands import wait_for

OLD = b"what stood there before"


@pytest.fixture(params=["there before", "new"])
def path(request, tmp_path):
    """A file's place, in a folder of its own, with an old file or none."""
    place = tmp_path / "folder" / "file.txt"
    if request.param == "there before":
        place.parent.mkdir()
        place.write_bytes(OLD)
    return place


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def assert_as_before(path, before):
    assert names(path.parent) == ([path.name] if before is not None else [])
    assert before is None or path.read_bytes() == before


def before_of(path):
    return path.read_bytes() if path.exists() else None


@given(content=st.one_of(st.binary(), st.text(st.characters(exclude_categories=["Cs"]))), durable=st.booleans())
def test_what_is_written_is_there_byte_for_byte_and_nothing_beside_it(tmp_path_factory, content, durable):
    place = tmp_path_factory.mktemp("whole") / "new" / "folder" / "file"
    for written in (OLD, content):
        write_whole(place, written, durable=durable)
    assert place.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert names(place.parent) == ["file"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path):
    place = tmp_path / "sheet.png"
    place.write_bytes(OLD)
    with whole_file(place) as beside:
        assert (beside.parent, beside.suffix) == (tmp_path, ".png"), "Pillow tells the format by the suffix"
        assert beside.name.startswith("."), "nobody takes it for a file of the folder's"
        beside.write_bytes(b"the first half ")
        assert place.read_bytes() == OLD
        with beside.open("ab") as file:
            file.write(b"and the second")
        assert place.read_bytes() == OLD
    assert place.read_bytes() == b"the first half and the second"
    assert names(tmp_path) == ["sheet.png"]


@pytest.mark.parametrize("broken_off", [OSError(28, "No space left on device"), ValueError("x"), KeyboardInterrupt()])
def test_after_a_failure_in_the_middle_all_is_as_before(path, broken_off):
    def break_off():
        with whole_file(path) as beside:
            beside.write_bytes(b"half")
            raise broken_off

    before = before_of(path)
    with pytest.raises(type(broken_off)) as caught:
        break_off()
    assert caught.value is broken_off
    assert_as_before(path, before)


def test_nothing_written_is_an_error_and_not_an_empty_file(path):
    before = before_of(path)
    with pytest.raises(FileNotFoundError), whole_file(path):
        pass
    assert_as_before(path, before)


@pytest.mark.parametrize("refused", ["replace", "fsync"])
def test_a_disk_that_refuses_at_the_end_leaves_all_as_before(path, monkeypatch, refused):
    def disk_full(*_):
        raise OSError(28, "No space left on device")

    before = before_of(path)
    monkeypatch.setattr(os, refused, disk_full)
    with pytest.raises(OSError, match="No space left on device"):
        write_whole(path, "new", durable=True)
    assert_as_before(path, before)


def test_text_that_utf8_cannot_hold_is_refused_before_anything_is_written(path):
    before = before_of(path)
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half a pair: \ud800")
    assert before_of(path) == before


def test_a_folder_that_is_a_file_is_the_systems_own_error(tmp_path):
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file" / "below", "new")
    assert (tmp_path / "file").read_bytes() == OLD


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_file_reaches_the_disk_before_it_takes_the_old_ones_place(tmp_path, monkeypatch, durable):
    done = []
    place = tmp_path / "state.json"
    monkeypatch.setattr(module, "flush", lambda path: done.append((path.is_dir(), place.exists())))
    write_whole(place, "new", durable=durable)
    assert done == ([(False, False), (True, True)] if durable else []), "the file, then the folder with its new name"


def test_a_file_system_that_cannot_flush_is_written_all_the_same(tmp_path, monkeypatch):
    def cannot(_):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", cannot)
    write_whole(tmp_path / "file", "new")
    assert names(tmp_path) == ["file"]


@given(name=st.text(st.sampled_from("aé漢"), min_size=1, max_size=255).filter(lambda name: len(name.encode()) <= 255))
def test_names_as_long_as_a_file_system_allows(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("long")
    write_whole(folder / name, "content", durable=False)
    assert names(folder) == [name]


def test_files_and_folders_are_flushed(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(OLD)
    kinds = []
    monkeypatch.setattr(os, "fsync", lambda handle: kinds.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    flush(tmp_path / "file")
    flush(tmp_path)
    assert kinds == [False, True]


WRITING = """
import os, sys
from pathlib import Path
from cyclekit.files.new_folder import new_folder
from cyclekit.files.whole_file import whole_file, write_whole
place = Path(sys.argv[1])
with whole_file(place.with_name("never")) as beside, new_folder(place.with_name("folder")) as folder:
    beside.write_bytes(b"half"), (folder / "half").touch()
    for turn in range(10**9):
        write_whole(place, bytes([turn % 256]) * 200_000)
"""


def writing(place):
    """A process that writes one file again and again, once it is at it."""
    running = subprocess.Popen([sys.executable, "-c", WRITING, str(place)], stderr=subprocess.PIPE)
    wait_for(place.exists, running)
    return running


def test_a_writer_killed_at_any_instant_leaves_a_whole_file_and_the_next_one_cleans_up(tmp_path):
    bystanders = {f"{HERE}x-file", f"{HERE}1-file", f".{os.getpid()}-file", ".cyclekit-elsewhere-4000000-file"}
    for wait in (0.0, 0.003, 0.011):
        place = tmp_path / f"after {wait}" / "file"
        place.parent.mkdir()
        for name in bystanders:  # of no process, of one that lives, of somebody else, of another machine
            (place.parent / name).touch()
        running = writing(place)
        time.sleep(wait)
        running.send_signal(signal.SIGKILL)
        running.wait()
        content = place.read_bytes()
        assert content == content[:1] * 200_000
        assert len(names(place.parent)) > len(bystanders) + 1, "the killed process left its halves"
        write_whole(place.with_name("other"), "new")
        assert set(names(place.parent)) == {"file", "other"} | bystanders


def test_nothing_is_taken_from_a_process_that_still_writes(tmp_path):
    running = writing(tmp_path / "file")
    try:
        there = set(names(tmp_path)) - {"file"}
        write_whole(tmp_path / "mine", "new")
        lasting = {name for name in there if name.endswith(("never", "folder"))}
        assert len(lasting) == 2
        assert lasting <= set(names(tmp_path))
    finally:
        running.kill()
        running.wait()
