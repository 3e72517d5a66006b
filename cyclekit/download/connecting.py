"""Connections that are given up on within seconds: a server that does not answer, or pauses, is no download."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from typing import Any

CONNECTING = 5.0
"""Seconds in which a server must take a connection."""

ANSWERING = 10.0
"""Seconds in which it must begin to answer, name resolution and redirections and all."""


READING = 20.0
"""Seconds without a byte after which a connection counts as broken."""


class Unreachable(Exception):
    """The server does not answer, or refuses; its text says why in a few words."""


def answer_to(request: urllib.request.Request) -> Any:
    """The response to a request, 416 included. It is asked for in a thread: name resolution knows no time limit.

    Raises:
        Unreachable
    """
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(_OPENER.open(request, timeout=CONNECTING))
        except urllib.error.HTTPError as error:
            answers.append(error if error.code == 416 else Unreachable(f"it answers {error.code} {error.reason}"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            answers.append(Unreachable(f"no connection: {reason_of(error)}"))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWERING)
    answer = answers[0] if answers else Unreachable(f"no answer in {ANSWERING:g} s")
    if isinstance(answer, Unreachable):
        raise answer
    return answer


def reason_of(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason) or type(error).__name__


# A connection must be made quickly, but may pause longer once it stands; urllib knows one limit for both.


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(READING)


class _SecureConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(READING)


class _Handler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Connection, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_SecureConnection, req)


_OPENER = urllib.request.OpenerDirector()
"""HTTP and HTTPS alone: a server may lead to another server, and neither to FTP nor to a file of this machine."""
for handler in (
    urllib.request.ProxyHandler, urllib.request.UnknownHandler, _Handler, _SecureHandler,
    urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor,
):  # fmt: skip
    _OPENER.add_handler(handler())
