"""The Transformer as two graphs, one that reads a sentence and one that writes its next word, and what checks them.

The tables that say which words must not be written are in the second, so that a program in any language only has to
choose among logits. B rows, S and T tokens read and written, L layers, H heads, D width of a head, V vocabulary.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.exported.decoding import IMPOSSIBLE, DecoderState
from cyclekit.exported.manifest import file_entry
from cyclekit.exported.session import session_of
from cyclekit.exporting.pictures import TOLERANCE, export_error
from cyclekit.exporting.runtimes import RUNTIMES, quiet
from cyclekit.registry import RecipeError
from cyclekit.text.attention import Cache, KeysValues, positions
from cyclekit.text.bridge import LOWEST, forbidden_words
from cyclekit.text.lengths import expected_ratio
from cyclekit.text.transformer import TransformerGenerator

ENCODER_INPUTS, ENCODER_OUTPUTS = ("ids", "mask"), ("keys", "values", "most")
STEP_INPUTS = ("words", "most", "mask", "keys", "values", "written_keys", "written_values")
LEAST = "least"
"""A further output of the one and input of the other, where a translation may be too short."""
STEP_OUTPUTS = ("logits", "written_keys_and_new", "written_values_and_new")

ROWS, STEPS = 3, 5
"""Of the random sentences by which files are compared with PyTorch."""


class EncoderGraph(nn.Module):
    """Reads sentences, once."""

    table: Tensor

    def __init__(self, generator: TransformerGenerator) -> None:
        super().__init__()
        self.network, self.limit = generator.network, generator.target.limit
        self.least = generator.least_length * expected_ratio(generator.source, generator.target)
        width = generator.network.domains.shape[1]
        # All positions there are: traced through their function, those of the example would be all.
        self.register_buffer("table", positions(0, generator.source.limit, width, torch.device("cpu")).clone())

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Ids (B, S) and their mask to keys and values (L, B, H, S, D), and the most and least tokens to write (B,)."""
        embedded = self.network.embedding[ids]
        state = embedded * math.sqrt(embedded.shape[2]) + self.table[: ids.shape[1]]
        for layer in self.network.encoder:
            state = layer(state, mask[:, None, None, :])
        memory = self.network.read(state)
        looked_up = [layer.memorised(memory) for layer in self.network.decoder_layers()]
        lengths = mask.sum(1)
        most = (1.3 * lengths + 5).long().clamp(max=self.limit)
        least = [(self.least * lengths).long().minimum(most - 1)] if self.least else []
        keys, values = (torch.stack([getattr(each, name) for each in looked_up]) for name in ("keys", "values"))
        return keys, values, most, *least


class StepGraph(nn.Module):
    """Writes a word, and gives the next one's logits."""

    table: Tensor
    bias: Tensor
    never: Tensor
    only_end: Tensor
    twice: Tensor
    same: Tensor

    def __init__(self, generator: TransformerGenerator) -> None:
        super().__init__()
        self.network, self.domain = generator.network, generator.domain
        width, limit = generator.network.domains.shape[1], generator.target.limit
        self.register_buffer("table", positions(0, limit + 1, width, torch.device("cpu")).clone())
        self.enders, bias = generator.enders, torch.zeros(generator.target.vocabulary)
        if generator.end_bias is not None:
            bias[self.enders] = generator.end_bias.bias.float()
        self.register_buffer("bias", bias)
        no_repeat: Any = generator.options["no_repeat"]
        forbidden = forbidden_words(generator.target, no_repeat)
        self.no_repeat = forbidden.same_word is not None
        self.register_buffer("never", forbidden.never)
        self.register_buffer("only_end", forbidden.only_end)
        if forbidden.same_word is not None:
            self.register_buffer("twice", forbidden.twice)
            self.register_buffer("same", forbidden.same_word)

    def forward(
        self, words: Tensor, most: Tensor, mask: Tensor, keys: Tensor, values: Tensor,
        written_keys: Tensor, written_values: Tensor, least: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Words (B,), -1 at the start, to logits (B, V); written keys and values (L, B, H, T, D) grow by one."""
        written = written_keys.shape[3]
        known, before = (words >= 0)[:, None], words.clamp(min=0)
        inputs = self.network.embedding[before] * known + self.network.domains[self.domain]
        state = inputs[:, None] * math.sqrt(inputs.shape[1]) + self.table[written : written + 1]
        caches = []
        for place, layer in enumerate(self.network.decoder_layers()):
            cache = Cache(
                KeysValues(keys[place], values[place]), KeysValues(written_keys[place], written_values[place])
            )
            state = layer(state, cache.memorised, mask[:, None, None, :], cache)
            assert cache.written is not None
            caches.append(cache.written)
        logits = F.linear(self.network.written(state)[:, 0], self.network.embedding) + self.bias
        if least is not None:
            ends = torch.zeros_like(logits, dtype=torch.bool).index_fill(1, torch.tensor(self.enders), True)
            logits = logits.masked_fill(ends & (written < least)[:, None], LOWEST)
        logits = logits + self.never
        if self.no_repeat:
            again = self.same[before]
            logits = logits.scatter_add(1, again, self.twice[again] * known)
        logits = torch.where((most == written + 1)[:, None], self.only_end, logits)
        return logits, torch.stack([each.keys for each in caches]), torch.stack([each.values for each in caches])


def export_sentences(generator: nn.Module, place: Path, name: str) -> tuple[dict[str, Any], list[str]]:
    """Write one direction as two ONNX files, and compare them with PyTorch on random sentences.

    Args:
        place: the files, without their endings.
        name: the generator's in the registry, for errors.

    Returns:
        What the manifest says of it, and what there is to know, a line each.

    Raises:
        RecipeError: the generator is no Transformer of cyclekit's own, or comes out otherwise than in PyTorch.
    """
    if not isinstance(generator, TransformerGenerator):
        raise RecipeError(f"generator '{name}' cannot be exported: of sentences, 'transformer' can")
    generator = copy.deepcopy(generator).cpu().eval().requires_grad_(False)
    write = RUNTIMES["onnx"].write
    try:
        more = (LEAST,) if generator.least_length else ()
        encoder = write(
            traced_encoder(generator),
            place.with_name(f"{place.name}-encoder"),
            ENCODER_INPUTS,
            (*ENCODER_OUTPUTS, *more),
        )
        step = write(traced_step(generator), place.with_name(f"{place.name}-step"), (*STEP_INPUTS, *more), STEP_OUTPUTS)
    except Exception as error:  # of the exporter's many
        raise export_error(name, error) from error
    error_found = compare_sentences(generator, encoder.path, step.path)
    if not error_found <= TOLERANCE:
        raise RecipeError(
            f"generator '{name}' comes out otherwise than in PyTorch: its logits by {error_found:.1e}, and "
            f"{TOLERANCE:.0e} is allowed"
        )
    said = {
        "files": {"encoder": file_entry(encoder.path), "step": file_entry(step.path)},
        "opset": encoder.opset,
        "parity": [{"rows": ROWS, "words": STEPS, "error": error_found}],
    }
    return said, [f"largest error of logits against PyTorch: {error_found:.1e}"]


def traced_encoder(generator: TransformerGenerator) -> torch.export.ExportedProgram:
    """Of any number of rows of any length."""
    rows, read = Dim("rows"), Dim("read", min=2, max=generator.source.limit)
    example = torch.zeros(2, 3, dtype=torch.long), torch.ones(2, 3, dtype=torch.bool)
    return _traced(EncoderGraph(generator), example, ({0: rows, 1: read}, {0: rows, 1: read}))


def traced_step(generator: TransformerGenerator) -> torch.export.ExportedProgram:
    """Of any number of rows, at any word."""
    rows, read, written = Dim("rows"), Dim("read", min=2), Dim("written", min=2, max=generator.target.limit - 1)
    graph = StepGraph(generator)
    layers, heads = len(graph.network.decoder), generator.options["heads"]
    assert isinstance(heads, int)
    shape = (layers, 2, heads)
    depth = graph.network.domains.shape[1] // heads
    there, own = torch.zeros(*shape, 3, depth), torch.zeros(*shape, 4, depth)
    example: tuple[Tensor, ...] = (
        torch.zeros(2, dtype=torch.long), torch.full((2,), 9), torch.ones(2, 3, dtype=torch.bool), there, there.clone(),
        own, own.clone(),
    )  # fmt: skip
    far, near = {1: rows, 3: read}, {1: rows, 3: written}
    shapes: tuple[Mapping[int, Any], ...] = ({0: rows}, {0: rows}, {0: rows, 1: read}, far, far, near, near)
    if generator.least_length:
        example, shapes = (*example, torch.full((2,), 3)), (*shapes, {0: rows})
    return _traced(graph, example, shapes)


@torch.no_grad()
def compare_sentences(generator: TransformerGenerator, encoder: Path, step: Path) -> float:
    """The largest difference of any allowed word's logit, for random words after random sentences.

    Raises:
        RecipeError: other words are forbidden.
    """
    random = np.random.default_rng(0)
    length = min(7, generator.source.limit)
    ids = random.integers(generator.source.blank + 1, generator.source.vocabulary, (ROWS, length))
    mask = np.arange(length) < np.array([length, length - 1, 2])[:, None]
    reading = DecoderState(session_of(encoder), session_of(step), ids, mask)
    expected = generator.begin(Batch(torch.from_numpy(ids), torch.from_numpy(mask)))
    words, worst = None, float(np.abs(reading.most - expected.most.numpy()).max())
    for _ in range(min(STEPS, reading.longest)):
        made = reading.advance(words)
        wanted = generator.advance(expected, None if words is None else torch.from_numpy(words)).numpy()
        allowed = wanted > IMPOSSIBLE
        if (allowed != (made > IMPOSSIBLE)).any():
            raise RecipeError("an exported Transformer forbids other words than in PyTorch; tell its makers")
        worst = max(worst, float(np.abs(made - wanted)[allowed].max()))
        words = random.integers(generator.source.blank + 1, generator.target.vocabulary, ROWS)
    return worst


def _traced(graph: nn.Module, example: tuple[Tensor, ...], shapes: tuple[Mapping[int, Any], ...]) -> Any:
    with quiet(), torch.no_grad():
        return torch.export.export(graph, example, dynamic_shapes=shapes, strict=False)
