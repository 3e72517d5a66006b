"""What somebody else packed is unpacked whole and inside its folder, or not at all."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile

import pytest

from cyclekit.download.unpacking import archive_ending, is_archive, unpack
from cyclekit.registry import RecipeError


def zipped(path, *members, link=None):
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members:
            file.writestr(name, data)
        if link:
            one = zipfile.ZipInfo(link[0])
            one.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(one, link[1])
    return path


def tarred(path, *members, link=None, kind=tarfile.SYMTYPE):
    with tarfile.open(path, "w:gz") as file:
        for name, data in members:
            one = tarfile.TarInfo(name)
            one.size, one.mode, one.uid = len(data), 0o777, 12345
            file.addfile(one, io.BytesIO(data.encode()))
        if link:
            one = tarfile.TarInfo(link[0])
            one.type, one.linkname = kind, link[1]
            file.addfile(one)
    return path


PACKERS = [(zipped, "set.zip"), (tarred, "set.tar.gz")]


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def nothing(folder):
    pass


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_the_one_folder_inside_becomes_the_folder(tmp_path, pack, name):
    archive = pack(tmp_path / name, ("monet/trainA/1.jpg", "a"), ("monet/monet/2.jpg", "b"), ("__MACOSX/x", "litter"))
    told = []
    unpack(archive, tmp_path / "out", nothing, lambda *now: told.append(now))
    assert content(tmp_path / "out") == {"trainA/1.jpg": "a", "monet/2.jpg": "b"}
    assert len(told) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", name]
    assert not os.access(tmp_path / "out" / "trainA" / "1.jpg", os.X_OK)


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_several_folders_inside_stay_as_they_are(tmp_path, pack, name):
    archive = pack(tmp_path / name, ("inside/1.jpg", "a"), ("x.in/2.jpg", "b"), ("notes.txt", "c"))
    unpack(archive, tmp_path / "out", nothing)
    assert content(tmp_path / "out") == {"inside/1.jpg": "a", "x.in/2.jpg": "b", "notes.txt": "c"}


@pytest.mark.parametrize(("pack", "name"), PACKERS)
@pytest.mark.parametrize("evil", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:\\evil"])
def test_nothing_leads_out_of_the_folder(tmp_path, pack, name, evil):
    archive = pack(tmp_path / name, ("a/fine", "1"), (evil, "2"))
    with pytest.raises(RecipeError, match="leads out of the folder; such an archive is not unpacked"):
        unpack(archive, tmp_path / "deep" / "out", nothing)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_links_are_refused(tmp_path, pack, name):
    archive = pack(tmp_path / name, ("a/fine", "1"), link=("a/link", "/etc/passwd"))
    with pytest.raises(RecipeError, match=r"a/link is a link; such an archive is not unpacked"):
        unpack(archive, tmp_path / "out", nothing)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("kind", "word"), [(tarfile.LNKTYPE, "a link"), (tarfile.FIFOTYPE, "a device")])
def test_hard_links_and_devices_are_refused(tmp_path, kind, word):
    archive = tarred(tmp_path / "set.tar.gz", ("a/fine", "1"), link=("a/x", "a/fine"), kind=kind)
    with pytest.raises(RecipeError, match=f"a/x is {word}"):
        unpack(archive, tmp_path / "out", nothing)


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_a_broken_archive_leaves_nothing(tmp_path, pack, name):
    archive = pack(tmp_path / name, *((f"a/{i}.txt", os.urandom(300).hex()) for i in range(30)))
    data = bytearray(archive.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    archive.write_bytes(data)
    with pytest.raises(RecipeError, match=r"the archive is broken \(.*\); remove it and fetch it again"):
        unpack(archive, tmp_path / "out", nothing)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_cut_archive_leaves_nothing(tmp_path):
    archive = tarred(tmp_path / "set.tar.gz", *((f"a/{i}.txt", os.urandom(300).hex()) for i in range(30)))
    archive.write_bytes(archive.read_bytes()[:-3000])
    with pytest.raises(RecipeError, match="the archive is broken"):
        unpack(archive, tmp_path / "out", nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["set.tar.gz"]


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_a_name_twice_and_an_empty_archive(tmp_path, pack, name, recwarn):
    with pytest.raises(RecipeError, match="holds a/1 twice"):
        unpack(pack(tmp_path / name, ("a/1", "x"), ("a/1", "y")), tmp_path / "out", nothing)
    with pytest.raises(RecipeError, match="the archive is empty"):
        unpack(pack(tmp_path / name), tmp_path / "out", nothing)


def test_what_is_there_is_never_overwritten(tmp_path):
    archive = zipped(tmp_path / "set.zip", ("a/1", "new"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(RecipeError, match="out: exists already; choose another name with --out, or remove it"):
        unpack(archive, tmp_path / "out", nothing)
    assert content(tmp_path / "out") == {"mine": "mine"}


def test_an_error_at_the_last_moment_leaves_nothing(tmp_path):
    archive = zipped(tmp_path / "set.zip", ("a/1", "x"))

    def fail(folder):
        assert content(folder) == {"1": "x"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack(archive, tmp_path / "out", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["set.zip"]


def test_which_files_are_archives(tmp_path):
    assert [archive_ending(name) for name in ("a.ZIP", "a.b.tar.gz", "a.tgz", "a.rar")] == [
        ".zip", ".tar.gz", ".tgz", None,
    ]  # fmt: skip
    (tmp_path / "page.zip").write_text("<html>not found</html>")
    assert not is_archive(tmp_path / "page.zip")
    assert is_archive(zipped(tmp_path / "set.zip", ("a", "x")))
    assert is_archive(tarred(tmp_path / "set.tar.gz", ("a", "x")))
