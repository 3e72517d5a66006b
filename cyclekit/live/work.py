"""What the server does with an upload, on its worker threads, and how many may wait for that."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from PIL import Image

from cyclekit.image.pictures import Reading, UnreadablePicture, read_picture
from cyclekit.registry import RecipeError
from cyclekit.use.decoding import Decoding

T = TypeVar("T")

FORMATS = {"jpeg": ("JPEG", "image/jpeg"), "png": ("PNG", "image/png"), "webp": ("WEBP", "image/webp")}
"""What a picture can be answered as: Pillow's name, and the web's."""


class Limits(NamedTuple):
    """What is taken."""

    upload: int = 20 * 2**20
    """Bytes of one request."""
    pixels: int = 4_000_000
    """Of one picture."""
    sentences: int = 256
    """Of one request."""
    waiting: int = 64
    """Requests that may wait or be worked on; more are refused."""


class Busy(Exception):
    """As many requests wait as may."""


class Unfit(Exception):
    """An upload that cannot be translated: a status of HTTP's, and one line."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Work:
    """Worker threads, and a queue before them that is no longer than its limit."""

    def __init__(self, threads: int, limit: int) -> None:
        self.limit = limit
        self.done = self.refused = self.waiting = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="cyclekit-live")
        self._lock = threading.Lock()

    def submit(self, do: Callable[[], T]) -> Future[T]:
        """Have a worker do something.

        Raises:
            Busy: too many wait.
        """
        with self._lock:
            if self.waiting >= self.limit:
                self.refused += 1
                raise Busy
            self.waiting += 1
        future = self._pool.submit(do)
        future.add_done_callback(self._finished)
        return future

    def close(self) -> None:
        """Wait for what is under way; what only waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finished(self, future: Future[Any]) -> None:
        with self._lock:
            self.waiting -= 1
            self.done += 1


def translated_picture(
    translator: Any, upload: bytes, to: str | None, format_: str, limits: Limits
) -> tuple[bytes, str]:
    """A picture file's bytes to those of its translation, and their type.

    Raises:
        Unfit: no picture, one too large, or a domain that there is not.
    """
    if format_ not in FORMATS:
        raise Unfit(400, f"format={format_}: choose {', '.join(FORMATS)}")
    kind, type_ = FORMATS[format_]
    try:
        channels = translator.channels(to)
        opened = read_picture(io.BytesIO(upload), Reading(channels, max_pixels=limits.pixels), "the upload")
        made = translator(opened, to=to)
    except UnreadablePicture as error:
        raise Unfit(413 if "pixels" in error.why else 422, str(error)) from error
    except RecipeError as error:
        raise Unfit(400, str(error)) from error
    assert isinstance(made, Image.Image)
    written = io.BytesIO()
    made.save(written, kind, **({"compress_level": 1} if kind == "PNG" else {"quality": 90}))
    return written.getvalue(), type_


def translated_sentences(translator: Any, given: Any, limits: Limits) -> dict[str, Any]:
    """What a request asks for, {"sentences": [...], "to": ..., "beam": ..., "best": ...}, and its answer.

    Raises:
        Unfit: it asks for something else.
    """
    if not isinstance(given, dict) or not given.keys() <= {"sentences", "to", "beam", "best"}:
        raise Unfit(
            400,
            'a request is {"sentences": ["..."], "to": DOMAIN, "beam": N, "best": N}; only the first must be',
        )
    asked = given.get("sentences")
    if not isinstance(asked, list) or not asked or not all(isinstance(one, str) for one in asked):
        raise Unfit(400, "sentences: is a list of at least one sentence")
    if len(asked) > limits.sentences:
        raise Unfit(413, f"sentences: {len(asked):,} at once, and {limits.sentences:,} are taken; send fewer")
    for name in ("beam", "best"):
        if given.get(name) is not None and (type(given[name]) is not int or not 1 <= given[name] <= 32):
            raise Unfit(400, f"{name}: is a whole number from 1 to 32")
    if given.get("to") is not None and not isinstance(given["to"], str):
        raise Unfit(400, "to: is the name of a domain")
    try:
        decoding = Decoding(beam=given.get("beam"), best=given.get("best"))
        return {
            "to": translator.name(given.get("to")),
            "translations": translator(asked, to=given.get("to"), decoding=decoding),
        }
    except RecipeError as error:
        raise Unfit(400, str(error)) from error
