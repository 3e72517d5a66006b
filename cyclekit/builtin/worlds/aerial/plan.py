"""The street plan of a town, its waters, avenues and railways."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray
Random = np.random.Generator


class Shape(NamedTuple):
    """A filled polygon: (n, 2) corners, x to the right and y down, in picture sides."""

    kind: str  # a name of KINDS
    corners: Array


class Plan:
    """A grid of streets in (u, v), turned and bent into the picture by `place`. 0 is the middle of both."""

    def __init__(self, random: Random) -> None:
        self.angle = float(random.uniform(0, np.pi))
        self.bend = random.uniform(-0.11, 0.11, 4) * random.choice((0.15, 1.0))
        self.phase = random.uniform(0, 2 * np.pi, 4)
        scale = float(random.uniform(0.85, 1.5))
        self.u, self.v = lines(random, scale * 0.19), lines(random, scale * 0.13)
        self.width = float(random.uniform(0.006, 0.0085)) * scale**0.5  # half the width of a street

    def place(self, u: Array, v: Array) -> Array:
        """Points (..., 2) in the picture of street coordinates `u` and `v` (...)."""
        bend, phase = self.bend, self.phase
        u = u + bend[0] * np.sin(3.1 * v + phase[0]) + 0.4 * bend[2] * np.sin(6.3 * v + phase[2])
        v = v + bend[1] * np.sin(2.7 * u + phase[1]) + 0.4 * bend[3] * np.sin(5.9 * u + phase[3])
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return np.stack([0.5 + cosine * u - sine * v, 0.5 + sine * u + cosine * v], axis=-1)


def lines(random: Random, pitch: float) -> Array:
    """Positions of parallel streets from -0.95 to 0.95, about `pitch` apart."""
    gaps = pitch * random.uniform(0.7, 1.4, int(2.6 / pitch) + 2)
    positions = -0.95 - pitch * random.random() + np.cumsum(gaps)
    return positions[positions < 0.95]


def normals(middle: Array) -> Array:
    """Unit vectors (n, 2) across the line `middle` (n, 2)."""
    across = np.empty_like(middle)
    across[1:-1] = middle[2:] - middle[:-2]
    across[0], across[-1] = middle[1] - middle[0], middle[-1] - middle[-2]
    across = across[:, ::-1] * (-1.0, 1.0)
    return across / np.hypot(across[:, 0], across[:, 1])[:, None]


def ribbon(middle: Array, half: float | Array) -> Array:
    """The outline (2 n, 2) of a band along `middle` (n, 2), `half` its width to each side."""
    aside = normals(middle) * np.reshape(half, (-1, 1))
    return np.concatenate([middle + aside, (middle - aside)[::-1]])


def dashes(middle: Array, half: float, count: int, share: float) -> Array:
    """`count` short bands in a row along `middle`, each `share` of its room long: (count, 4, 2)."""
    position = (np.arange(count)[:, None] + np.array([0.0, share])) / count * (len(middle) - 1)
    x, y = (np.interp(position, np.arange(len(middle)), middle[:, axis]) for axis in range(2))
    across = np.stack([y[:, 0] - y[:, 1], x[:, 1] - x[:, 0]], axis=1)
    across *= half / np.hypot(across[:, 0], across[:, 1])[:, None]
    start, end = np.stack([x[:, 0], y[:, 0]], axis=1), np.stack([x[:, 1], y[:, 1]], axis=1)
    return np.stack([start + across, end + across, end - across, start - across], axis=1)


def curve(random: Random, wildness: float) -> Array:
    """A line (48, 2) across the whole picture that passes near its middle."""
    along = np.linspace(-1.0, 1.0, 48)
    a, b = random.uniform(-1, 1, 2) * wildness
    p, q = random.uniform(0, 2 * np.pi, 2)
    aside = random.uniform(-0.3, 0.3) + a * np.sin(2.6 * along + p) + 0.4 * b * np.sin(6.0 * along + q)
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.cos(angle), np.sin(angle)
    return np.stack([0.5 + x * along - y * aside, 0.5 + y * along + x * aside], axis=1)


def waters(random: Random) -> list[Shape]:
    """A river, a lake, the sea, or nothing: banks first, each followed by its water."""
    kind = str(random.choice(("river", "lake", "sea", "none"), p=(0.36, 0.16, 0.14, 0.34)))
    bank = float(random.uniform(0.008, 0.025))
    if kind == "river":
        middle = curve(random, 0.2)
        half = float(random.uniform(0.022, 0.07)) * (1 + 0.25 * np.sin(np.linspace(0, 9, 48) + random.uniform(0, 6)))
        return [Shape("bank", ribbon(middle, half + bank)), Shape("water", ribbon(middle, half))]
    if kind == "lake":
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        radius = float(random.uniform(0.1, 0.24)) * np.ones(40)
        for wave in (2, 3, 5):
            radius *= 1 + random.uniform(0, 0.5 / wave) * np.sin(wave * turn + random.uniform(0, 6))
        middle, round_ = random.uniform(0.1, 0.9, 2), np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return [
            Shape("bank", middle + round_ * (radius + bank)[:, None]),
            Shape("water", middle + round_ * radius[:, None]),
        ]
    if kind == "sea":
        # beyond a shore, a band so wide that its far side lies outside the picture
        shore = curve(random, 0.08)
        normal = np.array([shore[0, 1] - shore[-1, 1], shore[-1, 0] - shore[0, 0]])
        normal /= np.hypot(*normal)
        shore = shore + 0.22 * normal
        return [
            Shape("bank", np.concatenate([shore - bank * normal, (shore + 2 * normal)[::-1]])),
            Shape("water", np.concatenate([shore, (shore + 2 * normal)[::-1]])),
        ]
    return []


def streets(plan: Plan, urban: Array) -> list[Shape]:
    """The streets beside the blocks that are `urban` (len(u) + 1, len(v) + 1), an edge of blocks outside included."""
    pavements, lanes = [], []
    for across, (own, other) in enumerate(((plan.u, plan.v), (plan.v, plan.u))):
        town = urban.T if across else urban
        for number, position in enumerate(own):
            used = (town[number] | town[number + 1])[1:-1]
            steps = np.diff(np.concatenate([[0], used.astype(int), [0]]))
            for first, last in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)):
                along = np.linspace(other[first] - plan.width, other[last] + plan.width, 6 * (last - first) + 2)
                there = np.full(len(along), position)
                middle = plan.place(along, there) if across else plan.place(there, along)
                pavements.append(Shape("pavement", ribbon(middle, plan.width * 1.45)))
                lanes.append(Shape("street", ribbon(middle, plan.width)))
    return [*pavements, *lanes]


def arteries(random: Random, plan: Plan) -> tuple[list[Shape], list[Array]]:
    """Avenues, perhaps a motorway and a railway, and the outlines that they keep free of houses."""
    shapes: list[Shape] = []
    outlines: list[Array] = []
    middles = []
    along = np.linspace(-1.0, 1.0, 48)
    for across, own in enumerate((plan.u, plan.v)):
        near = own[np.abs(own) < 0.5]
        for position in random.choice(near, min(len(near), int(random.integers(0, 3))), replace=False):
            there = np.full(48, position)
            middles.append(plan.place(along, there) if across else plan.place(there, along))
    half = plan.width * float(random.uniform(1.5, 2.1))
    if random.random() < 0.32:
        track = curve(random, 0.14)
        shapes.append(Shape("ballast", ribbon(track, 0.009)))
        shapes += [Shape("sleepers", one) for one in dashes(track, 0.005, 70, 0.5)]
        outlines.append(ribbon(track, 0.02))
    for middle in middles:
        shapes.append(Shape("pavement", ribbon(middle, 1.3 * half)))
        outlines.append(ribbon(middle, 1.4 * half))
    for middle in middles:
        shapes.append(Shape("avenue", ribbon(middle, half)))
        shapes += [Shape("marking", one) for one in dashes(middle, 0.001, 50, 0.5)]
        shapes += traffic(random, middle, half)
    if random.random() < 0.28:
        middle, half = curve(random, 0.16), float(random.uniform(0.016, 0.024))
        shapes += [Shape("pavement", ribbon(middle, half * 1.2)), Shape("motorway", ribbon(middle, half))]
        shapes.append(Shape("marking", ribbon(middle, 0.0016)))
        shapes += traffic(random, middle, half)
        outlines.append(ribbon(middle, 1.6 * half))
    return shapes, outlines


def traffic(random: Random, middle: Array, half: float) -> list[Shape]:
    """Cars on both lanes of the road along `middle`."""
    cars = []
    names = ("white car", "dark car", "red car")
    for lane in (-0.45, 0.45):
        places = dashes(middle + lane * half * normals(middle), 0.0024, 100, 0.4)
        there = np.flatnonzero(random.random(len(places)) < 0.13)
        cars += [Shape(names[colour], places[one]) for one, colour in zip(there, random.integers(0, 3, len(there)))]
    return cars
