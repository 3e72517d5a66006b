"""Claim 7: labels made in a game serve before a camera once a CycleGAN has translated the game's pictures.

    python -m experiments.domain_adaptation                            # all parts, seeds 0 1 2
    python -m experiments.domain_adaptation --part digits --seeds 0

streets  a segmenter learns from rendered streets with their labels and is tested on camera pictures of other streets
digits   a classifier learns from digits drawn with Pillow's fonts and is tested on handwritten ones (scikit-learn's)
weather  a classifier of a landscape's composition learns from clear photographs and is tested in fog, rain and snow

Each is measured without adaptation, with the mean colour and colour covariance matched (what a palette alone
achieves), with a CycleGAN, and where there is nothing to adapt. The CycleGAN sees no label, and no scene in both
domains. Streets and digits translate what the network learns from (Hoffman et al. 2018, "CyCADA", section 4); weather
translates what it is tested on. A killed experiment goes on with the trials that are missing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image

import cyclekit
from cyclekit.builtin.worlds import streets
from cyclekit.builtin.worlds.landscapes.composition import COMPOSITIONS
from cyclekit.core.batch import Batch
from experiments.adaptation_data import TEST_FROM, Domains, make_digits, make_streets, make_weather, photographed
from experiments.adaptation_networks import CLASS_NAMES, answers, encoded, scores, taught
from experiments.trial import SHEET_ROWS, Numbers, Results, Settings, as_script, keep, machine, repeated, sheet, write

WEATHER = ("fog", "rain", "snow")
AS_IT_IS, MATCHED, TRANSLATED, NO_GAP = "no adaptation", "colours matched", "translated", "no gap"
ADAPTATIONS = (AS_IT_IS, MATCHED, TRANSLATED, NO_GAP)
"""Streets and digits: which pictures are learned from; without a gap it is the target domain itself, with its labels.
Weather: which are tested on; without a gap the same scenes in clear air."""
LESSONS = {"streets": 600, "digits": 600, "weather": 900}
"""Steps of the network that is adapted."""


class Part(NamedTuple):
    """One of the three experiments."""

    trial: Callable[[Settings, str, int, Path], Numbers]  # (settings, variant, seed, folder)
    variants: tuple[str, ...]
    size: int
    steps: int  # of the CycleGAN


def trained_cyclegan(
    chosen: Settings, domains: Domains, seed: int, folder: Path, overrides: dict[str, Any] | None = None
) -> cyclekit.Translator:
    """A CycleGAN between the unlabelled pictures of the two domains, a = source and b = target; kept in `folder`.

    monet2photo's `small` profile, but for the settings' steps and `overrides`.
    """
    data = folder / "data"
    for name, pictures in (
        ("trainA", domains.source.pictures), ("trainB", domains.target.pictures),
        ("testA", domains.source.pictures[:8]), ("testB", domains.target.pictures[:8]),  # for the run's sample sheets
    ):  # fmt: skip
        (data / name).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            Image.fromarray(picture).save(data / name / f"{number:05d}.png")
    ours = {
        "train.log_every": 100, "train.workers": 0,
        "train.steps": chosen.steps, "train.seed": seed, "train.sample_every": chosen.steps,
        "train.save_every": chosen.steps, "domains.a": "source", "domains.b": "target",
    }  # fmt: skip
    small = {"generator.width": 4, "generator.blocks": 1, "discriminator.width": 4, "sample.rows": 2}
    overrides = {**ours, **(small if chosen.quick else {}), **(overrides or {})}
    run = cyclekit.load("monet2photo", profile="small", data=data, overrides=overrides)
    trained = cyclekit.train(run, folder / "run", device="cpu")
    return cyclekit.Translator.load(trained, device="cpu")


def translated(cyclegan: cyclekit.Translator, pictures: np.ndarray, to: str) -> np.ndarray:
    """The same shape as `pictures`; `to` is "source" or "target"."""
    made = cyclegan([Image.fromarray(picture) for picture in pictures], to=to, batch_size=16)
    return np.stack([np.asarray(picture) for picture in made])


def matched(pictures: np.ndarray, like: np.ndarray) -> np.ndarray:
    """`pictures` with the mean colour and colour covariance of `like` (Reinhard et al. 2001, with the covariance)."""
    channels = 1 if pictures.ndim == 3 else 3
    ours, theirs = (stack.reshape(-1, channels).astype(np.float64) for stack in (pictures, like))
    spreads = [np.linalg.eigh(np.cov(pixels.T).reshape(channels, channels)) for pixels in (ours, theirs)]
    whiten = spreads[0].eigenvectors / np.sqrt(spreads[0].eigenvalues + 1e-6) @ spreads[0].eigenvectors.T
    colour = spreads[1].eigenvectors * np.sqrt(spreads[1].eigenvalues.clip(0)) @ spreads[1].eigenvectors.T
    moved = (ours - ours.mean(0)) @ whiten @ colour + theirs.mean(0)
    return (moved.clip(0, 255) + 0.5).astype(np.uint8).reshape(pictures.shape)


def learned_from(
    chosen: Settings, variant: str, seed: int, folder: Path, domains: Domains, lessons: int, overrides: dict[str, Any]
) -> Numbers:
    """One trial of streets or digits: a network learns from the source, adapted or not, or from the target.

    Args:
        variant: one of ADAPTATIONS.
        lessons: how many steps it learns.
        overrides: for the CycleGAN.
    """
    source, target, test = domains
    learned = target if variant == NO_GAP else source
    if variant == TRANSLATED:
        cyclegan = trained_cyclegan(chosen, domains, seed, folder, overrides)
        learned = source._replace(pictures=translated(cyclegan, source.pictures, "target"))
    elif variant == MATCHED:
        learned = source._replace(pictures=matched(source.pictures, target.pictures))
    classes = len(CLASS_NAMES) if source.labels.ndim == 3 else 10
    network = taught(learned, classes, lessons if not chosen.quick else 3, seed)
    found = answers(network, test.pictures)
    show(folder, "learned", learned.pictures)
    show(folder, "test", test.pictures)
    if found.ndim == 3:
        show(folder, "truth", streets.coloured(test.labels))
        show(folder, "answer", streets.coloured(found))
    return scores(found, test.labels)


def street_trial(chosen: Settings, variant: str, seed: int, folder: Path) -> Numbers:
    return learned_from(chosen, variant, seed, folder, make_streets(seed, chosen.quick), LESSONS["streets"], {})


def digit_trial(chosen: Settings, variant: str, seed: int, folder: Path) -> Numbers:
    overrides = {"data.channels": 1, "data.flip": False, "data.load_size": 32, "data.crop_size": 32}
    return learned_from(chosen, variant, seed, folder, make_digits(seed, chosen.quick), LESSONS["digits"], overrides)


def weather_trial(chosen: Settings, look: str, seed: int, folder: Path) -> Numbers:
    """One trial of weather: a network that learned from clear photographs, on weathered ones, adapted or not."""
    domains = make_weather(look, seed, chosen.quick)
    source, _, test = domains
    cyclegan = trained_cyclegan(chosen, domains, seed, folder)
    network = taught(source, len(COMPOSITIONS), LESSONS["weather"] if not chosen.quick else 3, seed)
    tests = {
        AS_IT_IS: test.pictures,
        MATCHED: matched(test.pictures, source.pictures),
        TRANSLATED: translated(cyclegan, test.pictures, "source"),
        NO_GAP: photographed("photograph", seed, TEST_FROM, len(test.labels)).pictures,
    }
    for name, pictures in tests.items():
        show(folder, name, pictures)
    return {name: scores(answers(network, pictures), test.labels)["accuracy"] for name, pictures in tests.items()}


def show(folder: Path, name: str, pictures: np.ndarray) -> None:
    """Keep the first pictures for the sheet."""
    keep(folder, name, Batch(encoded(pictures[:SHEET_ROWS])))


PARTS = {
    "streets": Part(street_trial, ADAPTATIONS, 64, 1600),
    "digits": Part(digit_trial, ADAPTATIONS, 32, 1600),
    "weather": Part(weather_trial, WEATHER, 64, 1600),
}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Parse, do the trials that are missing, write OUT/results.json; what it holds."""
    given = parsed(arguments)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    summary = given.out / "results.json"
    found = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {}
    for name in given.part:
        part = PARTS[name]
        chosen = Settings(
            name="domain_adaptation",
            seeds=tuple(given.seeds or ([0] if given.quick else [0, 1, 2])),
            steps=given.steps or (2 if given.quick else part.steps),
            size=part.size,
            data=f"{name}, made here" + (", a few" if given.quick else ""),
            out=given.out / name,
            command=" ".join(
                ["python -m experiments.domain_adaptation", *(sys.argv[1:] if arguments is None else arguments)]
            ),
            quick=given.quick,
        )
        results = repeated(chosen, part.variants, partial(part.trial, chosen))
        closed = gap_closed(results)
        print(f"{name}, share of the gap closed: {in_words(closed)}\n", flush=True)
        write_part_sheet(chosen, name)
        about = {"command": chosen.command, "steps": chosen.steps, **machine()}
        found[name] = {**about, "results": results, "gap closed": closed}
        write(summary, found)
    return found


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.domain_adaptation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--part", nargs="+", choices=list(PARTS), default=list(PARTS), help="default: all")
    parser.add_argument("--seeds", type=int, nargs="+", help="default: 0 1 2")
    default = ", ".join(f"{name} {part.steps}" for name, part in PARTS.items())
    parser.add_argument("--steps", type=int, help=f"steps of each CycleGAN; default: {default}")
    out = Path("runs/experiments/domain_adaptation")
    parser.add_argument("--out", type=Path, default=out, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="everything once in seconds; the numbers mean nothing")
    return parser.parse_args(arguments)


def gap_closed(results: Results) -> dict[str, dict[str, list[float]]]:
    """In percent and for each seed, how far each adaptation comes from no adaptation (0) to no gap (100).

    Weather has a gap for each look; the others have one, called "all". Seeds without a gap to close are left out.
    """
    first = next(iter(results))
    if first in ADAPTATIONS:
        column = next(iter(results[first][next(iter(results[first]))]))
        by_seed = {seed: {name: results[name][seed][column] for name in ADAPTATIONS} for seed in results[first]}
        gaps = {"all": by_seed}
    else:
        gaps = {look: {seed: dict(numbers) for seed, numbers in of.items()} for look, of in results.items()}
    return {
        gap: {
            name: [
                100 * (numbers[name] - numbers[AS_IT_IS]) / (numbers[NO_GAP] - numbers[AS_IT_IS])
                for numbers in of.values()
                if numbers[NO_GAP] > numbers[AS_IT_IS]
            ]
            for name in (MATCHED, TRANSLATED)
        }
        for gap, of in gaps.items()
    }


def in_words(closed: dict[str, dict[str, list[float]]]) -> str:
    said = []
    for gap, adaptations in closed.items():
        for name, shares in adaptations.items():
            spread = f" ± {statistics.stdev(shares):.0f}" if len(shares) > 1 else ""
            share = f"{statistics.fmean(shares):.0f}{spread} %" if shares else "there is no gap"
            said.append(f"{'' if gap == 'all' else gap + ', '}{name} {share}")
    return "; ".join(said)


def write_part_sheet(chosen: Settings, name: str) -> Path:
    """OUT/<part>/sheet.png: the first pictures of the first seed."""
    folder = {variant: chosen.folder(variant, chosen.seeds[0]) for variant in PARTS[name].variants}
    if name == "weather":
        columns = [
            (f"{look}: {shown}", folder[look], shown) for look in WEATHER for shown in (AS_IT_IS, TRANSLATED, NO_GAP)
        ]
    else:
        columns = [(f"learned from: {variant}", folder[variant], "learned") for variant in ADAPTATIONS]
        columns.append(("test", folder[AS_IT_IS], "test"))
    if name == "streets":
        columns.append(("truth", folder[AS_IT_IS], "truth"))
        columns += [(f"answer: {variant}", folder[variant], "answer") for variant in ADAPTATIONS]
    title = f"{name}: CycleGAN of {chosen.steps} steps, seed {chosen.seeds[0]}, the first pictures of each set"
    return sheet(chosen, columns, title)


if __name__ == "__main__":
    as_script(main)
