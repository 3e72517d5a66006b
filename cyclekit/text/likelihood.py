"""How far a sentence is from being written as its original says: the text side's reconstruction."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import register


@register("reconstruction", "token_nll")
def token_nll(*, smoothing: float = 0.0) -> Callable[[Batch, Batch], Tensor]:
    """Mean negative log-likelihood, in nats, of the target's tokens, the end token included.

    Args:
        smoothing: share of the probability that the target should spread over all pieces (Szegedy et al. 2016, 7).

    Raises:
        ValueError: a share outside [0, 1).
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it is a share, from 0 up to 1")

    def distance(output: Batch, target: Batch) -> Tensor:
        """Output: logits (B, T, V) of teacher forcing. Target: ids (B, T) with their mask.

        Raises:
            ValueError: the output was not written along the target.
        """
        if output.logits is None or output.logits.shape[:2] != target.data.shape:
            raise ValueError("token_nll compares a teacher-forced output: set objective.teacher_forcing=true")
        logits, ids = output.logits, target.data
        if target.mask is not None:  # padding is left out before the vocabulary is normalised over, not after
            logits, ids = logits[target.mask], ids[target.mask]
        return F.cross_entropy(logits.flatten(0, -2), ids.flatten(), label_smoothing=smoothing)

    return distance
