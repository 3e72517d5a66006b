"""Get a data set of pictures: a published one by its name, one of the Hugging Face hub, or an archive's address.

Every folder made here holds `source.json`, which says where its pictures are from; the same command a second time finds
it and does nothing.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from cyclekit.download.catalogue import Published, published
from cyclekit.download.connecting import Unreachable
from cyclekit.download.fetching import check_sum, fetch
from cyclekit.download.unpacking import ENDINGS, MOST_BYTES, BadArchive, archive_ending, is_archive, unpack
from cyclekit.files.new_folder import new_folder, refuse_taken
from cyclekit.registry import RecipeError, argument

NOTE = "source.json"

Told = Callable[[int, int | None], None]


class Telling(NamedTuple):
    """Whom to tell about the stages of the work: bytes, files, pictures."""

    fetching: Told
    unpacking: Told
    writing: Told


class Got(NamedTuple):
    """A data set that is there."""

    folder: Path
    source: str
    sha256: str | None = None
    """Of the archive; None for a set of the hub, or one that was there already."""
    resumed_from: int = 0
    was_there: bool = False
    unreadable: tuple[str, ...] = ()
    """Pictures of the hub that are none, with why: they were left out."""


def get(
    name: str,
    out: Path | None,
    telling: Telling,
    sha256: str | None = None,
    keep_archive: bool = False,
    most: int = MOST_BYTES,
) -> Got:
    """Get a data set as the folder `out`.

    An archive that lies beside `out` under its name already (`<out>.zip`, `<out>.tar.gz`) is taken instead of being
    downloaded: that is how to bring one to a machine without a network.

    Args:
        name: of a published set, `hub:OWNER/NAME`, or the http(s) address of an archive.
        out: default: `data/NAME`.
        sha256: of the archive; default: the published one, where it is known.
        keep_archive: leave the archive beside the folder. One that was put there by hand always stays.
        most: bytes that an archive may have, and as many that it may hold.

    Raises:
        RecipeError: an unknown name, a place that is taken, no way to get it, or something wrong with what came.
    """
    if name.startswith("hub:"):
        if sha256 is not None:
            raise RecipeError(f"{argument('sha256')}: the hub checks its own files; leave it out")
        repository = name.removeprefix("hub:")
        return get_from_hub(repository, out or _folder_of(name, _last(repository)), telling)
    if re.match(r"https?://", name):
        one = Published(name=_last(urlsplit(name).path), address=name, words="")
    elif "://" in name:
        raise RecipeError(f"data get {name}: addresses begin with http:// or https://")
    else:
        one = published(name)
    ending = archive_ending(urlsplit(one.address).path)
    if ending is None:
        raise RecipeError(f"data get {name}: an archive's address ends in {', '.join(ENDINGS)}")
    out = out or _folder_of(name, _last(one.name).removesuffix(ending))
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise RecipeError(f"{argument('sha256', sha256)}: a sum has 64 hexadecimal digits")
    return _get_archive(one, out, ending, sha256 or one.sha256, keep_archive, telling, most)


def _get_archive(
    one: Published, out: Path, ending: str, sha256: str | None, keep_archive: bool, telling: Telling, most: int
) -> Got:
    if source_of(out) == one.address:
        return Got(out, one.address, was_there=True)
    refuse_taken(out)
    archive = out.with_name(out.name + ending)
    brought = archive.is_file()
    resumed_from = 0
    if brought:
        found = check_sum(archive, archive, one.address, sha256)
    else:
        try:
            found, resumed_from = fetch(one.address, archive, sha256, telling.fetching, most)[1:]
        except Unreachable as unreachable:
            command = f"cyclekit data get hub:{one.mirror} --out {shlex.quote(str(out))}"
            mirror = f"; or try its mirror: {command}" if one.mirror else ""
            raise RecipeError(
                f"{one.address} cannot be fetched ({unreachable}): download it elsewhere, put it at {archive}, and "
                f"run the same command again{mirror}"
            ) from unreachable
    try:
        if not is_archive(archive):
            with archive.open("rb") as file:
                beginning = file.read(24)
            raise BadArchive(f"{one.address if not brought else archive}: is no archive; it begins with {beginning!r}")
        unpack(archive, out, lambda folder: _note(folder, one.address, found), telling.unpacking, most)
    except BadArchive as bad:
        if brought or keep_archive:
            raise RecipeError(f"{bad}; the archive stays where it is, remove it to fetch it anew") from bad
        archive.unlink()
        archive.with_name(archive.name + ".sha256").unlink(missing_ok=True)
        raise
    if not brought and not keep_archive:
        archive.unlink()
    return Got(out, one.address, found, resumed_from)


def get_from_hub(repository: str, out: Path, telling: Telling) -> Got:
    """A set of the hub as trainA, trainB (testA, testB): the bytes of its PNG and JPEG files, as they are stored.

    Raises:
        RecipeError: it cannot be had, is not two domains of pictures, or holds pictures of other formats.
    """
    source = f"hub:{repository}"
    if source_of(out) == source:
        return Got(out, source, was_there=True)
    refuse_taken(out)
    from cyclekit.core.batch import Pair
    from cyclekit.core.data import SourceMissing
    from cyclekit.files.hub import load_data_set
    from cyclekit.image.hub import pictures_of_hub

    try:
        loaded = load_data_set(repository)
    except SourceMissing as missing:
        raise RecipeError(
            f"{source}: {missing}; download it from https://huggingface.co/datasets/{repository} elsewhere, and put "
            f"its pictures at {out}/trainA, {out}/trainB"
        ) from missing
    found = pictures_of_hub(loaded, source, Pair("a", "b"), pair_up=False)
    splits = {f"{split}{side}": one for split, both in (("train", found.train), ("test", found.test))
              for side, one in zip("AB", both) if one is not None}  # fmt: skip
    total, done = sum(len(one.names) for one in splits.values()), 0
    unreadable: list[str] = []
    with new_folder(out) as beside:
        for folder, pictures in splits.items():
            (beside / folder).mkdir()
            column: Any = pictures
            for row, name in enumerate(pictures.names):
                data = _stored_bytes(column, row)
                suffix = _suffix(data)
                if suffix is None:
                    unreadable.append(f"{column.stored(row).name}: neither PNG nor JPEG")
                else:
                    (beside / folder / f"{name}{suffix}").write_bytes(data)
                done += 1
                telling.writing(done, total)
        if len(unreadable) == total:
            raise RecipeError(
                f"{source}: holds neither PNG nor JPEG pictures; train on it directly: {argument('data', source)}"
            )
        _note(beside, source, None)
    return Got(out, source, unreadable=tuple(unreadable))


def source_of(folder: Path) -> str | None:
    """Where a folder's pictures are from, by the note in it; None without one."""
    try:
        return str(json.loads((folder / NOTE).read_text(encoding="utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(folder: Path, source: str, sha256: str | None) -> None:
    if (folder / NOTE).is_dir():
        raise BadArchive(f"{source}: holds a folder called {NOTE}, which is the name of a file here")
    note = {"source": source} | ({"sha256": sha256} if sha256 else {})
    (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def _stored_bytes(column: Any, row: int) -> bytes:
    """The encoded picture in a row of an `image.hub.Column`."""
    cell = column.table[column.rows[row]][column.column]
    return bytes(cell["bytes"]) if cell["bytes"] is not None else Path(cell["path"]).read_bytes()


def _suffix(data: bytes) -> str | None:
    """By the format's signature: PNG specification section 5.2, JPEG's marker SOI."""
    return ".png" if data.startswith(b"\x89PNG\r\n\x1a\n") else ".jpg" if data.startswith(b"\xff\xd8\xff") else None


def _folder_of(name: str, called: str) -> Path:
    """Where a set goes that is called so.

    Raises:
        RecipeError: no folder can be called so.
    """
    if called in ("", ".", "..") or not called.isprintable():
        raise RecipeError(f"data get {name}: no folder can be called as its address ends; say where: {argument('out')}")
    return Path("data") / called


def _last(path: str) -> str:
    return unquote(path).rstrip("/").rpartition("/")[2]
