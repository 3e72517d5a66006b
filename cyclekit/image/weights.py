"""Import networks that other toolkits trained: the architecture is read off a file's keys and shapes.

Understood are the files of pytorch-CycleGAN-and-pix2pix (ResNet, U-Net, PatchGAN and pixel networks of any size, of any
of its years) and files of the same layout by others, such as a ResNet whose instance norm has a scale and a shift.

What the keys leave open is decided so, and said in `Imported.notes` where it could matter:

- A norm with running statistics and a weight is batch norm. With a weight but no statistics it is affine instance norm.
  Statistics without a weight are what instance norm wrote before PyTorch 0.4; no network ever used them: dropped.
- With no norm keys at all, convolutions that have biases stand before plain instance norm, as in every published
  CycleGAN; without biases there is no norm.
- A ResNet's dropout shows as a gap in its blocks' numbering; its probability, and all of a U-Net's dropout, does not.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from cyclekit.image.codec import ImageCodec
from cyclekit.image.patchgan import PatchDiscriminator, PixelDiscriminator
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.unet import UNetGenerator
from cyclekit.registry import RecipeError

EXPECTED = (
    "expected a network of pytorch-CycleGAN-and-pix2pix: a ResNet (model.1.weight with 7x7 kernels), a U-Net "
    "(model.model.0.weight), a PatchGAN (model.0.weight with 4x4 kernels) or a pixel discriminator (net.0.weight)"
)
WRAPPERS = {"module", "_orig_mod"}
"""What DataParallel and torch.compile put in front of every key."""
STATISTICS = {"running_mean", "running_var", "num_batches_tracked"}


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

    def build(self) -> nn.Module:
        """The network, with the weights in it."""
        network = _unfilled(self).to_empty(device="cpu")
        network.load_state_dict(self.state)
        return network


class Layer(NamedTuple):
    """Where one convolution and its norm stand: here (`stem`), and in the file (`model.1`, `model.2`)."""

    here: str
    convolution: str
    norm: str | None = None


def read_weights(path: Path | str) -> Imported:
    """Read a `.pth` or `.safetensors` file of weights, without running any code that it may hold.

    Raises:
        RecipeError: no such file, not a file of weights, or not a network that is known here; says what it found.
    """
    path = Path(path)
    notes: list[str] = []
    tensors = _only_network(path, _load(path))
    tensors = _without_wrappers(path, tensors, notes)
    found = _recognised(path, tensors)
    state = _fitted(path, found, tensors, notes)
    return found.imported._replace(state=state, notes=notes + found.imported.notes)


class _Recognised(NamedTuple):
    imported: Imported
    layers: list[Layer]


# ---------------------------------------------------------------------------------------------- from file to tensors


def _load(path: Path) -> Any:
    """What a file holds: tensors, and plain containers of them."""
    if not path.exists():
        raise RecipeError(f"{path}: no such file")
    if path.is_dir():
        raise RecipeError(f"{path}: is a folder; name one file of weights, such as latest_net_G_A.pth")
    if path.stat().st_size == 0:
        raise RecipeError(f"{path}: is empty")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch has to say about odd files is said below, in one line
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # what parsing arbitrary bytes may raise is as arbitrary
        text = str(error)
        if "TorchScript" in text:
            raise RecipeError(f"{path}: is a TorchScript program; save its state_dict() instead") from error
        code = re.search(r"GLOBAL ([\w.]+)", text) if isinstance(error, pickle.UnpicklingError) else None
        if code is None:
            raise RecipeError(f"{path}: is damaged, or no file that torch.save or safetensors wrote") from error
        raise RecipeError(
            f"{path}: holds {code.group(1)}, which could only be loaded by running code from the file; in the program "
            "that made it, save the weights alone: torch.save(network.state_dict(), ...)"
        ) from error


def _only_network(path: Path, content: Any) -> dict[str, Tensor]:
    """The one mapping of names to tensors in a file's content, which may stand inside others ({"state_dict": ...})."""
    networks = dict(_networks(content, "", depth=3))
    if len(networks) > 1:
        raise RecipeError(f"{path}: holds {len(networks)} networks ({', '.join(networks)}); save the wanted one alone")
    if not networks:
        what = f"a {type(content).__name__}"
        if isinstance(content, Mapping):
            what += f" with {', '.join(str(key) for key in list(content)[:5]) or 'no entries'}"
        raise RecipeError(f"{path}: holds no network, but {what}; {EXPECTED}")
    return next(iter(networks.values()))


def _networks(content: Any, name: str, depth: int) -> Iterator[tuple[str, dict[str, Tensor]]]:
    if not isinstance(content, Mapping) or not content:
        return
    if all(isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()):
        yield name or "weights", dict(content)
    elif depth:
        for key, value in content.items():
            yield from _networks(value, f"{name}.{key}" if name else str(key), depth - 1)


def _without_wrappers(path: Path, tensors: dict[str, Tensor], notes: list[str]) -> dict[str, Tensor]:
    """Keys without the `module.` and `_orig_mod.` that training wrappers put in, once or many times, anywhere."""
    stripped = {".".join(part for part in key.split(".") if part not in WRAPPERS): key for key in tensors}
    if len(stripped) < len(tensors):
        raise RecipeError(f"{path}: has keys that differ only in 'module.' or '_orig_mod.': {_shown(tensors)}")
    wrapped = sorted({part for key in tensors for part in key.split(".")} & WRAPPERS)
    if wrapped:
        notes.append(f"stripped {' and '.join(f'{part}.' for part in wrapped)} from the keys")
    if any(tensor.is_floating_point() and tensor.dtype != torch.float32 for tensor in tensors.values()):
        notes.append("the weights are not float32 in the file; converted")
    return {
        new: tensors[old].float() if tensors[old].is_floating_point() else tensors[old] for new, old in stripped.items()
    }


# ---------------------------------------------------------------------------------------- from tensors to architecture


def _recognised(path: Path, tensors: dict[str, Tensor]) -> _Recognised:
    """Which network this is, by its first convolution."""
    readers: dict[tuple[str, int], tuple[str, Callable[[Path, dict[str, Tensor]], _Recognised]]] = {
        ("model.1.weight", 7): ("a ResNet", _resnet),
        ("model.model.0.weight", 4): ("a U-Net", _unet),
        ("model.0.weight", 4): ("a PatchGAN", _patchgan),
        ("net.0.weight", 1): ("a pixel discriminator", _pixel),
    }
    for (first, size), (what, read) in readers.items():
        if first in tensors and tuple(tensors[first].shape[2:]) == (size, size):
            try:
                return read(path, tensors)
            except LookupError as error:
                raise _unknown(path, tensors, f"it begins like {what}, but the further layers do not follow") from error
    raise _unknown(path, tensors)


def _resnet(path: Path, tensors: dict[str, Tensor]) -> _Recognised:
    outside_blocks = [
        key for key, tensor in tensors.items() if re.fullmatch(r"model\.\d+\.weight", key) and tensor.dim() == 4
    ]
    in_blocks = [
        (match.group(1), match.group(2), int(match.group(3)))
        for key, tensor in tensors.items()
        if (match := re.fullmatch(r"model\.(\d+)\.([a-z_]+)\.(\d+)\.weight", key)) and tensor.dim() == 4
    ]
    blocks = len({block for block, _, _ in in_blocks})
    block_name = in_blocks[0][1] if in_blocks else "conv_block"
    # The second convolution of a block is its fifth module, and its sixth where dropout stands before it.
    dropout = 0.5 if any(position == 6 for _, _, position in in_blocks) else 0.0
    options: dict[str, Any] = {
        "width": tensors["model.1.weight"].shape[0],
        "blocks": blocks,
        "downsamplings": len(outside_blocks) // 2 - 1,  # the stem, the head, and as many up as down
        "dropout": dropout,
    }
    layers = list(resnet_layers(blocks, options["downsamplings"], dropout=bool(dropout), block_name=block_name))
    options |= _norm(tensors, layers)
    notes = []
    if dropout:
        notes.append("the blocks have dropout; the file does not say how much: 0.5 as published")
    source, target = tensors["model.1.weight"].shape[1], tensors[f"{layers[-1].convolution}.weight"].shape[0]
    return _Recognised(Imported("generator", "resnet", options, source, target, {}, notes), layers)


def _unet(path: Path, tensors: dict[str, Tensor]) -> _Recognised:
    depth, level = 1, "model.model.1"
    while f"{level}.model.1.weight" in tensors:
        depth, level = depth + 1, f"{level}.model.3"
    layers = list(unet_layers(depth))
    options: dict[str, Any] = {"width": tensors["model.model.0.weight"].shape[0], "depth": depth, "dropout": 0.5}
    options |= _norm(tensors, layers)
    notes = [
        "the file does not say whether the U-Net had dropout: 0.5 as published; it acts in training mode only, but in "
        "that pix2pix as published also translates"
    ]
    source, target = tensors["model.model.0.weight"].shape[1], tensors["model.model.3.weight"].shape[1]
    return _Recognised(Imported("generator", "unet", options, source, target, {}, notes), layers)


def _patchgan(path: Path, tensors: dict[str, Tensor]) -> _Recognised:
    convolutions = [key for key, tensor in tensors.items() if tensor.dim() == 4]
    depth = len(convolutions) - 2
    layers = list(patchgan_layers(depth))
    options = {"width": tensors["model.0.weight"].shape[0], "layers": depth, **_norm(tensors, layers)}
    return _discriminator(path, "patchgan", options, tensors["model.0.weight"].shape[1], layers)


def _pixel(path: Path, tensors: dict[str, Tensor]) -> _Recognised:
    layers = list(pixel_layers())
    options = {"width": tensors["net.0.weight"].shape[0], **_norm(tensors, layers)}
    return _discriminator(path, "pixel", options, tensors["net.0.weight"].shape[1], layers)


def _discriminator(path: Path, part: str, options: dict[str, Any], channels: int, layers: list[Layer]) -> _Recognised:
    shares = {1: (0, 1), 3: (0, 3), 2: (1, 1), 4: (1, 3), 6: (3, 3)}
    if channels not in shares:
        raise RecipeError(f"{path}: a discriminator of {channels} channels; known are 1 and 3, or two of them joined")
    condition, judged = shares[channels]
    notes = []
    if condition:
        notes.append(
            f"{channels} channels: taken as pix2pix's, a condition of {condition} before a judged picture of {judged}"
        )
    return _Recognised(Imported("discriminator", part, options, condition, judged, {}, notes), layers)


def _norm(tensors: Mapping[str, Tensor], layers: list[Layer]) -> dict[str, Any]:
    """The options `norm` and `affine`, from the first layer that can have a norm (the rules are at the top)."""
    layer = next((layer for layer in layers if layer.norm), None)
    if layer is None:
        raise LookupError("too few layers")
    if f"{layer.norm}.weight" in tensors:
        batch = f"{layer.norm}.running_mean" in tensors
        return {"norm": "batch", "affine": False} if batch else {"norm": "instance", "affine": True}
    plain = f"{layer.convolution}.bias" in tensors or f"{layer.norm}.running_mean" in tensors
    return {"norm": "instance" if plain else "none", "affine": False}


# -------------------------------------------------------------------------------- the same layers, here and in the file


def resnet_layers(blocks: int, downsamplings: int, *, dropout: bool, block_name: str = "conv_block") -> Iterator[Layer]:
    """A ResNet's layers. The file counts every module: a stage of three, each block one, the head behind a padding."""
    yield Layer("stem", "model.1", "model.2")
    position = 4
    for stage in range(downsamplings):
        yield Layer(f"down.{stage}", f"model.{position}", f"model.{position + 1}")
        position += 3
    second = 6 if dropout else 5
    for block in range(blocks):
        name = f"model.{position}.{block_name}"
        yield Layer(f"blocks.{block}.first", f"{name}.1", f"{name}.2")
        yield Layer(f"blocks.{block}.second", f"{name}.{second}", f"{name}.{second + 1}")
        position += 1
    for stage in range(downsamplings):
        yield Layer(f"up.{stage}", f"model.{position}", f"model.{position + 1}")
        position += 3
    yield Layer("head", f"model.{position + 1}")


def unet_layers(depth: int) -> Iterator[Layer]:
    """A U-Net's layers. The file nests each level inside the one around it."""
    yield Layer("down.0", "model.model.0")
    for level in range(1, depth):
        around = "model.model.1" + ".model.3" * (level - 1)
        innermost = level == depth - 1
        yield Layer(f"down.{level}", f"{around}.model.1", None if innermost else f"{around}.model.2")
        up = 3 if innermost else 5
        yield Layer(f"up.{depth - 1 - level}", f"{around}.model.{up}", f"{around}.model.{up + 1}")
    yield Layer(f"up.{depth - 1}", "model.model.3")


def patchgan_layers(layers: int) -> Iterator[Layer]:
    """A PatchGAN's layers."""
    yield Layer("stages.0", "model.0")
    for layer in range(1, layers + 1):
        yield Layer(f"stages.{layer}", f"model.{3 * layer - 1}", f"model.{3 * layer}")
    yield Layer("head", f"model.{3 * layers + 2}")


def pixel_layers() -> Iterator[Layer]:
    """A pixel discriminator's layers."""
    yield Layer("stages.0", "net.0")
    yield Layer("stages.1", "net.2", "net.3")
    yield Layer("head", "net.5")


def _fitted(path: Path, found: _Recognised, tensors: dict[str, Tensor], notes: list[str]) -> dict[str, Tensor]:
    """The file's tensors under the names used here, all of them, and nothing left over.

    Raises:
        RecipeError: a key too many, a weight missing, or a shape that does not fit.
    """
    here = {layer.convolution: f"{layer.here}.convolution" for layer in found.layers}
    here |= {layer.norm: f"{layer.here}.norm" for layer in found.layers if layer.norm}
    try:
        wanted = _unfilled(found.imported).state_dict()
    except ValueError as error:
        raise _unknown(path, tensors, str(error)) from error

    state: dict[str, Tensor] = {}
    dropped = []
    for key, tensor in tensors.items():
        module, _, leaf = key.rpartition(".")
        name = f"{here.get(module)}.{leaf}"
        if name in wanted and tensor.shape == wanted[name].shape:
            state[name] = tensor
        elif leaf in STATISTICS and found.imported.options["norm"] != "batch":
            dropped.append(key)
        else:
            fits = f"which would be {tuple(wanted[name].shape)}" if name in wanted else "which has no place"
            like = f"it looks like {found.imported.kind} '{found.imported.part}' {found.imported.options}, but for"
            raise _unknown(path, tensors, f"{like} {key} {tuple(tensor.shape)}, {fits}")
    if dropped:
        notes.append(f"dropped {len(dropped)} running statistics that instance norm does not use")

    # A layer saved without bias is the same as one with a bias of zero. Old batch norms did not count their batches.
    missing = [name for name in wanted if name not in state]
    filled = [name for name in missing if name.endswith((".convolution.bias", ".num_batches_tracked"))]
    if len(filled) < len(missing):
        lost = next(name for name in missing if name not in filled)
        layer, _, leaf = lost.rpartition(".")
        there = next(module for module, name in here.items() if name == layer)
        raise _unknown(path, tensors, f"it looks like {found.imported.part}, but {there}.{leaf} is missing")
    state |= {name: torch.zeros(wanted[name].shape, dtype=wanted[name].dtype) for name in filled}
    if filled:
        notes.append(f"{len(filled)} biases or batch counts are not in the file: zero")
    return {name: state[name] for name in wanted}


def _unfilled(imported: Imported) -> nn.Module:
    """The network of an import, with shapes but without any weights.

    Raises:
        ValueError: the channels or the options are none that the network or the codec knows.
    """
    source = ImageCodec(channels=imported.source_channels) if imported.source_channels else None
    target = ImageCodec(channels=imported.target_channels)
    makers: dict[str, Callable[..., nn.Module]] = {
        "resnet": ResNetGenerator,
        "unet": UNetGenerator,
        "patchgan": PatchDiscriminator,
        "pixel": PixelDiscriminator,
    }
    codecs = (source, target) if imported.kind == "generator" else (target, source)
    with torch.device("meta"):
        return makers[imported.part](*codecs, **imported.options)


def _shown(tensors: Mapping[str, Tensor]) -> str:
    first = ", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in list(tensors.items())[:3])
    return f"{len(tensors)} tensors, first {first}"


def _unknown(path: Path, tensors: Mapping[str, Tensor], why: str | None = None) -> RecipeError:
    reasons = [f"found {_shown(tensors)}", why, EXPECTED] if why else [f"found {_shown(tensors)}", EXPECTED]
    return RecipeError(f"{path}: no network known here: {'; '.join(reasons)}")
