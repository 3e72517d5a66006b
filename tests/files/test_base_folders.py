"""A user's own folders: the variable's where it is absolute, else below the home, or none."""

from pathlib import Path

import pytest

from cyclekit.files.base_folders import base_folder


def test_an_absolute_folder_is_taken_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OWN_HOME", str(tmp_path / "own"))
    assert base_folder("OWN_HOME", ".own") == tmp_path / "own"
    for odd in ("", "own", "./own", "~/own"):
        monkeypatch.setenv("OWN_HOME", odd)
        assert base_folder("OWN_HOME", ".own") == tmp_path / "home" / ".own"


def test_a_user_without_a_home_has_none(monkeypatch):
    def homeless(_=None):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("OWN_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert base_folder("OWN_HOME", ".own") is None


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "XDG_STATE_HOME"])
def test_what_is_kept_does_not_move_with_the_working_folder(tmp_path, monkeypatch, variable):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "here")
    before = base_folder(variable, ".kept")
    monkeypatch.chdir("/")
    assert base_folder(variable, ".kept") == before == tmp_path / ".kept"
