"""How far a sentence is from being written as its original says: the text side's reconstruction."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import register

NO_ID = -100


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
        # Padding is passed over by a number that is no id: taking the rows out would copy all logits, there and back.
        ids = target.data if target.mask is None else target.data.masked_fill(~target.mask, NO_ID)
        return F.cross_entropy(
            output.logits.flatten(0, 1), ids.flatten(), ignore_index=NO_ID, label_smoothing=smoothing
        )

    return distance
