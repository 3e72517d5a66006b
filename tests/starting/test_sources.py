"""What is read of each kind of source: networks by domain, their names, and sums of the files that were taken."""

import json
import os

import pytest
import torch

from cyclekit.files.tensor_files import file_checksum
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.starting.sources import _by_domain, open_weights
from tests.made_run import made_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made_run(tmp_path_factory.mktemp("made") / "run", **{"train.moving_average": None})


def test_a_run_folder_gives_its_generators_by_domain_and_says_of_which_step(run):
    found = open_weights(str(run), "image")
    assert (found.name, found.words, found.averaged) == (str(run), f"{run}, step 4", False)
    assert found.domains == ("monet", "photo")
    assert (sorted(found.generators), found.discriminators) == (["a", "b"], {})
    assert found.generator.name == load_recipe(run).generator.name
    assert found.codecs.a.name == "image"
    weights = history.latest(run) / "generators.safetensors"
    assert found.files == {"generators.safetensors": file_checksum(weights)}
    tensors, _ = checkpoint.load(history.latest(run), ["generators"])
    for key, tensor in tensors["generators"].items():
        assert torch.equal(found.generators[key[0]][key[2:]], tensor)


def test_tensors_of_a_pair_are_parted_by_their_first_word():
    one, two, three = torch.zeros(3).unbind()
    assert _by_domain({"a.x.y": one, "b.x.y": two, "a.z": three}) == {"a": {"x.y": one, "z": three}, "b": {"x.y": two}}


def test_what_is_no_source_is_one_line(run, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        (
            "folder",
            "is no run folder (no recipe.yaml); give one, such as runs/monet2photo/2026-11-23-090000, what was exported"
            " of one, or a file of weights",
        ),
        ("pipe", "is neither a run folder nor a file, but a pipe or a device"),
    ):
        with pytest.raises(RecipeError) as refused:
            open_weights(str(tmp_path / name), "image")
        assert str(refused.value) == f"{tmp_path / name}: {words}"


def test_a_file_is_read_where_its_modality_can(tmp_path):
    (tmp_path / "x.pth").write_bytes(b"no weights")
    with pytest.raises(RecipeError) as refused:
        open_weights(str(tmp_path / "x.pth"), "sounds")
    assert str(refused.value) == (
        f"{tmp_path / 'x.pth'}: is a file, and this recipe can start from a run alone; give a run folder"
    )
    with pytest.raises(RecipeError, match=r"x\.pth: "):
        open_weights(str(tmp_path / "x.pth"), "image")


def exported(folder, runtime="onnx", kind="pictures"):
    """A folder that looks like an exported run, of which nothing can be read."""
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"kind": kind, "runtime": runtime}))
    return folder


def test_an_export_whose_manifest_is_none_is_one_line(tmp_path):
    folder = exported(tmp_path / "out")
    with pytest.raises(RecipeError) as refused:
        open_weights(str(folder), "image")
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)
