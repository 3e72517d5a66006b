"""The traits that a face and its bowl share, drawn at random; they know no pixels.

`x`, `y` and `radius` are in units of the picture's side. All other lengths are in units of `radius`, with the origin
in the middle of the head, u to the right and v down before the tilt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STYLES = ("crop", "fringe", "parted", "long", "curly", "bun", "bald")
PATTERNS = ("band", "strokes", "waves", "key", "dots", "petals", "plain")  # of the rim, one for each of STYLES
HAIRS = ("black", "brown", "blond", "auburn", "grey", "blue", "pink")
TABLES = ("wood", "cloth", "slate")


@dataclass(frozen=True)
class Scene:
    """One person and one bowl. Shares lie in 0 .. 1, signed shares in -1 .. 1."""

    seed: int
    index: int
    x: float
    y: float
    radius: float  # of the bowl; half the height of the head with its hair
    tilt: float  # radians, clockwise
    turn: float  # signed: the face looks to a side, and everything in the bowl lies to that side
    light: float  # signed: side the light comes from
    tone: float  # skin and broth, light to dark
    warmth: float  # signed: their hue
    hair: str
    style: str
    waves: float  # share
    parting: float  # signed: where the hair is parted
    backdrop: tuple[float, float, float]  # sRGB
    table: str
    clothes: tuple[float, float, float]
    eye_gap: float  # from the middle to an eye
    eye_height: float  # v of the eyes
    eye_size: float
    opening: float  # share
    gaze: tuple[float, float]  # signed
    iris: float  # share: brown to blue; of the yolk: deep to pale
    brow_angle: float  # radians, positive: inner ends low, as in anger
    brow_weight: float  # share
    nose: float  # share: size
    mouth_height: float  # v of the mouth
    mouth_width: float  # half of it
    smile: float  # signed
    mouth_opening: float  # 0 closed .. 1
    jaw: float  # share: round to narrow
    freckles: tuple[tuple[float, float], ...]  # places
    beard: float  # 0 none .. 1 full
    glasses: bool
    noodles: float  # share of the broth they cover; the hair's length


def compose(seed: int, index: int) -> Scene:
    """Scene `index` of the world `seed`; equal arguments give equal scenes."""
    random = np.random.default_rng([seed, index, 1])
    style = int(random.choice(len(STYLES), p=(0.17, 0.15, 0.15, 0.19, 0.14, 0.12, 0.08)))
    freckled = int(random.choice((0, 4, 8, 14), p=(0.35, 0.25, 0.2, 0.2)))
    radius = random.uniform(0.34, 0.43)
    room = 0.46 - radius
    open_mouth = random.random() < 0.45
    return Scene(
        seed=seed,
        index=index,
        x=0.5 + random.uniform(-1, 1) * room,
        y=0.5 + random.uniform(-1, 1) * room,
        radius=radius,
        tilt=float(random.normal(0, 0.12)),
        turn=random.uniform(-1, 1),
        light=float(random.choice((-1, 1))) * random.uniform(0.4, 1),
        tone=random.uniform(0, 1),
        warmth=random.uniform(-1, 1),
        hair=str(random.choice(HAIRS, p=(0.24, 0.22, 0.15, 0.14, 0.11, 0.07, 0.07))),
        style=STYLES[style],
        waves=random.uniform(0, 1),
        parting=random.uniform(-1, 1),
        backdrop=soft_colour(random),
        table=str(random.choice(TABLES)),
        clothes=soft_colour(random),
        eye_gap=random.uniform(0.25, 0.32),
        eye_height=random.uniform(-0.12, 0.02),
        eye_size=random.uniform(0.85, 1.2),
        opening=random.uniform(0.25, 1),
        gaze=(random.uniform(-1, 1), random.uniform(-0.6, 0.6)),
        iris=random.uniform(0, 1),
        brow_angle=random.uniform(-0.4, 0.35),
        brow_weight=random.uniform(0, 1),
        nose=random.uniform(0, 1),
        mouth_height=random.uniform(0.42, 0.52),
        mouth_width=random.uniform(0.16, 0.30),
        smile=random.uniform(-0.5, 1),
        mouth_opening=random.uniform(0.25, 1) if open_mouth else 0.0,
        jaw=random.uniform(0, 1),
        freckles=tuple(freckle(random) for _ in range(freckled)),
        beard=random.uniform(0.3, 1) if random.random() < 0.25 else 0.0,
        glasses=bool(random.random() < 0.25),
        noodles=random.uniform(0.45, 1),
    )


def soft_colour(random: np.random.Generator) -> tuple[float, float, float]:
    """A colour of any hue, seldom strong, seldom dark."""
    hue, strength, light = random.uniform(0, 2 * np.pi), random.uniform(0.02, 0.20), random.uniform(0.45, 0.82)
    red, green, blue = (
        float(np.clip(light + strength * np.cos(hue - shift), 0.05, 0.97)) for shift in (0.0, 2.09, 4.19)
    )
    return red, green, blue


def freckle(random: np.random.Generator) -> tuple[float, float]:
    """A place on one of the cheeks."""
    side = float(random.choice((-1, 1)))
    return side * random.uniform(0.16, 0.48), random.uniform(0.10, 0.34)
