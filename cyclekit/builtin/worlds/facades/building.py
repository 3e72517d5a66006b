"""What a facade's parts are built of: every pixel of a picture gets a surface, with a colour and a relief.

Over 300 lines: one building, with a way to draw each of its dozen kinds of parts.
"""

from __future__ import annotations

import colorsys
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .layout import Layout, Part

Colour = tuple[float, float, float]

# hue (of 1), saturation and value of walls, by masonry: ranges
WALLS: dict[str, tuple[tuple[tuple[float, float], tuple[float, float], tuple[float, float]], ...]] = {
    "plaster": (
        ((0.09, 0.14), (0.15, 0.45), (0.78, 0.95)),  # cream to ochre
        ((0.0, 0.06), (0.15, 0.5), (0.66, 0.88)),  # pink to terracotta
        ((0.1, 0.6), (0.0, 0.06), (0.7, 0.95)),  # white to grey
        ((0.2, 0.42), (0.08, 0.26), (0.66, 0.86)),  # green
        ((0.55, 0.62), (0.08, 0.32), (0.62, 0.86)),  # blue
    ),
    "stone": (((0.08, 0.13), (0.08, 0.3), (0.58, 0.86)), ((0.05, 0.6), (0.0, 0.07), (0.48, 0.72))),
    "brick": (((0.0, 0.045), (0.42, 0.66), (0.42, 0.66)), ((0.06, 0.11), (0.3, 0.5), (0.55, 0.8))),
    "panel": (((0.05, 0.6), (0.0, 0.08), (0.55, 0.8)), ((0.02, 0.15), (0.1, 0.3), (0.66, 0.86))),
    "board": (((0.0, 0.62), (0.1, 0.5), (0.5, 0.85)), ((0.1, 0.2), (0.0, 0.1), (0.8, 0.95))),
}
# how windows are divided: panes side by side, and the edges between those above each other
LATTICES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (2, (0.0, 0.3, 1.0)),
    (2, (0.0, 1.0)),
    (1, (0.0, 0.5, 1.0)),
    (3, (0.0, 0.25, 1.0)),
    (2, (0.0, 0.25, 0.5, 0.75, 1.0)),
    (1, (0.0, 1.0)),
)
GLASSES = 6  # kinds of glass: how dark the room is, and what it mirrors


class Surface(NamedTuple):
    colour: Colour
    relief: float  # distance before the wall's plane, in picture sides; behind it: negative
    material: str  # sky | wall | trim | glass | ground


class Building:
    """The surfaces of one layout on a grid of `side` x `side` cells. `cells` (side, side): the place in `surfaces`."""

    def __init__(self, layout: Layout, side: int) -> None:
        self.layout, self.side = layout, side
        self.surfaces: list[Surface] = []
        self.random = np.random.default_rng([layout.seed, layout.index, 2])
        self.choose_surfaces(self.random)
        self.cells = np.full((side, side), self.sky, np.uint8)
        self.setting()
        draw = {kind: getattr(self, f"draw_{kind}") for kind in {part.kind for part in layout.parts}}
        for part in layout.parts:
            draw[part.kind](part)

    def choose_surfaces(self, random: np.random.Generator) -> None:
        """The colours of this building and its neighbours, and how its windows and balconies are made."""
        layout = self.layout
        ranges = WALLS[layout.masonry][int(random.integers(len(WALLS[layout.masonry])))]
        hue, saturation, value = (float(random.uniform(*one)) for one in ranges)
        wall = colorsys.hsv_to_rgb(hue, saturation, value)
        light = random.random() < 0.6
        trim = colorsys.hsv_to_rgb(hue, saturation * 0.4, 0.92 if light else 0.7 * value)
        if random.random() < 0.3:
            trim = colorsys.hsv_to_rgb(0.1, 0.2, float(random.uniform(0.6, 0.85)))
        frame: Colour = (0.9, 0.89, 0.86) if random.random() < 0.6 else random_colour(random, 0.5, (0.12, 0.4))
        wood = random_colour(random, 0.6, (0.18, 0.5))
        iron: Colour = (0.13, 0.14, 0.15) if random.random() < 0.75 else (0.8, 0.8, 0.78)
        add = self.add
        self.sky = add((0.75, 0.83, 0.92), -0.2, "sky")
        self.neighbours = [add(random_colour(random, 0.25, (0.4, 0.75)), -0.01, "trim") for _ in range(2)]
        self.roof = add(
            [(0.48, 0.26, 0.2), (0.33, 0.34, 0.37), (0.4, 0.32, 0.27)][int(random.integers(3))], -0.02, "trim"
        )
        self.ground = add((0.52, 0.51, 0.49), 0.0, "ground")
        self.kerb = add((0.36, 0.36, 0.37), -0.004, "ground")
        self.wall = add(wall, 0.0, "wall")
        self.base = add(wall if random.random() < 0.5 else mixed(wall, (0.5, 0.48, 0.45), 0.55), 0.004, "wall")
        self.trim = add(trim, 0.008, "trim")
        self.band = add(trim, 0.012, "trim")
        self.ledge = add(mixed(trim, (1.0, 1.0, 1.0), 0.12), 0.02, "trim")
        self.hollow = add(mixed(trim, (0.0, 0.0, 0.0), 0.22), 0.003, "trim")
        self.frame = add(frame, -0.006, "trim")
        panes = [random_colour(random, 0.3, (0.1, 0.3), hue=(0.5, 0.65)) for _ in range(GLASSES)]
        self.panes = [add(pane, -0.01, "glass") for pane in panes]
        self.curtains = [
            add(mixed(random_colour(random, 0.2, (0.5, 0.8)), panes[0], 0.35), -0.01, "glass") for _ in range(2)
        ]
        self.blind = add(random_colour(random, 0.55, (0.3, 0.75)), 0.003, "trim")
        self.slat = add(mixed(self.surfaces[self.blind].colour, (0.0, 0.0, 0.0), 0.3), 0.0, "trim")
        self.wood = add(wood, -0.006, "trim")
        self.panel = add(mixed(wood, (0.0, 0.0, 0.0), 0.35), -0.009, "trim")
        self.iron = add(iron, 0.03, "trim")
        self.slab = add(mixed(trim, (0.5, 0.5, 0.5), 0.3), 0.035, "trim")
        self.signs = [add(random_colour(random, 0.8, (0.25, 0.8)), 0.012, "trim") for _ in range(3)]
        self.shopfront = add(random_colour(random, 0.6, (0.12, 0.5)), 0.0, "trim")
        self.display = [add(random_colour(random, 0.5, (0.2, 0.6)), -0.012, "glass") for _ in range(3)]
        self.awning = add((0.92, 0.9, 0.86), 0.04, "trim")
        self.railed = bool(random.random() < 0.7)  # balconies have railings, not parapets
        self.lattice = int(random.integers(len(LATTICES)))
        self.pediments = bool(random.random() < 0.5)
        self.arched = bool(random.random() < 0.15) and layout.manner != "block"
        self.surround = float(random.uniform(0.004, 0.01)) if random.random() < 0.6 else 0.0

    def add(self, colour: Colour, relief: float, material: str) -> int:
        self.surfaces.append(Surface(colour, relief, material))
        return len(self.surfaces) - 1

    def fill(self, surface: int, left: float, top: float, right: float, bottom: float) -> None:
        """A rectangle; what is thinner than half a cell vanishes."""
        side = self.side
        rows = slice(max(int(top * side + 0.5), 0), max(int(bottom * side + 0.5), 0))
        self.cells[rows, max(int(left * side + 0.5), 0) : max(int(right * side + 0.5), 0)] = surface

    def bars(
        self, surface: int, left: float, top: float, right: float, bottom: float, pitch: float, share: float
    ) -> None:
        """Upright bars every `pitch`, `share` of it wide; on a coarse grid at least two cells."""
        side = self.side
        rows = slice(max(int(top * side + 0.5), 0), max(int(bottom * side + 0.5), 0))
        first, last = max(int(left * side + 0.5), 0), max(int(right * side + 0.5), 0)
        step = max(2, round(pitch * side))
        for offset in range(max(1, round(step * share))):
            self.cells[rows, first + offset : last : step] = surface

    def setting(self) -> None:
        """Neighbouring houses, the roof, the pavement."""
        it = self.layout
        if it.left > 0:
            self.fill(self.neighbours[0], 0.0, it.neighbours[0], it.left, 1.0)
        if it.right < 1:
            self.fill(self.neighbours[1], it.right, it.neighbours[1], 1.0, 1.0)
        if it.roof:
            steps = 8
            for step in range(steps):  # a hipped roof
                inset = it.roof * 0.8 * step / steps
                top = it.top - it.roof * (step + 1) / steps
                self.fill(self.roof, it.left + inset, top, it.right - inset, top + it.roof / steps + 0.002)
            for x in np.linspace(it.left, it.right, 2 + int(self.random.integers(1, 4)))[1:-1]:
                self.fill(self.neighbours[0], x - 0.015, it.top - it.roof * 1.3, x + 0.015, it.top - it.roof * 0.5)
        self.fill(self.ground, 0.0, it.bottom, 1.0, 1.0)
        self.fill(self.kerb, 0.0, it.bottom + 0.6 * (1 - it.bottom), 1.0, 1.0)

    def draw_facade(self, part: Part) -> None:
        self.fill(self.wall, *part[1:5])
        self.fill(self.base, part.left, self.layout.ground, part.right, part.bottom)

    def draw_window(self, part: Part) -> None:
        _, left, top, right, bottom, variant = part
        width, height = right - left, bottom - top
        border = self.surround
        if border:
            self.fill(self.trim, left - border, top - border, right + border, bottom + border)
        self.fill(self.frame, left, top, right, bottom)
        thin = max(min(0.004, 0.1 * width), 0.5 / self.side)
        columns, rows = LATTICES[self.lattice]
        across, down = width - thin, height - thin
        for column in range(columns):
            start, end = left + thin + across * column / columns, left + across * (column + 1) / columns
            for one, two in pairwise(rows):
                self.fill(self.panes[variant % GLASSES], start, top + thin + down * one, end, top + down * two)
        habit = variant // 8 % 8  # what hangs behind the glass
        curtain = self.curtains[variant // 64 % 2]
        if habit < 2:
            for column in range(columns):
                start, end = left + thin + across * column / columns, left + across * (column + 1) / columns
                self.fill(curtain, start, top + thin, end, top + height * (0.45 if habit else 0.95))
        elif habit == 2:
            self.fill(curtain, left + thin, top + thin, left + 0.28 * width, bottom - thin)
            self.fill(curtain, right - 0.28 * width, top + thin, right - thin, bottom - thin)
        if self.arched:
            self.arch(left, top, right)

    def arch(self, left: float, top: float, right: float) -> None:
        """Rounds the head of a window with wall; the label stays the rectangle, as in the data base."""
        half = (right - left) / 2
        rise = min(half, 0.03)
        rows = int(rise * self.side)
        for row in range(rows):
            inset = half * (1 - (1 - (1 - (row + 0.5) / rows) ** 2) ** 0.5)
            y = top + row / self.side
            self.fill(self.wall, left, y, left + inset, y + 1 / self.side)
            self.fill(self.wall, right - inset, y, right, y + 1 / self.side)

    def draw_door(self, part: Part) -> None:
        _, left, top, right, bottom, variant = part
        width, height = right - left, bottom - top
        self.fill(self.trim, left - 0.008, top - 0.008, right + 0.008, bottom)
        self.fill(self.wood, left, top, right, bottom)
        self.fill(
            self.panes[variant % GLASSES],
            left + 0.1 * width,
            top + 0.04 * height,
            right - 0.1 * width,
            top + 0.2 * height,
        )
        glazed = variant // 8 % 3 == 0
        for column in range(2):
            start = left + width * (0.1 + 0.45 * column)
            for high, low in ((0.27, 0.58), (0.64, 0.94)):
                inside = self.panes[0] if glazed and high < 0.5 else self.panel
                self.fill(inside, start, top + high * height, start + 0.35 * width, top + low * height)
        self.fill(self.ledge, left - 0.01, bottom - 0.006, right + 0.01, bottom)

    def draw_shop(self, part: Part) -> None:
        _, left, top, right, bottom, variant = part
        width, height = right - left, bottom - top
        self.fill(self.shopfront, left, top, right, bottom)
        sign = self.signs[variant % 3]
        self.fill(sign, left, top, right, top + 0.2 * height)
        lettering = self.awning if variant // 4 % 2 else self.ledge
        size = 0.09 * height
        for one in range(2 + variant // 8 % 4):  # lettering, as blocks
            x = left + width * (0.2 + 0.12 * one)
            if variant // 64 >> one & 1 or one == 0:
                self.fill(lettering, x, top + 0.06 * height, x + 0.08 * width, top + 0.06 * height + size)
        panes = max(1, round(width / 0.06))
        for one in range(panes):
            start = left + 0.005 + (width - 0.01) * one / panes
            glass = self.display[(variant // 16 + one) % 3]
            self.fill(glass, start, top + 0.26 * height, start + (width - 0.01) / panes - 0.004, bottom - 0.12 * height)
        if variant // 32 % 3 == 0:
            low = top + 0.42 * height
            self.fill(sign, left, top + 0.2 * height, right, low)
            self.bars(self.awning, left, top + 0.2 * height, right, low, 0.016, 0.5)

    def draw_molding(self, part: Part) -> None:
        _, left, top, right, bottom, variant = part
        height = bottom - top
        self.fill(self.band, left, top, right, bottom)
        self.fill(self.ledge, left, top, right, top + 0.4 * height)
        if variant:
            self.bars(self.hollow, left, top + 0.55 * height, right, bottom - 0.12 * height, 0.022, 0.5)  # dentils

    def draw_sill(self, part: Part) -> None:
        self.fill(self.ledge, *part[1:5])

    def draw_cornice(self, part: Part) -> None:
        _, left, top, right, bottom, _ = part
        rows = max(int((bottom - top) * self.side), 1)
        pediment = self.pediments and bottom - top > 0.012
        for row in range(rows if pediment else 0):
            inset = (right - left) / 2 * (1 - (row + 1) / rows)
            y = top + row / self.side
            self.fill(self.band, left + inset, y, right - inset, y + 1 / self.side)
        self.fill(self.band, left + 0.06 * (right - left), (top + bottom) / 2, right - 0.06 * (right - left), bottom)
        self.fill(
            self.ledge,
            left,
            bottom - 0.4 * (bottom - top) if pediment else top,
            right,
            bottom if pediment else (top + bottom) / 2,
        )

    def draw_pillar(self, part: Part) -> None:
        _, left, top, right, bottom, _ = part
        width = right - left
        self.fill(self.band, left + 0.12 * width, top, right - 0.12 * width, bottom)
        self.bars(
            self.hollow, left + 0.25 * width, top + 1.2 * width, right - 0.2 * width, bottom - width, 0.3 * width, 0.4
        )
        self.fill(self.ledge, left, top + 0.4 * width, right, top + 1.1 * width)
        self.fill(self.ledge, left, bottom - 0.8 * width, right, bottom)

    def draw_deco(self, part: Part) -> None:
        _, left, top, right, bottom, variant = part
        width, height = right - left, bottom - top
        self.fill(self.trim, left, top, right, bottom)
        if variant:
            self.fill(self.hollow, left + 0.25 * width, top + 0.6 * height, right - 0.25 * width, bottom)
            return
        self.fill(self.hollow, left + 0.08 * width, top + 0.12 * height, right - 0.08 * width, bottom - 0.12 * height)
        rows = max(int(0.7 * height * self.side), 1)
        for row in range(rows):  # a medallion
            reach = min(0.4 * width, height) * (1 - (2 * (row + 0.5) / rows - 1) ** 2) ** 0.5 * 0.7
            y, x = top + 0.15 * height + row / self.side, left + width / 2
            self.fill(self.ledge, x - reach, y, x + reach, y + 1 / self.side)

    def draw_blind(self, part: Part) -> None:
        _, left, top, right, bottom, _ = part
        self.fill(self.blind, left, top, right, bottom)
        rows = self.cells[int(top * self.side + 0.5) : int(bottom * self.side + 0.5)]
        step = max(2, round(0.009 * self.side))
        rows[step - 1 :: step, int(left * self.side + 1.5) : max(int(right * self.side - 0.5), 0)] = self.slat

    def draw_balcony(self, part: Part) -> None:
        _, left, top, right, bottom, _ = part
        height = bottom - top
        if self.railed:
            self.bars(self.iron, left, top, right, bottom, 0.011, 0.35)
            self.fill(self.iron, left, top, right, top + max(0.1 * height, 0.5 / self.side))
        else:
            self.fill(self.band, left, top, right, bottom)
            self.bars(self.hollow, left + 0.01, top + 0.25 * height, right - 0.01, bottom - 0.25 * height, 0.02, 0.45)
            self.fill(self.slab, left, top, right, top + 0.16 * height)
        self.fill(self.slab, left, bottom - 0.2 * height, right, bottom)


def random_colour(
    random: np.random.Generator,
    saturation: float,
    value: tuple[float, float],
    hue: tuple[float, float] = (0.0, 1.0),
) -> Colour:
    """A colour of at most the given saturation."""
    return colorsys.hsv_to_rgb(
        float(random.uniform(*hue)), float(random.uniform(0, saturation)), float(random.uniform(*value))
    )


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` of `other` in it."""
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
    )
