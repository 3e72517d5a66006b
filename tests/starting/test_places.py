"""Where weights may lie, told by a look at the disk."""

import pytest

from cyclekit.registry import RecipeError
from cyclekit.starting.places import refuse_place


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "nowhere: no such run folder or file"),
        ("owner/name", "owner/name: no such run folder or file; on the hub it would be hub:owner/name"),
        ("a/b/c", "a/b/c: no such run folder or file"),
        ("/a/b", "/a/b: no such run folder or file"),
    ],
)
def test_what_is_not_there_is_refused(name, words):
    with pytest.raises(RecipeError) as refused:
        refuse_place(name)
    assert str(refused.value) == words


def test_what_only_a_network_can_tell_is_not_refused(tmp_path):
    (tmp_path / "file.pth").touch()
    (tmp_path / "run").mkdir()
    for name in ("hub:owner/name", "hub:none", "file.pth", "run", "pretrained:monet2photo"):
        assert refuse_place(name) is None


def test_nothing_of_a_name_that_is_carried_is_refused_with_the_one_that_is():
    with pytest.raises(RecipeError, match="did you mean 'monet2photo'"):
        refuse_place("pretrained:monet2foto")


def test_a_folder_of_runs_is_told_from_a_run(tmp_path):
    (tmp_path / "runs" / "2026-11-23" / "checkpoints").mkdir(parents=True)
    (tmp_path / "runs" / "2026-11-23" / "recipe.yaml").touch()
    with pytest.raises(RecipeError, match=r"did you mean runs/2026-11-23\?"):
        refuse_place("runs")
