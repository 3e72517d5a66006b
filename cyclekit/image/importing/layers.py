"""The same layers here and in a file: what an import is, and how the file's tensors get the names used here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Pair
from cyclekit.image.codec import ImageCodec
from cyclekit.image.patchgan import PatchDiscriminator, PixelDiscriminator
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.unet import UNetGenerator
from cyclekit.registry import RecipeError

STATISTICS = {"running_mean", "running_var", "num_batches_tracked"}

MAKERS: dict[str, Callable[..., nn.Module]] = {
    "resnet": ResNetGenerator,
    "unet": UNetGenerator,
    "patchgan": PatchDiscriminator,
    "pixel": PixelDiscriminator,
}


class Imported(NamedTuple):
    """A network as read from a file: what to build, and what to load into it."""

    kind: Literal["generator", "discriminator"]
    part: str
    """The name it is registered under."""
    options: dict[str, Any]
    source_channels: int
    """Of the pictures a generator takes; of a discriminator's condition, 0 if it has none."""
    target_channels: int
    """Of the pictures a generator makes or a discriminator judges."""
    state: dict[str, Tensor]
    """Fits `load_state_dict` of the built part, strictly."""
    notes: list[str]
    """What was stripped, dropped, filled in or assumed; one plain sentence each."""

    @property
    def takes(self) -> str:
        """What it takes and makes, in words."""
        return f"{self.source_channels} to {self.target_channels} channels"

    @property
    def codecs(self) -> Pair[ImageCodec]:
        """Of a run whose generator of b it is."""
        return Pair(ImageCodec(self.source_channels), ImageCodec(self.target_channels))

    def is_way_back_of(self, other: Imported) -> bool:
        """Whether it takes what the other makes, and makes what the other takes."""
        return (self.source_channels, self.target_channels) == (other.target_channels, other.source_channels)

    def settings(self, *, both_ways: bool) -> tuple[dict[str, Any], list[str]]:
        """What a recipe says of a run that consists of it, names apart; and what to know of that.

        Args:
            both_ways: whether the run has a generator back too.
        """
        of_a, of_b = self.source_channels, self.target_channels
        batch_norm = self.options.get("norm") == "batch"
        settings = {
            "data": {"name": "images", "sources": [], "channels": of_b if of_a == of_b else {"a": of_a, "b": of_b}},
            "generator": {"name": self.part, **self.options},
            "discriminator": "patchgan",
            "objective": "cyclegan" if both_ways else "pix2pix",
            "gan_loss": "lsgan",
            "reconstruction": "l1",
            "initialisation": "keep",
            "train": {"epochs": 200},
            "metrics": [
                {"name": "kid", "features": ["lite0", "lite2"]}, "frechet", "texture", "structure", "psnr", "ssim",
            ],
            # Networks with batch norm were published to be used as they were trained: by each batch's own statistics.
            "test_time": "train" if batch_norm else "eval",
        }  # fmt: skip
        of_norm = (
            "batch norm: used with each picture's own statistics, as published; set test_time: eval for the stored ones"
        )
        return settings, [of_norm] if batch_norm else []

    def build(self) -> nn.Module:
        """The network, with the weights in it."""
        with torch.random.fork_rng(devices=[]):  # what it begins with is replaced, and costs nobody random numbers
            network = built_network(self)
        network.load_state_dict(self.state)
        return network


class Layer(NamedTuple):
    """Where one convolution and its norm stand: here (`stem`), and in the file (`model.1`, `model.2`)."""

    here: str
    convolution: str
    norm: str | None = None


class Recognised(NamedTuple):
    """An import without its weights yet, the layers to fetch them from, and constants that the file may repeat."""

    imported: Imported
    layers: list[Layer]
    constants: Mapping[str, Tensor]
    """Keys of the file, such as those of a blur, and what they must hold."""


def built_network(imported: Imported) -> nn.Module:
    """The network of an import, as it begins.

    Raises:
        ValueError: the channels or the options are none that the network or the codec knows.
    """
    condition_less = imported.kind == "discriminator" and not imported.source_channels
    source = None if condition_less else ImageCodec(channels=imported.source_channels)
    target = ImageCodec(channels=imported.target_channels)
    codecs = (source, target) if imported.kind == "generator" else (target, source)
    return MAKERS[imported.part](*codecs, **imported.options)


def norm_of(tensors: Mapping[str, Tensor], layers: list[Layer]) -> dict[str, Any]:
    """The options `norm` and `affine`, from the first layer that can have a norm.

    - Running statistics and a weight: batch norm. A weight without statistics: instance norm with a scale and a shift.
    - Statistics without a weight are what instance norm wrote before PyTorch 0.4; no network ever used them.
    - No norm's keys at all: convolutions that have biases stand before plain instance norm, as in every published
      CycleGAN; without biases there is no norm.

    Raises:
        LookupError: no layer can have one.
    """
    layer = next((layer for layer in layers if layer.norm), None)
    if layer is None:
        raise LookupError("too few layers")
    if f"{layer.norm}.weight" in tensors:
        batch = f"{layer.norm}.running_mean" in tensors
        return {"norm": "batch", "affine": False} if batch else {"norm": "instance", "affine": True}
    plain = f"{layer.convolution}.bias" in tensors or f"{layer.norm}.running_mean" in tensors
    return {"norm": "instance" if plain else "none", "affine": False}


def fitted(path: Path, what: str, found: Recognised, tensors: Mapping[str, Tensor], notes: list[str]) -> Imported:
    """The import with the file's tensors under the names used here, all of them, and nothing left over.

    Args:
        what: the family, in words.
        notes: gets what was dropped or filled in.

    Raises:
        RecipeError: a key too many, a weight missing, a shape that does not fit, or channels that no codec has.
    """
    imported = found.imported
    here = {layer.convolution: f"{layer.here}.convolution" for layer in found.layers}
    here |= {layer.norm: f"{layer.here}.norm" for layer in found.layers if layer.norm}
    options = ", ".join(f"{key}={value}" for key, value in imported.options.items())
    recognised = f"{path}: recognised {what} ({options})"
    try:
        with torch.device("meta"):
            wanted = built_network(imported).state_dict()
    except (ValueError, RuntimeError, TypeError, OverflowError) as error:  # or a size that no tensor has
        channels = f"{imported.source_channels} to {imported.target_channels} channels"
        raise RecipeError(f"{recognised}, {channels}; it has no counterpart here: {error}") from error

    state: dict[str, Tensor] = {}
    dropped = 0
    for key, tensor in tensors.items():
        module, _, leaf = key.rpartition(".")
        name = f"{here.get(module)}.{leaf}"
        if name in wanted and tensor.shape == wanted[name].shape:
            state[name] = tensor
        elif key in found.constants:
            _check_constant(recognised, key, tensor, found.constants[key])
        elif leaf in STATISTICS and imported.options["norm"] != "batch":
            dropped += 1
        else:
            fits = f"which would be {tuple(wanted[name].shape)}" if name in wanted else "which has no place"
            raise RecipeError(f"{recognised}, but for {key} {tuple(tensor.shape)}, {fits}")
    if dropped:
        notes.append(f"dropped {dropped} running statistics that instance norm does not use")

    # A layer saved without bias is the same as one with a bias of zero. Old batch norms did not count their batches.
    missing = [name for name in wanted if name not in state]
    filled = [name for name in missing if name.endswith((".convolution.bias", ".num_batches_tracked"))]
    if len(filled) < len(missing):
        lost = next(name for name in missing if name not in filled)
        layer, _, leaf = lost.rpartition(".")
        there = next(module for module, name in here.items() if name == layer)
        raise RecipeError(f"{recognised}, but {there}.{leaf} is missing")
    state |= {name: torch.zeros(wanted[name].shape, dtype=wanted[name].dtype) for name in filled}
    if filled:
        notes.append(f"{len(filled)} biases or batch counts are not in the file: zero")
    return imported._replace(state={name: state[name] for name in wanted}, notes=notes + imported.notes)


def _check_constant(recognised: str, key: str, tensor: Tensor, expected: Tensor) -> None:
    """A blur in the file must be the one that the network here has."""
    fits = tensor.dim() == expected.dim() and tensor.shape[1:] == expected.shape[1:]
    if not fits or not torch.allclose(tensor, expected.expand_as(tensor), rtol=0, atol=1e-3):
        raise RecipeError(f"{recognised}, but the blur in {key} {tuple(tensor.shape)} is another than CUT's")
