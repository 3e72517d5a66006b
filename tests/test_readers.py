"""Who reads a run that trains meanwhile gets one checkpoint, whole, however fast others come and go."""

import itertools
import json
import os
import random
import shutil
import signal
import time

import pytest

import cyclekit
from cyclekit import Translator
from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.report.comparing import compare
from cyclekit.runs import checkpoint, history
from cyclekit.sharing.hub import shared_files
from cyclekit.sharing.model_card import card_text
from cyclekit.starting.sources import open_weights
from tests.made_run import made_run, write_log

READERS = {
    "translate": lambda folder: Translator.load(folder, device="cpu"),
    "card": card_text,
    "push": lambda folder: [size_of(content) for content in shared_files(folder, "me/mine").values()],
    "start from": lambda folder: open_weights(str(folder), "image"),
    "report": write_report,
    "compare": lambda folder: compare([folder, folder.with_name("other")]),
}
TIMES = 12


def size_of(content):
    return len(content) if isinstance(content, bytes) else 1


def checkpoints_without_end(folder, seed):
    """What training does to a run folder, without the training: as fast as the disk allows."""
    chance = random.Random(seed)
    place = history.chosen(folder)
    tensors, state = checkpoint.load(place)
    codecs = checkpoint.load_codecs(place)
    for step in itertools.count(5):
        saved = checkpoint.save(folder, step, tensors, {**state, "step": step}, codecs)
        write_log(folder, [{"kind": "checkpoint", "step": step, "folder": saved.name}])
        if chance.random() < 0.5:
            history.point(folder / "best", saved)
        history.prune(folder, 1)


@pytest.fixture(params=["no best", "best"])
def trained(tmp_path, request):
    """A run whose checkpoints are written and deleted by another process; ends with it."""
    folder = made_run(tmp_path / "run")
    shutil.copytree(folder, tmp_path / "other", symlinks=True)
    child = os.fork()
    if not child:
        try:
            checkpoints_without_end(folder, request.param)
        finally:
            os._exit(1)
    while history.steps(folder)[-1:] == [4]:
        time.sleep(0.01)
    yield folder
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "it went on to the end"


def test_every_reader_of_a_run_that_trains_is_served(trained):
    # a busy or slow disk prunes slowly, so the rounds go on until enough was pruned; a writer that stands still fails
    for done in itertools.count(1):
        for read in READERS.values():
            read(trained)
        pruned = history.steps(trained)[-1] - 4
        if done >= TIMES and pruned > 30:
            break
        assert done < 40 * TIMES, f"only {pruned} checkpoints came and went in {done} rounds of readers"


@pytest.mark.parametrize("old", [False, True], ids=["with checksums", "from before there were checksums"])
def test_a_moving_average_that_is_gone_is_never_replaced_by_the_last_weights(tmp_path, old):
    folder = made_run(tmp_path / "run", **{"train.moving_average": 0.9})
    place = history.chosen(folder)
    tensors, state = checkpoint.load(place)
    codecs = checkpoint.load_codecs(place)
    shutil.rmtree(place)
    checkpoint.save(folder, 4, tensors | {"average": tensors["generators"]}, state, codecs)
    readers = READERS | {"evaluate": cyclekit.evaluate}
    (place / "average.safetensors").unlink()
    if old:
        (place / "state.json").write_text(json.dumps({"step": 4}))
    for name in readers.keys() - {"report", "compare"}:  # which read no weights
        with pytest.raises(RecipeError, match="it has no average"):
            readers[name](folder)
