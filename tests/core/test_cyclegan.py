"""CycleGAN as an objective; its numbers against the reference are in tests/training/test_golden.py."""

import pytest
import torch
from torch import nn

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan, wgan_gp
from tests.core.toys import step


def test_the_sum_is_weighted_and_the_terms_are_raw(networks, real):
    _, loss, _ = step(CycleGAN(lsgan(), l1(), adversarial=2.0, cycle=3.0, identity=4.0), networks, real)
    weights = {"adversarial": 2.0, "cycle": 3.0, "identity": 4.0}
    assert set(loss.terms) == {f"{kind}.{domain}" for kind in weights for domain in "ab"}
    expected = sum(weights[name.split(".")[0]] * term for name, term in loss.terms.items())
    torch.testing.assert_close(loss.total, expected)


def test_terms_are_what_the_paper_says(networks, real):
    outputs, loss, judged = step(CycleGAN(lsgan(), l1()), networks, real)
    a, b = networks.generators
    fake_b = b(real.a)
    torch.testing.assert_close(outputs.fake.b.data, fake_b.data)
    torch.testing.assert_close(loss.terms["cycle.a"], (a(fake_b).data - real.a.data).abs().mean())
    torch.testing.assert_close(loss.terms["identity.b"], (b(real.b).data - real.b.data).abs().mean())
    fooled = [(judge(fake_b).data - 1).square().mean() for judge in networks.discriminators.b]
    torch.testing.assert_close(loss.terms["adversarial.b"], (fooled[0] + fooled[1]) / 2)
    each = [
        0.5 * ((judge(real.b).data - 1).square().mean() + judge(fake_b).data.square().mean())
        for judge in networks.discriminators.b
    ]
    torch.testing.assert_close(judged.terms["discriminator.b"], each[0] + each[1])


@pytest.mark.parametrize("identity", [0.0, 5.0])
def test_one_stacked_call_and_two_calls_are_the_same_model(networks, real, identity):
    gradients = []
    for shared in (True, False):
        networks.generators.b.zero_grad()
        _, loss, judged = step(CycleGAN(lsgan(), l1(), identity=identity, shared_forward=shared), networks, real)
        loss.total.backward()
        gradients.append((networks.generators.b.layer.weight.grad.clone(), judged.total.detach()))
    for one, other in zip(*gradients):
        torch.testing.assert_close(one, other)


def test_a_weight_of_zero_is_not_computed(networks, real):
    outputs, loss, _ = step(CycleGAN(lsgan(), l1(), identity=0.0), networks, real)
    assert networks.generators.b.calls == 2  # there, and back from the other side
    assert outputs.identity == Pair(None, None)
    networks.generators.b.calls = 0
    outputs, loss, judged = step(CycleGAN(lsgan(), l1(), adversarial=0.0, cycle=0.0), networks, real)
    assert networks.generators.b.calls == 1
    assert judged is None
    assert set(loss.terms) == {"identity.a", "identity.b"}


def test_batch_norm_never_sees_two_batches_at_once(networks, real):
    networks.generators.b.norm = nn.BatchNorm1d(4)
    step(CycleGAN(lsgan(), l1()), networks, real)
    assert networks.generators.b.calls == 3


def test_the_judges_get_no_graph_to_the_generators(networks, real):
    for objective in (CycleGAN(lsgan(), l1()), CycleGAN(wgan_gp(), l1(), replay=0)):
        *_, judged = step(objective, networks, real)
        judged.total.backward()
        assert networks.generators.b.layer.weight.grad is None
        assert networks.discriminators.b[1].layer.weight.grad is not None
        networks.discriminators.b.zero_grad()


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"cycle": -1.0}, "cycle is -1.0"), ({"adversarial": 0, "cycle": 0, "identity": 0}, "all 0")],
)
def test_senseless_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        CycleGAN(lsgan(), l1(), **weights)


def test_the_buffers_travel_with_the_objective(networks, real):
    one, other = CycleGAN(lsgan(), l1(), replay=2, seed=3), CycleGAN(lsgan(), l1(), replay=2, seed=8)
    for _ in range(4):
        step(one, networks, real)
    other.load_state_dict(one.state_dict())
    for _ in range(4):
        torch.testing.assert_close(step(one, networks, real)[2].total, step(other, networks, real)[2].total)


# --- the dials that sentences brought, on vectors ---


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_cycle_passes_its_share_of_the_gradient_through_the_fake(networks, real, share):
    objective = CycleGAN(lsgan(), l1(), adversarial=0.0, identity=0.0, cycle=1.0, cycle_gradient=share)
    found = []
    for dial in (share, 1.0):
        objective.cycle_gradient = dial
        networks.generators.b.zero_grad()
        outputs = objective.outputs(networks.generators, Pair(real.a, real.a))
        # Only a's cycle, so that b's generator learns through its fake alone.
        (objective.reconstruction(outputs.reconstructed.a, real.a)).backward()
        gradient = networks.generators.b.layer.weight.grad
        found.append(torch.zeros(4, 4, dtype=torch.float64) if gradient is None else gradient.clone())
    torch.testing.assert_close(found[0], share * found[1])
    assert found[1].abs().sum() > 0


def test_back_translation_draws_its_fakes_without_a_graph(networks, real):
    objective = CycleGAN(lsgan(), l1(), adversarial=0.0, identity=0.0, cycle_gradient=0.0)
    assert not objective.outputs(networks.generators, real).fake.b.data.requires_grad
    objective.adversarial = 1.0  # the judges' gradient still needs it
    assert objective.outputs(networks.generators, real).fake.b.data.requires_grad


def test_the_other_domain_is_a_negative_of_its_weight(networks, real):
    def judged(**dials):
        objective = CycleGAN(lsgan(), l1(), replay=0, **dials)
        outputs = objective.outputs(networks.generators, real)
        return objective.discriminator_loss(networks, outputs).terms["discriminator.a"]

    (judge,) = networks.discriminators.a
    fake = networks.generators.a(real.b)
    parts = [
        0.5 * ((judge(real.a).data - 1).square().mean() + judge(rows).data.square().mean()) for rows in (fake, real.b)
    ]
    torch.testing.assert_close(judged(cross_domain_negatives=3.0), (parts[0] + 3 * parts[1]) / 4)
    torch.testing.assert_close(judged(), parts[0])


def test_judges_warm_up_while_the_generators_rest(networks, real):
    objective = CycleGAN(lsgan(), l1(), cross_domain_negatives=1.0)
    objective.adversarial = objective.cycle = objective.identity = 0.0
    outputs, loss, judged = step(objective, networks, real)
    assert loss is None
    assert networks.generators.a.calls == networks.generators.b.calls == 0
    assert outputs.fake == Pair(None, None)
    assert set(judged.terms) == {"discriminator.a", "discriminator.b"}


def test_identity_restores_what_noise_spoiled_and_the_bootstrap_makes_first_fakes(networks, real):
    calls = []

    def noise(rows, domain):
        calls.append(domain)
        return rows._replace(data=rows.data + 100)

    def bootstrap(rows, domain, generator):
        return generator(rows._replace(data=rows.data * 0))

    objective = CycleGAN(lsgan(), l1(), noise, bootstrap, bootstrapped=1.0)
    outputs, _, _ = step(objective, networks, real)
    assert sorted(calls) == ["a", "b"]
    torch.testing.assert_close(outputs.identity.a.data, networks.generators.a(Batch(real.a.data + 100)).data)
    torch.testing.assert_close(outputs.fake.b.data, networks.generators.b(Batch(real.a.data * 0)).data)
    with pytest.raises(ValueError, match="bootstrapped is on, and the recipe names no bootstrap"):
        CycleGAN(lsgan(), l1(), bootstrapped=1.0).outputs(networks.generators, real)


def test_what_a_translation_lost_is_weighed_by_its_source(networks, real):
    def lost(source, domain, fake):
        return source.data.sum() * (1 if domain == "a" else 10) + 0 * fake.data.sum()

    objective = CycleGAN(lsgan(), l1(), preserved=lost, adversarial=0.0, cycle=0.0, identity=1.0, preservation=2.0)
    _, loss, _ = step(objective, networks, real)
    torch.testing.assert_close(loss.terms["preservation.b"], real.a.data.sum())
    torch.testing.assert_close(loss.terms["preservation.a"], 10 * real.b.data.sum())
    rest = loss.terms["identity.a"] + loss.terms["identity.b"]
    torch.testing.assert_close(loss.total, 2 * (loss.terms["preservation.a"] + loss.terms["preservation.b"]) + rest)
    with pytest.raises(ValueError, match=r"preservation is 2\.0, and the recipe names no preservation to weigh"):
        CycleGAN(lsgan(), l1(), preservation=2.0)
    turned_on = CycleGAN(lsgan(), l1())
    turned_on.preservation = 1.0
    with pytest.raises(ValueError, match="preservation is on, and the recipe names no preservation"):
        step(turned_on, networks, real)


def test_the_controller_raises_the_weight_while_the_judges_are_not_fooled(networks, real):
    objective = CycleGAN(lsgan(), l1(), adversarial=2.0, adversarial_target=0.01)
    _, first, _ = step(objective, networks, real)
    _, second, _ = step(objective, networks, real)
    assert second.terms["adversarial weight"] > first.terms["adversarial weight"] == 2.0
    other = CycleGAN(lsgan(), l1(), adversarial=2.0, adversarial_target=0.01)
    other.load_state_dict(objective.state_dict())
    assert other.controller.factor == objective.controller.factor
