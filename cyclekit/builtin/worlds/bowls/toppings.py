"""What lies on the noodles, each thing where the face has its counterpart."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Patch, box, colour, ellipse, ramp
from .face import TURN

YOLK = ((0.93, 0.45, 0.08), (0.96, 0.60, 0.14), (0.98, 0.74, 0.28))
NORI = (0.09, 0.14, 0.10)
SPREAD = 1.35  # places in the bowl lie this much further out than in the face: a bowl is wider than a face


def draw_toppings(canvas: Canvas, soup: float) -> None:
    """From the lowest to the topmost; `soup`: radius of the broth."""
    scene = canvas.scene
    if scene.beard:
        draw_greens(canvas, soup)
    for side in (-1, 1):
        draw_nori(canvas, side)
    draw_meat(canvas)
    for side in (-1, 1):
        draw_egg(canvas, side)
    draw_narutomaki(canvas)
    random = canvas.random(61)
    for u, v in scene.freckles:
        size = 0.045 + 0.025 * random.random()
        draw_scallion(canvas, SPREAD * u + TURN * scene.turn, v, size, random.uniform(0, np.pi))


def draw_egg(canvas: Canvas, side: int) -> None:
    """Half an egg: the white, a soft yolk on the side of the gaze, and a gleam."""
    scene = canvas.scene
    u, v = SPREAD * side * scene.eye_gap + TURN * scene.turn, scene.eye_height - 0.06
    across, down = 0.215 * scene.eye_size, (0.145 + 0.06 * scene.opening) * scene.eye_size
    patch = canvas.patch(u, v, 0.40, side * 0.15)
    # one end of an egg is blunter
    distance = ellipse(patch.u, patch.v * (1 + 0.5 * side * patch.u), across, down)
    canvas.shade(patch, ellipse(patch.u + 0.03 * scene.light, patch.v - 0.03, across, down), 0.05, 0.45)
    light = 1.0 + 0.35 * (scene.light * patch.u - patch.v).clip(-0.3, 0.1)
    seen = canvas.inside(distance)
    canvas.lay(patch, colour(0.98, 0.96, 0.90) * light[..., None], seen)
    canvas.lay(patch, colour(0.80, 0.62, 0.42), 0.8 * canvas.inside(np.abs(distance + 0.008) - 0.008))
    x, y, radius = 0.05 * scene.gaze[0], 0.035 * scene.gaze[1], 0.105 * scene.eye_size
    yolk = ellipse(patch.u - x, patch.v - y, radius * 1.05, radius * (0.75 + 0.25 * scene.opening))
    deep = ramp(YOLK, scene.iris)
    paint = deep * (1.0 - 0.25 * (1 + yolk / radius).clip(0, 1) ** 4)[..., None]
    canvas.lay(patch, paint, seen * canvas.inside(yolk))
    gleam = ellipse(patch.u - x - 0.035 * scene.light, patch.v - y + 0.035, 0.028, 0.018)
    canvas.lay(patch, colour(1, 0.98, 0.9), 0.85 * canvas.inside(gleam))


def draw_nori(canvas: Canvas, side: int) -> None:
    """A strip of seaweed at the angle of the brow."""
    scene = canvas.scene
    u = SPREAD * side * scene.eye_gap + TURN * scene.turn
    v = scene.eye_height - 0.36 - 0.05 * scene.opening
    patch = canvas.patch(u * 0.85, v, 0.4, -side * scene.brow_angle)
    half = 0.055 + 0.055 * scene.brow_weight
    distance = box(patch.u, patch.v, 0.21, half, 0.012)
    canvas.shade(patch, box(patch.u + 0.02 * scene.light, patch.v - 0.025, 0.21, half, 0.02), 0.04, 0.4)
    crinkle = 1 + 0.35 * canvas.noise(50, 50, 63)[patch.rows, patch.columns] + 0.15 * np.sin(40 * patch.u)
    canvas.lay(patch, colour(*NORI) * crinkle[..., None].clip(0.4, 2.2), canvas.inside(distance))


def draw_meat(canvas: Canvas) -> None:
    """A slice of braised pork, rolled: rings of lean and fat, bent as the mouth is."""
    scene = canvas.scene
    u, v = 1.2 * TURN * scene.turn, scene.mouth_height - 0.04
    across = 1.1 * scene.mouth_width + 0.07
    down = 0.115 + 0.10 * scene.mouth_opening
    patch = canvas.patch(u, v, 0.6)
    bend = patch.v - 0.20 * scene.smile * (0.4 - (patch.u / across) ** 2) * (across / 0.35)
    ragged = 0.012 * canvas.noise(18, 18, 64)[patch.rows, patch.columns]
    distance = ellipse(patch.u, bend, across, down) + ragged
    canvas.shade(patch, distance + 0.5 * (ragged - 0.02), 0.05, 0.45)
    depth = (1 + distance / down).clip(0, 1)  # 0 middle .. 1 edge
    marble = canvas.noise(26, 26, 65)[patch.rows, patch.columns]
    fat = (0.5 + 2.2 * (np.sin(11 * depth + 0.7 * marble + 3 * scene.parting) - 0.35)).clip(0, 1)[..., None]
    lean = colour(0.70, 0.44, 0.33) * (1 + 0.08 * marble)[..., None]
    paint = lean + fat * (colour(0.95, 0.84, 0.72) - lean)
    crust = ((depth - 0.86) * 8).clip(0, 1)[..., None]
    paint = paint + crust * (colour(0.42, 0.22, 0.12) - paint)
    light = 1 + 0.30 * (scene.light * patch.u - bend).clip(-0.4, 0.3)
    canvas.lay(patch, paint * light[..., None], canvas.inside(distance))


def draw_narutomaki(canvas: Canvas) -> None:
    """A fish cake with a scalloped edge and a pink spiral, as large as the nose."""
    scene = canvas.scene
    radius = 0.10 + 0.05 * scene.nose
    patch = canvas.patch(1.6 * TURN * scene.turn, 0.16, 0.26, scene.parting)
    distance, angle = np.hypot(patch.u, patch.v), np.arctan2(patch.v, patch.u)
    edge = distance - radius * (1 + 0.07 * np.cos(12 * angle))
    canvas.shade(patch, edge - 0.02, 0.035, 0.35)
    canvas.lay(patch, colour(0.98, 0.97, 0.94) * (1 - 1.2 * (edge + 0.03).clip(0, 1))[..., None], canvas.inside(edge))
    turns = 1.6
    arm = (distance / (0.72 * radius) * turns - angle / (2 * np.pi)) % 1
    pitch = 0.72 * radius / turns
    spiral = np.maximum((np.abs(arm - 0.5) - 0.24) * pitch, distance - 0.74 * radius)
    canvas.lay(patch, colour(0.93, 0.42, 0.52), canvas.inside(spiral))


def draw_scallion(canvas: Canvas, u: float, v: float, size: float, angle: float) -> None:
    patch = canvas.patch(u, v, size + 0.06, angle)
    distance = ellipse(patch.u, patch.v, size, size * 0.82)
    canvas.shade(patch, distance, 0.03, 0.25)
    canvas.lay(patch, colour(0.62, 0.80, 0.36), canvas.inside(distance))
    canvas.lay(patch, colour(0.26, 0.55, 0.16), canvas.inside(np.abs(distance + 0.006) - 0.008))
    canvas.lay(patch, colour(0.32, 0.42, 0.14), 0.7 * canvas.inside(distance + 0.62 * size))


def draw_greens(canvas: Canvas, soup: float) -> None:
    """Leaves along the lower edge of the broth, as far around as the beard is full."""
    scene = canvas.scene
    random = canvas.random(66)
    for _ in range(10 + int(22 * scene.beard)):
        angle = np.pi / 2 + random.uniform(-1, 1) * (0.35 + 0.75 * scene.beard)
        reach = soup - random.uniform(0.10, 0.24)
        u, v = reach * float(np.cos(angle)), reach * float(np.sin(angle))
        leaf(canvas, canvas.patch(u, v, 0.24, random.uniform(0, np.pi)), random.uniform(0.7, 1.25))


def leaf(canvas: Canvas, patch: Patch, light: float) -> None:
    bend = patch.v + 0.6 * patch.u**2
    distance = ellipse(patch.u, bend, 0.14, 0.055)
    canvas.shade(patch, distance, 0.03, 0.3)
    paint = colour(0.20, 0.42, 0.13) * light * (1 - 2.5 * patch.v)[..., None]
    canvas.lay(patch, paint, canvas.inside(distance))
    canvas.lay(patch, colour(0.45, 0.64, 0.28), 0.7 * canvas.inside(np.maximum(np.abs(bend) - 0.006, distance)))
