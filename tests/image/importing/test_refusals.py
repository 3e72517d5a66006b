"""Files that cannot be imported: refused in one line that says what was found, and nothing of them is run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from cyclekit.image.importing import read_weights
from cyclekit.image.importing.families import STRANGERS
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet
from tests.image.importing.states import GOLDEN, RunsCode


@pytest.fixture
def state() -> dict[str, Tensor]:
    return ForeignResNet(width=2, blocks=1).state_dict()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>not found</html>", "is damaged, or no file that torch.save or safetensors wrote"),
        (b"PK\x03\x04 half of an archive", "is damaged, or no file that torch.save or safetensors wrote"),
        ([1, 2], "holds no network, but a list; expected a network of pytorch-CycleGAN-and-pix2pix"),
        ({"epoch": 3, "loss": 0.5}, "holds no network, but a dict with epoch, loss; expected"),
        ({}, "holds no network, but a dict with no entries"),
        (
            RunsCode(),
            r"holds \w+.mkdir, which could only be loaded by running code.*save the weights alone: torch.save",
        ),
        (
            {"encoder.weight": torch.zeros(3, 4), "encoder.bias": torch.zeros(3)},
            r"found 2 tensors, first encoder.weight \(3, 4\), encoder.bias \(3,\); expected a network of pytorch",
        ),
        (
            {"G_A": {"x": torch.zeros(1)}, "G_B": {"x": torch.zeros(1)}},
            r"found G_A: 1 tensors, first x \(1,\); G_B: 1 tensors, first x \(1,\); expected",
        ),
        (
            {"model.1.weight": torch.zeros(4, 3, 7, 7), "model.1.bias": torch.zeros(4)},
            "found 2 tensors.*it begins like a ResNet generator, but too few layers",
        ),
        (
            {"model.model.0.weight": torch.zeros(4, 3, 4, 4), "model.model.1.x": torch.zeros(1)},
            "it begins like a U-Net generator, but too few layers",
        ),
        (
            {"model.0.weight": torch.zeros(4, 3, 4, 4)},
            "it begins like a PatchGAN discriminator, but too few layers",
        ),
        ({"x": torch.zeros(1), "module.x": torch.zeros(1)}, "keys that differ only in 'module.' or '_orig_mod.'"),
    ],
)
def test_other_files_are_refused_with_what_was_found(file, content, message, monkeypatch):
    monkeypatch.chdir(file.parent)
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(content, file)
    with pytest.raises(RecipeError, match=f"latest_net_G.pth: .*{message}") as refusal:
        read_weights(file)
    assert "\n" not in str(refusal.value)
    assert not Path("this-must-never-appear").exists()


def test_golden_inputs_are_no_network():
    assert load_file(GOLDEN / "d_pixel.safetensors")
    with pytest.raises(RecipeError, match="found 2 tensors"):
        read_weights(GOLDEN / "d_pixel.safetensors")


EXAMPLES = {
    "pix2pixHD's local enhancer": ["model.1.bias", "model1_1.1.weight"],
    "a multi-scale discriminator of pix2pixHD": ["scale0_layer0.0.weight", "scale0_layer0.0.bias"],
    "a CycleGAN of mmagic or mmgeneration": ["generators.photo.model.0.conv.weight"],
    "PyTorch-GAN's U-Net": ["down1.model.0.weight", "up1.model.0.weight"],
    "PyTorch-GAN's discriminator": ["model.0.weight", "model.12.weight"],
    "CUT's projection heads (netF)": ["mlp_0.0.weight"],
    "U-GAT-IT's generator": ["DownBlock.1.weight", "UpBlock1_1.conv1.weight"],
    "MUNIT's, UNIT's or DRIT's generator": ["a.enc_content.model.0.conv.weight"],
    "StarGAN v2's generator": ["from_rgb.weight"],
    "StarGAN's generator": ["main.0.weight"],
    "SPADE's generator": ["head_0.norm_0.mlp_gamma.weight"],
    "ESRGAN's generator": ["RRDB_trunk.0.RDB1.conv1.weight"],
    "CycleGAN-Turbo or pix2pix-turbo": ["conv_in.lora_A.default_encoder.weight"],
    "a diffusion model's U-Net": ["down_blocks.0.resnets.0.conv1.weight"],
    "a StyleGAN's generator": ["synthesis.b4.const"],
    "torchvision's ResNet, a classifier": ["conv1.weight", "layer1.0.conv1.weight"],
}


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: stranger.name)
def test_known_families_that_cannot_be_imported_are_named(file, stranger):
    torch.save({"params": {key: torch.zeros(2, 2) for key in EXAMPLES[stranger.name]}}, file)
    with pytest.raises(RecipeError) as refusal:
        read_weights(file)
    told = f"recognised {stranger.name}; it cannot be imported: {stranger.why} (found "
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_strangers_that_begin_like_a_known_network_are_named(file, state):
    torch.save({**state, "model1_1.1.weight": torch.zeros(2, 3, 7, 7)}, file)
    with pytest.raises(RecipeError, match="recognised pix2pixHD's local enhancer; it cannot be imported: its global"):
        read_weights(file)
    widths = {0: (4, 3), 2: (8, 4), 5: (16, 8), 8: (32, 16), 12: (1, 32)}
    torch.save({f"model.{place}.weight": torch.zeros(*width, 4, 4) for place, width in widths.items()}, file)
    with pytest.raises(RecipeError, match="recognised PyTorch-GAN's discriminator; it cannot be imported: it halves"):
        read_weights(file)
