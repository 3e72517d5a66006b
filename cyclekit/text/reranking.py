"""Which of a beam's candidates to take: the one that the whole CycleGAN likes best, not its generator alone.

A generator knows how likely its sentence is; the way back knows whether the source can be had again from it, and the
discriminators whether it speaks like the wanted domain. Training asks for all three, and so does the choice: a noisy
channel (Yee et al. 2019, section 2), in which the discriminators stand where a language model does there.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Product, concat
from cyclekit.core.parts import Networks, Reranking
from cyclekit.registry import register
from cyclekit.text.relax import ROWS
from cyclekit.text.search import Candidate

TOGETHER = 256
"""Candidates that are scored at once."""


@register("reranking", "noisy_channel")
def noisy_channel(
    networks: Networks, *, way_back: float = 0.5, verdict: float = 20.0, believed: float = 0.3
) -> Reranking:
    """Order candidates by log p(candidate | source) + `way_back` log p(source | candidate) + `verdict` m.

    m is how far the wanted domain's discriminators believe the candidate, and the source domain's do not: the score by
    the one, but no more than `believed`, less that by the other, but no less than `believed`. What lies beyond is no
    reason to lose words of the source.

    Args:
        networks: of both domains.
        way_back: weight of the way back's log-probability.
        verdict: nats that a score better by 1 is worth.
        believed: the score at which a sentence is as likely real as not. Below 0.5 for discriminators that have more
            to refuse than to accept, as `cross_domain_negatives` gives them.

    Raises:
        ValueError: a network of one domain is missing, or a negative weight.
    """
    if way_back < 0 or verdict < 0:
        raise ValueError(f"way_back is {way_back:g} and verdict is {verdict:g}; they are 0 or more")
    if any(network is None for pair in networks for network in pair):
        raise ValueError("noisy_channel asks generators and discriminators of both domains, and this run has not all")

    def reranked(source: Batch, found: Sequence[Sequence[Candidate]], domain: str) -> list[list[Candidate]]:
        other = "a" if domain == "b" else "b"
        of = [place for place, candidates in enumerate(found) for _ in candidates]
        every = [candidate for candidates in found for candidate in candidates]
        device, sources = source.data.device, list(source.rows())
        total = torch.tensor([candidate.log_probability for candidate in every], dtype=torch.float64)
        # Candidates of like length together: the rest would be padding.
        order = sorted(range(len(every)), key=lambda place: every[place].row.data.shape[1])
        for start in range(0, len(order), TOGETHER):
            places = order[start : start + TOGETHER]
            made = concat([every[place].row for place in places]).to(device)
            asked = concat([sources[of[place]] for place in places]).to(device)
            back = log_probability(getattr(networks.generators, other), made, asked)
            wanted = _verdict(getattr(networks.discriminators, domain), made).clamp(max=believed)
            unwanted = _verdict(getattr(networks.discriminators, other), made).clamp(min=believed)
            gained = way_back * back + verdict * (wanted - unwanted)
            total[places] += gained.cpu().double()
        scores = total.split([len(candidates) for candidates in found])
        return [
            [candidates[place] for place in each.argsort(descending=True, stable=True).tolist()]
            for candidates, each in zip(found, scores)
        ]

    return reranked


@torch.no_grad()
def log_probability(generator: nn.Module, source: Batch, target: Batch) -> Tensor:
    """log p(target | source) of each row, in nats: (B,)."""
    scored = generator.score(source, target)  # type: ignore[operator]
    ids = target.real(target.data)
    gained = []
    for start in range(0, len(ids), ROWS):  # so that no vocabulary is held for every token
        rows = slice(start, start + ROWS)
        product = isinstance(scored, Product)
        logits = Product(scored.state[rows], scored.weight).multiplied() if product else scored[rows].float()
        gained.append(-F.cross_entropy(logits, ids[rows], reduction="none"))
    mask = torch.ones_like(target.data, dtype=torch.bool) if target.mask is None else target.mask
    return mask.float().masked_scatter(mask, torch.cat(gained)).sum(1)


@torch.no_grad()
def _verdict(discriminators: nn.ModuleList, sentences: Batch) -> Tensor:
    """The mean score of each sentence by a domain's discriminators: (B,)."""
    return torch.stack([discriminator(sentences).data.flatten(1).mean(1) for discriminator in discriminators]).mean(0)
