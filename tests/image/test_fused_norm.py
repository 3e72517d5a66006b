"""The kernels, in Triton's interpreter on a processor: what plain layers give, and their gradients."""

import pytest
import torch
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.core.losses import wgan_gp
from cyclekit.image import normalising, patchgan, resnet
from cyclekit.image.codec import ImageCodec

fused_norm = pytest.importorskip(
    "cyclekit.image.fused_norm", reason="torch for a processor alone comes without Triton", exc_type=ImportError
)


def plain(x, slope, skip, pad):
    """The same, layer by layer."""
    answer = F.instance_norm(x)
    answer = answer if slope == 1 else F.leaky_relu(answer, slope)
    answer = answer if skip is None else answer + skip
    return answer, F.pad(answer, (pad,) * 4, mode="reflect") if pad else answer


@pytest.mark.parametrize(
    ("slope", "skips", "pad", "both"),
    [(0.0, False, 0, False), (0.2, False, 0, False), (0.0, False, 1, False), (0.0, False, 3, False),
     (1.0, True, 1, True), (1.0, True, 0, False), (0.0, False, 1, True)],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(1, 8, 9, 12), (2, 5, 11, 8), (1, 70, 9, 10)])
def test_answers_and_gradients_are_those_of_plain_layers(shape, slope, skips, pad, both):
    torch.manual_seed(0)
    x = (torch.randn(shape) * 3 + 5).requires_grad_()
    skip = torch.randn(shape).requires_grad_() if skips else None
    wanted, inputs = plain(x, slope, skip, pad), [x] + ([skip] if skips else [])
    got = fused_norm.normalised(x, slope=slope, skip=skip, pad=pad, plain=both or None)
    weights = [torch.randn_like(one) for one in wanted]
    terms = slice(0, 2) if both else slice(1, 2)
    for one, other in zip(got[terms], wanted[terms]):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    sums = [sum((w * a).sum() for w, a in zip(weights[terms], answers[terms])) for answers in (got, wanted)]
    for one, other in zip(*(torch.autograd.grad(total, inputs) for total in sums)):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_large_mean_does_not_cancel_the_variance():
    x = torch.randn(1, 4, 16, 16) + 3000
    torch.testing.assert_close(
        fused_norm.normalised(x, slope=1.0)[0], F.instance_norm(x.double()).float(), rtol=0, atol=2e-3
    )


def test_a_border_wider_than_the_features_is_refused():
    with pytest.raises(ValueError, match="a border of 3 px needs features of at least 8 px"):
        fused_norm.normalised(torch.zeros(1, 4, 7, 9), pad=3)


def test_it_has_no_gradient_of_a_gradient():
    x = torch.randn(1, 4, 8, 8, requires_grad=True)
    (gradient,) = torch.autograd.grad(fused_norm.normalised(x)[0].square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


@pytest.fixture
def on_a_card(monkeypatch):
    """Networks take the kernels, as they do on CUDA."""

    def switch(on):
        for room in (resnet, patchgan):
            monkeypatch.setattr(room, "fuses", lambda norm, features: on and norm is not None)

    return switch


@pytest.mark.parametrize(
    ("options", "size"),
    [({}, (16, 24)), ({"upsampling": "resize"}, (19, 18)), ({"blocks": 1, "start": "identity"}, (17, 16)),
     ({"blocks": 0}, (16, 16)), ({"downsamplings": 0}, (12, 13)), ({"upsampling": "antialiased"}, (16, 16))],
)  # fmt: skip
def test_the_resnet_is_the_same_network(on_a_card, options, size):
    torch.manual_seed(0)
    network = resnet.ResNetGenerator(ImageCodec(), ImageCodec(), **{"width": 4, "blocks": 2, **options})
    torch.nn.init.normal_(network.head.convolution.weight, std=0.1)
    pictures, answers, gradients = torch.rand(1, 3, *size) * 2 - 1, [], []
    for on in (False, True):
        on_a_card(on)
        network.zero_grad(set_to_none=True)
        answers.append(network(Batch(pictures)).data)
        (answers[-1] * torch.linspace(-1, 1, answers[-1].numel()).view_as(answers[-1])).sum().backward()
        # A bias before a norm moves nothing; its gradient is rounding.
        gradients.append([p.grad.clone() for name, p in network.named_parameters() if name.endswith("weight")])
    torch.testing.assert_close(*answers, rtol=1e-4, atol=1e-4)
    for one, other in zip(*gradients):
        assert (one - other).abs().max() < 1e-3 * other.abs().max()


def test_the_patchgan_is_the_same_network(on_a_card):
    network, pictures, answers = patchgan.PatchDiscriminator(ImageCodec(), width=4), torch.rand(1, 3, 70, 66), []
    for on in (False, True):
        on_a_card(on)
        answers.append(network(Batch(pictures)).data)
    torch.testing.assert_close(*answers, rtol=1e-4, atol=1e-5)


def test_a_gradient_penalty_goes_layer_by_layer(monkeypatch):
    asked = []
    network = patchgan.PatchDiscriminator(ImageCodec(), width=4, layers=2)
    monkeypatch.setattr(patchgan, "fuses", lambda norm, features: asked.append(normalising.differentiated_twice()))
    rows = Batch(torch.rand(1, 3, 32, 32))
    wgan_gp().penalty(network, rows, rows, None)
    assert asked
    assert all(asked)
    assert not normalising.differentiated_twice()
