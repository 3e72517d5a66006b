"""Which family a network is of: those that can be imported, and those that can only be named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from torch import Tensor

from cyclekit.image.importing.discriminators import read_patchgan, read_pixel
from cyclekit.image.importing.layers import Recognised
from cyclekit.image.importing.resnet import read_resnet
from cyclekit.image.importing.unet import read_unet

EXPECTED = (
    "expected a network of pytorch-CycleGAN-and-pix2pix: a ResNet (model.1.weight with 7x7 kernels), a U-Net "
    "(model.model.0.weight), a PatchGAN (model.0.weight with 4x4 kernels) or a pixel discriminator (net.0.weight); or "
    "a ResNet of CUT, pix2pixHD or PyTorch-GAN"
)


class Family(NamedTuple):
    """Networks that can be imported."""

    name: str
    kind: Literal["generator", "discriminator"]
    first: str
    """The key of its first convolution."""
    size: int
    """The side of that convolution's kernel."""
    read: Callable[[Mapping[str, Tensor]], Recognised]
    below: str = ""
    """How some other key begins, where the first convolution alone does not tell."""

    def fits(self, tensors: Mapping[str, Tensor], prefix: str = "") -> bool:
        """Whether a network of this family begins at a prefix."""
        first = tensors.get(prefix + self.first)
        if first is None or tuple(first.shape[2:]) != (self.size, self.size):
            return False
        return not self.below or any(key.startswith(prefix + self.below) for key in tensors)


FAMILIES = (
    Family("a ResNet generator", "generator", "model.1.weight", 7, read_resnet),
    Family("a U-Net generator", "generator", "model.model.0.weight", 4, read_unet, below="model.model.1."),
    Family("a PatchGAN discriminator", "discriminator", "model.0.weight", 4, read_patchgan),
    Family("a pixel discriminator", "discriminator", "net.0.weight", 1, read_pixel),
)


class Stranger(NamedTuple):
    """Networks that are known by keys of theirs, and cannot be imported."""

    name: str
    key: str
    """A regular expression."""
    why: str
    other: str = ""
    """Another one, of a key that must be there too."""


NO_SUCH_LAYERS = "there is no such network here"

STRANGERS = (
    Stranger("pix2pixHD's local enhancer", r"model1_1\.\d+\.", "its global generator, trained alone, can be imported"),
    Stranger(
        "a multi-scale discriminator of pix2pixHD", r"(scale\d+_|scale\d+\.)?layer\d+\.\d+\.weight$", NO_SUCH_LAYERS
    ),
    Stranger("MUNIT's, UNIT's or DRIT's generator", r"enc_content\.|enc_style\.", NO_SUCH_LAYERS),
    Stranger("a CycleGAN of mmagic or mmgeneration", r"model\.0\.conv\.weight$", "its layers are numbered otherwise"),
    Stranger("PyTorch-GAN's U-Net", r"down1\.model\.0\.weight$", "its levels have other norms than a U-Net here"),
    Stranger(
        "PyTorch-GAN's discriminator",
        r"model\.12\.weight$",
        "it halves four times and pads unevenly",
        other=r"model\.0\.weight$",
    ),
    Stranger("CUT's projection heads (netF)", r"mlp_\d+\.\d\.weight$", "import its netG"),
    Stranger("U-GAT-IT's generator", r"UpBlock1_1\.", NO_SUCH_LAYERS),
    Stranger("StarGAN v2's generator", r"from_rgb\.", NO_SUCH_LAYERS),
    Stranger("StarGAN's generator", r"main\.0\.weight$", "it takes a label beside the picture"),
    Stranger("SPADE's generator", r"mlp_gamma\.", NO_SUCH_LAYERS),
    Stranger("ESRGAN's generator", r"RRDB_trunk\.|rdb1\.conv1\.", NO_SUCH_LAYERS),
    Stranger("CycleGAN-Turbo or pix2pix-turbo", r"lora_[AB]\.|vae_enc\.", "it is a diffusion model's adaptation"),
    Stranger("a diffusion model's U-Net", r"down_blocks\.\d+\.resnets\.", NO_SUCH_LAYERS),
    Stranger("a StyleGAN's generator", r"synthesis\.|to_rgb1\.", NO_SUCH_LAYERS),
    Stranger("torchvision's ResNet, a classifier", r"layer1\.0\.conv1\.weight$", "it makes no pictures"),
)


def family_of(tensors: Mapping[str, Tensor]) -> Family | None:
    """The family of a network that begins with its first key."""
    return next((family for family in FAMILIES if family.fits(tensors)), None)


def networks_within(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The known networks in a mapping, by the prefix of their keys: "netG_A" of `netG_A.model.1.weight`.

    The prefix of a network that stands there alone, without any, is "".
    """
    prefixes = {
        key[: -len(family.first)]
        for family in FAMILIES
        for key in tensors
        if key.endswith(family.first) and family.fits(tensors, key[: -len(family.first)])
    }
    outermost: list[str] = []
    for prefix in sorted(prefixes, key=lambda prefix: (len(prefix), prefix)):
        if (not prefix or prefix.endswith(".")) and not any(prefix.startswith(around) for around in outermost):
            outermost.append(prefix)
    return {
        prefix.rstrip("."): {key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)}
        for prefix in outermost
    }


def stranger_among(keys: Iterable[str]) -> Stranger | None:
    """The family of a network that is known, and cannot be imported."""
    keys = list(keys)

    def there(pattern: str) -> bool:
        return any(re.search(rf"(^|\.)({pattern})", key) for key in keys)

    return next((stranger for stranger in STRANGERS if there(stranger.key) and there(stranger.other)), None)


def refusal_of(stranger: Stranger, count: int) -> str:
    """What to say of a stranger's file with so many tensors."""
    return f"recognised {stranger.name}; it cannot be imported: {stranger.why} (found {count} tensors)"
