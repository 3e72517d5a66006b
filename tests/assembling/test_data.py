"""The data of a run is opened once, also where it has to be seen before the profile is chosen."""

import pytest
import torch

from cyclekit import api
from cyclekit.assembling import data as opening

SMALL = {
    "data.sources": [{"builtin": "landscapes", "scenes": 4, "held_out": 2}],
    "data.load_size": 40,
    "data.crop_size": 32,
    "generator.width": 4,
    "generator.blocks": 1,
}


@pytest.fixture
def opened(monkeypatch):
    """What was opened, by the sizes of its crops."""
    sizes, build = [], opening.build_data

    def counting(recipe, *given):
        sizes.append(recipe.data.options.get("crop_size"))
        return build(recipe, *given)

    monkeypatch.setattr(opening, "build_data", counting)
    return sizes


def weights(run):
    return [value for network in run.networks.generators for value in network.state_dict().values()]


def test_built_in_data_are_opened_once_and_the_run_is_that_of_the_profile_they_have(opened):
    chosen = api.load("monet2photo", device="cpu", overrides=SMALL, quiet=True)
    assert chosen.recipe.profile == "made"
    assert len(opened) == 1
    asked = api.load("monet2photo", profile="made", device="cpu", overrides=SMALL, quiet=True)
    assert chosen.recipe == asked.recipe
    assert all(torch.equal(one, other) for one, other in zip(weights(chosen), weights(asked), strict=True))


def test_data_that_the_profile_wants_otherwise_are_opened_for_it(opened, tmp_path):
    folder = tmp_path / "recipe"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "title: x\nbase: image_cyclegan\ndomains: {a: monet, b: photo}\n"
        "profiles: {made: {like: base/cpu, data: {crop_size: 24}}}\n"
    )
    own = {key: value for key, value in SMALL.items() if key != "data.crop_size"}
    chosen = api.load(folder, device="cpu", overrides=own, quiet=True)
    assert chosen.recipe.profile == "made"
    assert len(opened) == 2
    assert opened[-1] == chosen.data.training_pair(0, 0, 0).a.data.shape[-1] == 24
