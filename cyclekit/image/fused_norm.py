"""Instance norm, activation, skip connection and reflecting border in one pass, for pictures in channels-last order.

Between two convolutions a ResNet of 2016 normalises, cuts at zero, adds a skip and mirrors the border. Done one by one
these read and write the features five times, and two of them want the other memory order: on an H200 they, and not the
convolutions, were most of a CycleGAN step at 256 px. Here it is one kernel that sums and one that writes what the next
convolution reads, and two for the way back. In Triton, which comes with torch for CUDA; nothing imports this elsewhere.

Over 300 lines: four kernels, and the function that is differentiated through them, of which none means anything alone.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor
from torch.autograd.function import once_differentiable

EPSILON = 1e-5
"""Added to the variance, as `torch.nn.InstanceNorm2d` does."""

PROGRAMS = 528
"""Programs to aim at: four for each of a Hopper card's 132 multiprocessors."""


@triton.jit
def _totals(sums, picture, channel, channels, inside, PARTS: tl.constexpr):
    """The two sums (BC,) over a whole picture, from those of its parts."""
    part = tl.arange(0, PARTS)
    place = sums + ((picture * PARTS + part[:, None]) * 2) * channels + channel[None, :]
    first = tl.load(place, mask=inside[None, :], other=0.0)
    second = tl.load(place + channels, mask=inside[None, :], other=0.0)
    return tl.sum(first, 0), tl.sum(second, 0)


@triton.jit
def _mirrored(place, size):
    """Where a place outside of 0..size-1 lies inside, mirrored at the border's pixel."""
    place = tl.abs(place)
    return tl.where(place >= size, 2 * (size - 1) - place, place)


@triton.jit
def _mirror_of(place, size, PAD: tl.constexpr):
    """The padded place, other than its own, that a pixel is mirrored to; -1 where there is none."""
    before = (place >= 1) & (place <= PAD)
    after = (place >= size - 1 - PAD) & (place <= size - 2)
    return tl.where(before, PAD - place, tl.where(after, 2 * (size - 1) - place + PAD, -1))


@triton.jit
def _gradient(
    plain, padded, pixel, height, width, channel, channels, mask, PLAIN: tl.constexpr, PAD: tl.constexpr,
    BP: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    """What comes back to pixels (BP,) from the plain answer and from all copies of them in the padded one."""
    gradient = tl.zeros((BP, BC), tl.float32)
    if PLAIN:
        gradient += tl.load(plain + pixel[:, None] * channels + channel[None, :], mask=mask, other=0.0).to(tl.float32)
    if PAD > 0:
        row, column = pixel // width, pixel % width
        line = width + 2 * PAD
        row_2, column_2 = _mirror_of(row, height, PAD), _mirror_of(column, width, PAD)
        row, column = row + PAD, column + PAD
        here = padded + (row * line + column)[:, None] * channels + channel[None, :]
        gradient += tl.load(here, mask=mask, other=0.0).to(tl.float32)
        here = padded + (row_2 * line + column)[:, None] * channels + channel[None, :]
        gradient += tl.load(here, mask=mask & (row_2 >= 0)[:, None], other=0.0).to(tl.float32)
        here = padded + (row * line + column_2)[:, None] * channels + channel[None, :]
        gradient += tl.load(here, mask=mask & (column_2 >= 0)[:, None], other=0.0).to(tl.float32)
        here = padded + (row_2 * line + column_2)[:, None] * channels + channel[None, :]
        both = (row_2 >= 0) & (column_2 >= 0)
        gradient += tl.load(here, mask=mask & both[:, None], other=0.0).to(tl.float32)
    return gradient


@triton.jit
def _sum(x, sums, pixels, channels, share, PARTS: tl.constexpr, BP: tl.constexpr, BC: tl.constexpr):
    """Of each part of a picture, for each channel: the sum of x - x[0], and of its square."""
    channel = tl.program_id(0) * BC + tl.arange(0, BC)
    part, picture = tl.program_id(1), tl.program_id(2).to(tl.int64)
    inside = channel < channels
    x += picture * pixels * channels
    shift = tl.load(x + channel, mask=inside, other=0.0).to(tl.float32)  # against cancellation
    first, second = tl.zeros((BP, BC), tl.float32), tl.zeros((BP, BC), tl.float32)
    end = tl.minimum((part + 1) * share, pixels)
    for start in range(part * share, end, BP):
        pixel = start + tl.arange(0, BP)
        mask = (pixel < end)[:, None] & inside[None, :]
        value = tl.load(x + pixel[:, None] * channels + channel[None, :], mask=mask, other=0.0).to(tl.float32)
        value = tl.where(mask, value - shift[None, :], 0.0)
        first += value
        second += value * value
    place = sums + ((picture * PARTS + part) * 2) * channels + channel
    tl.store(place, tl.sum(first, 0), mask=inside)
    tl.store(place + channels, tl.sum(second, 0), mask=inside)


@triton.jit
def _write(
    x, sums, skip, plain, padded, moments, height, width, channels, share, slope, epsilon,
    PARTS: tl.constexpr, SKIP: tl.constexpr, PLAIN: tl.constexpr, PAD: tl.constexpr, BP: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    """Normalise, activate, add the skip; write the answer, the answer with a mirrored border, or both."""
    channel = tl.program_id(0) * BC + tl.arange(0, BC)
    part, picture = tl.program_id(1), tl.program_id(2).to(tl.int64)
    inside = channel < channels
    pixels, line = height * width, width + 2 * PAD
    written = (height + 2 * PAD) * line
    x += picture * pixels * channels
    first, second = _totals(sums, picture, channel, channels, inside, PARTS)
    off = first / pixels
    mean = tl.load(x + channel, mask=inside, other=0.0).to(tl.float32) + off
    scale = tl.rsqrt(tl.maximum(second / pixels - off * off, 0.0) + epsilon)
    if part == 0:
        tl.store(moments + picture * 2 * channels + channel, mean, mask=inside)
        tl.store(moments + (picture * 2 + 1) * channels + channel, scale, mask=inside)
    end = tl.minimum((part + 1) * share, written)
    for start in range(part * share, end, BP):
        place = start + tl.arange(0, BP)
        mask = (place < end)[:, None] & inside[None, :]
        row, column = place // line - PAD, place % line - PAD
        pixel = _mirrored(row, height) * width + _mirrored(column, width)
        source = pixel[:, None] * channels + channel[None, :]
        value = (tl.load(x + source, mask=mask, other=0.0).to(tl.float32) - mean[None, :]) * scale[None, :]
        value = tl.where(value > 0, value, value * slope)
        if SKIP:
            value += tl.load(skip + picture * pixels * channels + source, mask=mask, other=0.0).to(tl.float32)
        if PLAIN:
            own = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            tl.store(plain + picture * pixels * channels + source, value, mask=mask & own[:, None])
        if PAD > 0:
            target = padded + picture * written * channels + place[:, None] * channels + channel[None, :]
            tl.store(target, value, mask=mask)


@triton.jit
def _sum_back(
    x, moments, d_plain, d_padded, d_skip, sums, height, width, channels, share, slope,
    PARTS: tl.constexpr, SKIP: tl.constexpr, PLAIN: tl.constexpr, PAD: tl.constexpr, BP: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    """Of each part, for each channel: the sum of the gradient before the activation, and of it times the normalised."""
    channel = tl.program_id(0) * BC + tl.arange(0, BC)
    part, picture = tl.program_id(1), tl.program_id(2).to(tl.int64)
    inside = channel < channels
    pixels = height * width
    own = picture * pixels * channels
    mean = tl.load(moments + picture * 2 * channels + channel, mask=inside, other=0.0)
    scale = tl.load(moments + (picture * 2 + 1) * channels + channel, mask=inside, other=0.0)
    d_padded += picture * (height + 2 * PAD) * (width + 2 * PAD) * channels
    first, second = tl.zeros((BP, BC), tl.float32), tl.zeros((BP, BC), tl.float32)
    end = tl.minimum((part + 1) * share, pixels)
    for start in range(part * share, end, BP):
        pixel = start + tl.arange(0, BP)
        mask = (pixel < end)[:, None] & inside[None, :]
        at = own + pixel[:, None] * channels + channel[None, :]
        gradient = _gradient(d_plain + own, d_padded, pixel, height, width, channel, channels, mask, PLAIN, PAD, BP, BC)
        if SKIP:
            tl.store(d_skip + at, gradient, mask=mask)
        value = (tl.load(x + at, mask=mask, other=0.0).to(tl.float32) - mean[None, :]) * scale[None, :]
        gradient = tl.where(value > 0, gradient, gradient * slope)
        first += gradient
        second += gradient * tl.where(mask, value, 0.0)
    place = sums + ((picture * PARTS + part) * 2) * channels + channel
    tl.store(place, tl.sum(first, 0), mask=inside)
    tl.store(place + channels, tl.sum(second, 0), mask=inside)


@triton.jit
def _write_back(
    x, moments, d_plain, d_padded, sums, d_x, height, width, channels, share, slope,
    PARTS: tl.constexpr, PLAIN: tl.constexpr, PAD: tl.constexpr, BP: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    """The gradient of what was normalised."""
    channel = tl.program_id(0) * BC + tl.arange(0, BC)
    part, picture = tl.program_id(1), tl.program_id(2).to(tl.int64)
    inside = channel < channels
    pixels = height * width
    own = picture * pixels * channels
    mean = tl.load(moments + picture * 2 * channels + channel, mask=inside, other=0.0)
    scale = tl.load(moments + (picture * 2 + 1) * channels + channel, mask=inside, other=0.0)
    first, second = _totals(sums, picture, channel, channels, inside, PARTS)
    first, second = first / pixels, second / pixels
    d_padded += picture * (height + 2 * PAD) * (width + 2 * PAD) * channels
    end = tl.minimum((part + 1) * share, pixels)
    for start in range(part * share, end, BP):
        pixel = start + tl.arange(0, BP)
        mask = (pixel < end)[:, None] & inside[None, :]
        at = own + pixel[:, None] * channels + channel[None, :]
        gradient = _gradient(d_plain + own, d_padded, pixel, height, width, channel, channels, mask, PLAIN, PAD, BP, BC)
        value = (tl.load(x + at, mask=mask, other=0.0).to(tl.float32) - mean[None, :]) * scale[None, :]
        gradient = tl.where(value > 0, gradient, gradient * slope)
        tl.store(d_x + at, scale[None, :] * (gradient - first[None, :] - value * second[None, :]), mask=mask)


class _Normalised(torch.autograd.Function):
    """(x, skip) to (plain, padded); what is not asked for is None."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, skip: Tensor | None, slope: float, pad: int, plain: bool) -> Any:
        x = _channels_last(x)
        skip = None if skip is None else _channels_last(skip.to(x.dtype))
        count, channels, height, width = x.shape
        parts = _parts(count, channels, height * width)
        sums = x.new_empty((count, parts, 2, channels), dtype=torch.float32)
        moments = x.new_empty((count, 2, channels), dtype=torch.float32)
        answer = torch.empty_like(x, memory_format=torch.channels_last) if plain else None
        padded = None
        if pad:
            shape = (count, channels, height + 2 * pad, width + 2 * pad)
            padded = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
        grid, share, tile = _grid(count, channels, height * width, parts)
        _launch(_sum, grid, x, sums, height * width, channels, share, PARTS=parts, **tile)
        written = (height + 2 * pad) * (width + 2 * pad)
        grid, share, tile = _grid(count, channels, written)
        _launch(
            _write, grid, x, sums, x if skip is None else skip,
            x if answer is None else answer, x if padded is None else padded,
            moments, height, width, channels, share, slope, EPSILON,
            PARTS=parts, SKIP=skip is not None, PLAIN=plain, PAD=pad, **tile,
        )  # fmt: skip
        ctx.save_for_backward(x, moments)
        ctx.slope, ctx.pad, ctx.skips, ctx.parts = slope, pad, skip is not None, parts
        ctx.set_materialize_grads(False)
        return answer, padded

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_plain: Tensor | None, d_padded: Tensor | None) -> Any:
        x, moments = ctx.saved_tensors
        if d_plain is None and d_padded is None:
            return (None,) * 5
        count, channels, height, width = x.shape
        d_plain = None if d_plain is None else _channels_last(d_plain)
        d_padded = None if d_padded is None else _channels_last(d_padded)
        d_skip = torch.empty_like(x) if ctx.skips else None
        d_x = torch.empty_like(x)
        sums = x.new_empty((count, ctx.parts, 2, channels), dtype=torch.float32)
        grid, share, tile = _grid(count, channels, height * width, ctx.parts)
        _launch(
            _sum_back, grid, x, moments, x if d_plain is None else d_plain, x if d_padded is None else d_padded,
            x if d_skip is None else d_skip, sums, height, width, channels, share, ctx.slope,
            PARTS=ctx.parts, SKIP=ctx.skips, PLAIN=d_plain is not None, PAD=0 if d_padded is None else ctx.pad, **tile,
        )  # fmt: skip
        if d_skip is not None:  # all that came back, gathered already
            d_plain, d_padded = d_skip, None
        grid, share, tile = _grid(count, channels, height * width)
        _launch(
            _write_back, grid, x, moments, x if d_plain is None else d_plain, x if d_padded is None else d_padded,
            sums, d_x, height, width, channels, share, ctx.slope,
            PARTS=ctx.parts, PLAIN=d_plain is not None, PAD=0 if d_padded is None else ctx.pad, **tile,
        )  # fmt: skip
        return d_x, d_skip, None, None, None


def normalised(
    x: Tensor, *, slope: float = 0.0, skip: Tensor | None = None, pad: int = 0, plain: bool | None = None
) -> tuple[Tensor, Tensor]:
    """Instance norm without scale and shift, then an activation, a skip connection and a reflecting border.

    Args:
        x: features (B, C, H, W); best in channels-last order, and any other is brought into it.
        slope: of the activation below zero: 0 ReLU, 0.2 the discriminators' leaky one, 1 none at all.
        skip: added after the activation, (B, C, H, W).
        pad: width of the border; below half of H and of W.
        plain: whether the answer without a border is wanted; by default where there is none.

    Returns:
        The answer (B, C, H, W) and the answer with its border (B, C, H + 2 pad, W + 2 pad), in channels-last order;
        one that is not wanted is the other.

    Raises:
        ValueError: a border too wide for the features.
    """
    if pad and min(x.shape[-2:]) < 2 * pad + 2:
        raise ValueError(f"a border of {pad} px needs features of at least {2 * pad + 2} px, got {tuple(x.shape[-2:])}")
    plain = plain if plain is not None else not pad
    answer, padded = _Normalised.apply(x, skip, float(slope), pad, plain or not pad)
    return (padded if answer is None else answer), (answer if padded is None else padded)


def _launch(kernel: Any, grid: tuple[int, int, int], x: Tensor, *arguments: Any, **constants: Any) -> None:
    """Run a kernel; on tensors of sizes alone nothing runs."""
    if not isinstance(x, FakeTensor):
        kernel[grid](x, *arguments, **constants)


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _tile(channels: int) -> dict[str, int]:
    across = min(64, triton.next_power_of_2(channels))
    return {"BP": 2048 // across, "BC": across}


def _parts(count: int, channels: int, pixels: int) -> int:
    """Parts of a picture that are summed apart: a power of two."""
    tile = _tile(channels)
    wanted = max(1, min(PROGRAMS // (count * triton.cdiv(channels, tile["BC"])), triton.cdiv(pixels, tile["BP"]), 128))
    return 1 << (wanted.bit_length() - 1)


def _grid(
    count: int, channels: int, pixels: int, parts: int | None = None
) -> tuple[tuple[int, int, int], int, dict[str, int]]:
    """Programs (channel blocks, parts of a picture, pictures), pixels of a part, and the tile a program works on."""
    tile = _tile(channels)
    blocks = triton.cdiv(channels, tile["BC"])
    if parts is None:
        parts = max(1, min(PROGRAMS // (count * blocks), triton.cdiv(pixels, tile["BP"])))
    share = triton.cdiv(triton.cdiv(pixels, parts), tile["BP"]) * tile["BP"]
    return (blocks, parts, count), share, tile
