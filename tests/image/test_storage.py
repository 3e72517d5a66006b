"""What is kept in the user's cache folder is a convenience."""

from pathlib import Path

import pytest

from cyclekit.image.storage import cache_folder, remember
from tests.image.test_data import build


def test_an_unwritable_cache_is_no_error(unpaired, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert build(unpaired).sizes == (5, 7)
    data = build(sources=[{"builtin": "landscapes", "scenes": 2, "held_out": 1}])
    assert data.training_pair(0, 0, 0).a.data.shape == (1, 3, 16, 16)


def test_where_the_cache_is(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "cyclekit"
    for nothing in ("", "relative/path"):  # which the XDG base directory specification says to ignore
        monkeypatch.setenv("XDG_CACHE_HOME", nothing)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        assert cache_folder() == tmp_path / "home" / ".cache" / "cyclekit"
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert cache_folder() is None


def test_what_is_remembered_is_whole_or_not_there(tmp_path):
    path = tmp_path / "deep" / "memory"
    remember(path, lambda beside: beside.write_text("whole"))
    assert path.read_text() == "whole"

    def full(beside):
        beside.write_text("ha")
        raise OSError(28, "No space left on device")

    remember(path, full)
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ZeroDivisionError):  # a fault of the program is none of the disk
        remember(path, lambda beside: 1 / 0)


def test_a_cache_that_cannot_be_made_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    remember(tmp_path / "file" / "memory", lambda beside: beside.write_text("x"))
    assert (tmp_path / "file").read_bytes() == b""
