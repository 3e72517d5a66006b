"""How far a reconstructed picture is from its original, where its pixels need not come back one by one."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import register


@register("reconstruction", "blurred_l1")
def blurred_l1(*, blur: int = 4) -> Callable[[Batch, Batch], Tensor]:
    """Mean absolute difference of pictures that are averaged over squares of pixels first.

    L1 on pixels asks the way back for every brush stroke, and so forbids the way there to paint over one. Averages ask
    for light, colour and composition alone, and leave nothing to gain by hiding strokes in the fake (Chu et al. 2017).

    Args:
        blur: side of the squares, in pixels; 1 is `l1`.

    Raises:
        ValueError: a side below 1.
    """
    if blur < 1:
        raise ValueError(f"blur is {blur}; it is a side in pixels, 1 or more")

    def distance(output: Batch, target: Batch) -> Tensor:
        return F.l1_loss(averaged_over_squares(output, blur), averaged_over_squares(target, blur))

    return distance


def averaged_over_squares(pictures: Batch, side: int) -> Tensor:
    """Pictures (B, C, H, W) averaged over squares of so many pixels a side, and over what is left at the ends:
    (B, C, h, w) float32.
    """
    return F.avg_pool2d(pictures.data.float(), side, ceil_mode=True)
