"""What a landscape consists of, drawn at random. A Scene knows no pixels; a picture of any size can be made from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..arguments import check_numbers, guess
from ..noise import generator

SEASONS = ("spring", "summer", "autumn", "winter")
COMPOSITIONS = ("lake", "river", "coast", "mountains", "meadow", "woods", "haystacks", "poplars")
HOURS = ("dawn", "day", "golden", "overcast", "dusk", "moonlight")
SUN_HEIGHT = {"dawn": 0.10, "day": 0.62, "golden": 0.22, "overcast": 0.62, "dusk": 0.06, "moonlight": 0.30}
"""How high the sun or moon of an hour stands above the horizon, in picture heights; times 0.6 to 1.3."""
LEAFY = ("oak", "poplar", "bush")  # these lose their leaves


class Ridge(NamedTuple):
    """A range of hills or mountains against the sky."""

    height: float  # of its mean crest above its foot, in picture heights
    foot: float
    frequency: float
    cover: str  # rock | wood | field
    distance: float  # 0 near .. 1 in the haze
    side: int  # -1: falls away to the right, 1: to the left, 0: spans the picture


class Water(NamedTuple):
    """A lake, the sea or a river."""

    kind: str  # lake | sea | river
    top: float  # the far shore
    bottom: float  # the near bank; beyond 1 there is none
    center: float  # rivers only, from here on: x of the middle at the viewer's feet, its bends and half width
    bend: float
    phase: float
    half_width: float
    roughness: float


class Plant(NamedTuple):
    """A tree, or another thing that stands: bush, haystack, house, boat."""

    species: str
    variant: int
    x: float
    foot: float  # y where it touches the ground
    height: float
    tone: float  # -1 .. 1, its place between the two colours of its kind


@dataclass(frozen=True)
class Scene:
    """A landscape in units of the picture's height: y from 0 (top) to 1 (bottom), x = 0.5 in the middle.

    With another `season` (`dataclasses.replace(scene, season="winter")`) it is the same place at another time of year.
    """

    seed: int
    index: int
    season: str
    composition: str
    hour: str
    horizon: float
    sun_x: float
    sun_y: float
    clouds: float  # cover, 0 clear .. 1 closed
    cloud_size: float
    cloud_form: str  # cumulus | cirrus | layer
    haze: float
    ridges: tuple[Ridge, ...]  # far to near
    water: Water | None
    plants: tuple[Plant, ...]  # far to near
    ground: str  # meadow | crop | sand | heath
    path: float | None  # x where a path leaves the picture
    warmth: float  # -1 .. 1, the white balance of the day


def scene(seed: int, index: int, *, season: str | None = None) -> Scene:
    """The scene number `index` (>= 0) of the world `seed` (>= 0); equal arguments give equal scenes, on any machine.

    `season`, one of SEASONS, replaces the season that the scene would have had and changes nothing else. ValueError
    on a negative number or an unknown season.
    """
    check_numbers("a scene", seed, index)
    if season is not None and season not in SEASONS:
        raise ValueError(f"unknown season {season!r}: {guess(season, SEASONS)}seasons are {', '.join(SEASONS)}")
    random = generator(seed, index, 1)
    own_season = str(random.choice(SEASONS))  # drawn even when replaced: the draws after it must not move
    composition = str(random.choice(COMPOSITIONS, p=(0.16, 0.14, 0.14, 0.15, 0.12, 0.11, 0.08, 0.10)))
    hour = str(random.choice(HOURS, p=(0.14, 0.38, 0.18, 0.12, 0.14, 0.04)))
    low, high = {"mountains": (0.56, 0.70), "coast": (0.34, 0.60), "woods": (0.50, 0.66)}.get(composition, (0.42, 0.62))
    horizon = random.uniform(low, high)
    height = SUN_HEIGHT[hour] * random.uniform(0.6, 1.3)
    water = choose_water(random, composition, horizon)
    closed = hour == "overcast"
    return Scene(
        seed=seed,
        index=index,
        season=season or own_season,
        composition=composition,
        hour=hour,
        horizon=horizon,
        sun_x=random.uniform(0.05, 0.95),
        sun_y=horizon - height,
        clouds=random.uniform(0.7, 1.0) if closed else random.beta(1.2, 1.3) * 0.85,
        cloud_size=random.uniform(0.7, 1.6),
        cloud_form="layer" if closed else str(random.choice(("cumulus", "cirrus", "layer"), p=(0.6, 0.25, 0.15))),
        haze=random.uniform(0.25, 0.75) + (0.2 if hour in ("dawn", "overcast") else 0.0),
        ridges=choose_ridges(random, composition, horizon),
        water=water,
        plants=choose_plants(random, composition, horizon, water),
        ground=choose_ground(random, composition),
        path=random.uniform(0.1, 0.9) if water is None and random.random() < 0.45 else None,
        warmth=random.uniform(-1, 1),
    )


def at_hour(scene: Scene, hour: str) -> Scene:
    """The same place at `hour`, one of HOURS but not overcast: the sun or moon, clouds and haze follow the hour.

    A closed sky opens to the cover that other hours have, so that one sees which hour it is.
    """
    if hour == scene.hour:
        return scene
    height = (scene.horizon - scene.sun_y) / SUN_HEIGHT[scene.hour] * SUN_HEIGHT[hour]
    return replace(
        scene,
        hour=hour,
        sun_y=scene.horizon - height,
        clouds=(scene.clouds - 0.7) / 0.3 * 0.75 if scene.hour == "overcast" else scene.clouds,
        haze=scene.haze + 0.2 * ((hour == "dawn") - (scene.hour in ("dawn", "overcast"))),
    )


def choose_ground(random: np.random.Generator, composition: str) -> str:
    if composition == "coast":
        return "sand"
    crop = {"haystacks": 0.75, "meadow": 0.4, "poplars": 0.25}.get(composition, 0.08)
    return str(random.choice(("crop", "meadow", "heath"), p=(crop, 0.8 * (1 - crop), 0.2 * (1 - crop))))


def choose_water(random: np.random.Generator, composition: str, horizon: float) -> Water | None:
    kind = {"lake": "lake", "river": "river", "coast": "sea"}.get(composition)
    if composition in ("poplars", "mountains") and random.random() < 0.6:
        kind = str(random.choice(("lake", "river")))
    if kind is None:
        return None
    bottom = 1.3
    if kind == "lake" and random.random() < 0.55:
        bottom = random.uniform(0.86, 0.97)
    if kind == "sea" and random.random() < 0.75:
        bottom = random.uniform(0.78, 0.95)
    return Water(
        kind,
        horizon + (random.uniform(0.0, 0.05) if kind == "lake" else 0.0),
        bottom,
        center=random.uniform(0.1, 0.9),
        bend=random.uniform(0.08, 0.45) * random.choice((-1, 1)),
        phase=random.uniform(0, 6.3),
        half_width=random.uniform(0.15, 0.5),
        roughness=random.uniform(0.2, 1.0) + (0.4 if kind == "sea" else 0.0),
    )


def choose_ridges(random: np.random.Generator, composition: str, horizon: float) -> tuple[Ridge, ...]:
    ridges = []
    if composition == "mountains" or (composition in ("lake", "river", "woods") and random.random() < 0.4):
        tall = random.uniform(0.22, 0.42) if composition == "mountains" else random.uniform(0.10, 0.24)
        for level in range(random.integers(1, 4)):
            ridges.append(Ridge(tall * 0.74**level, horizon, random.uniform(0.8, 1.9), "rock", 0.85 - 0.25 * level, 0))
    if composition == "coast":
        if random.random() < 0.7:
            side = int(random.choice((-1, 1)))
            cover = str(random.choice(("rock", "field")))
            ridges.append(Ridge(random.uniform(0.05, 0.24), horizon + 0.004, random.uniform(0.8, 2), cover, 0.4, side))
            if random.random() < 0.5:
                size = random.uniform(0.10, 0.30)
                ridges.append(Ridge(size, horizon + 0.02, random.uniform(0.8, 2), "rock", 0.1, side))
        return tuple(ridges)
    for level in range(random.integers(1, 4)):
        cover = str(random.choice(("wood", "field")))
        size = random.uniform(0.03, 0.24 if composition == "meadow" else 0.14) * (1 - 0.2 * level)
        side = int(random.integers(-1, 2))
        ridges.append(Ridge(size, horizon, random.uniform(0.7, 2.0), cover, 0.6 - 0.22 * level, side))
    if random.random() < 0.75:
        ridges.append(Ridge(random.uniform(0.015, 0.04), horizon + 0.004, random.uniform(2, 5), "wood", 0.1, 0))
    return tuple(ridges)


def river_center(water: Water, depth: Any) -> Any:
    """x of a river's middle at `depth`, a number or an array: 0 at the horizon, 1 at the viewer's feet."""
    far = 0.5 + (water.center - 0.5) * 0.3
    bends = water.bend * 2 * (1 - depth) * depth * np.sin(water.phase + 5.0 * depth**0.5)
    return far + (water.center - far) * depth + bends


def choose_plants(
    random: np.random.Generator, composition: str, horizon: float, water: Water | None
) -> tuple[Plant, ...]:
    far = water.top if water else horizon
    trees = ("oak", "conifer", "poplar") if composition != "mountains" else ("conifer", "conifer", "oak")
    main, other = str(random.choice(trees)), str(random.choice(("oak", "conifer", "bush")))
    plants: list[Plant] = []

    def add(species: str, x: float, foot: float, height: float) -> None:
        plants.append(Plant(species, int(random.integers(0, 5)), x, foot, height, random.uniform(-1, 1)))

    if composition == "poplars":
        start, gap, depth = random.uniform(-0.3, 0.1), random.uniform(0.07, 0.15), random.uniform(0.0, 0.25)
        slope, size = random.uniform(-0.5, 0.5), random.uniform(0.3, 0.5)
        for rank in range(int(1.4 / gap)):
            x = start + gap * rank * random.uniform(0.95, 1.05)
            scale = np.clip(1 + slope * (x - 0.5) * 2, 0.3, 2)
            on_land = water is None or water.kind == "river"
            foot = far + 0.004 + (depth * scale * (1 - far) if on_land else 0.0)
            add("poplar", x, foot, size * scale * random.uniform(0.85, 1.1))
    elif composition != "coast":
        for _ in range(random.integers(0, 4)):  # clumps on the far edge
            middle, size = random.uniform(-0.2, 1.2), random.uniform(0.05, 0.15)
            for _ in range(random.integers(2, 5)):
                species, x = str(random.choice((main, other))), middle + random.normal(0, 0.07)
                add(species, x, far + 0.006, size * random.uniform(0.6, 1.2))
    if composition in ("river", "meadow", "lake", "poplars") and random.random() < 0.35:
        add("house", random.uniform(0.1, 0.9), far + 0.012, random.uniform(0.06, 0.13))
    if composition == "haystacks":
        for _ in range(random.integers(1, 5)):
            depth = random.uniform(0.08, 0.6)
            add("haystack", random.uniform(0.1, 0.9), horizon + depth * (1 - horizon), 0.10 + 0.42 * depth)
    if water and water.kind != "river" and random.random() < 0.55:
        for _ in range(random.integers(1, 4)):
            depth = random.beta(1, 3)
            foot = far + 0.012 + depth * (min(water.bottom, 1) - far) * 0.7
            add("boat", random.uniform(0.05, 0.95), foot, 0.05 + 0.25 * depth)
    count = {"woods": 16, "meadow": 4, "mountains": 6, "river": 5, "lake": 4, "coast": 0}.get(composition, 2)
    for _ in range(random.integers(count // 2, count + 1)):
        depth = random.beta(1.0, 1.6)
        foot = far + (0.02 + 0.75 * depth) * (1 - far)
        x = random.uniform(-0.3, 1.3)
        if composition == "woods":  # leave a clearing
            x = random.uniform(0, 0.42) if random.random() < 0.5 else random.uniform(0.58, 1.0)
            x += (x - 0.5) * 0.5
        species = str(random.choice((main, other, "bush"), p=(0.5, 0.3, 0.2)))
        add(species, x, foot, (0.12 + 0.75 * depth) * random.uniform(0.6, 1.0) * (0.5 if species == "bush" else 1))
    if composition not in ("coast", "haystacks") and random.random() < 0.4:  # a large tree frames the view
        x = float(random.choice((-0.02, 1.02))) + random.normal(0, 0.06)
        add(main, x, random.uniform(0.93, 1.05), random.uniform(0.75, 1.1))
    kept = [plant for plant in plants if stands(plant, horizon, water)]
    return tuple(sorted(kept, key=lambda plant: plant.foot))


def stands(plant: Plant, horizon: float, water: Water | None) -> bool:
    """Whether there is ground (for a boat: water) where the plant would stand."""
    if water is None or plant.species == "boat":
        return True
    if water.kind == "river":
        depth = (plant.foot - horizon) / (1 - horizon)
        return depth < 0.03 or abs(plant.x - river_center(water, depth)) > water.half_width * depth + 0.06
    return plant.foot < water.top + 0.02 or plant.foot > water.bottom + 0.02
