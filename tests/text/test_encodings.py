"""Files that are no lines of UTF-8: each is named for what it is, and the advice is a command that mends it."""

import gzip
import io
import random
import re
import subprocess

import pytest
from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.encodings import UnreadableText
from cyclekit.text.files import lines_of
from cyclekit.text.sources import open_source
from tests.text.test_sources import write

DOMAINS = Pair("formal", "informal")
LINES = ["I do not know.", "yes", "nothing else"] * 5
OTHER = ["one", "two"]
TEXT = "".join(f"{line}\n" for line in LINES)
FRENCH = ["le café est fermé", "à bientôt", "où êtes-vous ?"]
GREEK = ["δεν ξέρω", "καλημέρα σας"] * 12
CHINESE = ["我不知道你在说什么", "今天天气很好，我们去公园吧。"] * 12


def picture(kind):
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(held, kind)
    return held.getvalue()


def lines(sentences):
    return "".join(f"{line}\n" for line in sentences)


def why(path):
    """What training and translating say of a file: the same."""
    with pytest.raises(RecipeError) as refused:
        open_source({"a": str(path), "b": str(path.with_name("other.txt"))}, DOMAINS)
    with pytest.raises(UnreadableText) as unread:
        list(lines_of(path))
    assert str(refused.value).endswith(str(unread.value))
    assert "\n" not in str(refused.value)
    return str(unread.value)


MENDED = {
    "utf16.txt": (TEXT.encode("utf-16"), "is UTF-16, not UTF-8", LINES),
    "utf32.txt": (TEXT.encode("utf-32"), "is UTF-32, not UTF-8", LINES),
    "no mark.txt": (TEXT.encode("utf-16-le"), "is UTF-16LE, not UTF-8", LINES),
    "big ends.txt": (TEXT.encode("utf-16-be"), "is UTF-16BE, not UTF-8", LINES),
    "greek.txt": (lines(GREEK).encode("utf-16-le"), "is UTF-16LE, not UTF-8", GREEK),
    "packed.txt.gz": (gzip.compress(TEXT.encode("utf-16")), "is UTF-16, not UTF-8", LINES),
    "zipped.txt": (gzip.compress(TEXT.encode()), "is compressed with gzip", LINES),
    "twice.txt.gz": (gzip.compress(gzip.compress(TEXT.encode())), "is compressed with gzip twice", LINES),
    "plain.txt.gz": (TEXT.encode(), "is no gzip file", LINES),
    "latin1.txt": (lines(FRENCH).encode("latin-1"), "line 1: is not UTF-8 (byte 0xe9), but perhaps", FRENCH),
    "it's.windows.txt": ("“yes” – no\n".encode("cp1252"), "line 1: is not UTF-8 (byte 0x93)", ["“yes” – no"]),
    "chinese.txt": (lines(CHINESE).encode("gb18030"), "line 1: is not UTF-8 (byte 0xce), but perhaps GB18030", CHINESE),
    "surrogate.txt": (b"\xed\xa0\x80 hi\n", "line 1: is not UTF-8 (byte 0xed: half of a UTF-16", ["hi"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
def test_the_command_that_is_advised_mends_the_file(tmp_path, name):
    held, what, expected = MENDED[name]
    write(tmp_path, {"other.txt": OTHER})
    (tmp_path / name).write_bytes(held)
    told = why(tmp_path / name)
    assert what in told
    command = re.search(r": ((?:iconv|gzip|mv) .*?)(?: \(if that|$)", told)[1]
    before = set(tmp_path.iterdir())
    subprocess.run(command, shell=True, check=True)
    mended = next(iter(set(tmp_path.iterdir()) - before), tmp_path / name)
    assert open_source({"a": str(mended), "b": str(tmp_path / "other.txt")}, DOMAINS).train.a == expected


@pytest.mark.parametrize(
    ("name", "held", "what"),
    [
        ("a.txt", picture("PNG"), r"is a picture \(PNG\), not text"),
        ("a.txt", picture("JPEG"), r"is a picture \(JPEG\)"),
        ("a.txt", picture("WEBP"), r"is a picture \(WebP\)"),
        ("a.txt", picture("TIFF"), r"is a picture \(TIFF\)"),
        ("a.txt", b"PK\x03\x04" + bytes(50), "is a zip archive, or a document of an office program"),
        ("a.txt", b"%PDF-1.7\n", "is a PDF document, not text; extract it: pdftotext"),
        ("a.txt", random.Random(0).randbytes(999).replace(b"\n", b""), "is no text|is not UTF-8"),
        ("cut.txt.gz", gzip.compress(random.Random(0).randbytes(999).hex().encode())[:500], "was cut off or damaged"),
    ],
)
def test_what_is_no_text_is_said_to_be_what_it_is(tmp_path, name, held, what):
    write(tmp_path, {"other.txt": OTHER})
    (tmp_path / name).write_bytes(held)
    assert re.search(what, why(tmp_path / name))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (b"I do not know.\r\n\r\nyes", ["I do not know.", "", "yes"]),
        (b"I do not know.\r\ryes\r", ["I do not know.", "", "yes"]),
        (b"bare\rreturn\nyes\r\n", ["bare\rreturn", "yes"]),
        (b"\xef\xbb\xbfone\n\xef\xbb\xbftwo", ["one", "\ufefftwo"]),
        (b"nul\0byte\nvt\x0bff\x0c\n\x1c\n", ["nul\0byte", "vt\x0bff\x0c", "\x1c"]),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_ends_of_lines_of_every_machine(tmp_path, held, expected, packed):
    path = tmp_path / ("x.txt.gz" if packed else "x.txt")
    path.write_bytes(gzip.compress(held) if packed else held)
    assert list(lines_of(path)) == expected
    write(tmp_path, {"other.txt": OTHER})
    found = open_source({"a": str(path), "b": str(tmp_path / "other.txt")}, DOMAINS).train.a
    assert found == [" ".join(line.split()) for line in expected if line.strip()]
