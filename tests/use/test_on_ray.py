"""A job on a Ray cluster: worker and driver are killed for real, and a rerun ends with every output exactly once."""

import contextlib
import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from cyclekit.files.inputs import Input
from cyclekit.pretrained import find_pretrained
from cyclekit.registry import RecipeError
from cyclekit.use.on_ray import AT_ONCE, MOST, Use, Worker, _blocks, address_of
from tests.commands import PATIENCE, call, mistake, start, wait_for
from tests.kills import litter
from tests.pictures import picture

STALLING = Path(__file__).parents[1] / "stalling"

COUNT = 60


def written(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("[!.]*.png")}


def workers_of(job):
    """The processes that hold the run; Ray names them so."""
    found = []
    for each in psutil.Process(job.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            if "MapWorker" in "".join(each.cmdline()):
                found.append(each)
    return found


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("album")
    for number in range(COUNT):
        picture(3).save(folder / f"{number:02d}.png")
    return folder


def test_worker_and_driver_are_killed_and_a_rerun_finishes_the_job(album, tmp_path):
    pytest.importorskip("ray", reason="cyclekit[ray] is not installed")
    live, _ = find_pretrained("monet2photo", "live")
    out, gate = tmp_path / "out", tmp_path / "gate"
    gate.write_text("")
    command = ["translate", live, album, "--to", "photo", "--device", "cpu", "--skip-existing", "--record"]
    environment = {
        "PYTHONPATH": f"{STALLING}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "CYCLEKIT_TEST_GATE": str(gate),
    }
    on_ray = [*command, "--on", "ray", "--workers", "2", "--out", out]
    job = start(*on_ray, **environment)
    try:
        wait_for(lambda: len(written(out)) == 6 and len(litter(out)) >= 2, job)  # each of the two stalls
        first = workers_of(job)[0]
        os.kill(first.pid, signal.SIGKILL)
        # A worker that is started anew does the block again, and stalls at its fourth file as well.
        wait_for(lambda: len({one.pid for one in workers_of(job)} - {first.pid}) == 2, job)
    finally:  # the driver, and with it all that it started: what lives on a moment would go on with its files
        cluster = []
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself, which is told above
            cluster = psutil.Process(job.pid).children(recursive=True)
        for each in [job, *cluster]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        job.communicate()
        psutil.wait_procs(cluster, timeout=PATIENCE)
        gate.unlink()
    before = written(out)
    assert len(before) == 6
    again = start(*on_ray)
    _, said = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, said
    assert f"{COUNT - len(before):,} translated to photo" in said
    assert call(*command, "--out", tmp_path / "alone").status == 0
    assert written(out) == written(tmp_path / "alone")
    assert not litter(out)
    lines = [json.loads(line) for line in (out / "files.jsonl").read_text().splitlines()]
    assert {line["output"] for line in lines} | before.keys() == written(out).keys()
    assert len(lines) == len({line["output"] for line in lines})


def test_a_worker_tells_of_each_file_what_became_of_it(album, tmp_path):
    (tmp_path / "broken.png").write_text("no picture")
    live, _ = find_pretrained("monet2photo", "live")
    worker = Worker(Use(str(live), "photo", "out", "cpu", {}, here=str(tmp_path)))
    rows = [(album / "03.png", "deep/03.png"), (Path("broken.png"), "broken.png"), (album / "04.png", "04.png")]
    batch = {"path": [os.fsencode(path) for path, _ in rows], "place": [place.encode() for _, place in rows]}
    told = worker(batch)
    why = dict(zip(told["path"], told["why"]))
    assert why == {
        os.fsencode(album / "03.png"): "",
        b"broken.png": "not a picture in any known format",
        os.fsencode(album / "04.png"): "",
    }
    assert written(tmp_path / "out").keys() == {"deep/03.png", "04.png"}


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (1, 4), (AT_ONCE + 1, 2), (3000, 1), (100_000, 2)])
def test_blocks_hold_every_file_once_in_order_and_grow_with_their_number(count, workers):
    pyarrow = pytest.importorskip("pyarrow")
    items = [Input(Path(f"in/{number}"), Path(f"{number}")) for number in range(count)]
    blocks = list(_blocks(items, workers, pyarrow))
    found = [value for block in blocks for value in block["place"].to_pylist()]
    assert found == [str(number).encode() for number in range(count)]
    assert all(len(block) <= MOST for block in blocks)
    assert all(len(block) >= AT_ONCE for block in blocks[:-1])
    assert len(blocks) <= 64 * workers * 8 + 1


def test_addresses():
    assert address_of("ray") is None
    assert address_of("ray://head:10001") == "ray://head:10001"
    for wrong in ("spark", "ray://", "rays"):
        with pytest.raises(RecipeError, match="write ray for this machine"):
            address_of(wrong)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--on", "spark"], "--on spark: write ray for this machine or RAY_ADDRESS's cluster, or ray://HOST:10001"),
        (["--workers", "2"], "--workers: goes with --on ray; add it, or leave this out"),
        (
            ["--on", "ray", "--sample", "0.7"],
            "--sample: draws depend on what was drawn before, and workers share nothing",
        ),
    ],
)
def test_mistakes_are_one_line_before_any_cluster(album, options, line):
    live, _ = find_pretrained("monet2photo", "live")
    assert mistake(call("translate", live, album, *options)).startswith(line)


def test_standard_input_is_no_job():
    live, _ = find_pretrained("monet2photo", "live")
    assert mistake(call("translate", live, "-", "--on", "ray")).startswith("--on ray: is about files")
