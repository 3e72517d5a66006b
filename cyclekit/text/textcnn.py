"""A convolutional discriminator of sentences (Kim 2014), over ids or straight-through ids."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core import processes
from cyclekit.core.batch import Batch
from cyclekit.registry import register
from cyclekit.text.codec import TextCodec
from cyclekit.text.relax import embed


@register("discriminator", "textcnn")
class TextCNN(nn.Module):
    """Filters of several widths over the embedded sentence, each reduced to its strongest answer; a score a row.

    What two words together say ("not good") is a filter of width 2's to find, wherever it stands (Kim 2014, 2).
    """

    def __init__(
        self,
        judged: TextCodec,
        condition: TextCodec | None,
        *,
        width: int = 128,
        filters: int = 128,
        widths: tuple[int, ...] = (1, 2, 3, 4, 5),
        dropout: float = 0.3,
        blank: float = 0.1,
    ) -> None:
        """Build the network, with its own embeddings.

        Args:
            width: of the embeddings.
            filters: of each width.
            widths: in tokens, the end token counted.
            dropout: on the pooled answers, while training.
            blank: share of tokens hidden while training, so that it cannot rest on one word.

        Raises:
            ValueError: no filters, a blank that is no share, or a condition, which sentences have not.
        """
        super().__init__()
        check_single_sentences(condition, blank)
        if not widths or min(widths) < 1 or filters < 1:
            raise ValueError(f"{filters} filters of widths {list(widths)} hear nothing; both are 1 or more")
        self.embedding = nn.Parameter(torch.randn(judged.vocabulary, width) * width**-0.5)
        self.filters = nn.ModuleList(nn.Conv1d(width, filters, size, padding=size - 1) for size in widths)
        self.dropout, self.blank = nn.Dropout(dropout), blank
        self.score = nn.Linear(filters * len(widths), 1)

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score sentences (B, T) or (B, T, V): scores (B, 1), raw."""
        seen = with_blanks(embed(sample, self.embedding), sample.mask, self.blank if self.training else 0.0).transpose(
            1, 2
        )
        # A filter answers to padding too, so that a row's score depends on the longest row of the whole batch: on that
        # alone, and not on how far the batch is padded beyond it. An exported graph is given no more, and cuts none.
        if sample.mask is not None and not torch.compiler.is_exporting():
            seen = seen[:, :, : int(sample.mask.sum(1).max())]
        if longer := processes.longest(seen.shape[2]) - seen.shape[2]:
            seen = F.pad(seen, (0, longer))
        answers = [F.relu(layer(seen)).amax(2) for layer in self.filters]
        return Batch(self.score(self.dropout(torch.cat(answers, 1))))


def with_blanks(embedded: Tensor, mask: Tensor | None, blank: float) -> Tensor:
    """Vectors (B, T, E) with padding, and a share `blank` of the tokens, set to zero."""
    keep = torch.ones(embedded.shape[:2], dtype=torch.bool, device=embedded.device) if mask is None else mask
    if blank:
        keep = keep & (torch.rand(keep.shape, device=keep.device) >= blank)
    return embedded * keep.unsqueeze(2)


def check_single_sentences(condition: TextCodec | None, blank: float) -> None:
    """Refuse what a discriminator of single sentences has no use for.

    Raises:
        ValueError: there is a condition, or `blank` is no share.
    """
    if not 0 <= blank <= 1:
        raise ValueError(f"blank is {blank}; it is a share, from 0 to 1")
    if condition is not None:
        raise ValueError("judges sentences by themselves; an objective that shows it the input as well needs another")
