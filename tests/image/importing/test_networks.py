"""The networks in what a file holds, by name: the wanted one is taken, which is said, or asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from cyclekit.image.importing import read_weights
from cyclekit.registry import RecipeError
from tests.image.importing.foreign import ForeignResNet, assert_same_outputs, drawn
from tests.image.importing.states import assert_same

# ------------------------------------------------------------------------------------------ files with several networks


def judge() -> dict[str, Tensor]:
    layers = [nn.Conv2d(3, 4, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 8, 4, 1, 1), nn.InstanceNorm2d(8)]
    return {
        f"model.{key}": value
        for key, value in nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(8, 1, 4, 1, 1)).state_dict().items()
    }


@pytest.fixture(scope="module")
def networks() -> dict[str, nn.Module]:
    return {name: drawn(ForeignResNet(), seed) for seed, name in enumerate(("netG_A", "netG_B"))}


def optimizer_of(network: nn.Module) -> dict:
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.rand(1, 3, 16, 16)).sum().backward()
    optimizer.step()
    return optimizer.state_dict()


def flat(networks: dict[str, nn.Module]) -> dict[str, Tensor]:
    """As Lightning saves its module: every network under the name of its attribute, a loss's among them."""
    state = {f"{name}.{key}": value for name, net in networks.items() for key, value in net.state_dict().items()}
    return {
        **state,
        **{f"netD_A.{k}": v for k, v in judge().items()},
        "perceptual.vgg.0.weight": torch.zeros(4, 3, 3, 3),
    }


@pytest.mark.parametrize("key", ["netG_A", "netG_B"])
def test_lightning_and_joint_files_give_the_wanted_network(file, networks, key):
    lightning = {
        "state_dict": flat(networks),
        "epoch": 3,
        "pytorch-lightning_version": "2.5.0",
        "hyper_parameters": {"lr": 1e-4},
        "optimizer_states": [optimizer_of(ForeignResNet())],
    }
    joint = {name: net.state_dict() for name, net in networks.items()} | {
        "netD_A": judge(),
        "opt": optimizer_of(ForeignResNet()),
    }
    for content in (lightning, joint, flat(networks), {"module": {"nets": joint}}):
        torch.save(content, file)
        assert_same_outputs(file, networks[key], key=key)
        with pytest.raises(RecipeError) as refusal:
            read_weights(file, kind="generator")
        told = str(refusal.value)
        assert "holds 3 networks: " in told
        for name in ("netG_A (a ResNet generator)", "netG_B (a ResNet generator)", "netD_A (a PatchGAN discriminator)"):
            assert name in told
        assert told.endswith("choose one, such as key=netG_A")
        with pytest.raises(
            RecipeError, match=r"key=netG_a: no network of that name; did you mean 'netG_.'\?; it holds"
        ):
            read_weights(file, key="netG_a")


def test_the_only_generator_among_judges_is_taken_and_said(file, networks):
    generator = networks["netG_A"]
    torch.save({"generator": generator.state_dict(), "discriminator": judge()}, file)
    assert_same_outputs(file, generator)
    (note,) = read_weights(file, kind="generator").notes
    assert note == "took generator; the file holds discriminator too, which its name as the key takes"
    assert read_weights(file, key="discriminator").part == "patchgan"


def test_the_moving_average_stands_for_its_network(file, networks):
    plain, average = networks.values()
    torch.save({"params": plain.state_dict(), "params_ema": average.state_dict()}, file)
    assert_same_outputs(file, average)
    assert "took params_ema; the file holds params too, which its name as the key takes" in read_weights(file).notes
    assert_same_outputs(file, plain, key="params")


def test_one_prefix_is_stripped_and_what_is_left_out_is_counted(file, networks):
    state = {f"module.G.{key}": value for key, value in networks["netG_A"].state_dict().items()}
    torch.save({**state, "vgg.0.weight": torch.zeros(1)}, file)
    assert_same_outputs(file, networks["netG_A"])
    assert "took the 20 tensors under G. and left 1 others" in read_weights(file).notes


def test_names_that_fit_twice_are_asked_for_whole(file, networks):
    a, b = (network.state_dict() for network in networks.values())
    torch.save({"one": {"G": a}, "two": {"G": b}}, file)
    with pytest.raises(RecipeError, match=r"holds 2 networks: one\.G .*, two\.G .*; choose one, such as key=one\.G"):
        read_weights(file)
    with pytest.raises(RecipeError, match=r"key=G: fits one\.G and two\.G; give one of these names whole"):
        read_weights(file, key="G")
    assert_same_outputs(file, networks["netG_B"], key="two.G")
    torch.save(a, file)
    with pytest.raises(RecipeError, match="the file holds one network, without a name; leave it out"):
        read_weights(file, key="G")


def test_safetensors_with_prefixes(tmp_path, networks):
    save_file(flat(networks), tmp_path / "all.safetensors")
    assert_same_outputs(tmp_path / "all.safetensors", networks["netG_B"], key="netG_B")


# --------------------------------------------------------------------------------------------- what users' files carry


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.module."])
def test_prefixes_of_wrappers_are_stripped(file, network, state, prefix):
    torch.save({prefix + key: tensor for key, tensor in state.items()}, file)
    imported = read_weights(file)
    assert_same(imported, network)
    assert [note for note in imported.notes if "stripped" in note]


@pytest.mark.parametrize(
    "wrap", [lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"a": {"b": s}}, lambda s: {"net": s, "loss": [0.1]}]
)
def test_plain_wrappers_are_opened(file, network, state, wrap: Callable):
    torch.save(wrap(state), file)
    assert_same(read_weights(file), network)
