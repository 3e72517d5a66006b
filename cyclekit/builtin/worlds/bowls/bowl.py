"""The look `bowl`: noodle soup from above, from the table to the chopsticks."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Patch, Strand, colour, ramp
from .composition import PATTERNS, STYLES
from .toppings import draw_toppings

BROTH = ((0.95, 0.87, 0.70), (0.90, 0.73, 0.46), (0.78, 0.54, 0.27), (0.56, 0.33, 0.15), (0.34, 0.18, 0.09))
GLAZE = {
    "black": (0.13, 0.14, 0.18), "brown": (0.42, 0.25, 0.15), "blond": (0.90, 0.76, 0.46),
    "auburn": (0.70, 0.24, 0.13), "grey": (0.68, 0.72, 0.71), "blue": (0.20, 0.36, 0.68), "pink": (0.86, 0.46, 0.54),
}  # fmt: skip
PORCELAIN = (0.94, 0.92, 0.87)
RIM, SOUP = 0.86, 0.79  # where the rim ends and where the broth begins, going inwards


def draw_bowl(canvas: Canvas) -> None:
    scene = canvas.scene
    whole = canvas.patch(0, 0, 4.0)
    radius = np.hypot(whole.u, whole.v)
    draw_table(canvas, whole)
    draw_dish(canvas, whole, radius)
    draw_broth(canvas, whole, radius)
    draw_noodles(canvas, radius)
    draw_toppings(canvas, SOUP)
    if scene.glasses:
        draw_chopsticks(canvas)


def draw_table(canvas: Canvas, patch: Patch) -> None:
    """Wood, cloth or slate in the colour of the backdrop, and a mat in that of the clothes."""
    scene = canvas.scene
    base = colour(*scene.backdrop)
    x, y = canvas.grid, canvas.grid[:, None]
    if scene.table == "wood":
        base = 0.45 * base + 0.55 * colour(0.62, 0.44, 0.28)
        grain = canvas.noise(3, 90, 41) + 0.6 * canvas.noise(6, 30, 42)
        planks = np.abs((y * 4 + 0.3 * scene.parting) % 1 - 0.5) * 2 > 0.97
        light = 0.94 + 0.06 * grain - 0.25 * planks
    elif scene.table == "cloth":
        count = 8 + int(6 * scene.waves)
        checks = np.sin(2 * np.pi * count * x) * 0.5 + np.sin(2 * np.pi * count * y) * 0.5
        light = 0.96 + 0.09 * np.tanh(4 * checks) + 0.02 * canvas.noise(128, 128, 43)
    else:
        base = 0.5 * base + colour(0.14, 0.15, 0.16)
        light = 0.95 + 0.07 * canvas.noise(9, 9, 44) + 0.05 * canvas.noise(70, 70, 45)
    light = light + 0.14 * scene.light * (x - 0.5) - 0.06 * (y - 0.5)
    canvas.colour[:] = base * light[..., None]
    # the mat, where the shoulders are in the other look
    x0, y0 = (float(value) for value in canvas.place(0, 1.05))
    u, v = (x - x0) / scene.radius, (y - y0) / scene.radius
    mat = np.maximum(np.abs(u) - 1.15, -0.35 - v)
    weave = 0.93 + 0.05 * np.sin(2 * np.pi * 38 * y) + 0.02 * canvas.noise(20, 60, 46)
    canvas.shade(patch, mat, 0.05, 0.25)
    canvas.lay(patch, colour(*scene.clothes) * weave[..., None], canvas.inside(mat))


def draw_dish(canvas: Canvas, patch: Patch, radius: Array) -> None:
    """The bowl's shadow, its rim with a pattern, and the porcelain inside."""
    scene = canvas.scene
    cast = np.hypot(patch.u + 0.16 * scene.light, patch.v - 0.10)
    canvas.shade(patch, cast - 1.02, 0.14, 0.55)
    glaze = colour(*GLAZE[scene.hair])
    angle = np.arctan2(patch.v, patch.u)
    direction = (scene.light * patch.u - 0.8 * patch.v) / (radius + 1e-3)
    # the rim is a ring: its outer half faces outwards, its inner half inwards
    tube = ((radius - RIM) / (1 - RIM) * 2 - 1).clip(-1, 1)
    light = 0.92 + 0.22 * direction * tube + 0.22 * np.exp(-((tube - 0.25 * direction) ** 2) * 14)
    mark = pattern(canvas, angle, tube)
    white = colour(*PORCELAIN) if glaze.max() < 0.85 else colour(0.45, 0.30, 0.22)
    paint = glaze + mark[..., None] * (white - glaze)
    canvas.lay(patch, paint * light[..., None], canvas.inside(radius - 1))
    wall = 0.80 - 0.20 * direction + 0.8 * (radius - SOUP)
    canvas.lay(patch, colour(*PORCELAIN) * wall[..., None], canvas.inside(radius - RIM))


def pattern(canvas: Canvas, angle: Array, tube: Array) -> Array:
    """What is painted on the rim, 0 .. 1: one pattern for each style of hair. `tube`: -1 inner edge .. 1 outer edge."""
    scene = canvas.scene
    count = 14 + 2 * int(5 * scene.waves)
    turn = angle * count
    soft = max(canvas.scale * 0.07, 1.0)  # pixels per unit of `tube`
    kind = PATTERNS[STYLES.index(scene.style)]
    if kind == "band":
        inside = 0.22 - np.abs(np.abs(tube) - 0.5)
    elif kind == "strokes":
        inside = (np.cos(turn * 1.5) - 0.2) * 0.4 - (np.abs(tube) > 0.8)
    elif kind == "waves":
        inside = 0.24 - np.abs(tube - 0.42 * np.sin(turn))
    elif kind == "key":
        square = np.sign(np.sin(turn)) * 0.42
        riser = np.abs(np.sin(turn)) < 0.26
        inside = np.where(riser, 0.58 - np.abs(tube), 0.18 - np.abs(tube - square))
    elif kind == "dots":
        inside = 0.45 - np.hypot(tube, 1.1 * np.sin(turn / 2))
    elif kind == "petals":
        inside = 0.75 * np.abs(np.sin(turn / 2)) - np.abs(tube) - 0.12
    else:
        inside = np.full_like(tube, -1)
    return (0.5 + inside * soft).clip(0, 1)


def draw_broth(canvas: Canvas, patch: Patch, radius: Array) -> None:
    """Clear to dark soup: deeper in the middle, with swirls and drops of oil."""
    scene = canvas.scene
    broth = ramp(BROTH, scene.tone) * (1 + colour(0.05, -0.02, -0.10) * scene.warmth)
    swirl = 0.05 * canvas.noise(5, 5, 51) + 0.03 * canvas.noise(14, 14, 52)
    light = 1.05 - 0.30 * (radius / SOUP).clip(0, 1) ** 6 + swirl + 0.10 * scene.light * patch.u - 0.05 * patch.v
    canvas.lay(patch, broth * light[..., None], canvas.inside(radius - SOUP))
    random = canvas.random(53)
    for _ in range(14 + int(16 * scene.iris)):
        distance, angle = 0.72 * float(np.sqrt(random.random())), random.uniform(0, 2 * np.pi)
        u, v, size = distance * np.cos(angle), distance * np.sin(angle), random.uniform(0.015, 0.055)
        drop = canvas.patch(u, v, size + 0.04)
        edge = np.hypot(drop.u, drop.v) - size
        canvas.lay(drop, np.minimum(broth * colour(1.18, 1.06, 0.75), 1), 0.6 * canvas.inside(edge))
        canvas.lay(drop, broth * 0.72, 0.6 * canvas.inside(np.abs(edge) - 0.006))
        gleam = np.hypot(drop.u - 0.4 * size * scene.light, drop.v + 0.4 * size) - 0.25 * size
        canvas.lay(drop, colour(1, 0.97, 0.88), 0.8 * canvas.inside(gleam))


def draw_noodles(canvas: Canvas, radius: Array) -> None:
    """Skeins of strands, side by side along a bent line and waved like the hair."""
    scene = canvas.scene
    random = canvas.random(54)
    pale = ramp(((0.99, 0.92, 0.70), (0.95, 0.82, 0.52)), scene.tone)
    strands = []
    for _ in range(5 + int(7 * scene.noodles)):
        distance, angle = 0.62 * float(np.sqrt(random.random())), random.uniform(0, 2 * np.pi)
        heading, bend, length = random.uniform(0, np.pi), random.uniform(-1.6, 1.6), random.uniform(0.7, 1.3)
        rate, phase = random.uniform(10, 18), random.uniform(0, 6.3)
        run = np.linspace(-0.5, 0.5, 22) * length
        direction = heading + bend * run
        step = length / 21
        line = np.stack([np.cumsum(np.cos(direction)), np.cumsum(np.sin(direction))], 1) * step
        line += np.array([distance * np.cos(angle), distance * np.sin(angle)]) - line[len(line) // 2]
        side = np.stack([-np.sin(direction), np.cos(direction)], 1)
        sway = (0.004 + 0.022 * scene.waves) * np.sin(rate * run + phase)
        light = random.uniform(0.88, 1.02)
        width = 0.045
        for number in random.permutation(np.arange(-2, 3)):
            wander = 0.012 * np.sin(4 * run + random.uniform(0, 6.3))
            points = line + side * (number * 0.05 + sway + wander)[:, None]
            paint = pale * light * random.uniform(0.94, 1.03)
            strands.append(Strand(points, width + 0.014, paint * colour(0.72, 0.62, 0.50)))
            strands.append(Strand(points, width, paint))
            strands.append(Strand(points - (0.006, 0.010), 0.012, np.minimum(paint * 1.10, 1)))
    # what lies deep is veiled by the broth
    sunk = (0.93 + 0.16 * canvas.noise(6, 6, 55)).clip(0.5, 1)
    canvas.strands(strands, canvas.inside(radius - SOUP + 0.03) * sunk)


def draw_chopsticks(canvas: Canvas) -> None:
    """Two sticks laid across the bowl where the other look wears glasses."""
    scene = canvas.scene
    wood = 0.5 * colour(*scene.clothes) * colour(0.6, 0.5, 0.5)
    for number in (0, 1):
        patch = canvas.patch(0.25, scene.eye_height - 0.33 - 0.13 * number, 1.6, -0.10 + 0.07 * number)
        thick = 0.034 - 0.012 * (patch.u + 1.2) / 2.4
        distance = np.maximum(np.abs(patch.v) - thick, np.abs(patch.u) - 1.2)
        canvas.shade(patch, np.maximum(np.abs(patch.v - 0.05) - thick, np.abs(patch.u) - 1.2), 0.03, 0.35)
        light = 1.05 - 9 * patch.v + 0.6 * (np.abs(patch.u - 0.95) < 0.05)
        canvas.lay(patch, wood * light[..., None] + 0.06, canvas.inside(distance))
