"""Servers that do not answer, or fall silent, are given up on."""

from __future__ import annotations

import socket
import threading

import pytest

from cyclekit.download import connecting, fetching
from cyclekit.download.connecting import Unreachable
from cyclekit.download.fetching import fetch
from cyclekit.registry import RecipeError


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "data" / "set.zip"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)


def test_a_server_that_never_answers_is_given_up_on(archive, monkeypatch):
    monkeypatch.setattr(connecting, "ANSWERING", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable, match=r"no answer in 0\.3 s"):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/set.zip", archive)


def test_a_server_that_falls_silent_is_given_up_on(archive, monkeypatch):
    monkeypatch.setattr(connecting, "READING", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def answer():
            connection, _ = silent.accept()
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
            given_up.wait()
            connection.close()

        given_up = threading.Event()
        threading.Thread(target=answer, daemon=True).start()
        monkeypatch.setattr(fetching, "RESUMPTIONS", 0)
        with pytest.raises(RecipeError, match=r"broke off after 10 bytes \(timed out\)"):
            fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/set.zip", archive)
        given_up.set()
