"""Bytes that should be lines of UTF-8: what they are where they are not, and the command that mends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HEAD = 1 << 16
"""Bytes of a file by which it is told what it is."""

FEWEST = 64
"""Bytes below which shares of them say nothing."""

MAGIC = {
    b"\x89PNG\r\n\x1a\n": "a picture (PNG), not text",
    b"\xff\xd8\xff": "a picture (JPEG), not text",
    b"GIF8": "a picture (GIF), not text",
    b"II*\0": "a picture (TIFF), not text",
    b"MM\0*": "a picture (TIFF), not text",
    b"%PDF": "a PDF document, not text; extract it: pdftotext {file} {plain}",
    b"PK\x03\x04": "a zip archive, or a document of an office program; unpack it, or save it as CSV in UTF-8",
    b"BZh": "compressed with bzip2; unpack it: bunzip2 -c {file} > {plain}",
    b"\xfd7zXZ\0": "compressed with xz; unpack it: xz -dc {file} > {plain}",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it: zstd -dc {file} > {plain}",
    b"\x93NUMPY": "an array of numbers (npy), not text",
    b"SQLite format 3\0": "an SQLite database, not text",
}
"""First bytes, and what a file is that begins so."""

MARKS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""Byte order marks; the longer ones first."""

GZIP = b"\x1f\x8b"

WESTERN = ("WINDOWS-1252", "ISO-8859-1")
OTHERS = ("GB18030", "SHIFT_JIS", "EUC-KR", "BIG5", "WINDOWS-1251", "KOI8-R")
"""Encodings that text is met in, by the names that iconv and Python share."""


class UnreadableText(Exception):
    """A file that cannot be read as lines of UTF-8. Its text says why, and what would mend it."""


def check_head(head: bytes, path: Path | None, unpacked: bool = False) -> None:
    """Look at a file's first bytes.

    Args:
        path: the file; None for standard input.
        unpacked: whether they come out of the gzip file `path`.

    Raises:
        UnreadableText: they are of no text in UTF-8.
    """
    if head.startswith(GZIP):
        raise UnreadableText(f"is compressed with gzip{' twice' if unpacked else ''}; {_mended(path, unpacked)}")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        raise UnreadableText("is a picture (WebP), not text")
    for magic, what in MAGIC.items():
        if head.startswith(magic):
            file = "FILE" if path is None else shlex.quote(str(path))
            plain = "FILE.txt" if path is None else shlex.quote(f"{path}.txt")
            raise UnreadableText("is " + what.format(file=file, plain=plain))
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            raise UnreadableText(f"is {encoding}, not UTF-8; convert it: {conversion(path, encoding)}")
    if len(head) < FEWEST:
        return
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Text of another alphabet has fewer zeros, but each space, full stop and line end has one.
    if max(even, odd) > 0.05 * len(head) and min(even, odd) < max(even, odd) / 20:
        encoding = "UTF-16LE" if odd > even else "UTF-16BE"
        raise UnreadableText(f"is {encoding}, not UTF-8; convert it: {conversion(path, encoding)}")
    if sum(byte < 9 or 13 < byte < 28 for byte in head) > 0.3 * len(head):
        raise UnreadableText("is no text: a third of it is control characters")


def decode(line: bytes, number: int, path: Path | None, first: bool = False) -> str:
    """A line of UTF-8, without a byte order mark.

    Args:
        number: which line of its file, from 1.
        path: its file; None for standard input.
        first: whether a byte order mark may stand here.

    Raises:
        UnreadableText: it is none.
    """
    try:
        return line.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableText(f"line {number}: {not_utf8(line, error.start, path)}") from error


def not_utf8(held: bytes, place: int, path: Path | None) -> str:
    """Why bytes that are no UTF-8 from `place` on are none, and what to do."""
    byte = f"byte 0x{held[place]:02x}"
    if held[place] == 0xED and held[place + 1 : place + 2] >= b"\xa0":
        return (
            f"is not UTF-8 ({byte}: half of a UTF-16 surrogate pair); leave such characters out: "
            f"{conversion(path, 'UTF-8', '-c ')}"
        )
    high = sum(byte >= 0x80 for byte in held)
    letters = sum(byte > 0x20 for byte in held)
    wanted = WESTERN if high < letters / 3 else OTHERS
    likely = [encoding for encoding in wanted if _decodes(held, encoding)] or list(WESTERN)
    if wanted is WESTERN:
        return f"is not UTF-8 ({byte}), but perhaps {likely[0]}; convert it: {conversion(path, likely[0])}"
    others = ", ".join(likely[1:])
    return f"is not UTF-8 ({byte}), but perhaps {likely[0]}; convert it: {conversion(path, likely[0])}" + (
        f" (if that is unreadable, it may be {others})" if others else ""
    )


def conversion(path: Path | None, encoding: str, options: str = "") -> str:
    """The command that writes a file anew in UTF-8."""
    iconv = f"iconv {options}-f {encoding} -t UTF-8"
    if path is None:
        return f"{iconv} FILE > FILE.utf8"
    file = shlex.quote(str(path))
    stem = path.name.split(".", 1)
    target = shlex.quote(str(path.with_name(f"{stem[0]}-utf8{'.' + stem[1] if len(stem) > 1 else ''}")))
    return f"gzip -dc {file} | {iconv} | gzip > {target}" if path.suffix == ".gz" else f"{iconv} {file} > {target}"


def bare_returns(blocks: Iterable[bytes]) -> bool:
    """Whether lines end in carriage returns alone, as on the first Macs: there are some, and no line feed at all."""
    returns = False
    for block in blocks:
        if b"\n" in block:
            return False
        returns = returns or b"\r" in block
    return returns


def lines_in(held: bytes) -> list[bytes]:
    """The lines of a whole file without their ends; a carriage return before a line feed is part of the end."""
    if bare_returns([held]):
        held = held.replace(b"\r", b"\n")
    lines = held.split(b"\n")  # `splitlines` would also part lines at characters that other programs count as text
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def blocks_of(file: Any) -> Iterator[bytes]:
    """A binary file from its beginning, a piece at a time."""
    file.seek(0)
    while block := file.read(HEAD):
        yield block


def not_gzip(path: Path) -> str:
    """Why a file whose name ends in `.gz` cannot be unpacked, and what to do."""
    with path.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    if packed:
        return "is not wholly a gzip file: it was cut off or damaged; fetch it anew"
    packed_name, plain = shlex.quote(str(path)), shlex.quote(str(path.with_suffix("")))
    return f"is no gzip file; if it is plain text, give it its name: mv {packed_name} {plain}"


def _mended(path: Path | None, unpacked: bool) -> str:
    if path is None:
        return "unpack it: gzip -dc FILE | ..."
    file = shlex.quote(str(path))
    if unpacked:
        return f"unpack it once: mv {file} {file}.gz && gunzip {file}.gz"
    return f"give it its name: mv {file} {file}.gz"


def _decodes(held: bytes, encoding: str) -> bool:
    try:
        text = held.decode(encoding)
    except UnicodeDecodeError:
        return False
    return not any(character < " " and not character.isspace() for character in text)
