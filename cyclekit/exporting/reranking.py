"""What a noisy channel asks, as graphs: how likely a generator finds a sentence, and what discriminators say of one.

`cyclekit.exported.reranking` puts them together. B rows, S and T tokens.
"""

from __future__ import annotations

import copy
import inspect
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Networks
from cyclekit.exported.manifest import file_entry
from cyclekit.exported.reranking import SHORTEST
from cyclekit.exporting.runtimes import RUNTIMES, quiet
from cyclekit.recipe.schema import Recipe
from cyclekit.text.attention import positions
from cyclekit.text.reranking import noisy_channel
from cyclekit.text.transformer import TransformerGenerator

SCORE, DISCRIMINATOR = "score", "discriminator"
"""Roles of the files."""

KNOWN = "noisy_channel"


class ScoreGraph(nn.Module):
    """log p(target | source) of a Transformer."""

    table: Tensor

    def __init__(self, generator: TransformerGenerator) -> None:
        super().__init__()
        self.network, self.domain = generator.network, generator.domain
        longest = max(generator.source.limit, generator.target.limit) + 1
        width = generator.network.domains.shape[1]
        self.register_buffer("table", positions(0, longest, width, torch.device("cpu")).clone())

    def forward(self, ids: Tensor, mask: Tensor, words: Tensor, real: Tensor) -> Tensor:
        """Source ids (B, S) and target ids (B, T), with their masks, to nats (B,)."""
        scale = math.sqrt(self.network.domains.shape[1])
        state = F.embedding(ids, self.network.embedding) * scale + self.table[: ids.shape[1]]
        for layer in self.network.encoder:
            state = layer(state, mask[:, None, None, :])
        memory = self.network.read(state)
        before = F.embedding(words[:, :-1], self.network.embedding)
        inputs = F.pad(before, (0, 0, 1, 0)) + self.network.domains[self.domain]
        state = inputs * scale + self.table[: words.shape[1]]
        for layer in self.network.decoder_layers():
            state = layer(state, layer.memorised(memory), mask[:, None, None, :])
        logits = F.linear(self.network.written(state), self.network.embedding)
        gained = logits.gather(2, words[:, :, None])[:, :, 0] - logits.logsumexp(2)
        return (gained * real).sum(1)


class DiscriminatorGraph(nn.Module):
    """The mean score of a domain's discriminators."""

    def __init__(self, discriminators: nn.ModuleList) -> None:
        super().__init__()
        self.discriminators = discriminators

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids (B, T) and their mask to scores (B,)."""
        sentences = Batch(ids, mask)
        return torch.stack([each(sentences).data.flatten(1).mean(1) for each in self.discriminators]).mean(0)


def weights_of(recipe: Recipe) -> dict[str, float] | None:
    """What the recipe's noisy channel weighs by; None where it has none."""
    if recipe.reranking is None or recipe.reranking.name != KNOWN:
        return None
    usual = inspect.signature(noisy_channel).parameters.values()
    return {each.name: each.default for each in usual if each.kind is each.KEYWORD_ONLY} | recipe.reranking.options


def export_reranking(networks: Networks, domain: str, place: Path) -> dict[str, Any]:
    """Write what the direction that makes `domain` adds to a noisy channel; the manifest's entries of the files.

    Raises:
        Exception: of the exporter's many, where a discriminator cannot be traced.
    """
    generator, discriminators = (
        copy.deepcopy(getattr(side, domain)).cpu().eval().requires_grad_(False)
        for side in (networks.generators, networks.discriminators)
    )
    most = min(generator.source.limit, generator.target.limit)
    rows, read, written = Dim("rows"), *(Dim(name, min=SHORTEST, max=most) for name in ("read", "written"))
    pair = torch.zeros(2, 3, dtype=torch.long), torch.ones(2, 3, dtype=torch.bool)
    other = torch.zeros(2, 4, dtype=torch.long), torch.ones(2, 4, dtype=torch.bool)
    graphs = {
        SCORE: (
            ScoreGraph(generator), (*pair, *other), ({0: rows, 1: read},) * 2 + ({0: rows, 1: written},) * 2,
            ("ids", "mask", "words", "real"),
        ),
        DISCRIMINATOR: (DiscriminatorGraph(discriminators), pair, ({0: rows, 1: read},) * 2, ("ids", "mask")),
    }  # fmt: skip
    files = {}
    for role, (graph, example, shapes, inputs) in graphs.items():
        with quiet(), torch.no_grad():
            program = torch.export.export(graph, example, dynamic_shapes=shapes, strict=False)
        written_file = RUNTIMES["onnx"].write(program, place.with_name(f"{place.name}-{role}"), inputs, [role])
        files[role] = file_entry(written_file.path)
    return files
