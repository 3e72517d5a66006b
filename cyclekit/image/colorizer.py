"""The colorizer: lightness in, colour out, and the input's brightness kept to the last level (pix2pix 4.2)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.levels import Norm
from cyclekit.image.unet import UNetGenerator
from cyclekit.registry import register

CHROMA_RANGE = 110.0
"""sRGB colours have a* and b* between -108 and 99."""

LUMA = (19595, 38470, 7471)
"""ITU-R BT.601 in 65536ths, as Pillow turns colour into grey: `L = (19595 R + 38470 G + 7471 B + 32768) >> 16`."""

FROM_XYZ = ((3.2404542, -1.5371385, -0.4985314), (-0.9692660, 1.8760108, 0.0415560), (0.0556434, -0.2040259, 1.0572252))
"""XYZ to linear sRGB (IEC 61966-2-1)."""

WHITE = (0.95047, 1.0, 1.08883)
"""D65 in XYZ."""


class Planes(NamedTuple):
    """What a network needs to know of a codec."""

    channels: int


@register("generator", "colorizer")
class Colorizer(nn.Module):
    """A U-Net gives a picture's a* and b* from its L* (Lab: L in, ab out); both together are the colour picture.

    Whatever the network says, the output has the input's brightness: its grey version (Pillow's `convert("L")`) equals
    the input level by level, so that only colour is ever added.
    """

    def __init__(
        self,
        source: ImageCodec,
        target: ImageCodec,
        *,
        width: int = 64,
        depth: int = 8,
        norm: Norm = "batch",
        affine: bool = False,
        dropout: float = 0.5,
        upsampling: Literal["transposed", "resize"] = "transposed",
    ) -> None:
        """Build the U-Net; all options are its own.

        Raises:
            ValueError: an option out of range, or a run that does not go from grey to colour.
        """
        super().__init__()
        if (source.channels, target.channels) != (1, 3):
            raise ValueError(
                f"makes colour (3 channels) out of grey (1); here {target.channels} are made of {source.channels}: "
                "set data.views={a: grey, b: picture}, or take another generator"
            )
        self.network = UNetGenerator(
            Planes(1),  # type: ignore[arg-type]
            Planes(2),  # type: ignore[arg-type]
            width=width, depth=depth, norm=norm, affine=affine, dropout=dropout, upsampling=upsampling,
        )  # fmt: skip
        self.multiple, self.smallest = self.network.multiple, self.network.smallest

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Colour pictures: (B, 1, H, W) in [-1, 1] to (B, 3, H, W), each value one of 8-bit levels.

        Raises:
            ValueError: height or width is no multiple of `multiple`.
        """
        grey = (source.data.float() + 1) / 2
        colour = self._coloured(grey)
        # Discriminators see levels, as saved pictures have them; the gradient passes as if nothing were rounded.
        levels = exact_levels(colour.detach(), grey)
        return Batch(2 * (colour + (levels / 255 - colour).detach()) - 1)

    def unrounded(self, source: Batch) -> Batch:
        """The same before rounding to levels: what two runtimes can be compared by."""
        return Batch(2 * self._coloured((source.data.float() + 1) / 2) - 1)

    def _coloured(self, grey: Tensor) -> Tensor:
        """(B, 1, H, W) in [0, 1] to colours (B, 3, H, W) of that luma."""
        lightness = lightness_of(grey)
        chroma = self.network(Batch(lightness / 50 - 1)).data.float() * CHROMA_RANGE
        return with_brightness(from_lab(lightness, chroma), grey)


def lightness_of(grey: Tensor) -> Tensor:
    """L* in [0, 100] of neutral sRGB greys in [0, 1] (CIE 15; IEC 61966-2-1)."""
    linear = torch.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055).clamp(min=0) ** 2.4)
    return torch.where(linear > 216 / 24389, 116 * linear.clamp(min=1e-8) ** (1 / 3) - 16, linear * 24389 / 27)


def from_lab(lightness: Tensor, chroma: Tensor) -> Tensor:
    """(B, 1, H, W) of L* and (B, 2, H, W) of a*, b* to sRGB (B, 3, H, W); colours beyond sRGB lie outside [0, 1]."""
    middle = (lightness + 16) / 116
    roots = torch.cat([middle + chroma[:, :1] / 500, middle, middle - chroma[:, 1:] / 200], 1)
    ratios = torch.where(roots > 6 / 29, roots**3, (roots - 4 / 29) * 3 * (6 / 29) ** 2)
    linear = torch.einsum("ij,bjhw->bihw", ratios.new_tensor(FROM_XYZ), ratios * ratios.new_tensor(WHITE).view(3, 1, 1))
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, curved)


def with_brightness(colour: Tensor, grey: Tensor) -> Tensor:
    """The colours (B, 3, H, W) moved to the luma `grey` (B, 1, H, W) in [0, 1], and paled until they fit into [0, 1].

    Paling towards the grey of equal luma changes no luma; clipping would, and would stop the gradient too.
    """
    weights = colour.new_tensor(LUMA).view(3, 1, 1) / 65536
    tint = colour - (weights * colour).sum(1, keepdim=True)
    room = torch.where(tint > 0, 1 - grey, grey)
    share = (room / tint.abs().clamp(min=1e-6)).amin(1, keepdim=True).clamp(max=1)
    return grey + share * tint


def exact_levels(colour: Tensor, grey: Tensor) -> Tensor:
    """Levels 0..255 (B, 3, H, W) near `colour` in [0, 1] whose luma, as Pillow rounds it, is exactly that of `grey`."""
    wanted = (grey * 255).round()
    levels = (colour * 255).round()
    # One level more in all three channels is one level more of luma, exactly; rounding is off by one at most.
    moved = levels + wanted - _luma_level(levels)
    fits = ((moved >= 0) & (moved <= 255)).all(1, keepdim=True)
    return torch.where(fits, moved, wanted.expand_as(moved))


def _luma_level(levels: Tensor) -> Tensor:
    whole = (levels.long() * torch.tensor(LUMA, device=levels.device).view(3, 1, 1)).sum(1, keepdim=True)
    return ((whole + 32768) >> 16).to(levels.dtype)
