"""Padding counts nowhere: a loss over masked rows is that of the rows without their padding, whatever lies there."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.adversarial import Negative, adversarial_loss, discriminator_loss
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import bce, hinge, l1, lsgan, wgan_gp
from cyclekit.core.parts import Networks
from cyclekit.core.replay import ReplayBuffer

FRAMES = 3


class Framewise(nn.Module):
    """Frames (B, T, 3) to frames or scores, each by itself; the mask goes along."""

    def __init__(self, outputs=FRAMES):
        super().__init__()
        self.layer = nn.Linear(FRAMES, outputs, dtype=torch.float64)

    def forward(self, source, other=None):
        return Batch(torch.tanh(self.layer(source.data)), source.mask)


@st.composite
def masked(draw):
    """Rows of frames, and the same rows with more padding and other values in it."""
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    mask = torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]
    data = torch.rand(*mask.shape, FRAMES, generator=random, dtype=torch.float64)
    more = draw(st.integers(0, 45))
    wide = torch.cat([mask, torch.zeros(len(lengths), more, dtype=torch.bool)], 1)
    junk = 50 * torch.rand(*wide.shape, FRAMES, generator=random, dtype=torch.float64)
    junk[wide] = data[mask]
    return Batch(data, mask), Batch(junk, wide)


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    panels = Pair(*(nn.ModuleList([Framewise(1), Framewise(1)]) for _ in range(2)))
    return Networks(Pair(Framewise(), Framewise()), panels)


@given(masked(), masked())
@settings(max_examples=40)
def test_a_whole_step_of_masked_rows_is_that_of_the_rows_without_padding(networks, one, other):
    terms = []
    for pair in (Pair(one[0], other[0]), Pair(one[1], other[1])):
        objective = CycleGAN(lsgan(), l1(), replay=3)
        outputs = objective.outputs(networks.generators, pair)
        loss = objective.generator_loss(networks, outputs)
        judged = objective.discriminator_loss(networks, outputs)
        terms.append({**loss.terms, **judged.terms, "total": loss.total})
    assert set(terms[0]) >= {"cycle.a", "identity.b", "adversarial.a", "discriminator.b"}
    for name, term in terms[0].items():
        torch.testing.assert_close(terms[1][name], term, msg=name)


@pytest.mark.parametrize("loss", [lsgan(), bce(), hinge(), wgan_gp()])
@given(rows=masked())
@settings(max_examples=20)
def test_every_loss_is_the_mean_over_real_places(loss, rows):
    torch.manual_seed(0)
    network = nn.ModuleList([Framewise(1)])
    narrow, wide = rows
    alone = Batch(torch.cat([row.data for row in narrow.rows()], 1))  # every real frame, as one row without a mask
    expected = adversarial_loss(loss, network, alone)
    for batch in (narrow, wide):
        torch.testing.assert_close(adversarial_loss(loss, network, batch), expected)
    plain = loss._replace(penalty=None)
    expected = discriminator_loss(plain, network, alone, [Negative(alone)])
    for batch in (narrow, wide):
        torch.testing.assert_close(discriminator_loss(plain, network, batch, [Negative(batch)]), expected)


@given(masked())
@settings(max_examples=20)
def test_the_penalty_of_a_row_does_not_depend_on_its_padding(rows):
    torch.manual_seed(0)
    network, penalty = Framewise(1), wgan_gp().penalty
    values = []
    for batch in rows:
        # Real and fake the same: the random point between them is that row, wherever it lies.
        values.append(penalty(network, batch, batch, None))
    torch.testing.assert_close(values[0], values[1])


@given(masked())
@settings(max_examples=20)
def test_a_buffer_keeps_rows_without_their_padding(rows):
    for batch in rows:
        buffer = ReplayBuffer(10)
        buffer(batch)
        assert [row.data.shape[1] for row in buffer.rows] == batch.mask.sum(1).tolist()
        for row, data, mask in zip(buffer.rows, batch.data, batch.mask):
            assert torch.equal(row.data[0], data[mask])
