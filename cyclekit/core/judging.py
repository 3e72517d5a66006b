"""How a panel of discriminators judges: what both objectives share of the adversarial game."""

from __future__ import annotations

from torch import Tensor, nn

from cyclekit.core.batch import Batch, concat, split, stackable
from cyclekit.core.losses import GANLoss


def mixes_rows(network: nn.Module) -> bool:
    """Whether a row's output depends on its neighbours in the batch, as with batch norm.

    For such a network two calls and one call on the stacked rows are different models.
    """
    return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules())


SMALL_ROW = 2**16
"""Elements of a row up to which stacking pays: small rows cost calls, large ones fill the machine by themselves and
only outgrow its caches together. On two cores stacking made a 64 px step faster and a 256 px step slower."""


def apart(network: nn.Module, first: Batch, second: Batch) -> tuple[Batch, Batch]:
    """A network's answers to two Batches: in one stacked call where that is the same model and pays, else in two."""
    if stackable(first, second) and first.data[0].numel() <= SMALL_ROW and not mixes_rows(network):
        answers = split(network(concat([first, second])), [first.size, second.size])
        return answers[0], answers[1]
    return network(first), network(second)


def fooling(loss: GANLoss, panel: nn.ModuleList, fake: Batch, condition: Batch | None = None) -> Tensor:
    """What the generator minimises: the mean over the judges of how far the fake is from fooling each."""
    verdicts = [loss.generator(judge(fake, condition).data.float()) for judge in panel]
    return sum(verdicts[1:], verdicts[0]) / len(verdicts)


def telling_apart(
    loss: GANLoss,
    panel: nn.ModuleList,
    real: Batch,
    fake: Batch,
    condition: Batch | None = None,
    *,
    shared_forward: bool = True,
) -> Tensor:
    """What the panel minimises: the sum over its judges, each with its own loss and penalty.

    Args:
        real, fake: samples of one domain; `fake` carries no graph.
        condition: pix2pix's input of both samples.
        shared_forward: whether a judge may see both in one stacked call.
    """
    verdicts = []
    for judge in panel:
        if condition is None and shared_forward:
            of_real, of_fake = apart(judge, real, fake)
        else:
            of_real, of_fake = judge(real, condition), judge(fake, condition)
        verdict = loss.discriminator(of_real.data.float(), of_fake.data.float())
        if loss.penalty is not None:
            verdict = verdict + loss.penalty(judge, real, fake, condition)
        verdicts.append(verdict)
    return sum(verdicts[1:], verdicts[0])
