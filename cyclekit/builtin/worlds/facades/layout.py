"""What a facade consists of, drawn at random: rectangles of the CMP facade data base's classes. Knows no pixels.

Over 300 lines: a dozen short rules of how fronts are divided, each of them used by the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

Random = np.random.Generator


class Part(NamedTuple):
    """A labelled rectangle in units of the picture's side, x to the right, y down. `variant` picks its details."""

    kind: str  # a name of CLASSES
    left: float
    top: float
    right: float
    bottom: float
    variant: int = 0


class Manner(NamedTuple):
    """How buildings of one kind are built: ranges, and probabilities from 0 to 1."""

    masonry: tuple[str, ...]
    floors: tuple[int, int]
    bays: tuple[int, int]
    window_width: tuple[float, float]  # of the bay
    window_height: tuple[float, float]  # of the floor
    ornament: float
    balconies: float
    shutters: float
    shops: float


MANNERS = {
    "tenement": Manner(("plaster", "plaster", "stone"), (3, 6), (3, 7), (0.34, 0.5), (0.5, 0.66), 0.75, 0.4, 0.15, 0.5),
    "palace": Manner(("stone", "plaster"), (2, 4), (4, 8), (0.34, 0.48), (0.48, 0.64), 1.0, 0.35, 0.05, 0.2),
    "warehouse": Manner(("brick",), (3, 6), (3, 7), (0.45, 0.66), (0.48, 0.66), 0.35, 0.1, 0.05, 0.45),
    "block": Manner(("panel", "plaster", "brick"), (5, 9), (4, 9), (0.42, 0.72), (0.42, 0.6), 0.03, 0.65, 0.2, 0.3),
    "townhouse": Manner(("plaster", "brick", "board"), (2, 4), (2, 5), (0.28, 0.46), (0.48, 0.64), 0.4, 0.25, 0.6, 0.3),
}


@dataclass(frozen=True)
class Layout:
    """A building front and its surroundings. `parts` are in painting order: a later one covers an earlier one."""

    seed: int
    index: int
    manner: str
    masonry: str  # plaster | stone | brick | panel | board
    left: float
    top: float
    right: float
    bottom: float
    ground: float  # y where the ground floor begins
    roof: float  # height of the roof above `top`; 0: none is seen
    neighbours: tuple[float, float]  # y of the tops of the houses to the left and right
    parts: tuple[Part, ...]


class Floor(NamedTuple):
    """One storey, and what adorns its windows."""

    top: float
    bottom: float
    window_top: float
    window_bottom: float
    sill: bool
    cornice: bool
    deco: int  # 0 none, 1 above the windows, 2 between them, 3 below them
    balcony: int  # 0 none, 1 in the middle, 2 every second bay, 3 every bay, 4 one across
    shutters: int  # 0 none, 1 beside the windows, 2 rolled down over them


class Bay(NamedTuple):
    left: float
    right: float
    windows: int


def layout(seed: int, index: int) -> Layout:
    """The facade number `index` (>= 0) of the world `seed` (>= 0); a function of the two numbers."""
    random = np.random.default_rng([seed, index, 1])
    name = str(random.choice(list(MANNERS), p=(0.3, 0.16, 0.16, 0.16, 0.22)))
    manner = MANNERS[name]
    left, right = random.uniform(0.02, 0.15, 2) * (random.random(2) < 0.6)
    right = 1 - right
    top = random.uniform(0.04, 0.22) if random.random() < 0.75 else 0.0
    bottom = random.uniform(0.93, 0.985) if random.random() < 0.7 else 1.0
    floors = stack(random, manner, top, bottom)
    bays = divide(random, manner, left, right)
    pillars: list[Part] = []
    if random.random() < 0.45 * manner.ornament:
        pillars = list(colonnade(random, bays, floors))
    parts = [Part("facade", left, top, right, bottom), *pillars, *bands(random, manner, floors, left, right)]
    for floor in floors[1:]:
        parts += storey(random, floor, bays)
    parts += ground_floor(random, manner, floors[0], bays)
    neighbours = random.uniform(0.0, 0.7, 2)
    return Layout(
        seed=seed,
        index=index,
        manner=name,
        masonry=str(random.choice(manner.masonry)),
        left=float(left),
        top=float(top),
        right=float(right),
        bottom=float(bottom),
        ground=floors[0].top,
        roof=float(random.uniform(0.03, 0.12)) if random.random() < 0.55 and name != "block" else 0.0,
        neighbours=(float(neighbours[0]), float(neighbours[1])),
        parts=tuple(parts),
    )


def stack(random: Random, manner: Manner, top: float, bottom: float) -> list[Floor]:
    """The floors from the ground up. Most of the upper ones repeat one design, as on real streets."""
    count = int(random.integers(manner.floors[0], manner.floors[1] + 1))
    heights = np.ones(count)
    heights[0] = random.uniform(1.1, 1.6) if count < 7 else random.uniform(1.0, 1.3)
    if count > 2:
        heights[1] *= random.uniform(1.0, 1.25) ** manner.ornament
        heights[-1] *= random.uniform(0.72, 1.0)
    crown = random.uniform(0.03, 0.1) * (bottom - top) * (0.4 + 0.6 * manner.ornament)
    edges = bottom - np.cumsum([0.0, *heights]) / heights.sum() * (bottom - top - crown)
    window = random.uniform(*manner.window_height)
    design = [adornment(random, manner) for _ in range(2)]
    floors = []
    for number in range(count):
        low, high = edges[number], edges[number + 1]
        share = window * (random.uniform(0.85, 1.12) if random.random() < 0.4 else 1.0)
        middle = low + (high - low) * random.uniform(0.46, 0.52)
        reach = (low - high) * share / 2
        own = adornment(random, manner) if random.random() < 0.2 else design[number == count - 1]
        floors.append(Floor(float(high), float(low), float(middle - reach), float(middle + reach), *own))
    return floors


def adornment(random: Random, manner: Manner) -> tuple[bool, bool, int, int, int]:
    """Sill, cornice, deco, balcony and shutters of a Floor."""
    rich = manner.ornament
    return (
        bool(random.random() < 0.45 + 0.3 * rich),
        bool(random.random() < 0.65 * rich),
        int(random.integers(1, 4)) if random.random() < 0.45 * rich else 0,
        int(random.integers(1, 5)) if random.random() < manner.balconies else 0,
        int(random.integers(1, 3)) if random.random() < manner.shutters else 0,
    )


def divide(random: Random, manner: Manner, left: float, right: float) -> list[Bay]:
    """The bays from left to right: equal, alternating, with a middle of its own, or irregular."""
    count = int(random.integers(manner.bays[0], manner.bays[1] + 1))
    widths, windows = np.ones(count), np.ones(count, int)
    rhythm = random.choice(("equal", "alternating", "middle", "irregular"), p=(0.4, 0.2, 0.25, 0.15))
    if rhythm == "alternating":
        widths[1::2] = random.uniform(0.65, 1.5)
        windows[int(widths[1] < 1) :: 2] = random.integers(1, 3)
    elif rhythm == "middle":
        widths[(count - 1) // 2 : count // 2 + 1] = random.uniform(1.2, 1.8)
        windows[(count - 1) // 2 : count // 2 + 1] = random.integers(1, 4)
    elif rhythm == "irregular":
        widths = random.uniform(0.7, 1.5, count)
        windows = 1 + (widths > 1.1) * int(random.integers(0, 2))
    elif random.random() < 0.25 and count < 6:
        windows[:] = 2
    margin = (right - left) * random.uniform(0.0, 0.06)
    edges = left + margin + np.cumsum([0.0, *widths]) / widths.sum() * (right - left - 2 * margin)
    share = random.uniform(*manner.window_width)
    bays = []
    for one in range(count):
        width = (edges[one + 1] - edges[one]) * min(share * (1 + 0.28 * (windows[one] - 1)), 0.8)
        middle = (edges[one] + edges[one + 1]) / 2
        bays.append(Bay(float(middle - width / 2), float(middle + width / 2), int(windows[one])))
    return bays


def bands(random: Random, manner: Manner, floors: list[Floor], left: float, right: float) -> list[Part]:
    """Moldings: the main one at the top, and string courses between floors."""
    top = floors[-1].top
    main = float(min(random.uniform(0.025, 0.05), 0.3 * (floors[-1].bottom - top)))
    parts = [Part("molding", left, top - main * 0.8, right, top + main * 0.2, 1)]
    if random.random() < 0.4 * manner.ornament:
        parts += row_of_deco(random, left, right, top + main * 0.25, min(top + main, floors[-1].window_top - 0.004))
    thickness = float(random.uniform(0.008, 0.02))
    choice = random.choice(("none", "first", "all"), p=(0.25, 0.4, 0.35)) if manner.ornament > 0.1 else "none"
    for floor in {"none": [], "first": floors[:1], "all": floors[:-1]}[str(choice)]:
        parts.append(Part("molding", left, floor.top - thickness / 2, right, floor.top + thickness / 2))
    return parts


def row_of_deco(random: Random, left: float, right: float, top: float, bottom: float) -> list[Part]:
    """Equal ornaments side by side, as under a main cornice."""
    if bottom - top < 0.008:
        return []
    count = int(random.integers(4, 14))
    pitch, share = (right - left) / count, random.uniform(0.35, 0.7)
    starts = left + pitch * (np.arange(count) + (1 - share) / 2)
    return [Part("deco", float(x), top, float(x + pitch * share), bottom, 1) for x in starts]


def colonnade(random: Random, bays: list[Bay], floors: list[Floor]) -> list[Part]:
    """Pilasters between the bays or at the corners, over the upper floors or over all."""
    gaps = [(one.right + two.left) / 2 for one, two in pairwise(bays)]
    outer = (bays[0].left - (gaps[0] - bays[0].right), bays[-1].right + (bays[-1].left - gaps[-1]))
    room = min(two.left - one.right for one, two in pairwise(bays))
    width = float(min(random.uniform(0.018, 0.035), 0.5 * room))
    places = list(outer) if random.random() < 0.3 else [outer[0], *gaps, outer[1]]
    foot = floors[0].bottom if random.random() < 0.25 else floors[0].top
    return [Part("pillar", x - width / 2, floors[-1].top, x + width / 2, foot) for x in places]


def storey(random: Random, floor: Floor, bays: list[Bay]) -> list[Part]:
    """The windows of an upper floor, their sills, cornices, blinds and decoration, then the balconies before them."""
    parts: list[Part] = []
    middle = (len(bays) - 1) / 2
    spread = floor.bottom - floor.top
    for number, bay in enumerate(bays):
        if random.random() < 0.02:
            continue  # a walled-up window
        parts += opening(random, floor, bay)
        previous = bays[number - 1].right if number else 0.0
        gap = bay.left - previous
        if floor.deco == 2 and number and gap > 0.02:
            size = min(0.5 * gap, 0.35 * spread)
            x, y = previous + gap / 2, (floor.window_top + floor.window_bottom) / 2
            parts.append(Part("deco", x - size / 2, y - size * 0.7, x + size / 2, y + size * 0.7))
    for number, bay in enumerate(bays):
        chosen = (False, abs(number - middle) < 0.8, number % 2 == 1, True, False)[floor.balcony]
        if chosen:
            reach = 0.18 * (bay.right - bay.left)
            parts.append(railing(bay.left - reach, bay.right + reach, floor))
    if floor.balcony == 4:
        parts.append(railing(bays[0].left - 0.01, bays[-1].right + 0.01, floor))
    return parts


def railing(left: float, right: float, floor: Floor) -> Part:
    height = 0.36 * (floor.window_bottom - floor.window_top)
    bottom = floor.window_bottom + 0.35 * (floor.bottom - floor.window_bottom)
    return Part("balcony", left, bottom - height, right, bottom)


def opening(random: Random, floor: Floor, bay: Bay) -> list[Part]:
    """The windows of one bay on one floor, and what belongs to them."""
    top, bottom = floor.window_top, floor.window_bottom
    height, width = bottom - top, bay.right - bay.left
    above, below = top - floor.top, floor.bottom - bottom
    gap = 0.08 * width if bay.windows > 1 else 0.0
    single = (width - gap * (bay.windows - 1)) / bay.windows
    parts: list[Part] = []
    for one in range(bay.windows):
        left = bay.left + one * (single + gap)
        parts.append(Part("window", left, top, left + single, bottom, int(random.integers(1 << 16))))
        if floor.shutters == 2 and random.random() < 0.6:
            drop = top + height * random.choice((0.2, 0.35, 0.5, 1.0), p=(0.35, 0.35, 0.2, 0.1))
            parts.append(Part("blind", left, top, left + single, float(drop)))
    if floor.shutters == 1 and bay.windows == 1 and random.random() < 0.92:
        leaf = min(0.42 * width, 0.03)
        parts.append(Part("blind", bay.left - leaf, top, bay.left, bottom))
        parts.append(Part("blind", bay.right, top, bay.right + leaf, bottom))
    if floor.sill:
        parts.append(
            Part("sill", bay.left - 0.1 * width, bottom, bay.right + 0.1 * width, bottom + min(0.012, below / 2))
        )
    if floor.cornice:
        foot = top - 0.15 * above
        rise = min(0.022, 0.5 * above)
        parts.append(Part("cornice", bay.left - 0.14 * width, foot - rise, bay.right + 0.14 * width, foot))
    elif floor.deco == 1 and above > 0.016:
        parts.append(Part("deco", bay.left, top - 0.75 * above, bay.right, top - 0.2 * above))
    if floor.deco == 3 and below > 0.02:
        parts.append(Part("deco", bay.left, bottom + 0.4 * below, bay.right, bottom + 0.85 * below))
    return parts


def ground_floor(random: Random, manner: Manner, floor: Floor, bays: list[Bay]) -> list[Part]:
    """Shops and a door, or a door among windows."""
    parts: list[Part] = []
    count = len(bays)
    entrance = count // 2 if random.random() < 0.6 else int(random.integers(count))
    shops = random.random() < manner.shops
    wide = bool(random.random() < 0.4)
    for number, bay in enumerate(bays):
        width, head = bay.right - bay.left, floor.top + 0.22 * (floor.bottom - floor.top)
        middle = (bay.left + bay.right) / 2
        if number == entrance:
            half = min(max(0.5 * width, 0.018), 0.05)
            tall = head if shops else floor.window_top + 0.02
            parts.append(Part("door", middle - half, tall, middle + half, floor.bottom, int(random.integers(1 << 16))))
            if floor.deco and tall - floor.top > 0.03:
                parts.append(Part("deco", middle - half, floor.top + 0.015, middle + half, tall - 0.004))
        elif shops:
            gaps = [bay.left - one.right for one in bays[:number]][-1:] + [
                one.left - bay.right for one in bays[number + 1 :]
            ][:1]
            reach = min([0.35 * width if wide else 0.2 * width, *(0.42 * gap for gap in gaps)])
            variant = int(random.integers(1 << 16))
            parts.append(Part("shop", bay.left - reach, head, bay.right + reach, floor.bottom, variant))
        else:
            low = floor.bottom - 0.25 * (floor.bottom - floor.top)
            plain = floor._replace(window_bottom=low, deco=0, cornice=False)
            parts += opening(random, plain, bay)
    return parts
