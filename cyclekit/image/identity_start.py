"""Beginning as the identity: the input joins before the last tanh, and what the network makes of it begins as 0."""

from __future__ import annotations

from torch import Tensor, nn

from cyclekit.image.codec import ImageCodec

# atanh is infinite at -1 and 1, so the input stops short of them by a quarter of an 8-bit step: black and white still
# come out as 0 and 255.
NEARLY_ONE = 1 - 2**-9


def check_identity_start(start: str, source: ImageCodec, target: ImageCodec) -> None:
    """Make sure that a generator can begin as it is asked to.

    Raises:
        ValueError: an identity start between different numbers of channels.
    """
    if start == "identity" and source.channels != target.channels:
        raise ValueError(
            f"start 'identity' needs as many channels out as in; got {source.channels} in and {target.channels} out"
        )


def begin_with_nothing(last: nn.Module) -> None:
    """Make a network's last layer answer 0."""
    for parameter in last.parameters():
        nn.init.zeros_(parameter)


def beside_input(before_tanh: Tensor, pictures: Tensor) -> Tensor:
    """Add pictures in [-1, 1] to what a network made, so that tanh of the sum gives them back where that is 0."""
    # In float32: bfloat16 rounds NEARLY_ONE to 1.
    return before_tanh + pictures.float().clamp(-NEARLY_ONE, NEARLY_ONE).atanh()
