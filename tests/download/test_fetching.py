"""Downloads go on where they broke off, never mix two versions, and give up within seconds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from cyclekit.download.connecting import Unreachable
from cyclekit.download.fetching import fetch
from cyclekit.registry import RecipeError
from tests.web import web

DATA = random.Random(0).randbytes(300_000)
SUM = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def server(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with web() as served:
        served.files["/set.zip"] = DATA
        yield served


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "data" / "set.zip"


def beside(archive):
    return sorted(path.name for path in archive.parent.iterdir())


def test_a_whole_file_with_its_sum_beside_it(server, archive):
    told = []
    fetched = fetch(f"{server.address}/set.zip", archive, progress=lambda done, total: told.append((done, total)))
    assert fetched == (archive, SUM, 0)
    assert archive.read_bytes() == DATA
    assert beside(archive) == ["set.zip", "set.zip.sha256"]
    assert (archive.parent / "set.zip.sha256").read_text() == f"# {server.address}/set.zip\n{SUM}  set.zip\n"
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    checked = subprocess.run(["sha256sum", "--check", "set.zip.sha256"], cwd=archive.parent, capture_output=True)
    assert checked.returncode == 0


def test_a_cut_connection_is_gone_on_with_at_once(server, archive):
    server.cuts = [70_000, 100_000]
    assert fetch(f"{server.address}/set.zip", archive).sha256 == SUM
    assert archive.read_bytes() == DATA
    assert server.asked == [
        ("/set.zip", None, None),
        ("/set.zip", "bytes=70000-", '"one"'),
        ("/set.zip", "bytes=170000-", '"one"'),
    ]


def test_what_came_is_kept_for_the_next_time(server, archive):
    server.cuts = [70_000, 0]
    with pytest.raises(RecipeError, match=r"the connection broke off after 70,000 bytes .*again to go on from there"):
        fetch(f"{server.address}/set.zip", archive)
    assert beside(archive) == ["set.zip.partial", "set.zip.partial.json"]
    assert (archive.parent / "set.zip.partial").read_bytes() == DATA[:70_000]
    fetched = fetch(f"{server.address}/set.zip", archive)
    assert fetched == (archive, SUM, 70_000)
    assert beside(archive) == ["set.zip", "set.zip.sha256"]


def test_a_killed_download_is_gone_on_with(server, archive):
    """Killed for real, in the middle, while the server has fallen silent."""
    address = f"{server.address}/set.zip"
    silent = socket.create_server(("127.0.0.1", 0))
    imports = "from pathlib import Path; from cyclekit.download.fetching import fetch"
    code = f"{imports}; fetch({address!r}, Path({str(archive)!r}))"
    with silent:
        port = silent.getsockname()[1]
        environment = {**os.environ, "http_proxy": f"http://127.0.0.1:{port}", "no_proxy": ""}
        child = subprocess.Popen([sys.executable, "-c", code], env=environment)
        connection, _ = silent.accept()
        connection.recv(4096)
        head = f'HTTP/1.0 200 OK\r\nETag: "one"\r\nContent-Length: {len(DATA)}\r\n\r\n'
        connection.sendall(head.encode() + DATA[:123_456])
        partial = archive.parent / "set.zip.partial"
        while not partial.is_file() or partial.stat().st_size < 123_456:
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        connection.close()
    assert fetch(address, archive) == (archive, SUM, 123_456)
    assert server.asked == [("/set.zip", "bytes=123456-", '"one"')]
    assert archive.read_bytes() == DATA


@pytest.mark.parametrize(
    ("before", "after"),
    [('"one"', '"two"'), (None, None), ('W/"one"', 'W/"one"')],
    ids=["another tag", "no tag, another length", "a weak tag, another length"],
)
def test_two_versions_never_mix(server, archive, before, after):
    server.tag, server.cuts = before, [70_000, 0]
    with pytest.raises(RecipeError):
        fetch(f"{server.address}/set.zip", archive)
    server.tag, server.files["/set.zip"] = after, DATA[::-1] + b"longer"
    fetch(f"{server.address}/set.zip", archive)
    assert archive.read_bytes() == DATA[::-1] + b"longer"


def test_a_server_without_ranges_sends_all_of_it_again(server, archive):
    server.ranges, server.cuts = False, [70_000]
    fetch(f"{server.address}/set.zip", archive)
    assert archive.read_bytes() == DATA


def test_a_server_that_tells_no_length(server, archive):
    server.sized = False
    told = []
    assert fetch(f"{server.address}/set.zip", archive, progress=lambda *now: told.append(now)).sha256 == SUM
    assert told[-1] == (len(DATA), None)


def test_another_address_does_not_go_on_with_it(server, archive):
    server.files["/other.zip"], server.cuts = DATA[::-1], [70_000, 0]
    with pytest.raises(RecipeError):
        fetch(f"{server.address}/set.zip", archive)
    fetch(f"{server.address}/other.zip", archive)
    assert archive.read_bytes() == DATA[::-1]


def test_whole_but_for_its_name(server, archive):
    archive.parent.mkdir()
    (archive.parent / "set.zip.partial").write_bytes(DATA)
    note = {"address": f"{server.address}/set.zip", "total": len(DATA), "version": '"one"'}
    (archive.parent / "set.zip.partial.json").write_text(json.dumps(note))
    assert fetch(f"{server.address}/set.zip", archive) == (archive, SUM, len(DATA))


@pytest.mark.parametrize("note", ["", "[]", '{"address": 3}'])
def test_a_spoilt_note_begins_anew(server, archive, note):
    archive.parent.mkdir()
    (archive.parent / "set.zip.partial").write_bytes(b"something else")
    (archive.parent / "set.zip.partial.json").write_text(note)
    assert fetch(f"{server.address}/set.zip", archive) == (archive, SUM, 0)


def test_a_wrong_sum_leaves_nothing(server, archive):
    with pytest.raises(RecipeError, match=rf"its sha256 is {SUM}, and {'0' * 64} is the one it must have; .* was remo"):
        fetch(f"{server.address}/set.zip", archive, sha256="0" * 64)
    assert beside(archive) == []
    assert fetch(f"{server.address}/set.zip", archive, sha256=SUM.upper()).sha256 == SUM


def test_a_later_download_is_held_against_the_first(server, archive):
    fetch(f"{server.address}/set.zip", archive)
    archive.unlink()
    server.files["/set.zip"] = DATA[::-1]
    with pytest.raises(
        RecipeError, match=rf"{SUM} is that of an earlier download, in .*set\.zip\.sha256; the file was"
    ):
        fetch(f"{server.address}/set.zip", archive)
    trusted = hashlib.sha256(DATA[::-1]).hexdigest()
    assert fetch(f"{server.address}/set.zip", archive, sha256=trusted).sha256 == trusted
    server.files["/other.zip"] = DATA
    archive.unlink()
    assert fetch(f"{server.address}/other.zip", archive).sha256 == SUM  # of another address nothing is known


def test_a_refusal_says_which(server, archive):
    with pytest.raises(Unreachable, match="it answers 404 Not Found"):
        fetch(f"{server.address}/nothing.zip", archive)
    assert not archive.parent.exists()


def test_nobody_there(archive):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="no connection: Connection refused"):
        fetch(f"http://127.0.0.1:{port}/set.zip", archive)


@contextlib.contextmanager
def liar(*answers, endless=b""):
    """A server that sends these bytes, one after the other to each that asks, the last one to all others."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def answer():
            left = list(answers)
            with contextlib.suppress(OSError):  # until the listening ends
                while True:
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(4096)
                        connection.sendall(left[0].replace(b"ADDRESS", address.encode()))
                        while endless and not stop.is_set():
                            connection.sendall(endless)
                    left = left[1:] or left

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield address
        finally:
            stop.set()
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


LIES = [
    (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nabcd", "it answers 206 where all of the file was"),
    (b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 7-9/10\r\n\r\nabc", "it answers 206 where all of the file was"),
    (b"HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\n\r\n", "it answers 416 where all of the file was asked for"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "it answers 204 where all of the file was asked for"),
    (b"HTTP/1.1 302 Found\r\nLocation: ADDRESS/set.zip\r\nContent-Length: 0\r\n\r\n", "it answers 302"),
    (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "it answers 302"),
    (
        b"HTTP/1.1 302 Found\r\nLocation: ftp://x/y.zip\r\nContent-Length: 0\r\n\r\n",
        "no connection: unknown url type: ftp",
    ),
    (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n", "no connection: "),
    (b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n", None),
    (b"HTTP/1.1 206 OK\r\nContent-Range: bytes \xb2-\xb2/\xb2\r\n\r\n", "it answers 206"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "no connection: got more than 100 headers"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "no connection: got more than 65536 bytes"),
    (b"HTTP/1.1 -5 \x1b[2J\r\n\r\n", "no connection: "),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "no connection: "),
    (b"\x00" * 300, "no connection: "),
    (b"", "no connection: "),
]


@pytest.mark.parametrize(("answer", "why"), LIES)
def test_a_server_that_lies_is_one_line_and_leaves_nothing(server, archive, answer, why):
    with liar(answer) as address:
        if why is None:
            assert fetch(f"{address}/set.zip", archive).sha256 == hashlib.sha256(b"").hexdigest()
            return
        with pytest.raises(Unreachable) as said:
            fetch(f"{address}/set.zip", archive)
    assert str(said.value).startswith(why)
    assert not archive.parent.exists()


def test_a_part_that_is_another_part_begins_anew_once(server, archive):
    """What a server that knows no version sends as the rest may be anything."""
    part = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-3/10\r\nContent-Length: 4\r\n\r\nabcd"
    with (
        liar(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012345", part) as address,
        pytest.raises(Unreachable, match="it answers 206 where all of the file was asked for"),
    ):
        fetch(f"{address}/set.zip", archive)
    assert beside(archive) == []


@pytest.mark.parametrize("head", [b"", b"Content-Length: 999999999999\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_stream_without_end_ends_at_the_limit(server, archive, head):
    block = b"10000\r\n" + bytes(65536) + b"\r\n" if b"chunked" in head else bytes(65536)
    with liar(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", endless=block) as address, pytest.raises(RecipeError) as said:
        fetch(f"{address}/set.zip", archive, most=1_000_000)
    how = "is 999,999,999,999 bytes" if b"Length" in head else "sends more than 1,000,000 bytes"
    assert str(said.value) == (
        f"{address}/set.zip: {how}, and at most 1,000,000 are fetched; where that is what you want, allow more with "
        "most; nothing was kept"
    )
    assert not archive.parent.exists() or beside(archive) == []


def test_more_than_was_spoken_of_is_no_file(server, archive):
    rest = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 6-9/10\r\nContent-Length: 40\r\n\r\n" + bytes(40)
    with (
        liar(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012345", rest) as address,
        pytest.raises(RecipeError, match="sends more than the 10 bytes that it speaks of; nothing was kept"),
    ):
        fetch(f"{address}/set.zip", archive)
    assert beside(archive) == []


def test_random_answers_are_one_line(server, archive):
    chance = random.Random(0)
    good = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 20\r\nConnection: close\r\n\r\n' + bytes(20)
    ends = {"fetched": 0, "refused": 0}
    for _ in range(150):
        spoilt = bytearray(good)
        for _ in range(chance.choice([1, 2, 8])):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        with liar(bytes(spoilt)) as address:
            try:
                fetch(f"{address}/set.zip", archive)
                ends["fetched"] += 1
            except (RecipeError, Unreachable):
                ends["refused"] += 1
        shutil.rmtree(archive.parent, ignore_errors=True)
    assert min(ends.values()) > 10
