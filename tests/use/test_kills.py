"""A translation that is killed leaves whole files alone, and the next one removes what it was writing.

See tests/kills.py for how it is killed at every point without dying.
"""

import itertools
import json
import os
import signal
from unittest.mock import patch

import pytest

from cyclekit.pretrained import find_pretrained
from tests import sentences
from tests.commands import call, flags
from tests.kills import before_each_operation, litter, snapshots_of
from tests.made_run import made_run
from tests.pictures import picture

IN_THIS_THREAD = patch("cyclekit.image.files.AHEAD", 0)
"""No picture is so small that another thread writes it: only this one's operations are watched, in their order."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A run on pictures, and what it translates: two folders."""
    root = tmp_path_factory.mktemp("pictures")
    for place in ("one/a.png", "one/b.jpg", "two/deep/c.png", "two/deep/d.tif"):
        (root / "in" / place).parent.mkdir(parents=True, exist_ok=True)
        picture(3).save(root / "in" / place)
    return made_run(root / "run"), root / "in", "photo"


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """A run on sentences, and what it translates: a file and a packed one."""
    root = tmp_path_factory.mktemp("lines")
    paths = ",".join(map(str, sentences.formal_and_informal(root)))
    settings = flags(sentences.TINY | {"train.steps": 1, "validation.criterion": "null"})
    made = call("run", "negative2positive", "--data", paths, *settings, "--out", root / "run", "--device", "cpu")
    assert made.status == 0, made.err
    (root / "in" / "below").mkdir(parents=True)
    few = "".join((root / "formal").read_text().splitlines(keepends=True)[:4])
    for place in ("formal.txt", "below/formal.txt"):
        (root / "in" / place).write_text(few)
    return root / "run", root / "in", "informal"


def translate(run, given, to, out):
    with IN_THIS_THREAD:
        return call("translate", run, given, "--to", to, "--out", out, "--device", "cpu", "--batch-size", 1, "--beam=1")


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("kind", ["pictures", "lines"])
def test_a_translation_killed_at_every_point_leaves_whole_files_and_is_done_again(kind, request, tmp_path):
    run, given, to = request.getfixturevalue(kind)
    out, at = tmp_path / "out", tmp_path / "at"
    out.mkdir(), at.mkdir()
    points = snapshots_of(out, at, lambda: translate(run, given, to, out))
    expected = content(out)
    assert len(expected) == (4 if kind == "pictures" else 2)
    assert {point.split()[0] for named, _ in points for point in named} >= {"mkdir", "open", "rename"}
    for point, place in points[:: 1 if kind == "pictures" else 3]:
        for path, written in content(place).items():
            assert path.name.startswith(".cyclekit-") or expected[path] == written, (point, path)
        assert translate(run, given, to, place).status == 0, point
        assert content(place) == expected, point
        assert not litter(place), point


@pytest.mark.parametrize("nth", range(3))
def test_a_real_kill_leaves_litter_that_the_next_translation_removes(pictures, tmp_path, nth):
    run, given, to = pictures
    out, counted = tmp_path / "out", itertools.count()
    child = os.fork()
    if not child:

        def kill(point):
            if point.startswith("rename") and next(counted) == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            before_each_operation(out, kill, lambda: translate(run, given, to, out))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert len(litter(out)) == 1
    assert len(content(out)) == nth + 1
    assert translate(run, given, to, out).status == 0
    assert not litter(out)
    assert len(content(out)) == 4


SHARES = 3


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Pictures for a job of several workers."""
    folder = tmp_path_factory.mktemp("album")
    for number in range(12):
        place = folder / f"{number % 3}" / f"{number}.png"
        place.parent.mkdir(exist_ok=True)
        picture(3).save(place)
    return folder


def work(album, out, share):
    live, _ = find_pretrained("monet2photo", "live")
    options = ("--to", "photo", "--out", out, "--shard", f"{share}/{SHARES}", "--skip-existing", "--record")
    with IN_THIS_THREAD:
        return call("translate", live, album, *options, "--device", "cpu")


def test_a_job_whose_workers_are_killed_is_finished_by_running_it_again(album, tmp_path):
    """Each worker is killed when its first picture has got its name, and its second lies half-way."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert all(work(album, whole, share).status == 0 for share in range(1, SHARES + 1))
    expected = {path: written for path, written in content(whole).items() if path.suffix == ".png"}
    assert len(expected) == 12
    for share in range(1, SHARES + 1):
        child, counted = os.fork(), itertools.count()
        if not child:

            def kill(point, counted=counted):
                if point.startswith("rename") and next(counted) == 1:
                    os.kill(os.getpid(), signal.SIGKILL)

            try:
                before_each_operation(out, kill, lambda share=share: work(album, out, share))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
    killed = {path for path in content(out) if path.suffix == ".png" and not path.name.startswith(".")}
    assert len(killed) == SHARES
    assert litter(out)  # a later worker removes what an earlier one left in a folder that it writes to
    before = {path: (out / path).stat().st_mtime_ns for path in killed}
    for share in range(1, SHARES + 1):
        again = work(album, out, share)
        assert again.status == 0, again.err
        assert "skipped: 1 files whose translation was there" in again.err
    assert {path: written for path, written in content(out).items() if path.suffix == ".png"} == expected
    assert not litter(out)
    assert {path: (out / path).stat().st_mtime_ns for path in killed} == before  # nothing was done twice
    lines = [json.loads(line) for file in sorted(out.glob("files-*.jsonl")) for line in file.open()]
    done = [line["output"] for line in lines if line["status"] == "done"]
    assert sorted(done) == sorted({path.as_posix() for path in expected})
