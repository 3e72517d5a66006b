"""Videos: every frame translated as the picture it is, into a video of the same size, times and sound (PyAV)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from cyclekit.core.written import NotTranslated
from cyclekit.files.inputs import clear_errors, translated_file
from cyclekit.image.bands import Picture
from cyclekit.image.eight_bits import MODES
from cyclekit.image.flicker import Flicker
from cyclekit.image.pictures import UnreadablePicture
from cyclekit.registry import RecipeError

CODECS = {
    ".mp4": "libx264", ".m4v": "libx264", ".mov": "libx264", ".mkv": "libx264", ".webm": "libvpx-vp9", ".avi": "mpeg4",
}  # fmt: skip
"""What a translation is coded with, by the ending of its name; these are the videos that are read."""

QUALITY = {
    "libx264": {"crf": "18", "preset": "medium"},
    "libvpx-vp9": {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4"},
    "mpeg4": {"qscale": "3"},
}
"""Hardly to be told from what was coded."""

UNSAID = 2
"""The number by which codecs say nothing of a video's colours."""


class Filmed(NamedTuple):
    """What translating a video came to."""

    frames: int
    notes: Sequence[str]
    """What was not kept, and how it flickers: a line each."""
    said: dict[str, Any]
    """The same for the record of a job."""


def is_video(path: Path) -> bool:
    """Whether a file's name ends like a video's."""
    return path.suffix.lower() in CODECS and not path.name.startswith(".")


def check_videos(paths: Iterable[Path], scale: Any) -> None:
    """Find out before any work whether videos can be translated.

    Args:
        scale: of the run's pictures; None: they are 8-bit pictures, as frames are.

    Raises:
        RecipeError: PyAV is not installed, or the run is about numbers.
    """
    for path in paths:
        if scale is not None:
            raise RecipeError(f"{path}: is a video, which holds 8-bit pictures, and this run is about numbers")
        if find_spec("av") is None:
            raise RecipeError(f"{path}: is a video, which needs av; install it: pip install 'cyclekit[video]'")


def translate_video(
    translate: Callable[[Iterable[Picture]], Iterator[Any]],
    path: Path,
    place: Path,
    *,
    channels: int = 3,
    max_pixels: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Filmed:
    """Translate a video's first stream of pictures; sound is copied as it is.

    No more frames are in memory than `translate` takes at once. Frames stand at their own times, so that the rate is
    kept, constant or not; a turned video is written upright.

    Args:
        translate: frames to translated ones, lazily and in order.
        place: what is written, whole or not at all.
        channels: 1 or 3, of the pictures that `translate` takes.
        max_pixels: larger videos are refused.
        progress: told frames that are done, of how many.

    Raises:
        UnreadablePicture: it cannot be read, or a frame of it not be translated.
        RecipeError: `place` cannot be written.
    """
    import av

    with ExitStack() as opened:
        try:
            source = opened.enter_context(av.open(str(path)))
            frames = _Frames(path, source, channels, max_pixels)
        except av.error.FFmpegError as error:
            raise UnreadablePicture(path, f"is no video that can be read: {_cause(error)}") from error
        beside = opened.enter_context(translated_file(place))
        with clear_errors(place):
            target = opened.enter_context(av.open(str(beside), "w", format=_container(place)))
        written, flicker, done = _Target(target, frames, CODECS[place.suffix.lower()]), Flicker(), 0
        for made in translate(frames.pictures()):
            taken = frames.waiting.popleft()
            if isinstance(made, NotTranslated):
                raise UnreadablePicture(path, f"frame {done + 1}: {made.why}")
            picture = made.convert("RGB")
            flicker.add(np.asarray(taken.picture), np.asarray(picture))
            with clear_errors(place):
                written.write(picture, taken)
            done += 1
            progress(done, max(done, frames.expected))
        if not done:
            raise UnreadablePicture(path, "holds no frame that can be decoded")
        with clear_errors(place):
            written.finish()
            target.close()
    notes = [f"{path.name}: {words}" for words in (*frames.notes, flicker.words)]
    return Filmed(done, notes, {"frames": done, "flicker": flicker.numbers})


class _Taken(NamedTuple):
    """A frame that is being translated."""

    picture: Image.Image
    time: int | None
    """In units of the stream's time base."""


class _Frames:
    """A video that is read: its pictures, and the packets of sound that lie between them."""

    def __init__(self, path: Path, source: Any, channels: int, max_pixels: int) -> None:
        if not source.streams.video:
            raise UnreadablePicture(path, "holds no moving pictures")
        self.path, self.source, self.channels, self.max_pixels = path, source, channels, max_pixels
        self.stream = source.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.sound = list(source.streams.audio)
        self.others = sum(each not in (self.stream, *self.sound) for each in source.streams)
        self.rate = self.stream.average_rate or self.stream.guessed_rate or 25
        length = self.stream.duration and self.stream.duration * self.stream.time_base
        self.expected = self.stream.frames or round((length or 0) * self.rate)
        self.read = 0
        self.waiting: deque[_Taken] = deque()
        self.packets: deque[Any] = deque()
        """Of sound, read and not yet written."""

    @property
    def notes(self) -> list[str]:
        """What of the file is not in its translation."""
        return [f"without {self.others} further streams: of pictures, subtitles or data"] if self.others else []

    def pictures(self) -> Iterator[Image.Image]:
        """Frames, upright, as 8-bit pictures."""
        import av

        try:
            for packet in self.source.demux(self.stream, *self.sound):
                if packet.stream is not self.stream:
                    if packet.dts is not None:  # the last one is empty
                        self.packets.append(packet)
                    continue
                for frame in packet.decode():
                    yield self._taken(frame)
        except av.error.FFmpegError as error:
            raise UnreadablePicture(self.path, f"breaks off after {self.read} frames: {_cause(error)}") from error

    def _taken(self, frame: Any) -> Image.Image:
        if frame.width * frame.height > self.max_pixels:
            raise UnreadablePicture(
                self.path, f"has frames of {frame.width}x{frame.height} pixels; up to {self.max_pixels:,} are read"
            )
        picture = frame.to_image(src_colorspace=_colours(self.stream))
        if turned := int(frame.rotation) % 360:
            picture = picture.rotate(turned, expand=True)
        self.waiting.append(_Taken(picture, frame.pts))
        self.read += 1
        return picture.convert(MODES[self.channels])


class _Target:
    """The video that is written."""

    def __init__(self, container: Any, frames: _Frames, codec: str) -> None:
        self.container, self.frames = container, frames
        self.sound = {one.index: container.add_stream_from_template(one) for one in frames.sound}
        self.stream = container.add_stream(codec, rate=frames.rate, options=dict(QUALITY[codec]))
        self.started = False

    def write(self, picture: Image.Image, taken: _Taken) -> None:
        import av

        if not self.started:
            self._start(picture)
        frame = av.VideoFrame.from_image(picture)
        colours = _colours(self.frames.stream)
        frame = frame.reformat(format=self.stream.pix_fmt, dst_colorspace=colours)
        frame.pts, frame.time_base = taken.time, self.frames.stream.time_base
        self.container.mux(self.stream.encode(frame))
        self._copy_sound()

    def finish(self) -> None:
        self.container.mux(self.stream.encode(None))
        self._copy_sound()

    def _start(self, picture: Image.Image) -> None:
        self.started = True
        stream, context, source = self.stream, self.stream.codec_context, self.frames.stream.codec_context
        stream.width, stream.height = picture.size
        # Halved colours take even sides; what has others is coded with whole ones.
        stream.pix_fmt = "yuv444p" if any(side % 2 for side in picture.size) else "yuv420p"
        if context.name == "mpeg4":
            stream.pix_fmt = "yuv420p"
        context.time_base = self.frames.stream.time_base
        for name in ("colorspace", "color_primaries", "color_trc"):
            if getattr(source, name) != UNSAID:
                setattr(context, name, getattr(source, name))
        with suppress(AttributeError, TypeError):
            stream.sample_aspect_ratio = self.frames.stream.sample_aspect_ratio

    def _copy_sound(self) -> None:
        packets = self.frames.packets
        while packets:
            packet = packets.popleft()
            packet.stream = self.sound[packet.stream.index]
            self.container.mux(packet)


def _container(place: Path) -> str | None:
    """A format that PyAV would not guess from the name."""
    return {".m4v": "mp4"}.get(place.suffix.lower())


def _colours(stream: Any) -> int | None:
    """How a video's brightness and colours are made of red, green and blue; None where it does not say."""
    found = int(stream.codec_context.colorspace)
    return None if found == UNSAID else found


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
