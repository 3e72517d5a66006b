"""`cyclekit run --from`: said what was loaded and what was not, recorded, resumed without the source."""

import shutil

import pytest

from cyclekit.recipe.loading import load_recipe
from tests.commands import SETTINGS, call, mistake


@pytest.fixture(scope="module")
def source(run, tmp_path_factory):
    """A run to start from, that may be deleted."""
    return shutil.copytree(run, tmp_path_factory.mktemp("source") / "run", symlinks=True)


def test_what_was_loaded_is_said_and_a_resume_needs_it_no_more(source, data, tmp_path):
    own = shutil.copytree(source, tmp_path / "source", symlinks=True)
    out = tmp_path / "run"
    wider = ("--set", "discriminator.width=5")
    command = ("run", "monet2photo", "--data", data, *SETTINGS, *wider, "--out", out)
    started = call(*command, "--from", own)
    assert started.status == 0, started.err
    said = [line.removeprefix("start: ") for line in started.err.splitlines() if line.startswith("start: ")]
    assert len(said) == 4
    assert said[0].startswith(f"the generator that makes photo: from {own}, step 4")
    assert "convolution.weight (4x3x4x4 there, 5x3x4x4 here)" in said[2] + said[3]
    assert load_recipe(out).train.start_from == str(own)
    shutil.rmtree(own)
    again = call(*command, "--resume")
    assert again.status == 0, again.err


def test_a_mistake_leaves_no_folder(source, data, tmp_path):
    command = ("run", "monet2photo", "--data", data, *SETTINGS, "--out", tmp_path / "run")
    line = mistake(call(*command, "--from", tmp_path / "nowhere"))
    assert line.endswith("nowhere: no such run folder or file")
    line = mistake(call(*command, "--from", source, "--from", f"photo={source}"))
    assert line == f"--from {source}: several sources are one for each domain: --from DOMAIN=SOURCE"
    line = mistake(call(*command, "--from", f"picture={source}"))
    assert line.startswith("train.start_from: no domain is called 'picture'")
    assert not (tmp_path / "run").exists()


def test_a_recipe_may_name_its_weights_and_check_shows_what_is_loaded(source, data):
    told = call("check", "monet2photo", "--data", data, *SETTINGS, "--set", f"train.start_from={source}")
    assert told.status == 0, told.err
    assert f"# start: the generator that makes photo: from {source}, step 4" in told.out
