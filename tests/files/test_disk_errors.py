"""A full disk is one line with the place; a mistake of ours stays the error that it was."""

import errno
import os

import pytest
from safetensors import SafetensorError

from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.registry import RecipeError


def raised(error, place):
    try:
        with clear_disk_errors(place):
            raise error
    except (RecipeError, type(error)) as told:
        return told


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_what_the_disk_refuses_is_told_with_the_place(tmp_path, number):
    told = raised(OSError(number, os.strerror(number)), tmp_path / "log.jsonl")
    assert isinstance(told, RecipeError)
    assert str(told) == (
        f"{tmp_path / 'log.jsonl'}: cannot be written: {os.strerror(number)}; what was saved before is whole"
    )


def test_what_safetensors_says_of_a_disk_is_told_alike(tmp_path):
    told = raised(SafetensorError("Error while serializing: I/O error: No space left on device"), tmp_path)
    assert isinstance(told, RecipeError)
    assert "No space left on device; what was saved before is whole" in str(told)


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "gone"), SafetensorError("a header"), ValueError("ours")])
def test_other_errors_pass(tmp_path, error):
    assert raised(error, tmp_path) is error


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecipeError, match="cannot be written: Not a directory"), clear_disk_errors(tmp_path / "file"):
        (tmp_path / "file" / "below").mkdir()
