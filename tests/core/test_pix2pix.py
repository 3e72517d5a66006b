"""pix2pix as an objective; its numbers against the reference are in tests/training/test_golden.py."""

import pytest
import torch
from torch import nn

from cyclekit.core.batch import Pair
from cyclekit.core.losses import l1, lsgan
from cyclekit.core.parts import Networks
from cyclekit.core.pix2pix import Pix2Pix
from tests.core.toys import Toy, step


def test_pix2pix_shows_its_judges_the_input(real):
    torch.manual_seed(0)
    networks = Networks(Pair(None, Toy()), Pair(None, nn.ModuleList([Toy(inputs=8, outputs=1)])))
    outputs, loss, judged = step(Pix2Pix(lsgan(), l1()), networks, real)
    fake = networks.generators.b(real.a)
    torch.testing.assert_close(loss.terms["l1.b"], (fake.data - real.b.data).abs().mean())
    score = networks.discriminators.b[0](fake, real.a).data
    torch.testing.assert_close(loss.terms["adversarial.b"], (score - 1).square().mean())
    torch.testing.assert_close(loss.total, 1.0 * loss.terms["adversarial.b"] + 100.0 * loss.terms["l1.b"])
    assert outputs.fake.a is None
    assert set(judged.terms) == {"discriminator.b"}
    with pytest.raises(ValueError, match="not both 0"):
        Pix2Pix(lsgan(), l1(), adversarial=0.0, l1=0.0)


@pytest.fixture
def networks():
    torch.manual_seed(0)
    return Networks(Pair(None, Toy()), Pair(None, nn.ModuleList([Toy(inputs=8, outputs=1), Toy(inputs=8, outputs=1)])))


def test_its_discriminators_tell_pairs_apart_and_leave_the_generator_alone(networks, real):
    _, _, judged = step(Pix2Pix(lsgan(), l1()), networks, real)
    fake = networks.generators.b(real.a)
    each = [
        0.5 * ((judge(real.b, real.a).data - 1).square().mean() + judge(fake, real.a).data.square().mean())
        for judge in networks.discriminators.b
    ]
    torch.testing.assert_close(judged.total, each[0] + each[1])
    judged.total.backward()
    assert networks.generators.b.layer.weight.grad is None
    assert networks.discriminators.b[1].layer.weight.grad is not None


def test_a_weight_of_zero_is_not_computed(networks, real):
    _, loss, judged = step(Pix2Pix(lsgan(), l1(), adversarial=0.0), networks, real)
    assert (set(loss.terms), judged) == ({"l1.b"}, None)
    assert [judge.calls for judge in networks.discriminators.b] == [0, 0]
    _, loss, judged = step(Pix2Pix(lsgan(), l1(), l1=0.0), networks, real)
    assert set(loss.terms) == {"adversarial.b"}
    assert loss.total == loss.terms["adversarial.b"]


@pytest.mark.parametrize("weights", [{"adversarial": -1.0}, {"l1": -0.5}, {"adversarial": 0.0, "l1": 0.0}])
def test_senseless_weights_are_refused(weights):
    said = {"adversarial": 1.0, "l1": 100.0} | weights
    with pytest.raises(ValueError, match=r"weights are 0 \(off\) or positive, not both 0") as refused:
        Pix2Pix(lsgan(), l1(), **weights)
    assert str(refused.value).startswith(f"adversarial is {said['adversarial']} and l1 is {said['l1']};")


def test_it_has_nothing_to_keep():
    one = Pix2Pix(lsgan(), l1())
    one.load_state_dict(one.state_dict())
    assert one.state_dict() == {}
    assert (one.makes, one.conditional, one.discriminators_first, one.replay_buffers) == (("b",), True, True, ())
