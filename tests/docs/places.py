"""What lies in the folder where a page is followed: the files that it names."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy
import soundfile
import torch

from tests import sentences
from tests.commands import call, flags
from tests.docs.walking import Place
from tests.examples.installed import AUDIO
from tests.examples.installed import TINY as SMALL_AUDIO
from tests.image.importing.foreign import ForeignResNet, drawn
from tests.pictures import picture, picture_folders
from tests.tiny import TINY

PICTURES = TINY | {"generator.dropout": 0.0, "train.steps": 4}
SENTENCES = sentences.TINY | {"train.steps": 2}
PUBLISHED = PICTURES | {"generator.width": 4, "generator.blocks": 2, "train.steps": 2}
"""As narrow as the file of published weights below."""


FORMAL = [f"I should like to see room number {number}." for number in range(40)]
INFORMAL = [f"can i see house {number} {'pls ' * (number * 7 % 5)}!" for number in range(40)]
ODD = ["I do not know.", "", "a\tb\rc", "我不知道", "word " * 300, "nul\0byte", "vt\x0bff\x0c\u2028ps", "   ", "last"]


def published_weights(file: Path) -> None:
    """A generator as the 2017 code saves it."""
    torch.save(drawn(ForeignResNet(width=4), 1).state_dict(), file)


def some_pictures(folder: Path, count: int = 3) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        picture(number, (40, 24)).save(folder / f"{number}.png")
    return folder


def trained(folder: Path, recipe: str, data: Path | str, settings: dict, out: str) -> None:
    """A run that a page takes for granted."""
    profile = "small" if recipe == "monet2photo" else "cpu"
    made = call("run", recipe, "--profile", profile, "--data", data, *flags(settings), "--out", folder / out)
    assert made.status == 0, made.err


def readme(folder: Path) -> Place:
    picture_folders(folder / "pictures" / "monet2photo")
    some_pictures(folder / "album")
    picture(0, (60, 40)).save(folder / "lilies.jpg")
    published_weights(folder / "latest_net_G_A.pth")
    return Place(folder, small={"horse2zebra": PUBLISHED | {"data.sources": [{"builtin": "creatures", "scenes": 3}]}})


def index(folder: Path) -> Place:
    some_pictures(folder / "my_pictures")
    return Place(folder)


def questions(folder: Path) -> Place:
    picture(0, (60, 40)).save(folder / "lilies.jpg")
    trained(folder, "monet2photo", picture_folders(folder / "mine"), PICTURES, "runs/mine")
    return Place(folder)


def report(folder: Path) -> Place:
    """Two runs below `runs`, of which RUN is the newer one."""
    data = picture_folders(folder / "mine")
    for time in ("090000", "100000"):
        trained(folder, "monet2photo", data, PICTURES, f"runs/monet2photo/2026-11-27-{time}")
    return Place(folder)


def own_pictures(folder: Path) -> Place:
    picture_folders(folder / "mine")
    return Place(folder)


def data(folder: Path) -> Place:
    picture_folders(folder / "data" / "monet2photo")
    for name, warm in (("photos", True), ("paintings", False), ("labels", False), ("flickr", True)):
        (folder / name).mkdir()
        for number in range(6):
            picture(number + 10 * len(name), (40, 24), warm=warm).save(folder / name / f"{number}.png")
    rows = [
        ("file", "tags"),
        *((f"{number}.png", ("landscape sea evening", "portrait")[number % 2]) for number in range(6)),
    ]
    with (folder / "flickr.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / "flickr.jsonl").write_text(
        "".join(f'{{"file": "{name}", "tags": "{tags}"}}\n' for name, tags in rows[1:])
    )
    picture_folders(folder / "data" / "mine")
    return Place(folder)


def proceed(folder: Path) -> Place:
    """Of the page `continue`: a run that was stopped half-way, and its pictures on another disk."""
    first = "runs/monet2photo/2026-11-27-090000"
    pictures = picture_folders(folder / "scratch" / "monet2photo")
    trained(folder, "monet2photo", pictures, PICTURES, first)
    return Place(
        folder,
        replaced={
            "train.steps=4000": "train.steps=6",
            '"train.steps": 4000': '"train.steps": 12',
            "train.epochs=400": "train.epochs=3",
            "runs/2026-11-27-090000": first,
            "/scratch": str(folder / "scratch"),
        },
    )


def own_sentences(folder: Path) -> Place:
    """Sentences in every shape that the page names."""

    def lines(name: str, some: list[str]) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(f"{line}\n" for line in some))

    def rows(name: str, *some: tuple[object, ...]) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows(some)

    labelled = [*((one, "formal") for one in FORMAL), *((one, "informal") for one in INFORMAL)]
    for domain, some in {"formal": FORMAL, "informal": INFORMAL}.items():
        held = [f"{domain} {number}" for number in (100, 200)]
        lines(f"mine/{domain}.txt", some)
        for split, called, kept in (("train", "train", some), ("dev", "tune", held), ("test", "test", held[::-1])):
            new = kept if split == "train" else [f"{one} {split}" for one in kept]
            lines(f"splits/{split}.{domain}.txt", new)
            lines(f"gyafc/{called}/{domain}", new)
        name = {"formal": "letters", "informal": "chats"}[domain]
        lines(f"{name}.txt", some)
        rows(f"{name}.csv", ("id", "body", "by"), *((number, one, "me too") for number, one in enumerate(some)))
    rows("labelled.csv", ("text", "label"), *labelled)
    rows("bare.csv", *((label, one) for one, label in labelled))
    rows("pairs.csv", ("en", "de"), *zip(FORMAL, INFORMAL))
    rows("tables/train.csv", ("text", "label"), *labelled)
    rows(
        "tables/test.csv",
        ("text", "label"),
        *((f"{label} {n}", label) for label in ("formal", "informal") for n in "xy"),
    )
    stars = [*((one, 1 + n % 2) for n, one in enumerate(FORMAL)), *((one, 4 + n % 2) for n, one in enumerate(INFORMAL))]
    reviews = [{"review": one, "stars": count} for one, count in [*stars, ("so so", 3)]]
    (folder / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reviews))
    (folder / "odd.txt").write_bytes(("\ufeff" + "\n".join(ODD)).encode())
    return Place(folder, small={name: SENTENCES for name in ("formal2informal", "negative2positive")})


def fine_tune(folder: Path) -> Place:
    picture_folders(folder / "my_animals")
    forth, back = (drawn(ForeignResNet(width=4), seed).state_dict() for seed in (1, 2))
    torch.save(forth, folder / "latest_net_G_A.pth")
    torch.save({"netG_A": forth, "netG_B": back}, folder / "both.ckpt")
    reviews = {"domains.a": "negative", "domains.b": "positive"}
    for path, name in zip(sentences.formal_and_informal(folder / "hotels"), reviews.values()):
        path.rename(folder / "hotels" / f"{name}.txt")
    place = Place(folder, small={"horse2zebra": PUBLISHED, "negative2positive": SENTENCES | reviews})
    for recipe, data, out in (
        ("horse2zebra", folder / "my_animals", "runs/mine"),
        ("negative2positive", ",".join(f"{folder}/hotels/{name}.txt" for name in reviews.values()), "runs/reviews"),
    ):
        trained(folder, recipe, data, place.small[recipe], out)
    return place


def scientific(folder: Path) -> Place:
    """CT slices of int16, and pictures of 13 bands."""
    random = numpy.random.default_rng(0)
    for name in ("scans", "bands"):
        (folder / name).mkdir()
    for number in range(8):
        slice_ = random.integers(-1000, 3000, (24, 20)).astype(numpy.int16)
        numpy.save(folder / "scans" / f"{number}.npy", slice_)
        numpy.save(folder / "bands" / f"{number}.npy", random.integers(0, 10000, (24, 20, 13)).astype(numpy.uint16))
    numpy.save(folder / "slice.npy", slice_)
    return Place(folder)


def add_a_part(folder: Path, recipe: str) -> Place:
    """Of the pages whose Python is the plugin of a recipe that they begin."""
    picture(0, (60, 40)).save(folder / "lilies.jpg")
    return Place(folder, python_is=f"{recipe}/plugin.py")


def add_a_modality(folder: Path) -> Place:
    """The example's folder, and a recording."""
    (folder / "examples").mkdir()
    (folder / "examples" / "plugin-audio").symlink_to(AUDIO)
    (folder / "melodies").mkdir()
    soundfile.write(folder / "melodies" / "melody.wav", numpy.sin(numpy.arange(4000) / 4) / 2, 8000)
    return Place(folder, small={"examples/plugin-audio/recipes/box2reed": SMALL_AUDIO})


PLACES: dict[str, Callable[[Path], Place]] = {
    "README.md": readme,
    "docs/add-a-data-source.md": partial(add_a_part, recipe="rings"),
    "docs/add-a-generator.md": partial(add_a_part, recipe="sharper"),
    "docs/add-a-loss-term.md": partial(add_a_part, recipe="even"),
    "docs/add-a-metric.md": partial(add_a_part, recipe="bright"),
    "docs/add-a-modality.md": add_a_modality,
    "docs/add-an-objective.md": partial(add_a_part, recipe="oneway"),
    "docs/continue.md": proceed,
    "docs/data.md": data,
    "docs/fine-tune.md": fine_tune,
    "docs/index.md": index,
    "docs/own-pictures.md": own_pictures,
    "docs/own-sentences.md": own_sentences,
    "docs/questions.md": questions,
    "docs/report.md": report,
    "docs/scientific-pictures.md": scientific,
}
"""By page. A page that has none here is followed in an empty folder."""
