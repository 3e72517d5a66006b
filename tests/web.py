"""A web server in a thread, as tests need one: with ranges and entity tags, and connections cut where one likes."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def listening(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on this machine, in a thread; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Web:
    """What is served, and how; `asked` keeps the (path, Range, If-Range) of every request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.tag: str | None = '"one"'
        self.ranges = True
        self.sized = True
        self.cuts: list[int] = []
        """After so many bytes the next responses end, one number for each."""
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.address = ""


@contextlib.contextmanager
def web() -> Iterator[Web]:
    served = Web()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted, condition = self.headers.get("Range"), self.headers.get("If-Range")
            served.asked.append((self.path, wanted, condition))
            data = served.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            start = 0
            if wanted and served.ranges and condition in (None, served.tag):
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start and start >= len(data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if served.tag:
                self.send_header("ETag", served.tag)
            if served.sized:
                self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            end = start + served.cuts.pop(0) if served.cuts else len(data)
            self.wfile.write(data[start:end])

    with listening(Handler) as served.address:
        yield served
