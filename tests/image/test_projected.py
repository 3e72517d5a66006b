"""The projected discriminator: it sees what EfficientNet-Lite0 sees, only its heads learn, only they are saved."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.image import projected
from cyclekit.image.codec import ImageCodec
from cyclekit.image.features import SPACES, network_of
from cyclekit.image.projected import FrozenLite0, ProjectedDiscriminator
from tests.image.networks import COLOUR, GREY, pictures


def small(*codecs: ImageCodec, **options: object) -> ProjectedDiscriminator:
    torch.manual_seed(0)
    return ProjectedDiscriminator(*codecs, **{"layers": (-1, 2), "width": 4, **options})


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 64)])
def test_folded_features_are_the_networks_own(height, width):
    layers = (-1, 0, 2, 4, 10, 15)
    picture = pictures(2, 3, height, width).data
    network = network_of(SPACES["lite0"])
    with torch.no_grad():
        features = network._swish(network._bn0(network._conv_stem(picture)))
        expected = [features]
        for place, block in enumerate(network._blocks):
            features = block(features)
            expected += [features] if place in layers else []
        found = FrozenLite0(layers)(picture)
    assert [one.shape[1] for one in found] == FrozenLite0(layers).channels
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_every_head_scores_the_picture_and_counts_alike():
    judge = ProjectedDiscriminator(COLOUR, width=4).eval()
    scores = judge(pictures(2, 3, 64, 64)).data
    assert scores.shape == (2, 4, 32, 32)  # enlarged to 128, halved by the stem, halved by the first head
    assert scores[0, 3].unique().numel() == 8 * 8  # a sixteenth, each score repeated over 4 x 4 of the first head's


def test_only_the_heads_learn_and_the_frozen_network_is_not_saved():
    judge = small(COLOUR)
    assert {name.split(".")[0] for name, _ in judge.named_parameters()} == {"heads"}
    assert not [name for name in judge.state_dict() if name.startswith("seeing")]
    before = [tensor.clone() for tensor in judge.seeing.buffers()]
    picture = pictures(1, 3, 32, 32).data.requires_grad_()
    judge.train()(Batch(picture)).data.mean().backward()
    assert picture.grad.abs().sum() > 0
    assert all(torch.equal(old, new) for old, new in zip(before, judge.seeing.buffers()))


def test_a_saved_discriminator_scores_as_before():
    first, second = small(COLOUR), small(COLOUR)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.add_(0.1)
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.eval()(pictures(1, 3, 40, 40)).data, second.eval()(pictures(1, 3, 40, 40)).data)


def test_pictures_move_while_training_only_and_with_their_condition():
    judge = small(COLOUR, COLOUR, shift=0.25)
    picture = pictures(1, 3, 64, 64)
    judge.eval()
    assert torch.equal(judge(picture, picture).data, judge(picture, picture).data)
    judge.train()
    torch.manual_seed(1)
    assert not torch.equal(judge(picture, picture).data, judge(picture, picture).data)
    moved = judge._shifted([picture.data, picture.data])
    assert torch.equal(*moved)
    assert moved[0].shape == picture.data.shape


def test_a_condition_changes_the_score_and_grey_is_seen_in_three_channels():
    judge = small(COLOUR, GREY).eval()
    sample, condition = pictures(1, 3, 64, 64), pictures(1, 1, 64, 64)
    other = condition._replace(data=-condition.data)
    assert not torch.equal(judge(sample, condition).data, judge(sample, other).data)
    grey = small(GREY).eval()
    threefold = small(COLOUR).eval()
    assert torch.equal(grey(condition).data, threefold(Batch(condition.data.expand(-1, 3, -1, -1))).data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": ()}, "from -1 to 15 in order"),
        ({"layers": (2, 1)}, "from -1 to 15 in order"),
        ({"layers": (0, 16)}, "from -1 to 15 in order"),
        ({"width": 0}, "width >= 1"),
        ({"enlarged": 0.0}, "enlarged > 0"),
        ({"shift": 0.5}, "shift from 0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        small(COLOUR, **options)


def test_other_channels_and_small_pictures_are_refused():
    with pytest.raises(ValueError, match="sees 1 or 3 channels; this data has 4"):
        small(SimpleNamespace(channels=4))
    with pytest.raises(ValueError, match="at least 32 px a side, got 32x31"):
        small(COLOUR)(pictures(1, 3, 31, 32))


def test_missing_weights_are_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ValueError, match="projected discriminator needs the EfficientNet-Lite0 network"):
        small(COLOUR)


@pytest.mark.parametrize("shift", [-3, -1, 0, 2, 3])
def test_rows_moved_on_a_card_are_those_that_padding_moves(shift):
    pictures = torch.rand(1, 3, 20, 24)
    padded = torch.nn.functional.pad(pictures, (3, 3, 3, 3), mode="reflect")[..., 3 + shift : 23 + shift, 3:27]
    assert torch.equal(padded, pictures.index_select(-2, projected._mirrored(torch.tensor([shift]), 20)))
