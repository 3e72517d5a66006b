"""What one of several processes does in `test_processes.py`: trains each of these runs, together with the others.

    python -m tests.training.together FOLDER RUN...

FOLDER/NAME is the run's folder, FOLDER/data has pictures. The first process leaves the terms of every step in
FOLDER/NAME.json, and each the last weights in FOLDER/NAME-RANK.pt and how its training stands in FOLDER/NAME-RANK.json.
In the run LOST the second process is killed; the first leaves what it says to that in FOLDER/lost.txt.
"""

import itertools
import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import torch

import cyclekit
from cyclekit.assembling.assemble import modules
from cyclekit.callbacks import Log, Saver
from cyclekit.core import processes
from cyclekit.core.batch import Batch
from cyclekit.core.processes import ProcessLost
from cyclekit.training import loop
from cyclekit.training.asking import GoBack
from cyclekit.training.group import agree, joined
from cyclekit.training.loop import train
from cyclekit.training.state import Callback
from tests.tiny import TINY, TINY_TEXT, even_stages

QUIET = {"train.workers": 0, "train.compile": False, "train.precision": "float32", "train.save_every": 100}
PICTURES = TINY | QUIET | {"generator.dropout": 0.0, "train.batch_size": 4, "train.steps": 50, "discriminator.count": 2}
NOTHING_DRAWN = {
    "generator.dropout": 0.0,
    "generator.word_dropout": 0.0,
    "generator.noise": 0.0,
    "discriminator.dropout": 0.0,
    "discriminator.blank": 0.0,
    "noise.shuffle": 0.0,
    "noise.drop": 0.0,
    "noise.blank": 0.0,
    "noise.salient": 0.0,
}
"""Without dropout, noise and drawn words a step holds no random numbers."""

RUNS = {
    "cyclegan": ("recipes/monet2photo", PICTURES),
    "pix2pix": (
        "recipes/facades",
        QUIET | {"data.load_size": 20, "data.crop_size": 16, "data.validation": 0, "validation.metrics": [],
                 "validation.criterion": None, "data.sources": [{"builtin": "facades", "scenes": 6, "held_out": 2}],
                 "generator.width": 4, "generator.depth": 3, "generator.norm": "instance", "generator.dropout": 0.0,
                 "discriminator.width": 4, "discriminator.layers": 1, "discriminator.norm": "instance",
                 "train.batch_size": 4, "train.steps": 10},
    ),
    "cut": (
        "recipes/horse2zebra_cut",
        {key: value for key, value in PICTURES.items() if key != "objective.replay"}
        | {"objective.layers": [0, 3], "objective.patches": 1000, "train.steps": 10},
    ),
    "sentences": (
        "recipes/formal2informal",
        TINY_TEXT | QUIET | NOTHING_DRAWN | {"train.batch_size": 8, "train.steps": 50, "discriminator.count": 2,
                                             "generator.calibrated_end": True, "objective.preservation": 0.5},
    ),
    "drawn": (  # with dropout, noise and drawn words
        "recipes/formal2informal",
        TINY_TEXT | QUIET | {"train.steps": 6, "train.save_every": 3},
    ),
    "timed": ("recipes/monet2photo", PICTURES | {"train.budget": "2s"}),  # by clocks that do not agree
    "back": ("recipes/monet2photo", PICTURES | {"train.steps": 6, "train.save_every": 2}),  # from step 4 to 2, once
    "asked": ("recipes/monet2photo", PICTURES),  # the second process gets a signal in step 3
}  # fmt: skip

LOST = ("recipes/monet2photo", PICTURES | {"train.save_every": 2})
"""In step 3 of it the second process is killed."""

SECONDS = (0.2, 1.0)
"""Of a step of the run "timed", by the first process's clock and the second's."""


class Terms(Callback):
    """Keeps the terms of every step."""

    def __init__(self) -> None:
        self.all: list[dict[str, float]] = []

    def stepped(self, training) -> None:
        self.all.append({name: float(term) for name, term in training.terms.items()})


class OnceBack(Callback):
    """Wants back to step 2 after step 4, once."""

    def stepped(self, training) -> GoBack | None:
        return GoBack(2) if training.step == 4 and not training.rollbacks else None


@contextmanager
def in_its_own_way(name: str):
    """What the second process does otherwise than the first, or both beside the steps."""
    rank = processes.rank()
    if name == "timed":
        ticks = itertools.count()
        with patch.object(loop, "time", SimpleNamespace(perf_counter=lambda: next(ticks) * SECONDS[rank])):
            yield
    elif name in ("asked", "lost") and rank == 1:
        number = signal.SIGTERM if name == "asked" else signal.SIGKILL

        def signalled(training):
            if training.step == 3:
                os.kill(os.getpid(), number)
            return agree(training)

        with patch.object(loop, "agree", signalled):
            yield
    else:
        yield


def run(name: str, folder: Path, **changed):
    """A run by its name above, on small data."""
    recipe, settings = LOST if name == "lost" else RUNS[name]
    if recipe.endswith("formal2informal"):
        settings = settings | {"train.stages": even_stages(recipe)}
    pictures = name in ("cyclegan", "cut", "timed", "back", "asked", "lost")
    data = str(folder / "data") if pictures else None
    return cyclekit.load(recipe, profile="published", data=data, overrides=settings | changed, device="cpu", quiet=True)


def trained(name: str, folder: Path, *, resume: bool = False, until: int | None = None):
    """A training in `folder / name`, which need not be there, and the terms of its steps."""
    out, terms, log = folder / name, Terms(), Log()
    made = run(name, folder)
    if processes.rank() == 0 and not out.exists():
        out.mkdir()
        (out / "recipe.yaml").write_text(made.recipe.dump())
    processes.wait()
    callbacks = [terms, log, Saver(log), *([OnceBack()] if name == "back" else [])]
    return train(made, out, callbacks, device="cpu", resume=resume, until=until), terms.all


def weights(training) -> dict[str, torch.Tensor]:
    """All weights, the moving average's among them."""
    of = {
        "generators": modules(training.run.networks.generators),
        "judges": modules(training.run.networks.discriminators),
    }
    if training.run.average is not None:
        of["average"] = training.run.average.networks
    return {f"{name}.{key}": value for name, network in of.items() for key, value in network.state_dict().items()}


def primitives() -> dict:
    """What processes answer each other, of which each has other things."""
    rank = processes.rank()
    rows = Batch(torch.full((1 + rank, 2 + rank), rank), torch.ones(1 + rank, 2 + rank, dtype=torch.bool))
    first, second, third = (torch.nn.Parameter(torch.zeros(2)) for _ in range(3))
    first.grad = torch.tensor([1.0, 2.0]) * (1 + rank)
    if rank == 1:
        second.grad = torch.tensor([4.0, 6.0])
    alone = processes.longest(rank), processes.gathered(rows)
    with processes.sharing():
        terms = processes.average([first, second, third], {"term": torch.tensor(3.0 + rank, requires_grad=True)})
        gathered = [batch._asdict() for batch in processes.gathered(rows)]
        tokens = processes.of_all(torch.tensor(1.0 + rank), count=3 - 2 * rank)
        longest = processes.longest(5 + rank)
    return {
        "alone": alone[0] == rank and alone[1][0] is rows and len(alone[1]) == 1,
        "gradients": [parameter.grad for parameter in (first, second, third)],
        "terms": terms,
        "gathered": gathered,
        "tokens": tokens,
        "longest": longest,
        "told": processes.tell(f"of {rank}"),
        "alike": [processes.alike("as the other"), processes.alike(str(rank))],
    }


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    torch.set_num_threads(1)
    try:
        with joined("cpu"):
            torch.save(primitives(), folder / f"primitives-{processes.rank()}.pt")
            for name in names:
                if name == "drawn":  # once in one go, and once with an end in between
                    (folder / "halted").mkdir(exist_ok=True)
                    trained(name, folder / "halted", until=3)
                    torch.rand(17)  # the resume must bring its own random state
                    trained(name, folder / "halted", resume=True)
                left(name, folder)
            with in_its_own_way("lost"):
                trained("lost", folder)
    except ProcessLost as error:
        (folder / "lost.txt").write_text(f"{type(error).__name__}: {error}")


def left(name: str, folder: Path) -> None:
    """Train a run, and leave what the tests look at."""
    with in_its_own_way(name):
        training, terms = trained(name, folder)
    rank = processes.rank()
    torch.save(weights(training), folder / f"{name}-{rank}.pt")
    stands = {what: getattr(training, what) for what in ("step", "stop", "seconds", "rollbacks", "rate_factor")}
    (folder / f"{name}-{rank}.json").write_text(json.dumps(stands))
    if rank == 0:
        (folder / f"{name}.json").write_text(json.dumps(terms))


if __name__ == "__main__":
    main()
