"""A third modality from a package of its own: all that cyclekit does with a run works with what it declares."""

import importlib
import json
import re

import numpy as np
import pytest
import soundfile
import torch

from cyclekit.core.batch import Batch, Pair, split
from cyclekit.core.modality import modality_of
from cyclekit.plugins import load_plugins
from cyclekit.registry import RecipeError
from cyclekit.sharing.hub import shared_files
from cyclekit.use.translate import Translator
from tests.commands import call, flags, mistake
from tests.examples.installed import BOX2REED, TINY, install

RATE = 8000


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return install(tmp_path_factory.mktemp("site"))


@pytest.fixture
def audio(site, own_parts, monkeypatch):
    """A module of the plugin, as installed; what it registered is gone afterwards."""
    monkeypatch.syspath_prepend(site)
    load_plugins()
    return lambda module: importlib.import_module(f"cyclekit_audio.{module}")


def sine(seconds, rate=RATE, channels=1):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return np.stack([tone] * channels, 1)


def rows_of_random_lengths(bins, seed):
    random = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 40, (3,), generator=random)
    data = torch.rand(3, 40, bins, generator=random) * 2 - 1
    return Batch(data, torch.arange(40) < lengths[:, None])


def test_a_run_of_recordings_does_all_that_a_run_does(audio, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, generator in enumerate(("frames", "planes")):
        settings = TINY | {"train.seed": seed, "generator.name": generator}
        done = call("run", BOX2REED, *flags(settings), "--out", generator, "--device", "cpu")
        assert done.status == 0, done.err
    frames = tmp_path / "frames"

    index = json.loads((frames / "samples" / "step-00000004" / "index.json").read_text())
    assert [column["heading"] for column in index["columns"]][:3] == ["music_box", "to reed_organ", "true reed_organ"]
    cell = index["columns"][1]["cells"][0]
    sound, rate = soundfile.read(frames / "samples" / "step-00000004" / cell["file"])
    assert (rate, cell["picture"].endswith(".png")) == (RATE, True)
    assert len(sound) > RATE

    inputs = tmp_path / "in"
    (inputs / "deep").mkdir(parents=True)
    soundfile.write(inputs / "one.wav", sine(0.5), RATE)
    soundfile.write(inputs / "deep" / "two.flac", sine(0.7, 44100, channels=2), 44100)
    (inputs / "broken.wav").write_bytes(b"RIFF")
    (inputs / "notes.txt").write_text("A")
    done = call("translate", frames, inputs, "--to", "reed_organ", "--out", "out", "--device", "cpu")
    assert done.status == 2  # one could not be read
    assert re.search(r"not translated: .*broken\.wav: is no recording", done.err)
    for words in ("note: 1 of the recordings have more than one channel", "at 8,000 Hz", "not read: 1 .txt"):
        assert words in done.err
    assert [len(soundfile.read(tmp_path / "out" / name)[0]) for name in ("one.wav", "deep/two.flac")] == [4000, 5600]

    for run in ("frames", "planes"):
        done = call("evaluate", run, "--device", "cpu")
        assert done.status == 0, done.err
    measured = json.loads((frames / "metrics.json").read_text())["directions"]["music_box -> reed_organ"]["rows"]
    names = {"log-spectral distance (dB)", "distance to the input (%)", "distance there and back (%)"}
    assert set(measured["translated"]) == names
    assert measured["copy the input"]["log-spectral distance (dB)"]["value"] > 5
    assert measured["copy the input"]["distance to the input (%)"]["value"] == 0

    done = call("compare", "frames", "planes", "--out", "both.html")
    assert done.status == 0, done.err
    for page in (frames / "report.html", tmp_path / "both.html"):
        text = page.read_text()
        assert "log-spectral distance" in text
        assert "data:image/" in text

    card = (frames / "README.md").read_text()
    for words in ("pipeline_tag: audio-to-audio", 'translator(["melody.wav"], to="reed_organ")', "It knows recordings"):
        assert words in card
    assert "no real recordings: of real ones it knows nothing" in card

    shared = tmp_path / "shared"  # what `push` uploads
    for name, content in shared_files(frames, "some/name").items():
        (shared / name).parent.mkdir(parents=True, exist_ok=True)
        (shared / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    one, other = (Translator.load(folder, device="cpu")(sine(0.5)[:, 0]) for folder in (frames, shared))
    assert np.array_equal(one, other)
    assert one.shape == (4000,)

    done = call("compare", "--blind", "frames", "planes", "--device", "cpu")
    assert "3 recordings, numbered" in done.err
    assert (tmp_path / "blind.html").read_text().count("<img") == 3

    of_pictures = (
        ("export", frames, "--out", "x"), ("live", frames), ("distill", frames, "--out", "x"),
        ("data", "check", inputs / "deep"), ("data", "pair", inputs, inputs, "--out", "x"),
    )  # fmt: skip
    for command in of_pictures:
        assert "picture" in mistake(call(*command)), command
    assert "no sizes of their own" in mistake(call("evaluate", frames, "--set", "metrics.size=training"))
    assert "recordings" in mistake(call("translate", frames, inputs, "--tile", "64", "--out", "tiled"))
    assert not (tmp_path / "x").exists()


def test_parts_of_pictures_are_refused_beside_recordings(audio, tmp_path):
    for setting, words in (
        ("generator=resnet", "generator 'resnet' works on pictures, and data 'recordings' gives recordings"),
        ("metrics=[kid]", "metric 'kid' works on pictures, and data 'recordings' gives recordings"),
        ("data.sources=builtin:landscapes", "builtin:landscapes is no made data of recordings; builtin:melodies is"),
        ("data.sources=[{builtin: melodies, a: bell}]", "no instrument is called 'bell'"),
    ):
        assert words in mistake(call("run", BOX2REED, "--set", setting, "--out", tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_a_folder_of_recordings_is_trained_on(audio, tmp_path):
    for domain in ("music_box", "reed_organ"):
        (tmp_path / domain).mkdir()
        for number in range(4):
            soundfile.write(tmp_path / domain / f"{number}.wav", sine(0.2 + number / 10), RATE)
    (tmp_path / "music_box" / "notes.txt").write_text("A")
    recordings = audio("data").RecordingData
    data = recordings(Pair("music_box", "reed_organ"), sources=str(tmp_path), frames=8, validation=1)
    assert data.sizes == Pair(2, 2)
    assert data.notes == [f"{tmp_path / 'music_box'}: not read: 1 .txt"]
    assert [item.name for item in data.held_out("a")] == ["0.wav"]
    assert data.held_out("a")[0].truth is None
    first, again = data.training_pair(0, 1, 7), data.training_pair(0, 1, 7)
    assert first.a.data.shape == (1, 8, 256)
    assert torch.equal(first.a.data, again.a.data)
    with pytest.raises(RecipeError, match="has no folder bell/"):
        recordings(Pair("bell", "reed_organ"), sources=str(tmp_path))


def test_the_same_melody_on_the_other_instrument_is_the_truth_and_a_copy_is_far_from_it(audio):
    data = audio("data").RecordingData(Pair("music_box", "reed_organ"), sources="builtin:melodies", validation=0)
    one, other = data.held_out("a")[0], data.held_out("b")[0]
    assert one.name == other.name
    assert torch.equal(one.truth.data, other.row.data)
    assert audio("metrics")._apart(one.row, one.row) == 0
    assert audio("metrics")._apart(one.row, one.truth) > 10
    assert set(data.listed.a.names).isdisjoint(data.listed.b.names)


@pytest.mark.parametrize("length", [1, 127, 128, 129, 5000])
def test_a_recording_comes_back_as_long_as_it_was_and_as_it_sounded(audio, length):
    codec = audio("codec").SpectrogramCodec()
    samples = sine(1)[:length, 0]
    row, source = codec.prepare(samples, 4, 6)
    assert row.data.shape[1] % 4 == 0
    assert int(row.mask.sum()) == length // 128 + 1
    made = codec.finish(row, source)
    assert made.shape == (length,)
    if length == 5000:
        assert np.abs(made - samples).max() < 0.02


def test_what_is_no_recording_is_refused(audio, tmp_path):
    codec = audio("codec").SpectrogramCodec()
    for bad in (np.zeros((2, 3)), np.zeros(0), np.array([np.nan])):
        with pytest.raises(RecipeError, match="a recording is samples"):
            codec.prepare(bad, 1)
    with pytest.raises(RecipeError, match=r"nothing\.wav: no such file"):
        codec.prepare(tmp_path / "nothing.wav", 1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["FrameGenerator", "PlaneGenerator", "ExcerptDiscriminator"])
def test_padding_changes_nothing(audio, name, seed):
    torch.manual_seed(seed)
    codec = audio("codec").SpectrogramCodec()
    module = audio("discriminator" if name == "ExcerptDiscriminator" else "generators")
    network = getattr(module, name)(codec, None if name == "ExcerptDiscriminator" else codec, width=8)
    for parameter in network.parameters():  # or a generator is the identity
        torch.nn.init.normal_(parameter, std=0.1)
    batch = rows_of_random_lengths(codec.bins, seed)
    with torch.no_grad():
        together = split(network(batch), [1] * batch.size)
        alone = [network(row) for row in batch.rows()]
    for one, other in zip(together, alone):
        assert torch.allclose(one.data, other.data, atol=1e-4)


def test_a_generator_begins_as_the_identity(audio):
    codec = audio("codec").SpectrogramCodec()
    batch = rows_of_random_lengths(codec.bins, 0)
    for name in ("FrameGenerator", "PlaneGenerator"):
        assert torch.equal(getattr(audio("generators"), name)(codec, codec)(batch).data, batch.data)


def test_silence_is_found_and_sound_is_not(audio):
    from cyclekit.measuring.metric import Translated

    check = audio("health").silence()
    sound, silent = Batch(torch.zeros(1, 4, 256)), Batch(-torch.ones(1, 4, 256))
    assert check(Translated(sound, sound, sound)) is None
    assert "all but silent" in check(Translated(sound, silent, sound))


def test_the_modality_is_known_by_its_codec(audio):
    assert modality_of("spectrogram").items == "recordings"
