"""Getting a data set: once, into the right folder, and nothing is left of what went wrong."""

import hashlib
import io
import json
import zipfile

import pytest

from cyclekit.download import catalogue
from cyclekit.download.catalogue import Published
from cyclekit.download.getting import NOTE, Telling, get, source_of
from cyclekit.registry import RecipeError
from tests.web import web


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server():
    with web() as served:
        yield served


def packed(*names):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names or ("horses/trainA/1.png", "horses/trainB/1.png"):
            archive.writestr(name, name)
    return held.getvalue()


def got(name, out=None, **options):
    return get(name, out, Telling(*[lambda done, total: None] * 3), **options)


def below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_set_is_had_once(server, tmp_path):
    server.files["/some/horses.zip"] = packed()
    address, total = f"{server.address}/some/horses.zip", hashlib.sha256(packed()).hexdigest()
    first = got(address)
    assert (first.folder.as_posix(), first.source, first.sha256, first.was_there) == (
        "data/horses",
        address,
        total,
        False,
    )
    assert below(tmp_path / "data") == [
        "horses.zip.sha256", f"horses/{NOTE}", "horses/trainA/1.png", "horses/trainB/1.png",
    ]  # fmt: skip
    assert json.loads((first.folder / NOTE).read_text()) == {"source": address, "sha256": total}
    asked = len(server.asked)
    again = got(address)
    assert (again.was_there, again.folder, len(server.asked)) == (True, first.folder, asked)


def test_a_published_set_is_held_against_its_sum(server, monkeypatch):
    server.files["/h.zip"] = packed()
    known = Published("horses", f"{server.address}/h.zip", "horses", "huggan/horses", sha256="0" * 64)
    monkeypatch.setitem(catalogue.SETS, "horses", known)
    with pytest.raises(
        RecipeError, match=f"and {'0' * 64} is the one it must have; the file was removed; where you trust"
    ):
        got("horses")
    own = hashlib.sha256(packed()).hexdigest()
    assert got("horses", sha256=own.upper()).sha256 == own  # whoever trusts it may say so


def test_an_archive_that_was_brought_is_taken_and_stays(tmp_path, server):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/horses.zip").write_bytes(packed())
    made = got(f"{server.address}/horses.zip")
    assert server.asked == []
    assert (tmp_path / "data/horses.zip").is_file()
    assert (made.folder / "trainA/1.png").is_file()


@pytest.mark.parametrize("keep", [False, True])
def test_what_is_no_archive_is_said_and_stays_only_where_it_was_to_be_kept(server, tmp_path, keep):
    server.files["/horses.zip"] = b"<html>not found</html>"
    with pytest.raises(RecipeError, match=r"is no archive; it begins with b'<html>not found</html>'"):
        got(f"{server.address}/horses.zip", keep_archive=keep)
    assert below(tmp_path / "data") == (["horses.zip", "horses.zip.sha256"] if keep else [])


def test_an_archive_may_not_hold_the_note(server):
    server.files["/horses.zip"] = packed(f"horses/{NOTE}/x.png", "horses/y.png")
    with pytest.raises(RecipeError, match=rf"holds a folder called {NOTE}, which is the name of a file here"):
        got(f"{server.address}/horses.zip")


def test_nobody_there_says_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setitem(
        catalogue.SETS, "horses", Published("horses", "http://127.0.0.1:9/h.tar.gz", "horses", "huggan/horses")
    )
    with pytest.raises(RecipeError) as error:
        got("horses", tmp_path / "my horses")
    place = tmp_path / "my horses.tar.gz"
    assert str(error.value).endswith(
        f"download it elsewhere, put it at {place}, and run the same command again; or try its mirror: cyclekit data "
        f"get hub:huggan/horses --out '{tmp_path}/my horses'"
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("ftp://x/y.zip", {}, r"^data get ftp://x/y\.zip: addresses begin with http:// or https://$"),
        ("http://x/y.rar", {}, r"^data get http://x/y\.rar: an archive's address ends in \.zip, "),
        ("http://x/", {}, r"an archive's address ends in"),
        (
            "http://x/.zip",
            {},
            r"^data get http://x/\.zip: no folder can be called as its address ends; say where: out$",
        ),
        ("http://x/...zip", {}, r"no folder can be called as its address ends"),
        ("http://x/a%00.zip", {}, r"no folder can be called as its address ends"),
        ("hub:", {}, r"^data get hub:: no folder can be called as its address ends"),
        ("hub:some/..", {}, r"no folder can be called as its address ends"),
        ("http://x/y.zip", {"sha256": "abc"}, r"^sha256=abc: a sum has 64 hexadecimal digits$"),
        ("hub:a/b", {"sha256": "0" * 64}, r"^sha256: the hub checks its own files; leave it out$"),
        ("horse2zebr", {}, r"no such set; did you mean 'horse2zebra'\?"),
    ],
)
def test_what_cannot_be_got_is_one_line_and_leaves_nothing(tmp_path, name, options, message):
    with pytest.raises(RecipeError, match=message):
        got(name, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken_is_left_alone(server, tmp_path):
    (tmp_path / "data/horses").mkdir(parents=True)
    (tmp_path / "data/horses/mine").write_text("mine")
    with pytest.raises(RecipeError, match="horses"):
        got(f"{server.address}/horses.zip")
    assert server.asked == []
    assert below(tmp_path / "data") == ["horses/mine"]


@pytest.mark.parametrize("note", [None, "", "[]", '{"sha256": "x"}', "{", b"\xff"])
def test_a_folder_without_a_note_is_from_nowhere(tmp_path, note):
    if note is not None:
        (tmp_path / NOTE).write_bytes(note if isinstance(note, bytes) else note.encode())
    assert source_of(tmp_path) is None
