"""What was tried to break the toolkit, how often, and what happened: the table of docs/robustness.md.

    python -m tests.robustness            print the table
    python -m tests.robustness --write    put it into docs/robustness.md

It does what the tests do, more often. `chance` is seeded, so that the same is tried each time.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import os
import random
import shutil
import signal
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image

import cyclekit
from cyclekit.download.connecting import Unreachable
from cyclekit.download.fetching import fetch
from cyclekit.download.unpacking import is_archive, unpack
from cyclekit.image.pictures import Reading, UnreadablePicture, read_picture
from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from tests import sentences
from tests.commands import call, flags
from tests.download.test_fetching import LIES, liar
from tests.download.test_unpacking import tarred, zipped
from tests.kills import litter, snapshots_of
from tests.made_run import made_run
from tests.pictures import picture, picture_folders
from tests.recipe.test_edits import edited
from tests.runs import test_damaged as damaged
from tests.test_readers import READERS, checkpoints_without_end
from tests.training import test_kills as training_kills
from tests.use import test_kills as use_kills

PAGE = Path(__file__).parents[1] / "docs" / "robustness.md"
BEGIN, END = "<!-- table: python -m tests.robustness --write -->", "<!-- end of table -->"

Outcomes = Counter[str]

HALF, LEFT = "**half a file**", "**something left behind**"
BESIDE = (HALF, LEFT)
"""What may happen beside another outcome."""

ONE_LINE, ELSE = "refused in one line", "**something else**"


def outcome(work: Callable[[], object], fine: str) -> str:
    """How something ended: as it should, in one line, or otherwise."""
    try:
        work()
    except (RecipeError, Unreachable, UnreadablePicture):
        return ONE_LINE
    except Exception as error:  # what this is here to find
        print("fell:", type(error).__name__, str(error)[:300])
        return ELSE
    return fine


def recipes(root: Path) -> Outcomes:
    """recipes after one to four slips of the hand"""
    found: Outcomes = Counter()
    for seed in range(150):
        chance = random.Random(seed)
        source = chance.choice(list(carried_recipes().values()))
        (root / "recipe.yaml").write_text(edited((source / "recipe.yaml").read_text(), chance), encoding="utf-8")
        found[outcome(lambda: load_recipe(root), "loads")] += 1
    return found


def run_folders(root: Path) -> Outcomes:
    """files of a run folder, or of all its checkpoints, gone, cut, empty, with a flipped bit or values of other types;
    then translate and resume"""
    settings = damaged.TINY | {
        "train.steps": 4, "data.validation": 2, "validation.metrics": ["structure"],
        "validation.criterion": "structure", "validation.every": 2, "metrics": ["structure"],
    }  # fmt: skip
    data = picture_folders(root / "data", 3, 2)
    made = cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=settings, quiet=True)
    whole = cyclekit.train(made, root / "whole", device="cpu", quiet=True)
    picture(5, (16, 16)).save(root / "x.png")
    words = ["--device", "cpu"]
    call("translate", whole, root / "x.png", "--to", "photo", "--out", root / "expected", *words)
    expected, found = (root / "expected" / "x.png").read_bytes(), Counter[str]()
    files = [(name, False) for name in damaged.FILES if (whole / name).exists() and name != "recipe.yaml"]
    files += [(name, True) for name, _ in files if name.startswith("checkpoints")]
    damages = [
        (name, everywhere, content)
        for name, everywhere in files
        for _, content in damaged.damages(whole / name, random.Random(name))
    ]
    for name, everywhere, content in random.Random(0).sample(damages, 90):
        folder = root / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder, symlinks=True)
        others = folder.glob(name.replace("step-00000004", "step-*")) if everywhere else [folder / name]
        for path in list(others):
            path.unlink()
            if content is not None:
                path.write_bytes(content)
        shutil.rmtree(root / "out", ignore_errors=True)
        done = call("translate", folder, root / "x.png", "--to", "photo", "--out", root / "out", *words)
        same = done.status == 0 and (root / "out" / "x.png").read_bytes() == expected
        found[_ended(done, same)] += 1
        done = call("run", "--resume", folder, *words)
        same = done.status == 0 and damaged.same(damaged.weights_of(folder), damaged.weights_of(whole))
        found[_ended(done, same)] += 1
    return found


def _ended(done: object, same: bool) -> str:
    if "Traceback" in done.err or done.status not in (0, 2):
        return ELSE
    return ONE_LINE if done.status else "the same weights and pictures" if same else "**other weights or pictures**"


def pictures(root: Path) -> Outcomes:
    """pictures of ten formats with changed or missing bytes"""
    chance, found = random.Random(1), Counter[str]()
    whole = {}
    for ending in ("png", "jpg", "gif", "webp", "tif", "bmp", "tga", "pgm", "jp2", "ico"):
        held = io.BytesIO()
        picture(3, (32, 32)).convert("L" if ending == "pgm" else "RGB").save(
            held, Image.registered_extensions()[f".{ending}"]
        )
        whole[ending] = held.getvalue()
    for ending, content in whole.items():
        for _ in range(60):
            path = root / f"x.{ending}"
            path.write_bytes(_changed(content, chance))
            found[outcome(lambda path=path: read_picture(path, Reading()), "read")] += 1
    return found


def _changed(content: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.choice([1, 1, 4, 30])):
        spoilt[chance.randrange(len(spoilt))] = chance.choice([0, 255, 128, chance.randrange(256)])
    return bytes(spoilt[: chance.randrange(len(spoilt))] if chance.random() < 0.2 else spoilt)


def archives(root: Path) -> Outcomes:
    """archives (.zip, .tar.gz) with changed or missing bytes"""
    chance, found = random.Random(2), Counter[str]()
    members = [(f"a/{number}.txt", f"{number}" * 40) for number in range(12)]
    for pack, name in ((zipped, "set.zip"), (tarred, "set.tar.gz")):
        content = pack(root / name, *members).read_bytes()
        packed = name.endswith("gz")
        for _ in range(300):
            spoilt = _changed(gzip.decompress(content) if packed else content, chance)
            (root / name).write_bytes(gzip.compress(spoilt) if packed else spoilt)
            if not is_archive(root / name):
                found[ONE_LINE] += 1
                continue
            found[outcome(lambda name=name: unpack(root / name, root / "out", lambda folder: None), "unpacked")] += 1
            found[LEFT] += any(path.name.startswith(".") for path in root.iterdir())
            shutil.rmtree(root / "out", ignore_errors=True)
    return found


def servers(root: Path) -> Outcomes:
    """answers of servers: lies of kinds that are known, and bytes changed at random"""
    chance, found = random.Random(3), Counter[str]()
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n" + bytes(20)
    for answer in [answer for answer, _ in LIES] + [_changed(good, chance) for _ in range(150)]:
        with liar(answer) as address:
            found[outcome(lambda address=address: fetch(f"{address}/set.zip", root / "in" / "set.zip"), "fetched")] += 1
        shutil.rmtree(root / "in", ignore_errors=True)
    return found


def kills_of_pictures(root: Path) -> Outcomes:
    """a training on pictures killed at every point, then resumed"""
    data = picture_folders(root / "data", 4)
    settings = training_kills.PICTURES

    def make() -> object:
        return cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=settings, quiet=True)

    return _killed(root, make)


def kills_of_sentences(root: Path) -> Outcomes:
    """a training on sentences killed at every point, then resumed"""
    return _killed(root, training_kills.sentences)


def _killed(root: Path, make: Callable[[], object]) -> Outcomes:
    folder, points = training_kills.watched(make, root)
    expected, found = training_kills.outcome(folder), Counter[str]()
    for point, place in points:

        def go_on(point: object = point, place: Path = place) -> None:
            training_kills.go_on(place, make)
            training_kills.assert_same(training_kills.outcome(place), expected, point)
            assert not litter(place), point

        found[outcome(go_on, "the same weights and log, no litter")] += 1
    return found


def kills_of_translations(root: Path) -> Outcomes:
    """translations of pictures and of sentences killed at every point, then done again"""
    found: Outcomes = Counter()
    runs = [(made_run(root / "run"), "photo"), (_speaking(root), "informal")]
    for number in range(4):
        (root / "in photo").mkdir(exist_ok=True), (root / "in informal").mkdir(exist_ok=True)
        picture(number).save(root / "in photo" / f"{number}.png")
        (root / "in informal" / f"{number}.txt").write_text("I do not know.\nYes.\n")
    for run, to in runs:
        out, at, given = root / f"out {to}", root / f"at {to}", root / f"in {to}"
        out.mkdir(), at.mkdir()
        points = snapshots_of(out, at, partial(use_kills.translate, run, given, to, out))
        expected = use_kills.content(out)
        for point, place in points:
            half = any(
                not path.name.startswith(".cyclekit-") and expected[path] != written
                for path, written in use_kills.content(place).items()
            )
            found[HALF] += half
            done = use_kills.translate(run, given, to, place)
            whole = done.status == 0 and use_kills.content(place) == expected and not litter(place)
            found["whole files alone, no litter" if whole else f"**otherwise** {point}"] += 1
    return found


def _speaking(root: Path) -> Path:
    paths = ",".join(map(str, sentences.formal_and_informal(root / "text")))
    settings = flags(sentences.TINY | {"train.steps": 1, "validation.criterion": "null"})
    done = call("run", "negative2positive", "--data", paths, *settings, "--out", root / "speaks", "--device", "cpu")
    assert done.status == 0, done.err
    return root / "speaks"


def readers(root: Path) -> Outcomes:
    """looks at a run (translate, card, push, --from, report, compare) whose checkpoints come and go meanwhile"""
    found: Outcomes = Counter()
    for seed in ("no best", "best"):
        folder = made_run(root / seed / "run")
        shutil.copytree(folder, root / seed / "other", symlinks=True)
        child = os.fork()
        if not child:
            try:
                checkpoints_without_end(folder, seed)
            finally:
                os._exit(1)
        for read in READERS.values():
            for _ in range(100):
                found[outcome(lambda read=read, folder=folder: read(folder), "served")] += 1
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert history.steps(folder)[-1] > 100
    return found


TRIALS = (
    recipes, run_folders, pictures, archives, servers, kills_of_pictures, kills_of_sentences, kills_of_translations,
    readers,
)  # fmt: skip


def rows() -> Iterator[str]:
    """The table's lines."""
    yield from ("| tried | times | what happened |", "|---|---:|---|")
    for trial in TRIALS:
        with tempfile.TemporaryDirectory() as root, contextlib.redirect_stderr(io.StringIO()):
            found = +trial(Path(root))  # without what never happened
        times = sum(count for name, count in found.items() if name not in BESIDE)
        happened = ", ".join(f"{name}: {count:,}" for name, count in found.most_common())
        yield f"| {' '.join(str(trial.__doc__).split())} | {times:,} | {happened} |"


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    lines = []
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    for line in rows():
        print(line, flush=True)
        lines.append(line)
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        PAGE.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
