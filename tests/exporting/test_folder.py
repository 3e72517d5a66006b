"""A run, exported and used again: by the command line and from Python, with and without PyTorch."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

import cyclekit
from cyclekit import exported
from cyclekit.exporting.folder import export
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint
from cyclekit.use.decoding import Decoding
from cyclekit.use.translate import Translator
from tests.commands import PATIENCE, TINY, call
from tests.made_run import made_run

SENTENCES = ["I do not know.", "Can you tell me where the bank is?", "", "Thank you very much for your help, sir."]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A run of pictures and what was exported of it."""
    folder = tmp_path_factory.mktemp("pictures")
    made_run(folder / "run", **{"generator.start": "random"})
    export(folder / "run", folder / "onnx")
    return folder


def odd_pictures(folder):
    random = np.random.default_rng(0)
    folder.mkdir()
    for number, (height, width) in enumerate([(17, 33), (40, 21), (64, 64)]):
        Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8)).save(folder / f"{number}.png")
    Image.fromarray(random.integers(0, 256, (30, 30), np.uint8)).save(folder / "grey.tif")
    return folder


def test_pictures_come_out_as_those_of_the_run(pictures, tmp_path):
    given = odd_pictures(tmp_path / "in")
    for domain in ("photo", "monet"):
        for run in ("run", "onnx"):
            result = call("translate", pictures / run, given, "--to", domain, "--out", tmp_path / run / domain)
            assert result.status == 0, result.err
        for path in sorted(given.iterdir()):
            ours, theirs = (
                np.asarray(Image.open(tmp_path / run / domain / path.name), np.int16) for run in ("onnx", "run")
            )
            assert ours.shape == theirs.shape == (*Image.open(path).size[::-1], 3)
            assert np.abs(ours - theirs).max() <= 1


def test_python_takes_what_a_run_takes(pictures):
    translator = Translator.load(pictures / "onnx")
    assert translator.targets == ["photo", "monet"]
    one = translator(np.zeros((20, 24, 3), np.uint8), to="monet")
    assert one.size == (24, 20)
    several = translator([one, np.zeros((9, 31), np.uint8)], to="photo")
    assert [picture.size for picture in several] == [(24, 20), (31, 9)]
    with pytest.raises(RecipeError, match=r"to=foto: .* does not translate to 'foto'; did you mean 'photo'\?"):
        translator(one, to="foto")
    with pytest.raises(RecipeError, match="chooses no words"):
        translator(one, decoding=Decoding(beam=2))
    with pytest.raises(RecipeError, match="tile=64: an exported run translates pictures whole"):
        translator(one, tile=64)


def test_the_manifest_says_what_another_program_must_know(pictures):
    said = json.loads((pictures / "onnx" / "manifest.json").read_text())
    assert (said["kind"], said["runtime"], said["test_time"]) == ("pictures", "onnx", "eval")
    assert said["domains"] == {"a": "monet", "b": "photo"}
    to_photo = next(each for each in said["directions"] if each["makes"] == "b")
    assert to_photo["files"]["generator"]["name"] == "monet-to-photo.onnx"
    assert (to_photo["multiple"], to_photo["smallest"]) == (4, 5)
    assert to_photo["input"] == {"name": "source", "channels": 3, "range": [-1, 1], "layout": "NCHW", "type": "float32"}
    assert to_photo["opset"] >= 17


@pytest.mark.parametrize(
    "decoding", [Decoding(beam=1), Decoding(beam=4), Decoding(beam=4, best=3), Decoding(0.7, best=2)]
)
def test_sentences_come_out_as_those_of_the_run(exported_sentences, decoding):
    run, onnx = Translator.load(exported_sentences / "run"), Translator.load(exported_sentences / "onnx")
    unranked = Decoding(decoding.temperature, decoding.top_p, decoding.beam, decoding.best, rerank=False)
    for domain in run.targets:
        expected = run(SENTENCES, to=domain, decoding=unranked)
        assert onnx(SENTENCES, to=domain, decoding=unranked) == expected
        assert any(expected), "says nothing at all"


def test_what_is_not_exported_of_a_run_of_sentences_is_said(exported_sentences, tmp_path):
    made = export(exported_sentences / "run", tmp_path / "one", direction="informal")
    assert any(line.startswith("reranking: 'noisy_channel' asks all networks") for line in made.notes)
    assert exported.load(tmp_path / "one").targets == ["informal"]
    with pytest.raises(RecipeError, match="to=torch: sentences are exported for onnx"):
        export(exported_sentences / "run", tmp_path / "two", to="torch")
    assert not (tmp_path / "two").exists()


def test_an_exported_run_starts_without_pytorch(pictures, exported_sentences, tmp_path):
    given = odd_pictures(tmp_path / "in")
    script = (
        "import sys; from cyclekit.cli import main\n"
        "try: main()\n"
        "finally: print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    for words in ([pictures / "onnx", given], [exported_sentences / "onnx", "-"]):
        command = [sys.executable, "-c", script, "translate", *map(str, words)]
        done = subprocess.run(command, input="Hello.\n", capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("False False\n"), "PyTorch or transformers was imported"


def test_python_needs_no_pytorch_for_it_either(pictures):
    script = (
        "import sys, cyclekit; from PIL import Image\n"
        f"translator = cyclekit.Translator.load({str(pictures / 'onnx')!r})\n"
        "print(translator(Image.new('RGB', (9, 7)), to='photo').size, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "(9, 7) False\n", done.stderr


def damaged(folder, change):
    """A copy of an exported folder whose manifest was changed."""
    import shutil

    shutil.copytree(folder, folder.parent / "damaged", dirs_exist_ok=True)
    place = folder.parent / "damaged" / "manifest.json"
    said = json.loads((folder / "manifest.json").read_text())
    place.write_text(change(said))
    return place.parent


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: "{", "is no manifest of an exported run"),
        (lambda said: json.dumps({**said, "version": 2}), "is of version 2, and this cyclekit reads version 1"),
        (lambda said: json.dumps({**said, "format": "other"}), "its format is 'other'"),
        (lambda said: json.dumps({**said, "directions": []}), "it has no directions"),
        (lambda said: json.dumps({**said, "runtime": "openvino"}), "is exported for openvino"),
    ],
)
def test_a_damaged_manifest_is_one_line(pictures, change, words):
    with pytest.raises(RecipeError, match=words):
        exported.load(damaged(pictures / "onnx", change))


def test_a_file_that_was_changed_is_not_run(pictures):
    folder = damaged(pictures / "onnx", json.dumps)
    path = folder / "monet-to-photo.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RecipeError, match=r"monet-to-photo\.onnx: is not as it was written"):
        exported.load(folder)
    path.unlink()
    with pytest.raises(RecipeError, match=r"monet-to-photo\.onnx: is missing"):
        exported.load(folder)


def test_the_command_prints_what_was_compared(pictures, tmp_path):
    result = call("export", pictures / "run", "--out", tmp_path / "made", "--direction", "photo")
    assert result.status == 0, result.err
    assert result.out.strip() == str(tmp_path / "made")
    assert "monet -> photo: largest error against PyTorch: " in result.err
    assert "license: the recipe names none" in result.err
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["manifest.json", "monet-to-photo.onnx"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--to", "onyx"],
            "--to onyx: no runtime is called so; did you mean 'onnx'?; choose onnx, torch, openvino, web",
        ),
        (["--direction", "foto"], "does not translate to 'foto'; did you mean 'photo'?"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(pictures, tmp_path, arguments, words):
    result = call("export", pictures / "run", "--out", tmp_path / "made", *arguments)
    assert result.status == 2
    assert words in result.err
    assert len(result.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def started(folder, **settings):
    small = {"data.sources": [{"builtin": "landscapes", "scenes": 2, "held_out": 2}]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the discriminators start fresh
        return cyclekit.load(
            "monet2photo", profile="published", overrides=TINY | small | settings, start_from=str(folder)
        )


def test_a_run_starts_from_what_was_exported_of_another_tensor_by_tensor(pictures, tmp_path):
    place = checkpoint.latest(made_run(tmp_path / "run"))
    tensors, state = checkpoint.load(place)
    for name, tensor in tensors["generators"].items():
        if name.endswith("bias"):
            tensor.normal_()
    checkpoint.save(tmp_path / "run", 5, tensors, state, checkpoint.load_codecs(place))
    export(tmp_path / "run", tmp_path / "onnx", direction="photo")
    made = started(tmp_path / "onnx")
    own = made.networks.generators.b.state_dict()
    assert all(torch.equal(tensor, tensors["generators"][f"b.{name}"]) for name, tensor in own.items())
    assert f"from {tmp_path / 'onnx'}, step 5: all {len(own)} tensors" in made.started.loaded[0]
    assert len(started(pictures / "onnx", **{"generator.start": "random"}).started.loaded) == 2


def test_what_exporting_changed_starts_nothing(pictures, exported_sentences, tmp_path):
    made_run(tmp_path / "run", **{"generator.norm": "batch"})
    export(tmp_path / "run", tmp_path / "onnx", direction="photo")
    with pytest.raises(RecipeError, match="exporting changed its weights, as it does to batch norm; start from the "):
        started(tmp_path / "onnx", **{"generator.norm": "batch"})
    with pytest.raises(RecipeError, match="holds no pictures' generators for ONNX; start from the run"):
        started(exported_sentences / "onnx")
    for tensors in ({}, {"stem.convolution.bias": {"shape": [10**15], "sha256": ""}}, {"stem": 3}, None):
        folder = damaged(pictures / "onnx", lambda said, tensors=tensors: json.dumps(
            said | {"directions": [each | {"tensors": tensors} for each in said["directions"]]}
        ))  # fmt: skip
        with pytest.raises(RecipeError, match="does not say what its weights were; export the run anew"):
            started(folder)


def test_what_is_exported_already_is_no_run(pictures, tmp_path):
    result = call("export", pictures / "onnx", "--out", tmp_path / "made")
    assert result.status == 2
    assert len(result.err.splitlines()) == 1
