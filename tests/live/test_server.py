"""The server as a process of its own: what it answers, what it refuses, many at once, and how it stops."""

import contextlib
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from tests.commands import PATIENCE, call


class Server:
    """A running `cyclekit live`."""

    def __init__(self, process, address):
        self.process, self.host = process, urlsplit(address).netloc

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def error(self, *arguments, **headers):
        status, _, content = self.ask(*arguments, **headers)
        return status, json.loads(content)["error"]


@contextlib.contextmanager
def serving(folder, *arguments):
    command = [sys.executable, "-m", "cyclekit", "live", str(folder), "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.stderr.read()
        yield Server(process, address)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(exported_pictures):
    with serving(exported_pictures, "--max-pixels", "90000", "--max-upload", "1") as running:
        yield running


def picture(width=40, height=30, kind="PNG"):
    held = io.BytesIO()
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(levels).save(held, kind)
    return held.getvalue()


def test_a_picture_comes_back_at_its_own_size_in_the_format_that_was_asked_for(server):
    for format_, kind in (("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")):
        status, headers, content = server.ask("POST", f"/translate?to=photo&format={format_}", picture(41, 23))
        assert status == 200, content
        assert headers["content-type"] == f"image/{format_}"
        made = Image.open(io.BytesIO(content))
        assert (made.format, made.size) == (kind, (41, 23))


def test_the_page_asks_for_nothing_from_elsewhere(server):
    status, headers, page = server.ask("GET", "/")
    assert status == 200
    assert headers["content-security-policy"].startswith("default-src 'self'")
    for path in ("live.js", "engine.js", "live.css"):
        status, _, content = server.ask("GET", f"/{path}")
        assert status == 200
        page += content
    assert not re.findall(rb"https?://(?!www\.w3\.org)", page)


def test_health_and_the_description_say_what_is_served(server):
    status, _, content = server.ask("GET", "/health")
    said = json.loads(content)
    assert (status, said["status"], said["kind"], said["targets"]) == (200, "ok", "pictures", ["photo"])
    _, _, content = server.ask("GET", "/openapi.json")
    described = json.loads(content)
    assert described["openapi"].startswith("3.1")
    assert described["paths"].keys() == {"/translate", "/health"}
    assert "90,000 pixels" in described["paths"]["/translate"]["post"]["summary"]


@pytest.mark.parametrize(
    ("query", "body", "headers", "status", "words"),
    [
        ("", b"no picture", {}, 422, "the upload: not a picture in any known format"),
        ("", picture()[:200], {}, 422, "the upload: broken picture"),
        ("", b"", {}, 400, "nothing was uploaded"),
        ("", picture(400, 300), {}, 413, "pixels"),
        ("", b"x" * 2**21, {}, 413, "larger than 1 MiB"),
        ("?to=foto", picture(), {}, 400, "did you mean 'photo'?"),
        ("?format=gif", picture(), {}, 400, "format=gif: choose jpeg, png, webp"),
        ("", picture(), {"Origin": "https://elsewhere.example"}, 403, "only this server's own may"),
    ],
)
def test_what_is_refused_is_one_line(server, query, body, headers, status, words):
    found, why = server.error("POST", f"/translate{query}", body, **headers)
    assert (found, len(why.splitlines())) == (status, 1)
    assert words in why


def test_a_page_of_another_name_for_this_machine_is_refused(server):
    assert server.ask("GET", "/health", Host="rebound.example")[0] == 400


def test_an_upload_of_unknown_length_is_cut_off_at_the_limit(server):
    connection = http.client.HTTPConnection(server.host, timeout=PATIENCE)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not read on
        connection.request("POST", "/translate", (b"x" * 2**16 for _ in range(64)), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        assert connection.getresponse().status == 413
    connection.close()


def together(server, count, path, body):
    """The statuses that so many clients get that ask at once."""
    statuses, lock, gate = [], threading.Lock(), threading.Barrier(count)

    def client():
        gate.wait()
        status = server.ask("POST", path, body)[0]
        with lock:
            statuses.append(status)

    clients = [threading.Thread(target=client) for _ in range(count)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return statuses


def test_fifty_clients_lose_nothing_and_memory_stays(exported_pictures, monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")  # or glibc keeps more, and longer, the more cores there are
    with serving(exported_pictures, "--threads", "2") as server:
        body = picture(96, 96, "JPEG")
        assert together(server, 50, "/translate", body) == [200] * 50
        first = memory(server.process.pid)
        for _ in range(2):
            assert together(server, 50, "/translate", body) == [200] * 50
        assert memory(server.process.pid) < first + 60
        said = json.loads(server.ask("GET", "/health")[2])
        assert (said["done"], said["refused"], said["waiting"]) == (150, 0, 0)


def memory(process):
    """MiB that a process holds."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024


def test_more_than_may_wait_are_told_to_come_again(exported_pictures):
    with serving(exported_pictures, "--waiting", "2", "--threads", "1") as server:
        statuses = set()
        while 429 not in statuses:  # where clients are slower than the server, none has to wait
            statuses |= set(together(server, 12, "/translate", picture(512, 512, "JPEG")))
        assert statuses == {200, 429}
        assert server.ask("POST", "/translate", picture())[0] == 200, "and then it goes on"


def test_a_stop_finishes_what_is_under_way(exported_pictures):
    with serving(exported_pictures, "--threads", "1") as server:
        statuses = []
        asking = threading.Thread(
            target=lambda: statuses.append(server.ask("POST", "/translate", picture(1000, 1000, "JPEG"))[0])
        )
        asking.start()
        while json.loads(server.ask("GET", "/health")[2])["waiting"] == 0 and asking.is_alive():
            time.sleep(0.005)
        server.process.send_signal(signal.SIGTERM)
        asking.join()
        assert statuses == [200]
        assert server.process.wait(PATIENCE) == 0
        assert server.process.stderr.read().endswith("stopped\n")


def test_sentences_are_answered_as_by_the_run(exported_sentences):
    from cyclekit import exported

    given = ["I do not know.", "Thank you very much for your help, sir."]
    with serving(exported_sentences / "onnx") as server:
        status, _, content = server.ask(
            "POST", "/translate", json.dumps({"sentences": given, "to": "informal", "beam": 1})
        )
        assert status == 200, content
        expected = exported.load(exported_sentences / "onnx")(given, to="informal", decoding=exported_greedy())
        assert json.loads(content) == {"to": "informal", "translations": expected}
        for body, words in (
            (b"{", "no JSON"),
            (b"[]", "a request is"),
            (b'{"sentences": "one"}', "is a list"),
            (b'{"sentences": ["a"], "beam": 0}', "a whole number from 1 to 32"),
            (b'{"sentences": ["a"], "to": "formall"}', "did you mean 'formal'?"),
            (json.dumps({"sentences": ["a"] * 300}).encode(), "send fewer"),
        ):
            status, why = server.error("POST", "/translate", body)
            assert status in (400, 413)
            assert words in why


def exported_greedy():
    from cyclekit.use.decoding import Decoding

    return Decoding(beam=1)


def test_a_port_that_is_taken_is_one_line(exported_pictures):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = call("live", exported_pictures, "--port", taken.getsockname()[1])
    assert result.status == 2
    assert "cannot listen there: Address already in use; choose another --port" in result.err
    assert len(result.err.splitlines()) == 1
