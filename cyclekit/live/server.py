"""The server: a page of its own, and an API for programs. It asks nobody else for anything.

Only pages that it served may use it from a browser: a request that names another origin or host is refused, so that no
web site reaches a server on the machine of whoever visits it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cyclekit.live.openapi import described
from cyclekit.live.work import Busy, Limits, Unfit, Work, translated_picture, translated_sentences
from cyclekit.registry import RecipeError, argument

LOOPBACK = ("127.0.0.1", "localhost", "::1")

PAGE = {
    "/": ("index.html", "text/html"),
    "/live.js": ("live.js", "text/javascript"),
    "/engine.js": ("engine.js", "text/javascript"),
    "/live.css": ("live.css", "text/css"),
}

SERVED = ("pictures", "sentences")
"""What the page and the API are made for."""

POLICY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

GRACE = 10
"""Seconds that a stop waits for requests under way."""


def application(translator: Any, work: Work, limits: Limits, hosts: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The application that serves a translator.

    Args:
        hosts: names by which it may be called; "*" for any.
    """

    async def page(request: Request) -> Response:
        name, type_ = PAGE[request.url.path]
        content = resources.files("cyclekit.live").joinpath("page", name).read_bytes()
        return Response(content, media_type=type_, headers=POLICY)

    async def health(request: Request) -> Response:
        return JSONResponse(
            {
                "status": "ok",
                "kind": translator.kind,
                "targets": translator.targets,
                "waiting": work.waiting,
                "done": work.done,
                "refused": work.refused,
                "limits": limits._asdict(),
            }
        )

    async def openapi(request: Request) -> Response:
        return JSONResponse(described(translator.kind, translator.targets, limits))

    async def translate(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return _error(403, f"a page of {origin} asks; only this server's own may")
        try:
            body = await _body(request, limits.upload)
            if translator.kind == "pictures":
                to, format_ = request.query_params.get("to"), request.query_params.get("format", "jpeg")
                content, type_ = await _done(work, lambda: translated_picture(translator, body, to, format_, limits))
                return Response(content, media_type=type_, headers={"Cache-Control": "no-store"})
            try:
                given = json.loads(body)
            except ValueError as error:
                raise Unfit(400, "the body is no JSON") from error
            return JSONResponse(await _done(work, lambda: translated_sentences(translator, given, limits)))
        except Unfit as error:
            return _error(error.status, str(error))
        except Busy:
            why = f"{work.limit} requests wait already; try again in a second"
            return _error(429, why, {"Retry-After": "1"})
        except ClientDisconnect:
            return Response(status_code=499)

    routes = [
        *(Route(path, page) for path in PAGE),
        Route("/health", health),
        Route("/openapi.json", openapi),
        Route("/translate", translate, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))])


def serve(
    translator: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    threads: int = 1,
    limits: Limits = Limits(),  # noqa: B008
    started: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until SIGINT or SIGTERM; what is under way then is finished.

    Args:
        host: the address to listen at; others than the loopback's are open to everybody who reaches this machine.
        port: 0 for one that is free.
        threads: how many requests are worked on at once.
        started: told the address, once requests are taken.

    Raises:
        RecipeError: the address cannot be listened at.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None) or 0
        why = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or error
        raise RecipeError(
            f"{argument('host', host)} {argument('port', port)}: cannot listen there: {why}; choose another "
            + argument("port")
        ) from error
    work = Work(threads, limits.waiting)
    hosts = LOOPBACK if host in LOOPBACK else ("*",)
    server = _Server(
        uvicorn.Config(
            application(translator, work, limits, hosts), log_level="warning", access_log=False, lifespan="off",
            timeout_graceful_shutdown=GRACE, server_header=False,
        )
    )  # fmt: skip
    shown = f"[{host}]" if ":" in host else host
    server.told = lambda: started(f"http://{shown}:{listener.getsockname()[1]}/")
    # uvicorn stops at these by itself, and then sends them to whoever took them before.
    before = [(number, signal.signal(number, lambda *_: None)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        server.run(sockets=[listener])
    finally:
        work.close()
        for number, handler in before:
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    told: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.told()


async def _done(work: Work, do: Callable[[], Any]) -> Any:
    return await asyncio.wrap_future(work.submit(do))


async def _body(request: Request, most: int) -> bytes:
    """What was uploaded, no more of it in memory than may be.

    Raises:
        Unfit: it is larger, or there is nothing.
    """
    too_large = Unfit(413, f"the upload is larger than {most / 2**20:g} MiB; send less")
    if int(request.headers.get("content-length", "0") or 0) > most:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
    if not size:
        raise Unfit(400, "nothing was uploaded; send a picture file's bytes, or sentences as JSON")
    return b"".join(parts)


def _error(status: int, why: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": " ".join(why.split())}, status, headers)
