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
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor, nn
from torch.nn import functional as F

import cyclekit
from cyclekit.core.batch import Batch
from cyclekit.image.worlds import landscapes, streets
from cyclekit.image.worlds.landscapes.composition import COMPOSITIONS
from experiments.trial import SHEET_ROWS, Numbers, Results, Settings, as_script, keep, machine, repeated, sheet, write

WEATHER = ("fog", "rain", "snow")
CLASS_NAMES = [name for name, _ in streets.CLASSES]
TARGET_FROM, TEST_FROM = 10_000, 20_000
"""The first scenes of a world that the target domain and the test take; the source begins at 0."""
AS_IT_IS, MATCHED, TRANSLATED, NO_GAP = "no adaptation", "colours matched", "translated", "no gap"
ADAPTATIONS = (AS_IT_IS, MATCHED, TRANSLATED, NO_GAP)
"""Streets and digits: which pictures are learned from; without a gap it is the target domain itself, with its labels.
Weather: which are tested on; without a gap the same scenes in clear air."""
LESSONS = {"streets": 600, "digits": 600, "weather": 900}
"""Steps of the network that is adapted."""


class Examples(NamedTuple):
    """Pictures uint8 (N, H, W, 3), or (N, H, W) grey, and class ids int64 (N,), or (N, H, W) for every pixel."""

    pictures: np.ndarray
    labels: np.ndarray


class Domains(NamedTuple):
    """What one seed of one part works on. No scene and no digit is in two of the three."""

    source: Examples
    """Labelled: what is learned from."""
    target: Examples
    """What the CycleGAN sees of the other domain. Its labels are used for the upper bound alone."""
    test: Examples
    """Held out, of the target domain."""


class Part(NamedTuple):
    """One of the three experiments."""

    trial: Callable[[Settings, str, int, Path], Numbers]  # (settings, variant, seed, folder)
    variants: tuple[str, ...]
    size: int
    steps: int  # of the CycleGAN


# ------------------------------------------------------------------------------------------------ pictures and labels


def make_streets(seed: int, quick: bool) -> Domains:
    """World `seed`, 64 px: 400 rendered and 400 camera streets to learn from, 200 camera streets to be tested on."""

    def drawn(look: str, first: int, count: int) -> Examples:
        indices = range(first, first + (count if not quick else 4))
        pictures, labels = ([streets.render(kind, seed, index, 64) for index in indices] for kind in (look, "labels"))
        return Examples(np.stack(pictures), np.stack(labels).astype(np.int64))

    return Domains(drawn("rendered", 0, 400), drawn("camera", TARGET_FROM, 400), drawn("camera", TEST_FROM, 200))


def make_digits(seed: int, quick: bool) -> Domains:
    """32 px, grey: 2,000 drawn digits; of the 1,797 handwritten ones 1,200 to learn from, the others for the test."""
    from sklearn.datasets import load_digits

    random = np.random.default_rng([seed, 7])
    found = load_digits()
    order = random.permutation(len(found.images))
    written = [Image.fromarray((picture * 255 / 16).astype(np.uint8)) for picture in found.images[order]]
    pictures = np.stack([np.asarray(picture.resize((32, 32), Image.Resampling.BICUBIC)) for picture in written])
    labels = found.target[order].astype(np.int64)
    count, split, last = (2000, 1200, len(order)) if not quick else (20, 20, 40)
    classes = np.arange(count) % 10
    source = Examples(np.stack([drawn_digit(int(digit), random) for digit in classes]), classes)
    return Domains(
        source, Examples(pictures[:split], labels[:split]), Examples(pictures[split:last], labels[split:last])
    )


def drawn_digit(digit: int, random: np.random.Generator) -> np.ndarray:
    """A white digit in one of the two fonts that Pillow carries, filling the picture: uint8 (32, 32)."""
    canvas = Image.new("L", (256, 256))
    pen = ImageDraw.Draw(canvas)
    if random.random() < 0.8:
        font = ImageFont.load_default(int(random.integers(90, 140)))
        pen.text((128, 128), str(digit), 255, font, anchor="mm", stroke_width=int(random.integers(0, 8)))
    else:  # the bitmap font, whose pixels show
        small = Image.new("L", (8, 12))
        ImageDraw.Draw(small).text((1, 0), str(digit), 255, ImageFont.load_default_imagefont())
        canvas.paste(small.resize((96, 144), Image.Resampling.BICUBIC), (80, 56))
    shear, narrow = random.uniform(-0.25, 0.25), random.uniform(0.9, 1.3)
    matrix = (narrow, shear, 128 * (1 - narrow - shear), 0.0, 1.0, 0.0)
    canvas = canvas.transform(canvas.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    canvas = canvas.rotate(random.uniform(-15, 15), Image.Resampling.BILINEAR)
    left, top, right, bottom = canvas.getbbox() or (0, 0, 256, 256)
    side = max(right - left, bottom - top) * random.uniform(1.0, 1.2) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    box = (round(x - side), round(y - side), round(x + side), round(y + side))
    cut = canvas.crop(box).resize((32, 32), Image.Resampling.BOX)
    return np.asarray(cut.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.2))))


def make_weather(look: str, seed: int, quick: bool) -> Domains:
    """World `seed`, 64 px: 1,600 clear photographs, and 400 and 300 others in the weather `look`."""
    many, some, tests = (1600, 400, 300) if not quick else (4, 4, 4)
    return Domains(
        photographed("photograph", seed, 0, many),
        photographed(look, seed, TARGET_FROM, some),
        photographed(look, seed, TEST_FROM, tests),
    )


def photographed(look: str, seed: int, first: int, count: int) -> Examples:
    indices = range(first, first + count)
    pictures = np.stack([landscapes.render(look, seed, index, 64) for index in indices])
    classes = [COMPOSITIONS.index(landscapes.scene(seed, index).composition) for index in indices]
    return Examples(pictures, np.array(classes))


# ----------------------------------------------------------------------------------------- the networks to be adapted


class Segmenter(nn.Module):
    """A small U-Net (Ronneberger et al. 2015): (B, 3, H, W) in [-1, 1] to (B, classes, H, W) scores."""

    def __init__(self, classes: int, width: int = 16) -> None:
        super().__init__()
        self.fine, self.middle, self.coarse = layers(3, width), layers(width, 2 * width), layers(2 * width, 4 * width)
        self.bottom = layers(4 * width, 4 * width)
        self.up_coarse, self.up_middle = layers(8 * width, 2 * width), layers(4 * width, width)
        self.up_fine = layers(2 * width, width)
        self.scores = nn.Conv2d(width, classes, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        fine = self.fine(pictures)
        middle = self.middle(F.max_pool2d(fine, 2))
        coarse = self.coarse(F.max_pool2d(middle, 2))
        features = self.bottom(F.max_pool2d(coarse, 2))
        for layer, skipped in ((self.up_coarse, coarse), (self.up_middle, middle), (self.up_fine, fine)):
            features = layer(torch.cat([F.interpolate(features, scale_factor=2.0), skipped], 1))
        scores: Tensor = self.scores(features)
        return scores


class Classifier(nn.Module):
    """A small convolutional network: (B, C, H, W) in [-1, 1] to (B, classes) scores."""

    def __init__(self, channels: int, classes: int, width: int = 24) -> None:
        super().__init__()
        widths = [channels, width, 2 * width, 4 * width]
        blocks = [nn.Sequential(layers(ins, outs), nn.MaxPool2d(2)) for ins, outs in pairwise(widths)]
        self.features = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3))
        self.scores = nn.Linear(16 * widths[-1], classes)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.features(pictures))
        return scores


def layers(ins: int, outs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(ins, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs), nn.ReLU(),
        nn.Conv2d(outs, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs), nn.ReLU(),
    )  # fmt: skip


def encoded(pictures: np.ndarray) -> Tensor:
    """uint8 (N, H, W, 3) or (N, H, W) to (N, C, H, W) in [-1, 1]."""
    planes = torch.from_numpy(pictures).float() / 127.5 - 1
    return planes[:, None] if pictures.ndim == 3 else planes.permute(0, 3, 1, 2).contiguous()


def taught(examples: Examples, classes: int, steps: int, seed: int) -> nn.Module:
    """A fresh network that learned from the examples: AdamW, batches of 16, colour pictures mirrored half of the time.

    Classes of pixels weigh 1 / sqrt(their share), or a few hundred steps would not see the posts and people.
    """
    torch.manual_seed(seed)
    pictures, labels = encoded(examples.pictures), torch.from_numpy(examples.labels)
    dense, channels = labels.ndim == 3, pictures.shape[1]
    share = torch.bincount(labels.flatten(), minlength=classes).clamp(min=1) / labels.numel()
    weight = share**-0.5 if dense else None
    network = Segmenter(classes) if dense else Classifier(channels, classes)
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(len(pictures), (16,))
        seen, wanted = pictures[rows], labels[rows]
        if channels == 3 and torch.rand(()) < 0.5:  # a mirrored digit is none
            seen, wanted = seen.flip(-1), wanted.flip(-1) if dense else wanted
        optimizer.zero_grad()
        F.cross_entropy(network(seen), wanted, weight).backward()
        optimizer.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def answers(network: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """The network's class ids: (N,) or (N, H, W)."""
    return torch.cat([network(rows).argmax(1) for rows in encoded(pictures).split(50)]).numpy()


def scores(found: np.ndarray, truth: np.ndarray) -> Numbers:
    """Accuracy in percent for labelled pictures; for labelled pixels intersection over union, all pictures pooled.

    The mean is over the classes that occur in the truth.
    """
    if truth.ndim == 1:
        return {"accuracy": 100 * float((found == truth).mean())}
    ious = {}
    for number, name in enumerate(CLASS_NAMES):
        if (truth == number).any():
            both, either = (found == number) & (truth == number), (found == number) | (truth == number)
            ious[name] = 100 * float(both.sum() / either.sum())
    return {"mean IoU": statistics.fmean(ious.values()), **ious}


# ---------------------------------------------------------------------------------------------------------- adaptation


def trained_cyclegan(
    chosen: Settings, domains: Domains, seed: int, folder: Path, overrides: dict[str, Any] | None = None
) -> cyclekit.Translator:
    """A CycleGAN between the unlabelled pictures of the two domains, a = source and b = target; kept in `folder`.

    monet2photo's `cpu` profile, but for the settings' steps and `overrides`.
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
    run = cyclekit.load("monet2photo", profile="cpu", data=data, overrides=overrides)
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


# --------------------------------------------------------------------------------------------------- what came of it

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
