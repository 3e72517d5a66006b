"""Unpack a .zip or .tar.gz that somebody else made: files and folders, all of them inside, or nothing at all.

Neither what an archive says of itself is believed nor how it is built: sizes, numbers, depth and names have limits, and
whatever a reader of archives stumbles over is one line.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from cyclekit.files.new_folder import new_folder
from cyclekit.registry import RecipeError, argument

ENDINGS = (".zip", ".tar.gz", ".tgz")
"""Of the archives that are understood."""

LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db"}
"""What operating systems leave in archives."""

MOST_BYTES = 50 * 10**9
"""What an archive may weigh, and what it may hold unpacked, where nobody allows more."""
MOST_FILES = 2_000_000
DEEPEST = 50
"""Folders in folders."""
LONGEST_HEADER = 1 << 24
"""Bytes of what a .tar says of one member, which Python reads at once."""

UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, IndexError,
    KeyError, OverflowError, RuntimeError, MemoryError,
)  # fmt: skip
"""What Python's readers of archives raise; RuntimeError stands for endless recursion and for missing methods too."""

Told = Callable[[int, int | None], None]
"""Called with (files unpacked, files in all, None where the archive does not say)."""


class BadArchive(RecipeError):
    """It is broken, or made to do harm: nobody needs it any more."""


class _Member(NamedTuple):
    name: str
    kind: str
    """"file", "folder", or what else it is."""
    open: Callable[[], IO[bytes] | None]


def archive_ending(name: str) -> str | None:
    """The ending of an archive's name; None when it is no such name."""
    return next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)


def is_archive(path: Path) -> bool:
    """Whether a file begins (a .zip: ends) like an archive: an error page saved under such a name does not."""
    with path.open("rb") as file:
        return zipfile.is_zipfile(path) or file.read(2) == b"\x1f\x8b"  # gzip, RFC 1952 section 2.3.1


def unpack(
    archive: Path,
    out: Path,
    finish: Callable[[Path], None],
    progress: Told | None = None,
    most: int = MOST_BYTES,
) -> None:
    """Unpack `archive` as the folder `out`, which appears when all of it is there.

    Where everything lies in one folder inside, as in the published sets, that folder becomes `out`.

    Args:
        finish: called with the whole folder just before it gets its name.
        most: bytes that it may hold unpacked.

    Raises:
        BadArchive: it is broken or empty; it holds links, devices, names that lead out of it, that no disk can hold or
            that stand for a file and a folder at once, or more files than any set has.
        RecipeError: `out` is taken; it holds more than `most` or than the disk has room for.
        OSError: the disk is full, or the place cannot be written.
    """
    with new_folder(out) as beside:
        inside = Path(tempfile.mkdtemp(dir=beside))  # a name that is in no archive
        try:
            _write(archive, inside, progress or (lambda done, total: None), most)
        except UNREADABLE as error:
            if isinstance(error, RecipeError):
                raise
            raise _broken(archive, error) from error
        except OSError as error:
            if error.errno not in (None, errno.EINVAL):
                raise
            raise _broken(archive, error) from error  # not the disk's: of bytes that make no sense
        found = [entry for entry in inside.iterdir() if entry.name not in LITTER]
        if not found:
            raise BadArchive(f"{archive}: the archive is empty")
        top = found[0] if len(found) == 1 and found[0].is_dir() else inside
        for entry in sorted(top.iterdir()):
            if entry.name not in LITTER:
                entry.rename(beside / entry.name)
        shutil.rmtree(inside)
        finish(beside)


def _broken(archive: Path, error: Exception) -> BadArchive:
    return BadArchive(f"{archive}: the archive is broken ({str(error) or type(error).__name__}); nothing was unpacked")


def _write(archive: Path, inside: Path, progress: Told, most: int) -> None:
    left = most
    with _opened(archive, most) as (members, total, size):
        free = shutil.disk_usage(inside).free
        if size is not None and size > most:
            raise _too_much(archive, f"{size:,}", most)
        if size is not None and size > free:
            raise RecipeError(f"{archive}: needs {size:,} bytes unpacked, and the disk has {free:,}; make room")
        for done, member in enumerate(members, start=1):
            if done > MOST_FILES:
                raise BadArchive(f"{archive}: holds more than {MOST_FILES:,} files; such an archive is not unpacked")
            path = inside / _safe(member, archive)
            if not set(path.relative_to(inside).parts) & LITTER:
                for block in _written(member, path, archive):
                    left -= block
                    if left < 0:
                        raise _too_much(archive, f"more than {most:,}", most)
            progress(done, total)


def _written(member: _Member, path: Path, archive: Path) -> Iterator[int]:
    """Write a member to its place; yields how many bytes each block has that was written."""
    with _place(path, member, archive):
        if member.kind == "folder":
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.open("xb")
    # Written anew, not extracted: neither owner nor permissions of whoever made the archive come along.
    with target:
        source = member.open()
        assert source is not None  # of a file
        with source:
            while block := source.read(1 << 18):
                target.write(block)
                yield len(block)


def _too_much(archive: Path, size: str, most: int) -> RecipeError:
    return RecipeError(
        f"{archive}: holds {size} bytes unpacked, and at most {most:,} are taken; where that is what it should hold, "
        f"allow more with {argument('most')}"
    )


@contextmanager
def _place(path: Path, member: _Member, archive: Path) -> Iterator[None]:
    """Tell what is wrong with a name for which no place can be made.

    Raises:
        BadArchive: another member has it, or a part of it; or the disk takes no such name.
    """
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        why = "twice" if member.kind == "file" and path.is_file() else "as a file and as a folder"
        raise BadArchive(f"{archive}: holds {member.name!r} {why}; such an archive is not unpacked") from error
    except (OSError, ValueError) as error:  # ValueError is a name that has no bytes
        if isinstance(error, OSError) and error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise
        raise BadArchive(f"{archive}: no file can be called {_shown(member.name)}; it is not unpacked") from error


def _shown(name: str) -> str:
    return repr(name) if len(name) < 100 else f"{name[:80]!r} and {len(name) - 80:,} characters more"


def _safe(member: _Member, archive: Path) -> PurePosixPath:
    """A member's path inside.

    Raises:
        BadArchive: it is a link or device, or its path is none, absolute, leads upwards or too deep.
    """
    name = member.name.replace("\\", "/")
    path = PurePosixPath(name)
    if member.kind not in ("file", "folder"):
        raise BadArchive(f"{archive}: {member.name} is {member.kind}; such an archive is not unpacked")
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise BadArchive(f"{archive}: {member.name!r} leads out of the folder; such an archive is not unpacked")
    if member.kind == "file" and not path.parts:
        raise BadArchive(f"{archive}: holds a file called {member.name!r}, which is no name; it is not unpacked")
    if len(path.parts) > DEEPEST:
        raise BadArchive(
            f"{archive}: holds folders {len(path.parts)} deep, and at most {DEEPEST} are taken; it is not unpacked"
        )
    return path


class _opened:
    """Context: the members of an archive, how many they are, and how many bytes (None: not known beforehand)."""

    def __init__(self, archive: Path, most: int) -> None:
        self.archive, self.most = archive, most

    def __enter__(self) -> tuple[Iterator[_Member], int | None, int | None]:
        if zipfile.is_zipfile(self.archive):
            self.file: zipfile.ZipFile | tarfile.TarFile = zipfile.ZipFile(self.archive)
            listed = self.file.infolist()
            return _zipped(self.file, listed), len(listed), sum(one.file_size for one in listed)
        self.file = tarfile.open(fileobj=_Stream(self.archive), mode="r:")
        return _tarred(self.file, self.most), None, None

    def __exit__(self, *_: object) -> None:
        self.file.close()
        if isinstance(self.file, tarfile.TarFile) and self.file.fileobj is not None:
            self.file.fileobj.close()


class _Stream(gzip.GzipFile):
    """What is inside a .gz; no more of it at once than an honest .tar is read in."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > LONGEST_HEADER:
            raise tarfile.ReadError(f"what it says of one file is {size:,} bytes long")
        return super().read(size)


def _zipped(file: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> Iterator[_Member]:
    for one in listed:
        mode = one.external_attr >> 16
        kind = "folder" if one.is_dir() else "a link" if stat.S_ISLNK(mode) else "file"
        if one.flag_bits & 1:
            kind = "encrypted"
        yield _Member(one.filename, kind, partial(file.open, one))


def _tarred(file: tarfile.TarFile, most: int) -> Iterator[_Member]:
    while (one := file.next()) is not None:
        file.members.clear()  # type: ignore[attr-defined]  # it would keep them all
        if one.size < 0:
            raise tarfile.ReadError("a size below zero")
        kind = (
            "file"
            if one.isreg()
            else "folder"
            if one.isdir()
            else "a link"
            if one.issym() or one.islnk()
            else "a device"
        )
        yield _Member(one.name, kind, partial(file.extractfile, one))
    # Zeros alone are the end; Python takes what it does not understand for one too. Reading on compares the checksum.
    assert file.fileobj is not None
    file.fileobj.seek(file.offset)
    while block := file.fileobj.read(1 << 20):
        if block.count(0) != len(block):
            raise tarfile.ReadError("something stands in it that is no file")
        most -= len(block)
        if most < 0:
            raise tarfile.ReadError("it never ends")
