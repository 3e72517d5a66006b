"""The look `face`: a drawn portrait, from the background to the hair."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Patch, Strand, colour, ellipse, ramp

SKIN = ((0.98, 0.86, 0.77), (0.94, 0.75, 0.62), (0.82, 0.60, 0.44), (0.60, 0.40, 0.27), (0.38, 0.24, 0.16))
HAIR = {
    "black": (0.11, 0.10, 0.11), "brown": (0.34, 0.21, 0.13), "blond": (0.87, 0.71, 0.40),
    "auburn": (0.60, 0.26, 0.13), "grey": (0.68, 0.68, 0.69), "blue": (0.24, 0.36, 0.66), "pink": (0.86, 0.42, 0.55),
}  # fmt: skip
IRIS = ((0.30, 0.17, 0.09), (0.45, 0.30, 0.14), (0.33, 0.45, 0.26), (0.30, 0.48, 0.68))
TURN = 0.10  # how far the features move when the face looks fully to a side
CROWN = (0.74, 0.92)  # half width and height of the head


def draw_face(canvas: Canvas) -> None:
    scene = canvas.scene
    skin = ramp(SKIN, scene.tone) * (1 + colour(0.03, 0.0, -0.04) * scene.warmth)
    hair = colour(*HAIR[scene.hair])
    whole, head = canvas.patch(0, 0, 4.0), canvas.patch(0, 0, 1.2)
    draw_backdrop(canvas)
    if scene.style in ("long", "curly", "bun"):
        draw_hair_behind(canvas, whole, hair)
    draw_shoulders(canvas, whole, skin)
    draw_head(canvas, head, skin)
    if scene.beard:
        draw_beard(canvas, head, hair, skin)
    draw_nose(canvas, skin)
    draw_mouth(canvas, skin)
    for side in (-1, 1):
        draw_eye(canvas, side, skin, hair)
    if scene.style != "bald":
        draw_hair(canvas, head, hair)
    if scene.glasses:
        draw_glasses(canvas)


def draw_backdrop(canvas: Canvas) -> None:
    """A plain wall, lighter on the side of the light."""
    scene = canvas.scene
    light = 1.02 + 0.14 * scene.light * (canvas.grid - 0.5) - 0.12 * (canvas.grid[:, None] - 0.5)
    light = light + 0.012 * canvas.noise(5, 5, 11)
    canvas.colour[:] = colour(*scene.backdrop) * light[..., None]


def outline(canvas: Canvas, patch: Patch, larger: float = 0.0) -> Array:
    """Signed distance to the head: an oval whose lower half narrows to the chin."""
    chin = patch.v.clip(0, 1)
    across = CROWN[0] + larger - (0.10 + 0.18 * canvas.scene.jaw) * chin**1.6
    return ellipse(patch.u, patch.v, across, CROWN[1] + larger)


def strand_light(canvas: Canvas, patch: Patch, salt: int) -> Array:
    """Light and dark streaks of hair that run from the crown outwards, and a band of gloss across them."""
    scene = canvas.scene
    u, v = patch.u - 0.3 * scene.parting, patch.v + 0.95
    bend = 0.10 * scene.waves * np.sin(9 * v + 3 * scene.parting)
    angle = np.arctan2(u + bend, np.abs(v) + 0.25)
    streaks = canvas.random(salt).standard_normal(90)
    place = (angle / np.pi + 0.5) * 89
    streak = np.interp(place, np.arange(90), streaks) + 0.6 * np.interp((place * 3.1) % 89, np.arange(90), streaks)
    gloss = np.exp(-(((v - 0.42 + 0.2 * np.abs(u)) / 0.16) ** 2))
    side = 0.10 * scene.light * patch.u
    light = 0.96 + 0.10 * streak + 0.28 * gloss + side - 0.10 * patch.v.clip(-1, 1)
    return light.astype(np.float32)


def lay_hair(canvas: Canvas, patch: Patch, distance: Array, hair: Array, light: float, salt: int) -> None:
    shade = light * strand_light(canvas, patch, salt)[..., None]
    # even black hair shows its gloss
    paint = hair * shade + 0.05 * (shade - 0.7).clip(0, 1)
    canvas.lay(patch, paint, canvas.inside(distance))


def draw_hair_behind(canvas: Canvas, patch: Patch, hair: Array) -> None:
    scene = canvas.scene
    if scene.style == "bun":
        u, v = 0.25 * scene.parting, -1.06
        distance = ellipse(patch.u - u, patch.v - v, 0.27, 0.25)
    elif scene.style == "curly":
        distance = ellipse(patch.u, patch.v + 0.22, 0.96, 0.90) - curl(canvas, patch)
    else:
        length = 0.75 + 0.7 * scene.noodles
        width = 0.88 + 0.10 * np.sin(5 * patch.v) * scene.waves + 0.08 * patch.v.clip(0, 1)
        column = np.maximum(np.abs(patch.u) - width, patch.v - length)
        distance = np.where(patch.v < 0, ellipse(patch.u, patch.v, 0.88, 1.0), column)
    lay_hair(canvas, patch, distance, hair, 0.78, 21)


def curl(canvas: Canvas, patch: Patch) -> Array:
    """A bumpy edge, as curls have."""
    scene = canvas.scene
    turn = np.arctan2(patch.v + 0.2, patch.u) * (7 + 4 * scene.waves)
    uneven = canvas.noise(30, 30, 23)[patch.rows, patch.columns]
    return 0.06 * np.abs(np.sin(turn + 2 * scene.parting)) + 0.01 * uneven


def draw_shoulders(canvas: Canvas, patch: Patch, skin: Array) -> None:
    """Neck and clothes; the shoulders stay level, whatever the tilt of the head."""
    scene = canvas.scene
    neck = np.maximum(np.abs(patch.u) - 0.27, np.maximum(0.3 - patch.v, patch.v - 1.3))
    canvas.lay(patch, skin * (0.80 + 0.10 * scene.light * patch.u[..., None]), canvas.inside(neck))
    x, y = (float(value) for value in canvas.place(0, 1.02))
    u = (canvas.grid - x) / scene.radius
    v = (canvas.grid[:, None] - y) / scene.radius
    collar = np.maximum(0.30 * u**2 - 0.02 - v, -ellipse(u, v + 0.06, 0.31, 0.22))
    light = 0.92 + 0.16 * scene.light * u - 0.10 * v + 0.03 * canvas.noise(7, 4, 25)
    canvas.lay(patch._replace(u=u, v=v), colour(*scene.clothes) * light[..., None], canvas.inside(collar))


def draw_head(canvas: Canvas, patch: Patch, skin: Array) -> None:
    """Ears and head, lit from one side, with cheeks."""
    scene = canvas.scene
    for side in (-1, 1):
        middle = side * (CROWN[0] + 0.01)
        canvas.blob(middle, scene.eye_height + 0.10, 0.11, 0.19, skin * 0.90)
        canvas.blob(middle, scene.eye_height + 0.11, 0.055, 0.11, skin * 0.74)
    distance = outline(canvas, patch)
    canvas.shade(patch, outline(canvas, patch._replace(v=patch.v - 0.12)), 0.12, 0.28)
    u, v = patch.u / CROWN[0], patch.v / CROWN[1]
    depth = np.sqrt((1 - (u**2 + v**2) * 0.9).clip(0.02, 1))
    light = 0.70 + 0.30 * depth + 0.14 * scene.light * u - 0.06 * v
    paint = skin * light[..., None]
    for side in (-1, 1):
        cheek = patch.u - side * 0.40 - TURN * scene.turn
        blush = 0.16 * np.exp(-((cheek / 0.2) ** 2 + ((patch.v - 0.22) / 0.16) ** 2))
        paint = paint + blush[..., None] * (skin * colour(1.05, 0.72, 0.70) - paint)
    canvas.lay(patch, paint, canvas.inside(distance))
    for place, height in scene.freckles:
        canvas.blob(place + TURN * scene.turn, height, 0.022, 0.022, skin * colour(0.70, 0.58, 0.50), amount=0.85)


def draw_eye(canvas: Canvas, side: int, skin: Array, hair: Array) -> None:
    """White, iris, pupil, a spark of light, the upper lid, and the brow."""
    scene = canvas.scene
    u, v = side * scene.eye_gap + TURN * scene.turn, scene.eye_height
    width, height = 0.125 * scene.eye_size, (0.035 + 0.055 * scene.opening) * scene.eye_size
    patch = canvas.patch(u, v, 0.3)
    lens = ellipse(patch.u, patch.v, width, height)
    canvas.shade(patch, ellipse(patch.u, patch.v + 0.02, width * 1.15, height * 1.3), 0.05, 0.22)
    seen = canvas.inside(lens)
    canvas.lay(patch, colour(0.97, 0.97, 0.96), seen)
    x, y = 0.035 * scene.gaze[0], 0.02 * scene.gaze[1]
    radius = 0.070 * scene.eye_size
    iris = ellipse(patch.u - x, patch.v - y, radius, radius)
    canvas.lay(patch, ramp(IRIS, scene.iris), seen * canvas.inside(iris))
    canvas.lay(patch, colour(0.04, 0.04, 0.05), seen * canvas.inside(iris + 0.038))
    spark = ellipse(patch.u - x - 0.025 * scene.light, patch.v - y + 0.025, 0.017, 0.017)
    canvas.lay(patch, colour(1, 1, 1), seen * canvas.inside(spark))
    run = np.linspace(-1, 1, 13)
    arch = np.sqrt(1 - (0.98 * run) ** 2)
    lid = np.stack([u + 1.12 * width * run, v - height * arch], 1)
    low = np.stack([u + width * run, v + height * arch], 1)
    tilt = -side * scene.brow_angle
    brow_v = v - 0.20 - 0.05 * scene.opening - 0.035 * (1 - run**2) + 0.15 * run * np.sin(tilt)
    brow = np.stack([u + 0.16 * run, brow_v], 1)
    dark = 0.75 * hair + 0.03
    canvas.strands(
        [
            Strand(low, 0.012, skin * 0.66),
            Strand(lid, 0.026, colour(0.12, 0.08, 0.08)),
            Strand(brow, 0.03 + 0.05 * scene.brow_weight, dark),
        ]
    )


def draw_nose(canvas: Canvas, skin: Array) -> None:
    scene = canvas.scene
    u, size = 1.6 * TURN * scene.turn, 0.06 + 0.05 * scene.nose
    patch = canvas.patch(u, 0.2, 0.32)
    tip = ellipse(patch.u, patch.v, size * 1.1, size)
    canvas.shade(patch, ellipse(patch.u + 0.05 * scene.light, patch.v + 0.08, size * 0.8, 0.2), 0.05, 0.13)
    canvas.shade(patch, tip, 0.03, 0.10)
    shine = ellipse(patch.u - 0.02 * scene.light, patch.v + 0.02, size * 0.5, size * 0.4)
    canvas.lay(patch, np.minimum(skin * 1.12, 1), canvas.inside(shine) * 0.6)
    run = np.linspace(-1, 1, 9)
    base = np.stack([u + size * run, 0.2 + size * (0.55 + 0.45 * (1 - run**2))], 1)
    canvas.strands([Strand(base, 0.02, skin * 0.62)])


def draw_mouth(canvas: Canvas, skin: Array) -> None:
    """Lips along a curve; open, it shows teeth and the dark."""
    scene = canvas.scene
    u, v, width = 1.2 * TURN * scene.turn, scene.mouth_height, scene.mouth_width
    patch = canvas.patch(u, v, 0.5)
    bend = patch.v - 0.16 * scene.smile * (0.4 - (patch.u / width) ** 2) * (width / 0.3)
    gape = 0.012 + 0.105 * scene.mouth_opening
    lips = ellipse(patch.u, bend, width + 0.02, gape + 0.042)
    red = (skin * colour(0.92, 0.55, 0.54) + colour(0.10, 0.0, 0.02)).clip(0, 1)
    canvas.lay(patch, red * (1 - 1.2 * bend[..., None].clip(-0.1, 0.1)), canvas.inside(lips))
    hole = ellipse(patch.u, bend, width, gape)
    seen = canvas.inside(hole)
    canvas.lay(patch, colour(0.28, 0.08, 0.09), seen)
    if scene.mouth_opening:
        teeth = np.maximum(hole + 0.012, bend + gape * 0.35)
        canvas.lay(patch, colour(0.96, 0.95, 0.92), canvas.inside(teeth))
        tongue = ellipse(patch.u, bend - gape, width * 0.6, gape * 0.75)
        canvas.lay(patch, colour(0.80, 0.36, 0.38), seen * canvas.inside(tongue))


def draw_beard(canvas: Canvas, patch: Patch, hair: Array, skin: Array) -> None:
    """From ear to ear around the mouth; a short beard lets the skin through."""
    scene = canvas.scene
    rim = outline(canvas, patch, 0.02 + 0.10 * scene.beard * 0.6)
    fray, strands = (canvas.noise(*cells)[patch.rows, patch.columns] for cells in ((40, 20, 27), (120, 70, 28)))
    upper = 0.10 + 0.22 * (1 - (patch.u / 0.7) ** 2)
    mouth = ellipse(patch.u - 1.2 * TURN * scene.turn, patch.v - scene.mouth_height, scene.mouth_width + 0.05, 0.10)
    distance = np.maximum(np.maximum(rim, upper - patch.v + 0.02 * fray), -mouth)
    tint = (0.35 + 0.65 * scene.beard) * hair + (0.65 - 0.65 * scene.beard) * skin
    light = 0.85 + 0.08 * strands + 0.1 * scene.light * patch.u
    canvas.lay(patch, tint * light[..., None], canvas.inside(distance))


def draw_hair(canvas: Canvas, patch: Patch, hair: Array) -> None:
    """The hair that falls over the forehead, with a fringe as the style has it."""
    scene = canvas.scene
    u = patch.u - 0.35 * scene.parting
    edge = {
        "crop": -0.56 + 0.35 * u**4 + 0.03 * np.sin(24 * patch.u + 5 * scene.parting),
        "fringe": -0.40 - 0.10 * u * scene.parting + 0.02 * np.sin(30 * patch.u),
        "parted": -0.80 + 0.95 * np.abs(u) ** 0.9,
        "long": -0.82 + 1.0 * np.abs(u) ** 0.8,
        "curly": -0.58 + 0.30 * u**2,
        "bun": -0.62 + 0.55 * u**2,
    }[scene.style]
    if scene.style == "curly":
        edge = edge + 1.2 * curl(canvas, patch)
    low = {"long": 0.9, "parted": 0.25, "fringe": 0.1}.get(scene.style, -0.02)
    # at the temples it reaches down to the ears, or further
    temple = ((np.abs(patch.u) - CROWN[0] + 0.17) / 0.14).clip(0, 1) ** 2
    edge = np.minimum(edge, low) + temple * (low - np.minimum(edge, low))
    cap = outline(canvas, patch, 0.10) if scene.style != "curly" else ellipse(patch.u, patch.v + 0.1, 0.86, 0.92)
    distance = np.maximum(cap, patch.v - edge)
    canvas.shade(patch, np.maximum(outline(canvas, patch), patch.v - edge - 0.03), 0.05, 0.25)
    lay_hair(canvas, patch, distance, hair, 1.0, 22)


def draw_glasses(canvas: Canvas) -> None:
    scene = canvas.scene
    frame = 0.5 * colour(*scene.clothes) * colour(0.6, 0.5, 0.5)
    turn = np.linspace(0, 2 * np.pi, 33)
    strands = []
    for side in (-1, 1):
        u = side * scene.eye_gap + TURN * scene.turn
        square = np.maximum(np.abs(np.cos(turn)), np.abs(np.sin(turn))) ** -0.4
        ring = np.stack([u + 0.20 * square * np.cos(turn), scene.eye_height + 0.165 * square * np.sin(turn)], 1)
        strands.append(Strand(ring, 0.032, frame))
        arm = np.array([[u + side * 0.2, scene.eye_height - 0.03], [side * 0.73, scene.eye_height - 0.06]])
        strands.append(Strand(arm, 0.030, frame))
    inner = scene.eye_gap - 0.2
    u, v = TURN * scene.turn, scene.eye_height
    bridge = np.array([[u - inner, v], [u, v - 0.03], [u + inner, v]])
    canvas.strands([*strands, Strand(bridge, 0.03, frame)])
