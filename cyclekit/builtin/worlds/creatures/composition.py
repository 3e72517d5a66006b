"""What a scene of the creatures consists of, drawn at random; it knows no pixels.

Lengths are in units of the picture's side: x from 0 (left) to 1, y from 0 (top) to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

GAITS = ("stand", "graze", "walk", "trot", "gallop")
COATS = ("bay", "chestnut", "black", "grey", "palomino")
SKIES = ("clear", "cumulus", "overcast", "evening")


class Animal(NamedTuple):
    """One animal. Angles in radians."""

    x: float  # middle of the trunk
    foot: float  # y of the ground below it
    height: float  # at the withers
    facing: int  # 1: to the right, -1: to the left
    foreshortening: float  # length seen over true length: below 1 it is turned away from the side view
    gait: str
    phase: float  # 0 .. 1 within the gait's cycle
    neck: float  # angle of the neck above the horizontal
    head: float  # angle of the head below the neck's direction
    build: float  # thickness of trunk and limbs, about 1
    coat: str
    shade: float  # -1 .. 1, darker or lighter than the coat's usual colour
    socks: tuple[bool, bool, bool, bool]  # white lower legs: near fore, far fore, near hind, far hind
    snip: bool  # a white nose
    mane: float  # its thickness, about 1
    tail: float  # angle of the tail away from hanging straight down
    stripe: float  # width of a dark and a light stripe together on the trunk, in heights at the withers
    lean: float  # how far the trunk's stripes sweep back from the vertical
    salt: int  # of this animal's noise


class Tree(NamedTuple):
    """A flat-topped or round tree on the horizon."""

    x: float
    height: float
    width: float  # of the crown, over the height
    flat: float  # height of the crown over its width


@dataclass(frozen=True)
class Scene:
    """A habitat and 1 to 3 animals, far to near."""

    seed: int
    index: int
    horizon: float
    sky: str
    light: float  # x direction the light comes from: -1 left .. 1 right
    hills: float  # height of the far hills
    wood: float  # height of the line of bushes below the horizon's sky
    trees: tuple[Tree, ...]
    dryness: float  # 0 fresh .. 1 straw
    path: float  # share of bare earth
    clouds: float
    blades: float  # height of the grass at the feet, in heights of the animal
    animals: tuple[Animal, ...]


def compose(seed: int, index: int) -> Scene:
    """Scene `index` of the world `seed`; equal arguments give equal scenes."""
    random = np.random.default_rng([seed, index, 1])
    horizon = random.uniform(0.16, 0.5)
    trees = tuple(
        Tree(random.uniform(0, 1), random.uniform(0.06, 0.22), random.uniform(0.8, 1.5), random.uniform(0.25, 0.7))
        for _ in range(int(random.choice(5, p=(0.3, 0.3, 0.2, 0.1, 0.1))))
    )
    return Scene(
        seed=seed,
        index=index,
        horizon=horizon,
        sky=str(random.choice(SKIES, p=(0.3, 0.4, 0.15, 0.15))),
        light=float(random.choice((-1, 1))) * random.uniform(0.2, 0.9),
        hills=float(random.choice((0, 1))) * random.uniform(0.02, 0.14),
        wood=float(random.choice((0, 1))) * random.uniform(0.015, 0.06),
        trees=trees,
        dryness=random.uniform(0.0, 0.75),
        path=random.uniform(-0.3, 0.7),
        clouds=random.uniform(-0.4, 0.7),
        blades=random.uniform(0.02, 0.14),
        animals=choose_animals(random, horizon),
    )


def choose_animals(random: np.random.Generator, horizon: float) -> tuple[Animal, ...]:
    """1 to 3 animals on one plain, so that those nearer the horizon are smaller; each has its own part of the width."""
    count = 1 + int(random.choice(3, p=(0.55, 0.28, 0.17)))
    foot = random.uniform(0.82, 0.95)
    largest = (0.66, 0.5, 0.4)[count - 1]
    height = random.uniform(0.68, 1.0) * largest
    per_depth = height / (foot - horizon)  # the camera's height decides it: the same for the whole herd
    herd_gait = str(random.choice(GAITS, p=(0.3, 0.2, 0.24, 0.12, 0.14)))
    herd_coat, herd_facing = str(random.choice(COATS)), int(random.choice((-1, 1)))
    places = (np.arange(count) + 0.5 + random.uniform(-0.12, 0.12, count)) / count
    places = 0.5 + (places - 0.5) * (0.9 if count == 3 else 1.0)
    random.shuffle(places)
    animals = []
    for number, place in enumerate(places):
        here = foot if number == 0 else max(foot - random.uniform(0.0, 0.2), horizon + 0.2 / per_depth)
        alike = random.random() < 0.6
        gait = herd_gait if alike else str(random.choice(GAITS[:3]))
        facing = herd_facing if random.random() < 0.7 else -herd_facing
        coat = herd_coat if random.random() < 0.4 else str(random.choice(COATS))
        size = per_depth * (here - horizon) * random.uniform(0.92, 1.04)
        # neck and head reach out in front of the trunk: room for them
        animals.append(choose_animal(random, place - 0.16 * size * facing, here, size, facing, gait, coat))
    return tuple(sorted(animals, key=lambda animal: animal.foot))


def choose_animal(
    random: np.random.Generator, x: float, foot: float, height: float, facing: int, gait: str, coat: str
) -> Animal:
    low, high = {"graze": (-0.95, -0.7), "gallop": (0.35, 0.75), "trot": (0.7, 1.05)}.get(gait, (0.45, 1.1))
    neck = random.uniform(low, high)
    low, high = {"graze": (0.25, 0.7), "gallop": (0.9, 1.2)}.get(gait, (1.3, 1.75))
    return Animal(
        x=x,
        foot=foot,
        height=height,
        facing=facing,
        foreshortening=random.uniform(0.74, 1.0),
        gait=gait,
        phase=random.uniform(0, 1),
        neck=neck,
        head=random.uniform(low, high),
        build=random.uniform(0.9, 1.12),
        coat=coat,
        shade=random.uniform(-1, 1),
        socks=tuple(bool(value) for value in random.random(4) < 0.25),  # type: ignore[arg-type]  # four of them
        snip=bool(random.random() < 0.25),
        mane=random.uniform(0.7, 1.3),
        tail=random.uniform(0.6, 1.2) if gait in ("gallop", "trot") else random.uniform(0.05, 0.3),
        stripe=random.uniform(0.105, 0.15),
        lean=random.uniform(0.0, 0.5),
        salt=int(random.integers(1 << 30)),
    )
