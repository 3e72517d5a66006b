"""A stand-in of the Hugging Face hub: the few addresses that its client asks to make, fill and fetch a repository.

Every file is a plain one (the real hub keeps large ones apart, which its client sees to), and a repository has one
branch. The protocol is huggingface_hub's, as of its version 2.4.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.web import listening

TOKEN = "hf_standin"


class Hub:
    """What it holds: by OWNER/NAME, files by path; `asked` keeps every request's method and path."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, bytes]] = {}
        self.private: set[str] = set()
        self.commits: list[list[tuple[str, str]]] = []
        self.forbidden = False
        """Whether tokens may write nothing."""
        self.complaint: str | None = None
        """What is wrong with a card's YAML."""
        self.asked: list[tuple[str, str]] = []
        self.address = ""

    def sha(self, name: str) -> str:
        """The newest commit of a repository."""
        content = json.dumps({path: _oid(data) for path, data in sorted(self.models[name].items())})
        return hashlib.sha1(content.encode()).hexdigest()


def _oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextlib.contextmanager
def hub() -> Iterator[Hub]:
    """The hub in a thread."""
    held = Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self, content: Any, status: int = 200, **headers: str) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def refuse(self, status: int, code: str = "", message: str = "") -> None:
            self.answer({"error": message}, status, **({"X_Error_Code": code} if code else {}))

        def known(self) -> bool:
            return self.headers.get("Authorization") == f"Bearer {TOKEN}"

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            held.asked.append((self.command, path))
            api = re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/[^/]+)?", path)
            file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path)
            name = (api or file or [None, ""])[1]
            if name not in held.models or (name in held.private and not self.known()):
                # As the real one: strangers are not told whether a private one is there.
                self.refuse(401 if not self.known() else 404, "RepoNotFound")
            elif api and api[2] == "tree":
                self.answer([
                    {"type": "file", "path": path, "size": len(data), "oid": _oid(data)}
                    for path, data in held.models[name].items()
                ])  # fmt: skip
            elif api:
                self.answer({"id": name, "sha": held.sha(name), "private": name in held.private})
            elif file and (data := held.models[name].get(file[2])) is not None:
                self.answer(data, ETag=f'"{_oid(data)}"', X_Repo_Commit=held.sha(name))
            else:
                self.refuse(404, "EntryNotFound")

        def do_POST(self) -> None:
            path = unquote(urlsplit(self.path).path)
            held.asked.append((self.command, path))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if path == "/api/validate-yaml":
                self.answer({"errors": [{"message": held.complaint}]}, 400) if held.complaint else self.answer({})
            elif not self.known():
                self.refuse(401, message="Invalid credentials")
            elif held.forbidden:
                self.refuse(403, message="Forbidden")
            elif path == "/api/repos/create":
                wish = json.loads(body)
                name = f"{wish['organization']}/{wish['name']}"
                there = name in held.models
                held.models.setdefault(name, {".gitattributes": b""})
                if not there and wish.get("visibility") == "private":
                    held.private.add(name)
                self.answer({"url": f"{held.address}/{name}"}, 409 if there else 200)
            elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path):
                name, what = found[1], found[2]
                self.answer(self.preupload(body) if what == "preupload" else self.commit(name, body))
            else:
                self.refuse(404)

        def preupload(self, body: bytes) -> Any:
            files = json.loads(body)["files"]
            return {"files": [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in files]}

        def commit(self, name: str, body: bytes) -> Any:
            lines = [json.loads(line) for line in body.splitlines()]
            done = []
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    assert value["encoding"] == "base64"
                    held.models[name][value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "deletedFile":
                    del held.models[name][value["path"]]
                done.append((line["key"], value.get("path") or value["summary"]))
            held.commits.append(done)
            sha = held.sha(name)
            return {"commitUrl": f"{held.address}/{name}/commit/{sha}", "commitOid": sha}

    with listening(Handler) as held.address:
        yield held
