"""What somebody else packed is unpacked whole and inside its folder, or not at all."""

from __future__ import annotations

import gzip
import io
import os
import random
import stat
import subprocess
import sys
import tarfile
import zipfile

import pytest

from cyclekit.download import unpacking
from cyclekit.download.unpacking import BadArchive, archive_ending, is_archive, unpack
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
    with pytest.raises(RecipeError, match=r"the archive is broken \(.*\); nothing was unpacked"):
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
    with pytest.raises(RecipeError, match="holds 'a/1' twice"):
        unpack(pack(tmp_path / name, ("a/1", "x"), ("a/1", "y")), tmp_path / "out", nothing)
    with pytest.raises(RecipeError, match="the archive is empty"):
        unpack(pack(tmp_path / name), tmp_path / "out", nothing)


def test_what_is_there_is_never_overwritten(tmp_path):
    archive = zipped(tmp_path / "set.zip", ("a/1", "new"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(RecipeError, match="out: exists already; choose another name with out, or remove it"):
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


def refused(archive, most=unpacking.MOST_BYTES):
    """What is said of an archive that is refused; asserts that nothing of it stays."""
    with pytest.raises(RecipeError) as said:
        unpack(archive, archive.with_name("out"), nothing, most=most)
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    return said.value


@pytest.mark.parametrize(("pack", "name"), PACKERS)
@pytest.mark.parametrize(
    ("members", "line"),
    [
        ([("a", "1"), ("a/b", "2")], "holds 'a/b' as a file and as a folder; such an archive is not unpacked"),
        ([("a/b", "2"), ("a", "1")], "holds 'a' as a file and as a folder; such an archive is not unpacked"),
        ([("x/a/b/c", "2"), ("x/a", "1")], "holds 'x/a' as a file and as a folder; such an archive is not unpacked"),
        ([("a", "1"), ("./a", "2")], "holds './a' twice; such an archive is not unpacked"),
        ([(".", "1")], "holds a file called '.', which is no name; it is not unpacked"),
        ([("./.", "1")], "holds a file called './.', which is no name; it is not unpacked"),
        ([("d/" * 1000 + "x", "1")], "holds folders 1001 deep, and at most 50 are taken; it is not unpacked"),
        ([("n" * 300, "1")], f"no file can be called '{'n' * 80}' and 220 characters more; it is not unpacked"),
    ],
)  # fmt: skip
def test_names_that_no_folder_can_hold(tmp_path, pack, name, members, line):
    archive = pack(tmp_path / name, ("fine", "0"), *members)
    said = refused(archive)
    assert str(said) == f"{archive}: {line}"
    assert isinstance(said, BadArchive)


def test_a_sparse_file_and_a_bomb_are_measured_as_they_unfold(tmp_path):
    """One says how large it is, the other does not."""
    bomb = zipped(tmp_path / "set.zip", ("a/1", "x"))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(3_000_000))
    assert bomb.stat().st_size < 10_000
    assert str(refused(bomb, most=2_000_000)) == (
        f"{bomb}: holds 3,000,000 bytes unpacked, and at most 2,000,000 are taken; where that is what it should hold, "
        "allow more with most"
    )
    bomb.unlink()
    bomb = tarred(tmp_path / "set.tar.gz", *((f"{number}", "0" * 1_000_000) for number in range(3)))
    assert "holds more than 2,000,000 bytes unpacked, and at most 2,000,000 are taken" in str(refused(bomb, 2_000_000))
    unpack(bomb, tmp_path / "out", nothing, most=3_000_000)


def test_a_million_files_are_not_made(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_FILES", 20)
    archive = tarred(tmp_path / "set.tar.gz", *((f"{number}", "") for number in range(21)))
    assert "holds more than 20 files; such an archive is not unpacked" in str(refused(archive))


def raw_tar(path, *blocks):
    with gzip.open(path, "wb") as file:
        file.writelines(blocks)
    return path


def header(name, kind, size):
    one = tarfile.TarInfo(name)
    one.type, one.size = kind, size
    return one.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_header_of_gigabytes_is_not_read(tmp_path, kind):
    """As a process that may have little memory: what it says of one file would be read at once."""
    archive = raw_tar(tmp_path / "set.tar.gz", header("x", kind, 1 << 30), *[bytes(1 << 22)] * 32)
    code = (
        "import resource, sys; from pathlib import Path; from cyclekit.download.unpacking import unpack\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))\n"
        f"unpack(Path({str(archive)!r}), Path({str(tmp_path / 'out')!r}), lambda folder: None)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.splitlines()[-1]
    assert "BadArchive" in told
    assert "what it says of one file is 1,073,741,824 bytes long" in told


@pytest.mark.parametrize("size", [0, -512, 40])
def test_headers_without_end(tmp_path, size):
    chain = [header("x", tarfile.XHDTYPE, abs(size)) + bytes(512 if size else 0)] * 3000
    assert "the archive is broken" in str(refused(raw_tar(tmp_path / "set.tar.gz", *chain)))


def test_a_size_below_zero_goes_back_for_ever(tmp_path):
    archive = raw_tar(tmp_path / "set.tar.gz", header("a", tarfile.REGTYPE, 0), header("x", tarfile.REGTYPE, -1024))
    assert "the archive is broken" in str(refused(archive))


def test_zeros_after_the_end_are_not_read_for_ever(tmp_path):
    archive = raw_tar(tmp_path / "set.tar.gz", header("a", tarfile.REGTYPE, 0), *[bytes(1 << 20)] * 20)
    assert "the archive is broken (it never ends)" in str(refused(archive, most=10 << 20))


@pytest.mark.parametrize(("pack", "name"), PACKERS)
def test_whatever_is_changed_in_an_archive_is_one_line_or_nothing(tmp_path, pack, name):
    """Some changes are seen by no checksum: of a name, or of what is not read."""
    whole = pack(tmp_path / name, *((f"a/{i}.txt", f"{i}" * 40) for i in range(12)), ("b/c/d.txt", "x")).read_bytes()
    if name.endswith("gz"):
        whole = gzip.decompress(whole)
    chance, refusals, rounds = random.Random(name), 0, 60
    for _ in range(rounds):
        spoilt = bytearray(whole)
        for _ in range(chance.choice([1, 1, 4, 30])):
            spoilt[chance.randrange(len(spoilt))] = chance.choice([0, 255, 128, chance.randrange(256)])
        if chance.random() < 0.2:
            spoilt = spoilt[: chance.randrange(len(spoilt))]
        (tmp_path / name).write_bytes(gzip.compress(spoilt) if name.endswith("gz") else spoilt)
        try:
            if is_archive(tmp_path / name):
                unpack(tmp_path / name, tmp_path / "out", nothing)
        except RecipeError:
            refusals += 1
        left = {path.name for path in tmp_path.iterdir()}
        assert left in ({name}, {name, "out"})
        if "out" in left:
            subprocess.run(["rm", "-r", tmp_path / "out"], check=True)
    assert refusals > rounds / 4
