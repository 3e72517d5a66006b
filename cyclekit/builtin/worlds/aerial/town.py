"""A town: blocks with houses, gardens and parks, fields around them, all in the meshes of a street plan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from .kinds import ROOFS, TONES, roof
from .plan import Array, Plan, Random, Shape, arteries, ribbon, streets, waters

MARGIN = 0.25  # the mask of forbidden ground reaches this far beyond the picture
MASK = 300  # its cells a side
# the outline of a unit square, with corners on its sides too, which follow the bends of the streets
SQUARE = np.array([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 2), (4, 4), (3, 4), (2, 4), (1, 4), (0, 4), (0, 2)]) / 4


class Town(NamedTuple):
    """Shapes in painting order, and trees (n, 4): x, y, radius, tone from -1 to 1. Units are picture sides."""

    shapes: list[Shape]
    trees: Array
    angle: float  # of the fields' furrows, radians
    shadow: tuple[float, float]  # where shadows fall: a unit vector in x and y


class Box(NamedTuple):
    """A block between streets, in street coordinates."""

    left: float
    top: float
    right: float
    bottom: float

    def inset(self, by: float) -> Box:
        return Box(self.left + by, self.top + by, self.right - by, self.bottom - by)


class Content:
    """What blocks put down, in street coordinates; it is placed in the picture all at once, which is quicker."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ground: list[Shape] = []  # corners in u and v
        self.houses: list[tuple[float, float, float, float, int, int, int]] = []
        self.trees: list[Array] = []  # (n, 4): u, v, radius, tone

    def lay(self, kind: str, box: Box) -> None:
        size = (box.right - box.left, box.bottom - box.top)
        self.ground.append(Shape(kind, SQUARE * size + (box.left, box.top)))

    def house(self, random: Random, u: float, v: float, length: float, depth: float, name: str) -> None:
        """A house `length` along u and `depth` along v around (u, v); its ridge follows the longer side."""
        number = list(ROOFS).index(name)
        self.houses.append((u, v, length, depth, number, int(random.integers(len(TONES))), int(depth > length)))

    def plant(self, random: Random, box: Box, count: int, radius: tuple[float, float]) -> None:
        """`count` trees anywhere in `box`."""
        if count > 0:
            u, v = random.uniform(box.left, box.right, count), random.uniform(box.top, box.bottom, count)
            self.trees.append(np.stack([u, v, random.uniform(*radius, count), random.uniform(-1, 1, count)], axis=1))


def town(seed: int, index: int) -> Town:
    """The town number `index` (>= 0) of the world `seed` (>= 0); a function of the two numbers."""
    random = np.random.default_rng([seed, index, 1])
    plan = Plan(random)
    water = waters(random)
    roads, outlines = arteries(random, plan)
    centre, reach = random.uniform(0.1, 0.9, 2), float(random.uniform(0.35, 1.2))
    style = float(random.random())  # old and small-grained to new and large
    content = Content(plan)
    urban = np.zeros((len(plan.u) + 1, len(plan.v) + 1), bool)
    middles = plan.place((plan.u[1:, None] + plan.u[:-1, None]) / 2, (plan.v[1:] + plan.v[:-1]) / 2)
    densities = 1 - np.linalg.norm(middles - centre, axis=2) / reach + random.normal(0, 0.12, middles.shape[:2])
    for i, j in np.argwhere(np.abs(middles - 0.5).max(axis=2) < 0.65).tolist():
        box = Box(float(plan.u[i]), float(plan.v[j]), float(plan.u[i + 1]), float(plan.v[j + 1]))
        density = float(densities[i, j])
        urban[i + 1, j + 1] = density > 0
        if density > 0:
            built(random, content, box, density, style)
        else:
            country(random, content, box)
    forbidden = mask([*outlines, *(one.corners for one in water[::2])])
    trees = np.concatenate([np.zeros((0, 4)), *content.trees])
    trees[:, :2] = plan.place(trees[:, 0], trees[:, 1])
    trees = trees[~covered(forbidden, trees[:, :2])]
    turn = float(random.uniform(0, 2 * np.pi))
    shadow = (float(np.cos(turn)), float(np.sin(turn)))
    houses = placed(content, forbidden, shadow)
    shapes = [*grounds(content), *streets(plan, urban), *water, *houses, *roads]
    return Town(shapes, trees[np.argsort(trees[:, 2])], plan.angle, shadow)


def built(random: Random, content: Content, box: Box, density: float, style: float) -> None:
    """Fills a block of the town: the denser the closer its houses."""
    inner = box.inset(content.plan.width * 1.45 + float(random.uniform(0.003, 0.008)))
    width, height = inner.right - inner.left, inner.bottom - inner.top
    if min(width, height) < 0.03:
        content.lay("paved", box)
        return
    chance = random.random()
    if chance < 0.1:
        park(random, content, box, inner)
    elif chance < 0.14 and width > 0.1:
        sports(random, content, box, inner)
    elif chance < 0.16 + 0.12 * style:
        halls(random, content, box, inner)
    elif density > 0.55 - 0.2 * style and chance < 0.9:
        (perimeter if random.random() > style * 0.8 else slabs)(random, content, box, inner)
    elif chance > 0.96:
        slabs(random, content, box, inner)
    else:
        gardens(random, content, box, inner)


def park(random: Random, content: Content, box: Box, inner: Box) -> None:
    content.lay("park", box)
    ends = random.uniform(0, 1, 4)
    for across in range(2):  # paths from side to side
        t = np.linspace(0, 1, 8)
        sway = 0.15 * np.sin(t * np.pi * random.uniform(0.6, 2))
        line = ends[2 * across] + (ends[2 * across + 1] - ends[2 * across]) * t + sway
        u, v = (line, t) if across else (t, line)
        middle = np.stack([u, v], axis=1) * (inner.right - inner.left, inner.bottom - inner.top) + inner[:2]
        content.ground.append(Shape("path", ribbon(middle, 0.0035)))
    if random.random() < 0.35:
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        size = 0.25 * min(inner.right - inner.left, inner.bottom - inner.top)
        u, v = random.uniform((inner.left + size, inner.top + size), (inner.right - size, inner.bottom - size))
        radius = size * (1 + 0.25 * np.sin(2 * turn + random.uniform(0, 6)))
        outline = np.stack([u + 1.3 * radius * np.cos(turn), v + radius * np.sin(turn)], axis=1)
        content.ground.append(Shape("water", outline))
    area = (inner.right - inner.left) * (inner.bottom - inner.top)
    content.plant(random, inner, int(area * random.uniform(700, 2400)), (0.006, 0.013))


def sports(random: Random, content: Content, box: Box, inner: Box) -> None:
    content.lay("park", box)
    middle = inner.left + 0.62 * (inner.right - inner.left)
    field = Box(inner.left, inner.top, middle, inner.bottom).inset(0.006)
    content.lay("pitch", field)
    content.house(random, (middle + inner.right) / 2, (inner.top + inner.bottom) / 2, 0.03, 0.05, "flat")
    content.plant(random, Box(middle, inner.top, inner.right, inner.bottom), 6, (0.006, 0.01))


def halls(random: Random, content: Content, box: Box, inner: Box) -> None:
    content.lay("industrial", box)
    count = int(random.integers(1, 4))
    pitch = (inner.right - inner.left) / count
    for one in range(count):
        u, v = inner.left + pitch * (one + 0.5), (inner.top + inner.bottom) / 2
        if random.random() < 0.25:
            content.lay("parking", Box(u - pitch / 2, inner.top, u + pitch / 2, inner.bottom).inset(0.004))
            continue
        depth = (inner.bottom - inner.top) * float(random.uniform(0.5, 0.85))
        name = str(random.choice(("white", "flat", "gravel", "slate")))
        content.house(random, u, v, pitch * float(random.uniform(0.6, 0.9)), depth, name)


def perimeter(random: Random, content: Content, box: Box, inner: Box) -> None:
    """Houses wall to wall around a court."""
    content.lay("paved" if random.random() < 0.6 else "yard", box)
    depth = min(float(random.uniform(0.022, 0.032)), 0.42 * min(inner.right - inner.left, inner.bottom - inner.top))
    name = str(random.choice(("tiled", "brown", "slate")))
    for v in (inner.top + depth / 2, inner.bottom - depth / 2):
        row(random, content, inner.left, inner.right, v, depth, name, along=True)
    for u in (inner.left + depth / 2, inner.right - depth / 2):
        row(random, content, inner.top + depth, inner.bottom - depth, u, depth, name, along=False)
    court = inner.inset(depth + 0.012)
    if court.right > court.left and court.bottom > court.top:
        content.plant(random, court, int(random.integers(0, 6)), (0.006, 0.01))


def row(
    random: Random, content: Content, start: float, end: float, at: float, depth: float, name: str, *, along: bool
) -> None:
    """Joined houses from `start` to `end`, along u at v = `at`, or the other way round."""
    count = max(int((end - start) / random.uniform(0.03, 0.06)), 1)
    edges = np.linspace(start, end, count + 1)
    for one in range(count):
        if random.random() < 0.06:
            continue
        middle, length = float(edges[one] + edges[one + 1]) / 2, float(edges[one + 1] - edges[one])
        own = str(random.choice(list(ROOFS))) if random.random() < 0.12 else name
        if along:
            content.house(random, middle, at, length, depth, own)
        else:
            content.house(random, at, middle, depth, length, own)
        # ridges run on from house to house
        content.houses[-1] = (*content.houses[-1][:6], int(not along))


def slabs(random: Random, content: Content, box: Box, inner: Box) -> None:
    """Parallel blocks of flats on a lawn, with cars between them."""
    content.lay("park" if random.random() < 0.5 else "yard", box)
    count = max(int((inner.right - inner.left) / 0.06), 1)
    pitch = (inner.right - inner.left) / count
    name = str(random.choice(("flat", "gravel", "white")))
    for one in range(count):
        u = inner.left + pitch * (one + 0.5)
        depth = (inner.bottom - inner.top) * float(random.uniform(0.6, 1.0))
        v = inner.top + depth / 2 if random.random() < 0.5 else inner.bottom - depth / 2
        content.house(random, u, v, 0.024, depth, name)
        if random.random() < 0.3:
            content.lay("parking", Box(u + 0.016, inner.top + 0.01, u + pitch - 0.016, inner.bottom - 0.01))
        else:
            around = Box(u + 0.02, inner.top, u + pitch - 0.02, inner.bottom)
            content.plant(random, around, int(random.integers(0, 5)), (0.006, 0.011))


def gardens(random: Random, content: Content, box: Box, inner: Box) -> None:
    """Detached houses in two rows, gardens between them."""
    content.lay("yard", box)
    count = max(int((inner.right - inner.left) / random.uniform(0.036, 0.055)), 1)
    pitch = (inner.right - inner.left) / count
    roofs = random.choice(("tiled", "brown", "slate"), 2)
    shallow = 0.4 * (inner.bottom - inner.top)
    for top in (True, False):
        for one in range(count):
            if random.random() < 0.08:
                continue
            depth = min(float(random.uniform(0.019, 0.03)), shallow)
            length = min(float(random.uniform(0.019, 0.032)), 0.85 * pitch)
            u = inner.left + pitch * (one + 0.5) + float(random.uniform(-0.1, 0.1)) * (pitch - length)
            away = depth / 2 + float(random.uniform(0.0, 0.006))
            v = inner.top + away if top else inner.bottom - away
            content.house(random, u, v, length, depth, str(roofs[int(random.random() < 0.35)]))
    behind = Box(inner.left, inner.top + shallow, inner.right, inner.bottom - shallow)
    content.plant(random, behind, int(count * random.uniform(0.5, 2.5)), (0.005, 0.01))


def country(random: Random, content: Content, box: Box) -> None:
    """A field, a meadow or a wood, with hedges."""
    kind = str(random.choice(("meadow", "wheat", "crop", "soil", "wood"), p=(0.25, 0.2, 0.22, 0.13, 0.2)))
    content.lay(kind, box)
    if kind == "wood":
        area = (box.right - box.left) * (box.bottom - box.top)
        content.plant(random, box, int(area * 6000), (0.006, 0.012))
        return
    if kind != "meadow" and random.random() < 0.5:  # strips of another crop
        middle = box.top + (box.bottom - box.top) * float(random.uniform(0.3, 0.7))
        content.lay(str(random.choice(("wheat", "crop", "soil"))), box._replace(top=middle))
    if random.random() < 0.5:
        content.plant(random, box._replace(bottom=box.top + 0.006), int(random.integers(5, 16)), (0.005, 0.009))
    if kind == "meadow":
        content.plant(random, box, int(random.integers(0, 6)), (0.006, 0.012))


def grounds(content: Content) -> list[Shape]:
    """The grounds of all blocks in the picture."""
    outlines = [one.corners for one in content.ground]
    points = np.concatenate(outlines)
    corners = np.split(content.plan.place(points[:, 0], points[:, 1]), np.cumsum([len(one) for one in outlines])[:-1])
    return [Shape(one.kind, outline) for one, outline in zip(content.ground, corners)]


def mask(outlines: list[Array]) -> Array:
    """Where the outlines lie: bool (MASK, MASK), over the picture and MARGIN around it."""
    image = Image.new("L", (MASK, MASK))
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        draw.polygon(((outline + MARGIN) * (MASK / (1 + 2 * MARGIN))).ravel().tolist(), fill=1)
    return np.asarray(image) > 0


def covered(forbidden: Array, points: Array) -> Array:
    """Whether `points` (..., 2) lie in the mask: bool (...)."""
    cells = np.clip((points + MARGIN) * (MASK / (1 + 2 * MARGIN)), 0, MASK - 1).astype(int)
    return forbidden[cells[..., 1], cells[..., 0]]


def placed(content: Content, forbidden: Array, shadow: tuple[float, float]) -> list[Shape]:
    """The houses that stand on free ground, two slopes each: true rectangles, turned along their street."""
    if not content.houses:
        return []
    table = np.array(content.houses)
    u, v, length, depth, name, tone = table[:, :6].T
    turned = table[:, 6] > 0
    middle = content.plan.place(u, v)
    along = content.plan.place(u + 0.001, v) - middle
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    ridge = np.where(turned[:, None], across, along) * (np.where(turned, depth, length) / 2)[:, None]
    side = np.where(turned[:, None], -along, across) * (np.where(turned, length, depth) / 2)[:, None]
    corners = np.stack([middle - ridge - side, middle + ridge - side, middle + ridge + side, middle - ridge + side], 1)
    free = ~covered(forbidden, corners).any(axis=1) & (np.abs(middle - 0.5).max(axis=1) < 0.56)
    slopes = np.stack([middle - ridge, middle + ridge, middle + ridge + side, middle - ridge + side], 1)
    lit = side @ np.array(shadow) < 0  # the slope on the side of `side` looks to the sun
    names = list(ROOFS)
    shapes = []
    for one in np.flatnonzero(free):
        kind, own = names[int(name[one])], int(tone[one])
        shapes.append(Shape(roof(kind, own, not lit[one]), corners[one]))
        shapes.append(Shape(roof(kind, own, bool(lit[one])), slopes[one]))
    return shapes
