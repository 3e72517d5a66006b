"""What tests of the command line share: a place of their own, and a run on pictures and one on sentences."""

import pytest

from tests import sentences
from tests.commands import SETTINGS, call, flags, process
from tests.pictures import picture_folders


@pytest.fixture(scope="package", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Away from the checkout, so that nothing lands in it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="package")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=3)


@pytest.fixture(scope="package")
def ran(data, tmp_path_factory):
    """A run by a process of its own, and how that ended."""
    where = tmp_path_factory.mktemp("ran")
    return where, process("run", "monet2photo", "--data", data, *SETTINGS, cwd=where)


@pytest.fixture(scope="package")
def run(ran):
    where, ended = ran
    return where / ended.out.splitlines()[-1]


@pytest.fixture(scope="package")
def speaking(tmp_path_factory):
    """A run on sentences."""
    root = tmp_path_factory.mktemp("speaking")
    paths = ",".join(map(str, sentences.formal_and_informal(root)))
    settings = flags(sentences.TINY | {"validation.criterion": "null"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        ended = call("run", "negative2positive", "--data", paths, *settings, "--out", root / "run")
    assert ended.status == 0, ended.err
    return root / "run"
