"""Fetch one file over HTTP: resumed where it broke off, checked against its sum.

A download grows in `<archive>.partial`, beside `<archive>.partial.json`, which says what it is the beginning of, and
gets its name when it is whole. Killed at any point, it goes on from the bytes it has: asked for with a Range, and with
If-Range where the server names the file's version (RFC 9110, sections 13.1.5 and 14.2), so that no two versions mix.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.download.connecting import Unreachable, answer_to, reason_of
from cyclekit.registry import RecipeError, argument

RESUMPTIONS = 3
"""How often in a row a broken download is gone on with at once; one that brings nothing new is not."""
BLOCK = 1 << 18

Told = Callable[[int, int | None], None]
"""Called with (bytes there, bytes in all, None where the server does not say)."""


class BrokenOff(Exception):
    """The connection ended before the file did."""


class Fetched(NamedTuple):
    """A file that is whole."""

    path: Path
    sha256: str
    resumed_from: int
    """Bytes that were there from an earlier attempt; 0 when it began anew."""


class _Partial(NamedTuple):
    """A download under way, and the note about it that outlives the process."""

    path: Path
    note: Path

    def known(self, address: str) -> dict[str, Any]:
        """What is noted about it; empty, and no bytes left, when it is not the beginning of `address`."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            if note["address"] == address and self.path.is_file():
                return dict(note)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.remove()
        return {}

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def fetch(
    address: str, archive: Path, sha256: str | None = None, progress: Told | None = None, most: int | None = None
) -> Fetched:
    """Download `address` as `archive`, going on with what an earlier attempt left.

    The sum is also held against the one that an earlier download of the same address left in `<archive>.sha256`, and
    is written there where there is none.

    Args:
        sha256: the sum it must have, in hexadecimal.
        most: bytes that are taken; None: any number.

    Raises:
        Unreachable: no connection, no answer in time, a refusal, or an answer to something else; what was there before
            is kept.
        RecipeError: the connection broke again and again (what came is kept); or the sum is another one, or it is
            larger than `most` or than the server said (nothing is kept).
        OSError: the disk is full, or the place cannot be written.
    """
    partial = _Partial(archive.with_name(archive.name + ".partial"), archive.with_name(archive.name + ".partial.json"))
    known = partial.known(address)
    began = partial.path.stat().st_size if known else 0
    for attempt in range(RESUMPTIONS + 1):
        before = partial.path.stat().st_size if partial.path.exists() else 0
        try:
            _receive(address, partial, progress or (lambda done, total: None), most)
            break
        except BrokenOff as broken:
            after = partial.path.stat().st_size if partial.path.exists() else 0
            if after <= before or attempt == RESUMPTIONS:
                raise RecipeError(
                    f"{address}: the connection broke off after {after:,} bytes ({broken}); run the same command "
                    f"again to go on from there ({partial.path} keeps them)"
                ) from broken
    found = check_sum(partial.path, archive, address, sha256, discard=partial.remove)
    partial.path.replace(archive)
    partial.note.unlink(missing_ok=True)
    return Fetched(archive, found, began)


def check_sum(
    file: Path, archive: Path, address: str, sha256: str | None, discard: Callable[[], None] | None = None
) -> str:
    """The SHA-256 of `file`, held against `sha256` and against the sum recorded for `archive` and `address`.

    It is recorded in `<archive>.sha256`, as `sha256sum --check` reads it, under a comment with the address.

    Args:
        discard: called before a wrong sum is complained about.

    Raises:
        RecipeError: it is another one.
    """
    record = archive.with_name(archive.name + ".sha256")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    expected, whose = sha256, "the one it must have"
    if expected is None:
        expected, whose = _recorded(record, address), f"that of an earlier download, in {record}"
    if expected is not None and expected.lower() != found:
        gone = "was removed" if discard else f"is still at {file}"
        if discard:
            discard()
        raise RecipeError(
            f"{address}: its sha256 is {found}, and {expected.lower()} is {whose}; the file {gone}; "
            f"where you trust what is there now, say so: {argument('sha256', found)}"
        )
    record.write_text(f"# {address}\n{found}  {archive.name}\n", encoding="utf-8")
    return found


def _recorded(record: Path, address: str) -> str | None:
    """The sum that an earlier download of `address` had."""
    try:
        comment, line = record.read_text(encoding="utf-8").splitlines()[:2]
    except (OSError, ValueError):
        return None
    return line.split()[0] if comment == f"# {address}" and line else None


def _receive(address: str, partial: _Partial, progress: Told, most: int | None) -> None:
    """Ask for the rest of a file and add it to `partial`, to its end; all of it when the server has another one now.

    Raises:
        Unreachable, BrokenOff; RecipeError where it is too large.
    """
    known = partial.known(address)
    have = partial.path.stat().st_size if known else 0
    headers = {"User-Agent": "cyclekit", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if known.get("version"):
            headers["If-Range"] = known["version"]
    response = answer_to(urllib.request.Request(address, headers=headers))
    with response:
        start, total = _span(response)
        if have and response.status == 416 and total == have:
            return  # it was whole, but for its name
        other = response.status == 206 and (start != have or total != known.get("total"))
        if have and (response.status == 416 or other):
            partial.remove()
            return _receive(address, partial, progress, most)  # another file than the one begun: from the beginning
        if response.status != 200 and not (have and response.status == 206):
            raise Unreachable(f"it answers {response.status} where all of the file was asked for")
        if most is not None and total is not None and total > most:
            partial.remove()
            raise _too_large(address, f"is {total:,} bytes", most)
        partial.path.parent.mkdir(parents=True, exist_ok=True)
        if response.status == 200:
            have = 0
            note = {"address": address, "total": total, "version": _version(response)}
            partial.note.write_text(json.dumps(note), encoding="utf-8")
        # Unbuffered: what has arrived is in the file, whenever the process ends.
        with partial.path.open("r+b" if have else "wb", buffering=0) as file:
            file.seek(have)
            done = _copy(response, file.write, have, total, progress, most)
            os.fsync(file.fileno())
    if most is not None and done > most:
        partial.remove()
        raise _too_large(address, f"sends more than {most:,} bytes", most)
    if total is not None and done > total:
        partial.remove()
        raise RecipeError(f"{address}: sends more than the {total:,} bytes that it speaks of; nothing was kept")
    if total is not None and done < total:
        raise BrokenOff(f"of {total:,}")


def _too_large(address: str, how: str, most: int) -> RecipeError:
    return RecipeError(
        f"{address}: {how}, and at most {most:,} are fetched; where that is what you want, allow more "
        f"with {argument('most')}; nothing was kept"
    )


def _copy(
    response: Any, write: Callable[[bytes], Any], have: int, total: int | None, progress: Told, most: int | None
) -> int:
    """Copy a response to its end, as far as it goes, or until it is too large; how many bytes there are then."""
    progress(have, total)
    largest = min((bound for bound in (total, most) if bound is not None), default=None)
    while largest is None or have <= largest:
        try:
            block = response.read1(BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise BrokenOff(reason_of(error)) from error
        if not block:
            return have
        write(block)
        have += len(block)
        progress(have, total)
    return have


def _span(response: Any) -> tuple[int, int | None]:
    """Where a response begins in its file, and how long that is in all."""
    span = response.headers.get("Content-Range", "")
    if span:
        first, _, total = span.removeprefix("bytes ").partition("/")
        start = first.partition("-")[0]
        return _number(start) or 0, _number(total)
    return 0, _number(response.headers.get("Content-Length", ""))


def _number(words: str) -> int | None:
    return int(words) if re.fullmatch("[0-9]{1,18}", words) else None


def _version(response: Any) -> str | None:
    """What If-Range may name: a strong entity tag, else the date of the last change."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
