"""A typo is told at once: no mistake in names, paths, keys or values waits for torch."""

import subprocess
import sys

import pytest

from tests.commands import call, mistake

TYPOS = [
    (["run", "monet2foto"], "monet2foto: no such recipe; did you mean 'monet2photo'?"),
    (["run", "monet2photo", "--profile", "cpuu"], "monet2photo/recipe.yaml: no profile is called 'cpuu'; did you mean"),
    (
        ["run", "monet2photo", "--set", "train.stps=4"],
        "--set train.stps=4: no such key; did you mean 'steps'",
    ),
    (["run", "monet2photo", "--set", "train.steps"], "--set train.steps: write it as key=value"),
    (["run", "monet2photo", "--set", "train.steps=[x"], "--set train.steps=[x: the value is not valid YAML"),
    (
        ["run", "monet2photo", "--set", "generator=resnte"],
        "generator: no generator is called 'resnte'; did you mean 'res",
    ),
    (["run", "monet2photo", "--set", "generator.blcks=4"], "has no option 'blcks'; did you mean 'blocks'?"),
    (["run", "monet2photo", "--set", "generator.width=wide"], "generator.width: 'wide' (str) does not fit"),
    (["run", "monet2photo", "--set", "metrics=[kidd]"], "metrics: no metric is called 'kidd'; did you mean 'kid'?"),
    (
        ["run", "monet2photo", "--set", "train.schedule.floor=1"],
        "train.schedule.floor: schedule 'linear' has no option",
    ),
    (["run", "monet2photo", "--data", "nowhere"], "--data nowhere: no such file or folder"),
    (["run", "monet2photo", "--data", ".,nowhere"], "--data nowhere: no such file or folder"),
    (["run", "monet2photo", "--from", "nowhere"], "nowhere: no such run folder or file"),
    (
        ["run", "monet2photo", "--from", "pretrained:mine"],
        "pretrained:mine: no network that cyclekit carries",
    ),
    (["run", "monet2photo", "--device", "gpu"], "--device gpu: no such device"),
    (["run", "monet2photo", "--without", "mine"], "--without mine: no installed plugin is called so"),
    (["check", "monet2foto", "sumer2winter"], None),
    (["show", "monet2foto"], "monet2foto: no such recipe"),
    (["list", "generatr"], "list generatr: no such kind; did you mean 'generator'?"),
    (["new", "mine", "--from", "monet2foto"], "monet2foto: no such recipe"),
    (["translate", "nowhere", "x.png"], "nowhere: is not a run folder (no recipe.yaml)"),
    (["translate", "RUN", "x.png", "--to", "phto"], "--to phto: is no domain of this run; did you mean 'photo'?"),
    (["translate", "RUN", "x.png"], "x.png: no such file or folder"),
    (["evaluate", "nowhere"], "nowhere: is not a run folder"),
    (["evaluate", "RUN", "--set", "metrcs=[kid]"], "--set metrcs=['kid']: no such key"),
    (["evaluate", "RUN", "--data", "nowhere"], "--data nowhere: no such file or folder"),
    (["report", "nowhere"], "nowhere: no such folder"),
    (["compare", "nowhere", "RUN"], "nowhere: no such folder"),
    (["push", "nowhere", "me/mine"], "nowhere: is not a run folder"),
    (["import", "nowhere.pth", "--out", "x"], "nowhere.pth: no such file"),
    (["data", "check", "nowhere"], "nowhere: no such folder"),
    (["data", "get", "monet2foto"], "data get monet2foto: no such set; did you mean 'monet2photo'?"),
    (["data", "pair", "nowhere", ".", "--out", "x"], "nowhere: no such folder"),
]


@pytest.fixture
def made(tmp_path):
    """A run folder, as far as these looks go."""
    (tmp_path / "RUN").mkdir()
    (tmp_path / "RUN" / "recipe.yaml").write_text(call("show", "monet2photo").out)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("arguments", "line"), [(given, line) for given, line in TYPOS if line is not None])
def test_a_typo_is_one_line(arguments, line):
    assert line in mistake(call(*arguments))


@pytest.mark.usefixtures("made")
def test_no_typo_imports_torch(tmp_path):
    """All in one process, for starting one is most of the time; whatever one of them imported would be seen."""
    code = f"""
import sys
from cyclekit.cli import main
for arguments in {[given for given, _ in TYPOS]}:
    sys.argv = ["cyclekit", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 2, arguments
    assert not {{"torch", "transformers", "scipy"}} & set(sys.modules), arguments
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_what_only_one_profile_refuses_is_left_to_the_one_that_is_taken(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.yaml").write_text(
        "base: image_cyclegan\ndata: {sources: [nowhere]}\nprofiles: {cpu: {generator: {name: unet, depth: 3}}}\n"
    )
    for blocks, profile, line in [
        (["--set", "generator.blocks=4"], ["--profile", "cpu"], "generator.blocks: generator 'unet' has no option"),
        (
            ["--set", "generator.depth=4"],
            ["--profile", "published"],
            "generator.depth: generator 'resnet' has no option",
        ),
        (["--set", "generator.blocks=4"], ["--profile", "published"], "data.sources: none is there: nowhere"),
        (["--set", "generator.blocks=4"], [], "data.sources: none is there: nowhere"),
    ]:
        assert line in mistake(call("run", "mine", *blocks, *profile))
