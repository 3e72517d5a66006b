"""Videos to videos: each frame in its place and at its time, the sound as it was, and nothing half written."""

import json
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from cyclekit.core.written import NotTranslated
from cyclekit.files.jobs import Job
from cyclekit.image.codec import ImageCodec
from cyclekit.image.files import translate_pictures
from cyclekit.image.scale import Scale
from cyclekit.image.video import CODECS, is_video
from cyclekit.registry import RecipeError
from tests.refusals import below

COLOUR = ImageCodec()
COUNT = 12


def clip(path, size=(64, 48), times=None, sound=True, rate=12, colorspace=None, codec=None):
    """A grey ramp with a square that moves over it, and a tone."""
    width, height = size
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec or CODECS[path.suffix], rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv444p" if any(side % 2 for side in size) and path.suffix != ".avi" else "yuv420p"
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if colorspace is not None:
            stream.codec_context.colorspace = colorspace
        tone = file.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48000) if sound else None
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(picture(number, width, height), format="rgb24")
            frame = frame.reformat(format=stream.pix_fmt, dst_colorspace=colorspace)
            if times is not None:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if tone is not None:
            wave = (0.2 * np.sin(np.arange(48000) * 0.05)).astype(np.float32)
            packed = av.AudioFrame.from_ndarray(wave[None], format="flt", layout="mono")
            packed.sample_rate = 48000
            converted = av.AudioResampler(format=tone.format.name, layout=tone.layout.name, rate=48000)
            for piece in converted.resample(packed):
                file.mux(tone.encode(piece))
            file.mux(tone.encode(None))
    return path


def picture(number, width=64, height=48):
    rows = np.tile(np.linspace(40, 200, width).astype(np.uint8)[None, :, None], (height, 1, 3))
    rows[8:24, 2 * number : 2 * number + 16] = (200, 60, 40)
    return rows


class Seen:
    """A translation as lazy as the real one; counts the frames that are in its hands."""

    def __init__(self, change=lambda picture: picture, together=3):
        self.change, self.together, self.most = change, together, 0

    def __call__(self, pictures):
        waiting = []
        for one in pictures:
            waiting.append(self.change(one))
            self.most = max(self.most, len(waiting))
            if len(waiting) == self.together:
                yield from waiting
                waiting = []
        yield from waiting


def translate(inputs, out, how=None, told=None, source=COLOUR, target=COLOUR, **more):
    told = [] if told is None else told
    return translate_pictures(
        how or Seen(), [str(path) for path in inputs], out, lambda *state: told.append(state),
        source=source, target=target, **more,
    )  # fmt: skip


def read(path):
    """(frames as arrays, their times in seconds, packets of sound as bytes) of a video."""
    with av.open(str(path)) as file:
        frames = [(frame.to_ndarray(format="rgb24"), float(frame.time)) for frame in file.decode(video=0)]
    with av.open(str(path)) as file:
        sound = [bytes(packet) for packet in file.demux(*file.streams.audio)] if file.streams.audio else []
    return [frame for frame, _ in frames], [time for _, time in frames], sound


@pytest.mark.parametrize("ending", CODECS)
def test_a_video_keeps_its_size_its_times_and_its_sound(tmp_path, ending):
    given, told = clip(tmp_path / f"clip{ending}"), []
    written = translate([given], tmp_path / "out", Seen(ImageOps.invert), told)
    assert (written.done, written.failures) == (1, [])
    before, made = read(given), read(tmp_path / "out" / given.name)
    assert len(made[0]) == COUNT
    assert [round(time - made[1][0], 3) for time in made[1]] == [round(time - before[1][0], 3) for time in before[1]]
    assert made[2] == before[2]
    assert len([packet for packet in made[2] if packet]) > 10
    for ours, theirs in zip(made[0], before[0]):
        assert ours.shape == theirs.shape
        assert np.abs(255 - ours.astype(int) - theirs).mean() < 6
    assert told[-1] == (COUNT, COUNT)


def test_uneven_times_stay_as_they_are(tmp_path):
    times = [0, 40, 80, 200, 210, 400, 410, 500, 900, 910, 990, 1000]
    given = clip(tmp_path / "clip.mkv", times=times, sound=False)
    translate([given], tmp_path / "out")
    assert [round(1000 * time) for time in read(tmp_path / "out" / "clip.mkv")[1]] == times


@pytest.mark.parametrize("size", [(33, 21), (34, 21), (16, 16)])
def test_odd_sides_are_kept(tmp_path, size):
    given = clip(tmp_path / "clip.mp4", size=size, sound=False)
    translate([given], tmp_path / "out")
    assert read(tmp_path / "out" / "clip.mp4")[0][0].shape == (size[1], size[0], 3)


@pytest.mark.parametrize("colorspace", [None, 1, 5])
def test_colours_are_those_of_the_input(tmp_path, colorspace):
    """Of each way in which videos say them: nothing, BT.709, BT.601."""
    given = clip(tmp_path / "clip.mp4", sound=False, colorspace=colorspace)
    translate([given], tmp_path / "out")
    said = []
    for path in (given, tmp_path / "out" / "clip.mp4"):
        with av.open(str(path)) as file:
            said.append(int(file.streams.video[0].codec_context.colorspace))
    assert said[0] == said[1]
    before, made = (read(path)[0][0].astype(int) for path in (given, tmp_path / "out" / "clip.mp4"))
    assert np.abs(before - made).mean() < 2


def test_a_turned_video_is_written_upright(tmp_path):
    given = clip(tmp_path / "clip.mp4", sound=False)
    content = bytearray(given.read_bytes())
    at = content.index(b"tkhd") + 4 + 40  # its matrix, of nine numbers
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30)
    content[at : at + 36] = quarter
    given.write_bytes(content)
    translate([given], tmp_path / "out")
    made = read(tmp_path / "out" / "clip.mp4")[0][0]
    assert made.shape == (64, 48, 3)
    # Turned clockwise, the ramp's dark left side is on top.
    assert made[2, 4].mean() < 60
    assert made[-3, 4].mean() > 180


def test_memory_holds_a_few_frames_whatever_the_length(tmp_path):
    given, how = clip(tmp_path / "clip.mp4"), Seen(together=4)
    translate([given], tmp_path / "out", how)
    assert how.most == 4


@pytest.mark.parametrize("after", [0, 5, COUNT - 1])
def test_ctrl_c_leaves_no_half_video(tmp_path, after):
    given, seen = clip(tmp_path / "clip.mp4"), []

    def interrupted(one):
        seen.append(one)
        if len(seen) > after:
            raise KeyboardInterrupt
        return one

    with pytest.raises(KeyboardInterrupt):
        translate([given], tmp_path / "out", Seen(interrupted, together=1))
    assert below(tmp_path / "out") == set()


def test_what_is_no_video_and_what_breaks_is_reported_and_the_others_are_done(tmp_path, pictures):
    good, cut, none = clip(tmp_path / "good.mp4"), tmp_path / "cut.mp4", tmp_path / "none.mp4"
    cut.write_bytes(good.read_bytes()[:900])
    none.write_text("no video")
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as file:
        tone = file.add_stream("aac", rate=48000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48000
        file.mux(tone.encode(silence))
        file.mux(tone.encode(None))
    pictures(tmp_path, "still.png")
    written = translate([none, cut, sound, good, tmp_path / "still.png"], tmp_path / "out")
    assert written.done == 2
    failed = {Path(path).name: why for path, why in written.failures}
    assert failed.keys() == {"none.mp4", "cut.mp4", "sound.mp4"}
    assert failed["none.mp4"].startswith("is no video that can be read: ")
    assert failed["sound.mp4"] == "holds no moving pictures"
    assert below(tmp_path / "out") == {"good.mp4", "still.png"}


def test_a_frame_that_memory_does_not_suffice_for_ends_its_video(tmp_path):
    given = clip(tmp_path / "clip.mp4")

    def starved(pictures):
        for number, one in enumerate(pictures):
            yield NotTranslated("memory does not suffice") if number == 3 else one

    written = translate([given], tmp_path / "out", starved)
    assert written.failures == [(str(given), "frame 4: memory does not suffice")]
    assert below(tmp_path / "out") == set()


def test_frames_of_too_many_pixels_are_refused(tmp_path):
    written = translate([clip(tmp_path / "clip.mp4")], tmp_path / "out", max_pixels=3000)
    assert written.failures == [(str(tmp_path / "clip.mp4"), "has frames of 64x48 pixels; up to 3,000 are read")]


def test_a_run_about_numbers_takes_no_video(tmp_path):
    numbers = ImageCodec(3, Scale.of_type("uint16", 3))
    with pytest.raises(RecipeError, match=r"clip\.mp4: is a video, which holds 8-bit pictures, and this run is about"):
        translate([clip(tmp_path / "clip.mp4")], tmp_path / "out", source=numbers, target=numbers)


def test_without_the_package_it_is_one_line(tmp_path, monkeypatch):
    given = clip(tmp_path / "clip.mp4")
    monkeypatch.setattr("cyclekit.image.video.find_spec", lambda name: None)
    with pytest.raises(RecipeError, match=r"needs av; install it: pip install 'cyclekit\[video\]'"):
        translate([given], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_of_grey_pictures_takes_a_video(tmp_path):
    given, modes = clip(tmp_path / "clip.mp4", sound=False), []
    translate([given], tmp_path / "out", Seen(lambda one: modes.append(one.mode) or one), source=ImageCodec(1))
    assert set(modes) == {"L"}
    made = read(tmp_path / "out" / "clip.mp4")[0][0].astype(int)
    assert np.abs(made[..., 0] - made[..., 2]).max() < 8


def test_the_flicker_stands_in_the_note_and_in_the_record(tmp_path):
    given, out, count = clip(tmp_path / "clip.mp4"), tmp_path / "out", iter(range(COUNT))

    def flickering(one):
        return Image.blend(one, Image.new("RGB", one.size, "white"), 0.1 if next(count) % 2 else 0)

    written = translate([given], out, Seen(flickering), job=Job(recorded=True))
    (note,) = written.notes
    assert note.startswith("clip.mp4: flicker: where the input stands still (")
    (line,) = (out / "files.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert said["frames"] == COUNT
    assert said["flicker"]["made"] > 5 > 1 > said["flicker"]["input"]


def test_videos_in_folders_are_counted_and_not_read(tmp_path, pictures):
    (tmp_path / "in").mkdir()
    clip(tmp_path / "in" / "clip.mp4")
    pictures(tmp_path / "in", "a.png")
    written = translate([tmp_path / "in"], tmp_path / "out")
    assert (written.done, written.not_read) == (1, "1 .mp4")


def test_names_tell_videos():
    assert is_video(Path("A.MP4"))
    assert not is_video(Path("._a.mp4"))
    assert not is_video(Path("a.gif"))
