"""What stands in a street, drawn at random, in metres. A Scene knows no pixels; every look is drawn from it.

x runs to the right and y up from the road, z ahead, all from the driver's feet. The picture is a pinhole projection of
this space (`Scene.project`), bent sideways with the street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arguments import check_numbers
from ..noise import generator

NEAREST = 1.6  # of the ground nothing closer is in the picture
FARTHEST = 110.0
STOREY = 3.1

Points = list[tuple[float, float]]


class Side(NamedTuple):
    """One side of the street, from the kerb outwards. `sign` is -1 left, 1 right; widths are x from the viewer."""

    sign: int
    kerb: float
    pavement: float  # where the pavement ends
    front: float  # where the buildings begin; between the two grows grass
    parking: bool
    kind: str  # row: houses wall to wall | villas: gardens between them | park: trees, few houses


class Building(NamedTuple):
    """A box with its front along the street."""

    sign: int
    x: float  # of its front
    near: float
    far: float
    storeys: int
    bays: int  # columns of windows on the front
    glazing: float  # share of a bay that is window
    tone: float
    gable: bool


class Tree(NamedTuple):
    """A trunk under a crown of balls: (x, y, radius) from the foot, in tree heights."""

    x: float
    z: float
    height: float
    trunk: float  # height of the lowest leaves, in tree heights; 0 for a bush
    balls: tuple[tuple[float, float, float], ...]
    tone: float


class Car(NamedTuple):
    """A car seen from behind, or from the front when it comes towards the viewer."""

    x: float  # of its middle
    z: float  # of its near end
    width: float
    height: float
    length: float
    waist: float  # height of the lower edge of its windows, in car heights
    coming: bool
    tone: float


class Person(NamedTuple):
    """Somebody on foot."""

    x: float
    z: float
    height: float
    stride: float  # of the legs, in heights
    tone: float


class Post(NamedTuple):
    """A street lamp, or a traffic sign on its pole."""

    x: float
    z: float
    height: float
    arm: float  # how far the lamp reaches over the road; 0 for a sign
    sign: str  # none | ban | warning | order | direction
    size: float


@dataclass(frozen=True)
class Scene:
    """One street and the weather that a camera meets there."""

    seed: int
    index: int
    horizon: float  # y in the picture, 0 top .. 1 bottom
    focal: float  # in picture sides
    eye: float  # height of the viewer
    heading: float  # x in the picture of the street's direction at the viewer
    bend: float  # 1 / metre: sideways shift of the street is bend * z * z
    left: Side
    right: Side
    middle: float  # x of the line between the directions
    lane: float  # width of one
    lanes: int  # each way
    crossing: float | None  # z of a zebra crossing
    skyline: tuple[float, ...]  # heights of what closes the view, from left to right, in picture sides
    wooded: bool  # whether trees and not houses close it
    things: tuple[Building | Tree | Car | Person | Post, ...]  # far to near
    sun: float  # 0 overcast .. 1 clear
    shadow: tuple[float, float]  # where the shadow of one metre of height ends: (x, z)
    haze: float
    warmth: float  # -1 .. 1, the white balance
    exposure: float

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """A point of the street to the picture, (0, 0) top left, (1, 1) bottom right."""
        return (
            self.heading + self.focal * (x / z + self.bend * z),
            self.horizon + self.focal * (self.eye - y) / z,
        )


def scene(seed: int, index: int) -> Scene:
    """The street number `index` (>= 0) of the world `seed` (>= 0). ValueError on a negative number."""
    check_numbers("a street", seed, index)
    random = generator(seed, index, 1)
    lane = random.uniform(2.8, 3.5)
    lanes = int(random.choice((1, 2), p=(0.75, 0.25)))  # each way; the viewer drives in one of them
    own = int(random.integers(lanes))
    middle = -lane * (own + 0.5)
    left = choose_side(random, -1, lanes * lane - middle)
    right = choose_side(random, 1, lanes * lane + middle)
    crossing = random.uniform(7, 22) if random.random() < 0.3 else None
    things: list[Building | Tree | Car | Person | Post] = []
    for side in (left, right):
        things += choose_buildings(random, side)
        things += choose_trees(random, side)
        things += choose_posts(random, side)
        things += choose_persons(random, side)
    things += choose_cars(random, left, right, middle, lane)
    if crossing is not None and random.random() < 0.6:
        for _ in range(random.integers(1, 4)):
            x = random.uniform(-left.kerb, right.kerb)
            things.append(choose_person(random, x, crossing + random.uniform(0.3, 2.5)))
    angle, length = random.uniform(0, 2 * np.pi), random.uniform(0.5, 1.8)
    return Scene(
        seed=seed,
        index=index,
        horizon=random.uniform(0.40, 0.50),
        focal=random.uniform(0.75, 0.95),
        eye=random.uniform(1.25, 1.75),
        heading=random.uniform(0.40, 0.60),
        bend=random.normal(0, 0.0011),
        left=left,
        right=right,
        middle=middle,
        lane=lane,
        lanes=lanes,
        crossing=crossing,
        skyline=tuple(random.uniform(0.02, 0.13, random.integers(5, 14)).tolist()),
        wooded=bool(random.random() < 0.5),
        things=tuple(sorted(things, key=lambda thing: thing.far if isinstance(thing, Building) else thing.z)[::-1]),
        sun=float(random.choice((0.0, random.uniform(0.5, 1.0)), p=(0.4, 0.6))),
        shadow=(length * np.cos(angle), length * np.sin(angle)),
        haze=random.uniform(0.1, 0.6),
        warmth=random.uniform(-1, 1),
        exposure=random.uniform(0.85, 1.15),
    )


def choose_side(random: np.random.Generator, sign: int, lanes: float) -> Side:
    """A side whose outermost lane ends at `lanes`."""
    parking = bool(random.random() < 0.6)
    kerb = lanes + (2.1 if parking else 0.3)
    kind = str(random.choice(("row", "villas", "park"), p=(0.5, 0.28, 0.22)))
    pavement = kerb + random.uniform(1.6, 4.5)
    verge = {"row": random.choice((0.0, random.uniform(0.5, 2))), "villas": random.uniform(2, 6), "park": 12.0}[kind]
    return Side(sign, kerb, pavement, pavement + verge, parking, kind)


def choose_buildings(random: np.random.Generator, side: Side) -> list[Building]:
    buildings = []
    low, high = {"row": (2, 8), "villas": (1, 4), "park": (2, 12)}[side.kind]
    z = random.uniform(-8, 4)
    while z < FARTHEST:
        length = random.uniform(9, 24) if side.kind == "row" else random.uniform(8, 14)
        near, far = max(z, 1.0), z + length
        absent = {"row": 0.06, "villas": 0.1, "park": 0.75}[side.kind]
        if far > 2.5 and random.random() > absent:
            storeys, bays = int(random.integers(low, high)), max(2, round((far - near) / random.uniform(2.2, 3.8)))
            front = side.front + random.choice((0.0, random.uniform(0, 1.5)))
            gable = side.kind == "villas" and random.random() < 0.7
            share = random.uniform(0.35, 0.75)
            buildings.append(Building(side.sign, front, near, far, storeys, bays, share, random.random(), gable))
        z = far + (random.uniform(3, 9) if side.kind == "villas" else 0.0)
    return buildings


def choose_trees(random: np.random.Generator, side: Side) -> list[Tree]:
    trees = []
    if random.random() < (0.9 if side.kind == "park" else 0.5):  # a row along the kerb
        gap, z, size = random.uniform(6, 14), random.uniform(5, 14), random.uniform(4, 9)
        along = side.kerb + min(0.8, 0.4 * (side.pavement - side.kerb))
        while z < 80:
            if random.random() < 0.85:
                trees.append(choose_tree(random, side.sign * along, z, size * random.uniform(0.8, 1.2)))
            z += gap
    if side.front - side.pavement > 1.5:
        for _ in range(random.integers(8, 16) if side.kind == "park" else random.integers(3, 9)):
            x, z = side.sign * random.uniform(side.pavement + 0.5, side.front + 4), 5 + 60 * random.beta(1, 1.8)
            trees.append(choose_tree(random, x, z, random.uniform(1, 2.2 if random.random() < 0.4 else 10)))
    return trees


def choose_tree(random: np.random.Generator, x: float, z: float, height: float) -> Tree:
    trunk = 0.0 if height < 2.5 else random.uniform(0.2, 0.42)
    spread = random.uniform(0.22, 0.36) if height >= 2.5 else random.uniform(0.4, 0.8)
    balls = []
    for _ in range(7):
        turn, reach = random.uniform(0, 2 * np.pi), 0.75 * random.random() ** 0.5
        middle = trunk + (1 - trunk) * (0.5 + 0.36 * reach * np.sin(turn))
        balls.append((spread * reach * np.cos(turn), middle, random.uniform(0.45, 0.75) * min(spread, 0.4)))
    return Tree(x, z, height, trunk, tuple(sorted(balls, key=lambda ball: ball[1])), random.random())


def choose_posts(random: np.random.Generator, side: Side) -> list[Post]:
    posts = []
    x = side.sign * (side.kerb + 0.5)
    if random.random() < 0.7:
        z, gap, height = random.uniform(5, 16), random.uniform(14, 26), random.uniform(4.5, 8)
        arm = random.choice((0.0, -side.sign * random.uniform(0.8, 2)))
        posts += [Post(x, z + step * gap, height, arm, "none", 0.0) for step in range(4)]
    for _ in range(random.integers(1, 4)):
        kind = str(random.choice(("ban", "warning", "order", "direction")))
        z = random.uniform(4.5, 9) if random.random() < 0.5 else random.uniform(9, 28)
        posts.append(Post(x, z, random.uniform(2.3, 3.2), 0.0, kind, random.uniform(0.7, 1.0)))
    return posts


def choose_person(random: np.random.Generator, x: float, z: float) -> Person:
    return Person(x, z, random.uniform(1.5, 1.9), random.uniform(0.03, 0.16), random.random())


def choose_persons(random: np.random.Generator, side: Side) -> list[Person]:
    persons = []
    for _ in range(random.integers(0, 5)):
        x = side.sign * random.uniform(side.kerb + 0.4, side.pavement - 0.3)
        z = 4.5 + 30 * random.beta(1, 2.2)
        for mate in range(random.choice((1, 1, 2))):
            persons.append(choose_person(random, x + 0.6 * mate, z + 0.3 * mate))
    return persons


def choose_cars(random: np.random.Generator, left: Side, right: Side, middle: float, lane: float) -> list[Car]:
    cars = []

    def add(x: float, z: float, coming: bool) -> None:
        tall = random.random() < 0.2
        height = random.uniform(1.9, 2.6) if tall else random.uniform(1.4, 1.65)
        length, waist = random.uniform(3.8, 4.9) + tall, random.uniform(0.55, 0.66)
        cars.append(Car(x, z, random.uniform(1.7, 1.9), height, length, waist, coming, random.random()))

    for side in (left, right):
        if side.parking:
            z = random.uniform(3.0, 9)
            while z < 65:
                if random.random() < 0.75:
                    add(side.sign * (side.kerb - 1.05), z, side.sign < 0)
                z += random.uniform(5.2, 7.5)
    if random.random() < 0.6:
        add(random.normal(0, 0.2), 6 + 34 * random.beta(1, 1.6), False)
    for _ in range(random.integers(0, 3)):
        add(middle - lane / 2 + random.normal(0, 0.2), random.uniform(7, 60), True)
    return cars
