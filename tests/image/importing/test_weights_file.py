"""What a file of weights holds, and nothing in it is run."""

import contextlib
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit.image.importing import read_weights
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet
from tests.image.importing.states import GOLDEN, RunsCode


def test_missing_files_folders_and_broken_safetensors(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere\.pth: no such file"):
        read_weights(tmp_path / "nowhere.pth")
    with pytest.raises(RecipeError, match=r"is a folder; name one file of weights, such as latest_net_G_A\.pth"):
        read_weights(tmp_path)
    (tmp_path / "net.safetensors").write_bytes(b"\x01" * 100)
    with pytest.raises(RecipeError, match=r"net.safetensors: is damaged"):
        read_weights(tmp_path / "net.safetensors")


@given(st.binary(max_size=64), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_files_never_end_in_a_traceback(file, rubbish, cut, data):
    """Rubbish in the middle of a good file, or a file cut short, is refused or, where it hit only weights, read."""
    good = (GOLDEN / "d_pixel_net_D.pth").read_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    file.write_bytes(good[:place] + rubbish + (b"" if cut else good[place + len(rubbish) :]))
    with contextlib.suppress(RecipeError):
        read_weights(file)


def test_a_program_is_refused(file):
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {"version": b"3\n", "constants.pkl": b"", "data.pkl": b""}.items():
            archive.writestr(f"archive/{name}", content)
    with pytest.raises(RecipeError, match=r"is a TorchScript program, .* by running it; .*state_dict\(\)"):
        read_weights(file)


@pytest.mark.parametrize("wrapped", [False, True], ids=["named like ours", "in a list"])
def test_whole_networks_and_checkpoints_with_code_are_never_unpickled(file, wrapped, monkeypatch):
    monkeypatch.chdir(file.parent)
    network = nn.Linear(1, 1)
    content = {"state_dict": ForeignResNet().state_dict(), "hyper_parameters": [RunsCode()] if wrapped else network}
    for whole in (content, network):
        torch.save(whole, file)
        with pytest.raises(RecipeError, match=r"holds [\w.]+, which could only be loaded by running code .*state_dict"):
            read_weights(file)
    assert not Path("this-must-never-appear").exists()
