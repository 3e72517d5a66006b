"""Generators of pictures as files: one of any height, width and number for each direction."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import Unrounded, sides_taken
from cyclekit.exported.manifest import file_entry
from cyclekit.exporting.runtimes import Runtime, WrittenFile, quiet
from cyclekit.image.codec import ImageCodec
from cyclekit.image.distillation import multiplications
from cyclekit.registry import RecipeError

TOLERANCE = 1e-4
"""The largest difference from PyTorch of a file that is handed out, of values in [-1, 1]."""

INPUT, OUTPUT, UNROUNDED = "source", "made", "unrounded"
"""Names in the file."""


class PictureGraph(nn.Module):
    """A generator as a function of tensors.

    One that rounds to 8-bit levels has an `unrounded` of its own, and what that gives is the second output: float32
    sums that end a millionth apart may round to different levels, and only before that can two runtimes be compared.
    """

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator
        self.outputs = [OUTPUT, *([UNROUNDED] if isinstance(generator, Unrounded) else [])]

    def forward(self, source: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """(B, C of source, H, W) to (B, C of target, H, W), in [-1, 1]."""
        made = self.generator(Batch(source)).data
        return (made, self.generator.unrounded(Batch(source)).data) if UNROUNDED in self.outputs else made  # type: ignore[operator]


class ComparedSize(NamedTuple):
    """One size at which a file was compared with PyTorch."""

    size: tuple[int, int, int]
    """Pictures, height, width: before any padding."""
    error: float
    """The largest difference of any value."""
    levels: float | None
    """Share of values that were rounded to another level; None where nothing is rounded."""


def export_pictures(
    generator: nn.Module,
    codecs: tuple[ImageCodec, ImageCodec],
    test_time: str,
    place: Path,
    runtime: Runtime,
    name: str,
) -> tuple[dict[str, Any], list[str]]:
    """Write one direction, and compare it with PyTorch.

    Args:
        codecs: of source and target.
        place: the file, without its ending.
        name: the generator's in the registry, for errors.

    Returns:
        What the manifest says of it, and what there is to know, a line each.

    Raises:
        RecipeError: the generator cannot be exported, or comes out otherwise than in PyTorch.
    """
    source, target = codecs
    network, notes = as_exported(generator, test_time)
    graph = PictureGraph(network)
    try:
        written = runtime.write(traced(graph, source.channels), place, [INPUT], graph.outputs)
    except Exception as error:  # of the exporter's many
        raise export_error(name, error) from error
    compared = compare_pictures(graph, source.channels, runtime, written)
    worst = max(compared, key=lambda each: each.error)
    if not worst.error <= TOLERANCE:
        raise RecipeError(
            f"generator '{name}' comes out otherwise than in PyTorch: by {worst.error:.1e} at {_size(worst)}, and "
            f"{TOLERANCE:.0e} is allowed"
        )
    shown = ", ".join(f"{each.error:.1e} at {_size(each)}" for each in compared)
    line = f"largest error against PyTorch: {shown}"
    if worst.levels is not None:
        line += f"; {max(each.levels or 0 for each in compared):.2%} of its values round to another level"
    files = [written.path, *written.others]
    said = {
        "files": {"generator": file_entry(files[0]), **{path.suffix[1:]: file_entry(path) for path in files[1:]}},
        "opset": written.opset,
        "input": _described(INPUT, source),
        "output": _described(OUTPUT, target),
        **sides_taken(network)._asdict(),
        "multiplications_at_256": multiplications(network, source.channels),
        "parity": [each._asdict() for each in compared],
    }
    return said, [line, *notes]


def as_exported(generator: nn.Module, test_time: str) -> tuple[nn.Module, list[str]]:
    """A copy of a generator as a file holds it, and what is other than in the run.

    With `test_time` "train" batch norm goes by the statistics of what it is given. A run translates one picture at a
    time then, and instance norm with the same scale and shift gives the same, of any number of pictures.
    """
    network, notes = copy.deepcopy(generator).cpu().eval(), []
    if test_time == "eval":
        _fold(network)
    else:
        if any(isinstance(module, nn.modules.dropout._DropoutNd) and module.p for module in network.modules()):
            notes.append("without its dropout: the run translates with noise, and a file gives the same each time")
        for parent in list(network.modules()):
            for key, norm in list(parent.named_children()):
                if isinstance(norm, nn.BatchNorm2d):
                    setattr(parent, key, _by_own_statistics(norm))
    return network.requires_grad_(False), notes


def traced(graph: nn.Module, channels: int) -> torch.export.ExportedProgram:
    """The program of a graph for pictures of any number, height and width that are multiples of its network's."""
    network: Any = graph.generator
    multiple, smallest = sides_taken(network)
    units = max(2, -(-smallest // multiple))  # the tracer takes a size of 1 for a constant
    height, width = (torch.export.Dim(name, min=units) for name in ("height", "width"))
    sides = (height, width) if multiple == 1 else (multiple * height, multiple * width)
    example = torch.zeros(2, channels, multiple * (units + 1), multiple * (units + 2))
    with quiet(), torch.no_grad():
        return torch.export.export(
            graph, (example,), dynamic_shapes=({0: torch.export.Dim("batch"), 2: sides[0], 3: sides[1]},), strict=False
        )


def compare_pictures(graph: PictureGraph, channels: int, runtime: Runtime, written: WrittenFile) -> list[ComparedSize]:
    """A written file beside PyTorch, at three sizes, two of them odd: random pictures, with sides as padded."""
    run = runtime.runner(written.path, [INPUT])
    network: Any = graph.generator
    multiple, smallest = sides_taken(network)
    side = max(48, multiple, smallest)
    found = []
    random = np.random.default_rng(0)
    for count, height, width in ((2, side, side), (1, side + 11, side + 29), (1, side + 37, side - 19)):
        sides = (-(-length // multiple) * multiple for length in (height, width))
        levels = random.integers(0, 256, (count, channels, *sides)).astype(np.float32)
        data = torch.from_numpy(levels / 127.5 - 1)
        with torch.no_grad():
            wanted = graph(data)
        expected = [each[..., :height, :width].numpy() for each in (wanted if isinstance(wanted, tuple) else [wanted])]
        made = [each[..., :height, :width] for each in run({INPUT: data.numpy()})]
        error = float(np.abs(made[-1] - expected[-1]).max())
        moved = float((made[0] != expected[0]).mean()) if UNROUNDED in graph.outputs else None
        found.append(ComparedSize((count, height, width), error, moved))
    return found


def _fold(network: nn.Module) -> None:
    """Make batch norms a part of the convolutions before them."""
    for parent in list(network.modules()):
        for (key, convolution), (after, norm) in list(pairwise(parent.named_children())):
            if (
                isinstance(parent, nn.Sequential)
                and type(convolution) is nn.Conv2d
                and isinstance(norm, nn.BatchNorm2d)
            ):
                setattr(parent, key, fuse_conv_bn_eval(convolution, norm))
                setattr(parent, after, nn.Identity())


def _by_own_statistics(norm: nn.BatchNorm2d) -> nn.InstanceNorm2d:
    own = nn.InstanceNorm2d(norm.num_features, eps=norm.eps, affine=norm.affine)
    if norm.affine:
        own.load_state_dict({"weight": norm.weight, "bias": norm.bias})
    return own.eval()


def _described(name: str, codec: ImageCodec) -> dict[str, Any]:
    return {"name": name, "channels": codec.channels, "range": [-1, 1], "layout": "NCHW", "type": "float32"}


def _size(compared: ComparedSize) -> str:
    return "x".join(map(str, compared.size))


def export_error(name: str, error: Exception) -> RecipeError:
    """What an exporter's error comes down to: its innermost cause, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__  # type: ignore[assignment]
    lines: Sequence[str] = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
    return RecipeError(f"generator '{name}' cannot be exported: {why}")
