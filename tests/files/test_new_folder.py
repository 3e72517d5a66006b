"""A folder that is whole or not there."""

from pathlib import Path

import pytest

from cyclekit.files import whole_file as module
from cyclekit.files.new_folder import new_folder, refuse_taken
from cyclekit.registry import RecipeError
from tests.commands import below

OLD = b"what stood there before"


def test_all_of_a_folder_reaches_the_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    flushed, out = [], tmp_path / "out"
    monkeypatch.setattr(module, "flush", lambda path: flushed.append((path.name, out.exists())))
    with new_folder(out) as beside:
        (beside / "below").mkdir()
        for name in ("one", "below/two"):
            (beside / name).write_bytes(OLD)
        temporary = beside.name
    before = {name for name, there in flushed if not there}
    assert before == {"one", "two", "below", temporary}
    assert flushed[-1] == (tmp_path.name, True)
    assert below(tmp_path) == {"out/one", "out/below/two"}


def test_what_was_made_gets_the_name_and_folders_above_it_are_made(tmp_path):
    out = tmp_path / "a" / "b"
    with new_folder(out) as beside:
        assert (beside.parent, beside.exists(), out.exists()) == (out.parent, True, False)
        (beside / "x").touch()
    assert below(tmp_path) == {"a/b/x"}
    empty = tmp_path / "empty"
    empty.mkdir()
    with new_folder(empty) as beside:
        (beside / "x").touch()
    assert below(tmp_path) == {"a/b/x", "empty/x"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, RecipeError])
def test_after_an_error_nothing_stays(tmp_path, error):
    def fail():
        with new_folder(tmp_path / "out") as beside:
            (beside / "half").touch()
            raise error("x")

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_that_comes_meanwhile_is_not_overwritten(tmp_path):
    out = tmp_path / "out"

    def meanwhile():
        with new_folder(out) as beside:
            (beside / "ours").touch()
            out.mkdir()
            (out / "theirs").touch()

    with pytest.raises(RecipeError, match="exists already"):
        meanwhile()
    assert below(tmp_path) == {"out/theirs"}


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "full", "dangling"):
        out = tmp_path / name
        for attempt in (lambda out=out: refuse_taken(out), lambda out=out: new_folder(out).__enter__()):
            with pytest.raises(RecipeError) as refused:
                attempt()
            assert str(refused.value) == f"{out}: exists already; choose another name with out, or remove it"
            assert refused.value.in_flags({}) == f"{out}: exists already; choose another name with --out, or remove it"
    assert refuse_taken(tmp_path / "new") is None


@pytest.mark.parametrize("out", ["..", "/", ".", "a/.."])
def test_what_is_no_name_is_refused(out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError) as refused:
        refuse_taken(Path(out))
    assert str(refused.value) == f"out={Path(out)}: is no name for a new folder; write one, such as data/mine"
