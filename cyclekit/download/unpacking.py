"""Unpack a .zip or .tar.gz that somebody else made: files and folders, all of them inside, or nothing at all."""

from __future__ import annotations

import gzip
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from cyclekit.core.new_folder import new_folder
from cyclekit.registry import RecipeError

ENDINGS = (".zip", ".tar.gz", ".tgz")
"""Of the archives that are understood."""

LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db"}
"""What operating systems leave in archives."""

Told = Callable[[int, int | None], None]
"""Called with (files unpacked, files in all, None where the archive does not say)."""


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


def unpack(archive: Path, out: Path, finish: Callable[[Path], None], progress: Told | None = None) -> None:
    """Unpack `archive` as the folder `out`, which appears when all of it is there.

    Where everything lies in one folder inside, as in the published sets, that folder becomes `out`.

    Args:
        finish: called with the whole folder just before it gets its name.

    Raises:
        RecipeError: `out` is taken; the archive is broken; it holds links, devices, or names that lead out of it.
        OSError: the disk is full, or the place cannot be written.
    """
    with new_folder(out) as beside:
        inside = beside / "inside"
        inside.mkdir()
        try:
            _write(archive, inside, progress or (lambda done, total: None))
        except (
            zipfile.BadZipFile,
            tarfile.TarError,
            zlib.error,
            EOFError,
            gzip.BadGzipFile,
            NotImplementedError,
        ) as error:
            raise RecipeError(
                f"{archive}: the archive is broken ({str(error) or type(error).__name__}); remove it and fetch it again"
            ) from error
        found = [entry for entry in inside.iterdir() if entry.name not in LITTER]
        if not found:
            raise RecipeError(f"{archive}: the archive is empty")
        top = found[0] if len(found) == 1 and found[0].is_dir() else inside
        for entry in sorted(top.iterdir()):
            if entry.name not in LITTER:
                # Under a name of their own first: the one folder may hold one that is called like it.
                entry.rename(beside / f"{entry.name}.in")
        shutil.rmtree(inside)
        for entry in sorted(beside.iterdir()):
            entry.rename(entry.with_name(entry.name.removesuffix(".in")))
        finish(beside)


def _write(archive: Path, inside: Path, progress: Told) -> None:
    taken: set[Path] = set()
    with _opened(archive) as (members, total, size):
        free = shutil.disk_usage(inside).free
        if size is not None and size > free:
            raise RecipeError(f"{archive}: needs {size:,} bytes unpacked, and the disk has {free:,}; make room")
        for done, member in enumerate(members, start=1):
            path = inside / _safe(member, archive)
            if member.kind == "folder":
                path.mkdir(parents=True, exist_ok=True)
            elif not set(path.relative_to(inside).parts) & LITTER:
                if path in taken:
                    raise RecipeError(f"{archive}: holds {member.name} twice; nothing was unpacked")
                taken.add(path)
                path.parent.mkdir(parents=True, exist_ok=True)
                # Written anew, not extracted: neither owner nor permissions of whoever made the archive come along.
                source = member.open()
                assert source is not None  # of a file
                with source, path.open("xb") as target:
                    shutil.copyfileobj(source, target, 1 << 18)
            progress(done, total)


def _safe(member: _Member, archive: Path) -> PurePosixPath:
    """A member's path inside.

    Raises:
        RecipeError: it is a link or device, or its path is absolute or leads upwards.
    """
    name = member.name.replace("\\", "/")
    path = PurePosixPath(name)
    if member.kind not in ("file", "folder"):
        raise RecipeError(f"{archive}: {member.name} is {member.kind}; such an archive is not unpacked")
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise RecipeError(f"{archive}: {member.name!r} leads out of the folder; such an archive is not unpacked")
    return path


class _opened:
    """Context: the members of an archive, how many they are, and how many bytes (None: not known beforehand)."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive

    def __enter__(self) -> tuple[Iterator[_Member], int | None, int | None]:
        if zipfile.is_zipfile(self.archive):
            self.file: zipfile.ZipFile | tarfile.TarFile = zipfile.ZipFile(self.archive)
            listed = self.file.infolist()
            return _zipped(self.file, listed), len(listed), sum(one.file_size for one in listed)
        self.file = tarfile.open(self.archive, "r:gz")
        return _tarred(self.file), None, None

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _zipped(file: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> Iterator[_Member]:
    for one in listed:
        mode = one.external_attr >> 16
        kind = "folder" if one.is_dir() else "a link" if stat.S_ISLNK(mode) else "file"
        if one.flag_bits & 1:
            kind = "encrypted"
        yield _Member(one.filename, kind, partial(file.open, one))


def _tarred(file: tarfile.TarFile) -> Iterator[_Member]:
    for one in file:
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
    # The checksum stands behind the last block that tar looks at; reading on compares it.
    while file.fileobj is not None and file.fileobj.read(1 << 20):
        pass
