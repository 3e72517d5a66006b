"""Every network of pictures takes any number of channels, other ones in than out, or refuses in one line."""

from __future__ import annotations

import inspect

import pytest

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from tests.image.networks import pictures

SMALL = {"width": 4, "blocks": 1, "depth": 5}

REFUSALS = {
    "colorizer": "makes colour (3 channels) out of grey (1); here {made} are made of {channels}",
    "unshuffle": "start 'identity' needs as many channels out as in; got {channels} in and {made} out",
    "student": "start 'identity' needs as many channels out as in; got {channels} in and {made} out",
    "projected": "sees 1 or 3 channels; this data has",
}
"""What networks say that are made for certain channels."""


def of_pictures(kind: str) -> list[str]:
    """Registered parts whose first argument is a picture's codec."""
    found = []
    for name in registry.names(kind):
        factory = registry.part(kind, name).factory
        first, *_ = [one for one in inspect.signature(factory).parameters.values() if one.name != "self"]
        if first.annotation in (ImageCodec, "ImageCodec"):
            found.append(name)
    assert len(found) >= 3
    return found


def built(kind: str, name: str, *codecs):
    known = registry.options(registry.part(kind, name).factory)
    return registry.build(kind, name, *codecs, options={key: SMALL[key] for key in SMALL if key in known}, where=kind)


@pytest.mark.parametrize("name", of_pictures("generator"))
@pytest.mark.parametrize(("channels", "made"), [(2, 2), (1, 13), (13, 1), (4, 3)])
def test_generators(name, channels, made):
    codecs = ImageCodec(channels), ImageCodec(made)
    if name == "colorizer" or (name in ("unshuffle", "student") and channels != made):
        with pytest.raises(registry.RecipeError) as refused:
            built("generator", name, *codecs)
        assert REFUSALS[name].format(channels=channels, made=made) in str(refused.value)
        return
    network = built("generator", name, *codecs)
    side = max(network.multiple, 32)
    assert network.eval()(pictures(1, channels, side, side)).data.shape == (1, made, side, side)


@pytest.mark.parametrize("name", of_pictures("discriminator"))
@pytest.mark.parametrize(("judged", "condition"), [(2, None), (13, None), (1, 13), (13, 4)])
def test_discriminators(name, judged, condition):
    codecs = ImageCodec(judged), condition and ImageCodec(condition)
    if name == "projected":
        with pytest.raises(registry.RecipeError, match=REFUSALS[name]):
            built("discriminator", name, *codecs)
        return
    network = built("discriminator", name, *codecs)
    sample, shown = pictures(1, judged, 128, 128), condition and pictures(1, condition, 128, 128)
    for judge in network if hasattr(network, "__iter__") else [network]:
        assert isinstance(judge(sample, shown), Batch)
