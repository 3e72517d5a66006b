"""Adversarial losses over several discriminators, of batches in one call or in several."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.adversarial import SMALL_ROW, Negative, adversarial_loss, apart, discriminator_loss, mixes_rows
from cyclekit.core.batch import Batch
from cyclekit.core.card import standing_in
from cyclekit.core.losses import bce, lsgan, wgan_gp
from tests.core.toys import Toy


def rows(count: int, seed: int = 0, width: int = 4, mask: bool = False) -> Batch:
    data = torch.rand(count, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return Batch(data, torch.ones(count, width, dtype=torch.bool) if mask else None)


def judges(count: int, inputs: int = 4) -> nn.ModuleList:
    torch.manual_seed(count)
    return nn.ModuleList([Toy(inputs=inputs, outputs=1) for _ in range(count)])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_several_batches_are_answered_each_for_itself_in_one_call(counts):
    network = Toy()
    batches = [rows(count, seed) for seed, count in enumerate(counts)]
    answers = apart(network, *batches)
    assert network.calls == 1
    for answer, batch in zip(answers, batches, strict=True):
        torch.testing.assert_close(answer.data, network(batch).data)


@pytest.mark.parametrize(
    ("batches", "norm"),
    [
        ([rows(2), rows(2, width=3)], False),  # of other widths
        ([rows(2), rows(2, mask=True)], False),  # of which one has padding
        ([rows(2), rows(2)], True),
        ([rows(1, width=SMALL_ROW + 1), rows(1, width=SMALL_ROW + 1)], False),  # too large for it to pay
    ],
)
def test_what_is_not_the_same_model_or_does_not_pay_is_called_apart(batches, norm):
    class Means(nn.Module):
        calls = 0

        def forward(self, source):
            self.calls += 1
            return Batch(source.data.mean(1, keepdim=True), None)

    network = Means()
    if norm:
        network.norm = nn.BatchNorm1d(1)
    answers = apart(network, *batches)
    assert network.calls == 2
    assert [answer.data.tolist() for answer in answers] == [
        batch.data.mean(1, keepdim=True).tolist() for batch in batches
    ]


def test_large_rows_are_stacked_on_a_card():
    network = Toy(inputs=SMALL_ROW + 1, outputs=1)
    large = [rows(1, seed, width=SMALL_ROW + 1) for seed in range(2)]
    with standing_in():
        apart(network, *large)
    assert network.calls == 1
    apart(network, *large)
    assert network.calls == 3


@pytest.mark.parametrize(
    ("layer", "mixes"),
    [(nn.BatchNorm2d(1), True), (nn.BatchNorm1d(1), True), (nn.SyncBatchNorm(1), True), (nn.InstanceNorm2d(1), False),
     (nn.GroupNorm(1, 1), False), (nn.Dropout(), False)],
)  # fmt: skip
def test_rows_are_mixed_by_batch_norm_alone_however_deep(layer, mixes):
    assert mixes_rows(nn.Sequential(nn.Identity(), nn.Sequential(layer))) is mixes


@given(st.integers(1, 3))
def test_a_generator_is_weighed_by_the_mean_over_its_discriminators(count):
    panel, fake = judges(count), rows(3)
    each = [adversarial_loss(lsgan(), nn.ModuleList([judge]), fake) for judge in panel]
    torch.testing.assert_close(adversarial_loss(lsgan(), panel, fake), sum(each) / count)


@given(st.integers(1, 2), st.lists(st.floats(0.25, 4), min_size=1, max_size=3), st.booleans())
def test_negatives_count_by_their_weight_and_discriminators_add_up(count, weights, shared):
    panel, real = judges(count), rows(3)
    negatives = [Negative(rows(3, seed + 1), weight) for seed, weight in enumerate(weights)]
    found = discriminator_loss(lsgan(), panel, real, negatives, shared_forward=shared)
    expected = 0.0
    for judge in panel:
        for negative in negatives:
            alone = discriminator_loss(lsgan(), nn.ModuleList([judge]), real, [Negative(negative.rows)])
            expected = expected + alone * (negative.weight / sum(weights))
    torch.testing.assert_close(found, expected)


def test_a_condition_is_shown_beside_both_and_each_is_judged_for_itself():
    panel, real, fake, condition = judges(1, inputs=8), rows(2), rows(2, 1), rows(2, 2)
    found = discriminator_loss(lsgan(), panel, real, [Negative(fake)], condition)
    assert panel[0].calls == 2
    scores = [panel[0](sample, condition).data for sample in (real, fake)]
    torch.testing.assert_close(found, lsgan().discriminator(*scores))


def test_each_discriminator_has_a_penalty_of_its_own():
    seen = []

    def penalty(discriminator, real, fake, condition):
        seen.append((discriminator, real, fake, condition))
        return torch.tensor(7.0, dtype=torch.float64)

    panel, real, fake = judges(2), rows(2), rows(2, 1)
    without = discriminator_loss(wgan_gp()._replace(penalty=None), panel, real, [Negative(fake)])
    loss = wgan_gp()._replace(penalty=penalty)
    torch.testing.assert_close(discriminator_loss(loss, panel, real, [Negative(fake)]), without + 14.0)
    assert [(judge, *others) for judge, *others in seen] == [(judge, real, fake, None) for judge in panel]


@pytest.mark.parametrize(
    ("scores", "loss"),
    [(torch.bfloat16, torch.float32), (torch.float16, torch.float32), (torch.float64, torch.float64)],
)
def test_scores_of_half_precision_are_weighed_in_float32(scores, loss):
    class Judge(nn.Module):
        def forward(self, sample, condition=None):
            return Batch(sample.data.to(scores))

    assert adversarial_loss(bce(), nn.ModuleList([Judge()]), rows(2)).dtype == loss


def test_scores_of_padding_count_nowhere():
    class Judge(nn.Module):
        def forward(self, sample, condition=None):
            return Batch(sample.data, sample.mask)

    short = Batch(torch.tensor([[0.5, 9.0], [0.25, 0.75]]), torch.tensor([[True, False], [True, True]]))
    found = adversarial_loss(lsgan(), nn.ModuleList([Judge()]), short)
    expected = torch.tensor([0.5, 0.25, 0.75]).sub(1).square().mean()
    torch.testing.assert_close(found, expected)
