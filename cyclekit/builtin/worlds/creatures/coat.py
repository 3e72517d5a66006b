"""Skin on the bones: the outline of an animal, its shading, and its coat.

Bones melt into one another: each weighs exp(-distance / MELT), the outline is where the weights add up to 1 (a smooth
minimum of the distances), and what a coat needs (surface normal, stripe phase, dark points) is averaged by the same
weights. Phases are averaged as unit vectors, so stripes of two limbs join in forks, as they do on zebras.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .anatomy import Bone, pose
from .composition import Animal
from .habitat import Array, Canvas, colour

MELT = 0.018  # in heights of the animal
REACH = 5 * MELT  # beyond this a bone's weight is below 1 %

# coat, and its dark points: mane, tail, lower legs, muzzle
PLAIN = {
    "bay": ((0.47, 0.27, 0.14), (0.10, 0.08, 0.07)),
    "chestnut": ((0.62, 0.33, 0.15), (0.52, 0.27, 0.13)),
    "black": ((0.15, 0.135, 0.135), (0.08, 0.075, 0.08)),
    "grey": ((0.68, 0.68, 0.69), (0.42, 0.42, 0.44)),
    "palomino": ((0.80, 0.61, 0.34), (0.93, 0.87, 0.74)),
}
WHITE, DARK = (0.93, 0.91, 0.86), (0.085, 0.075, 0.075)
HOOF = (0.17, 0.14, 0.12)


class Skin(NamedTuple):
    """What a coat is painted by, each (h, w) in the animal's window."""

    cover: Array  # 0 .. 1
    normal: tuple[Array, Array, Array]  # right, up, towards the viewer
    stripe: Array  # cosine of the stripe phase, 1 in the middle of a dark stripe
    sharpness: Array  # pixels per radian of the phase
    points: Array  # 0 coat .. 1 dark points
    white: Array  # 1: white marking
    belly: Array  # height in animal units


class Window(NamedTuple):
    """The part of the picture that an animal can touch, in animal coordinates."""

    rows: slice
    columns: slice
    x: Array  # (w,) forward
    y: Array  # (h,) up
    pixels: float  # per animal unit
    warp: Array  # (h, w) smooth noise that bends the stripes
    ragged: Array  # (h, w) fine noise that frays hair
    mottle: Array  # (h, w) noise of the coat's own unevenness


def draw_animal(canvas: Canvas, animal: Animal) -> None:
    """Shadow, far legs, tail, body, mane and the small parts, then the grass before the hooves."""
    skeleton = pose(animal)
    bones = skeleton.hooves + skeleton.far_hooves
    lowest = min(bone.end[1] - bone.radii[1] for bone in bones)
    window = look_through(canvas, animal, lowest)
    if window is None:
        return
    before = canvas.colour[window.rows, window.columns].copy()
    cast_shadow(canvas, animal, window)
    parts = [
        (skeleton.far, 0.68, 0.0),
        (skeleton.far_hooves, 0.68, 0.0),
        (skeleton.tail, 0.95, 0.030),
        (skeleton.body, 1.0, 0.0),
        (skeleton.mane, 1.0, 0.026),
        (skeleton.hooves, 1.0, 0.0),
    ]
    covered = np.zeros_like(window.warp)
    for group, light, fray in parts:
        part = crop(window, group)
        if part is None:
            continue
        near, inner = part
        skin = stretch(group, animal, near, fray)
        hoof = group is skeleton.hooves or group is skeleton.far_hooves
        hair = fray > 0
        paint = hooves(skin) if hoof else striped(skin, hair) if canvas.striped else plain(skin, animal, near, hair)
        if hair:
            paint = paint * (1 + 0.10 * near.ragged)[..., None]
        shaded = (paint * lit(skin, canvas)[..., None] + gloss(skin, canvas)) * (light * canvas.sun)
        canvas.cover(shaded, skin.cover, near.rows, near.columns)
        covered[inner] = np.maximum(covered[inner], skin.cover)
    for place, radius in ((skeleton.eye, 0.016), (skeleton.nostril, 0.010)):
        spot = disc(window, animal, place, radius)
        canvas.cover(colour(0.05, 0.04, 0.04), spot * 0.9 * covered, window.rows, window.columns)
    # blades of the grass in front: the ground as it was, higher where the noise is
    reach = canvas.scene.blades * (0.55 + 0.45 * window.ragged) + lowest
    grass = ((reach - window.y[:, None]) * window.pixels * 0.6).clip(0, 1)
    canvas.cover(before * 0.96, grass * covered, window.rows, window.columns)
    under = canvas.animals[window.rows, window.columns]
    np.maximum(under, covered * (1 - grass), out=under)


def look_through(canvas: Canvas, animal: Animal, lowest: float) -> Window | None:
    """The window of `animal`; `lowest`, where its lowest hoof ends, comes to lie on the ground. None: out of sight."""
    size, unit = canvas.size, animal.height
    # the furthest reach of any pose: tail behind, muzzle in front, ears above
    rear, front, up = -1.1, 1.25, 1.65
    left, right = (rear, front) if animal.facing > 0 else (-front, -rear)
    first, last = int((animal.x + left * unit) * size), int((animal.x + right * unit) * size) + 1
    top, bottom = int((animal.foot - up * unit) * size), int((animal.foot + 0.12 * unit) * size) + 1
    rows, columns = slice(max(top, 0), min(bottom, size)), slice(max(first, 0), min(last, size))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None
    x = (canvas.x[columns] - animal.x) * (animal.facing / unit / animal.foreshortening)
    y = (animal.foot - canvas.x[rows]) / unit + lowest
    cells = max(int(4 / unit), 4)
    warp = canvas.noise(cells, cells, animal.salt)[rows, columns]
    fine = max(int(26 / unit), 8)
    ragged = canvas.noise(fine, fine // 3, animal.salt + 1)[rows, columns]
    spots = max(int(13 / unit), 8)
    mottle = canvas.noise(spots, spots, animal.salt + 2)[rows, columns]
    return Window(rows, columns, x, y, unit * size, warp, ragged, mottle)


def crop(window: Window, bones: list[Bone]) -> tuple[Window, tuple[slice, slice]] | None:
    """The part of `window` that `bones` can touch, and its rows and columns there. None: nothing."""
    parts = [part for part in (reached(bone, window) for bone in bones) if part is not None]
    if not parts:
        return None
    top, left = (min(part[axis].start for part in parts) for axis in (0, 1))
    bottom, right = (max(part[axis].stop for part in parts) for axis in (0, 1))
    rows, columns = slice(top, bottom), slice(left, right)
    near = Window(
        slice(window.rows.start + top, window.rows.start + bottom),
        slice(window.columns.start + left, window.columns.start + right),
        window.x[columns],
        window.y[rows],
        window.pixels,
        window.warp[rows, columns],
        window.ragged[rows, columns],
        window.mottle[rows, columns],
    )
    return near, (rows, columns)


def stretch(bones: list[Bone], animal: Animal, window: Window, fray: float) -> Skin:
    """The skin over a group of bones. `fray`: how far hair stands out, in animal units."""
    shape = window.warp.shape
    total = np.full(shape, 1e-9, np.float32)
    right, up, cosine, sine, rate, points, white = (np.zeros(shape, np.float32) for _ in range(7))
    unit = 2 * np.pi / animal.stripe
    for bone in bones:
        part = reached(bone, window)
        if part is None:
            continue
        rows, columns = part
        x, y = window.x[columns], window.y[rows, None]
        (ax, ay), (bx, by) = bone.start, bone.end
        length = max(float(np.hypot(bx - ax, by - ay)), 1e-3)
        dx, dy = (bx - ax) / length, (by - ay) / length
        share = (((x - ax) * dx + (y - ay) * dy) / length).clip(0, 1)
        radius = bone.radii[0] + (bone.radii[1] - bone.radii[0]) * share
        out_x, out_y = x - ax - share * (length * dx), y - ay - share * (length * dy)
        distance = np.sqrt(out_x**2 + out_y**2)
        weight = np.exp((radius - distance) / np.float32(MELT))
        total[rows, columns] += weight
        inverse = weight / np.maximum(radius, distance)
        right[rows, columns] += inverse * out_x
        up[rows, columns] += inverse * out_y
        points[rows, columns] += weight * (bone.points[0] + (bone.points[1] - bone.points[0]) * share)
        if any(bone.white):
            white[rows, columns] += weight * (bone.white[0] + (bone.white[1] - bone.white[0]) * share)
        across = dx * out_y - dy * out_x
        run = bone.along[0] + (bone.along[1] - bone.along[0]) * share + bone.lean * across
        phase = run * (unit * bone.stripes) + np.float32(0.9) * window.warp[rows, columns]
        cosine[rows, columns] += weight * np.cos(phase)
        sine[rows, columns] += weight * np.sin(phase)
        rate[rows, columns] += weight * bone.stripes * np.float32(np.sqrt(1 + bone.lean**2))
    # hair frays inwards more than outwards: locks that stand out too far would float in the air
    distance = -MELT * np.log(total) - fray * window.ragged.clip(-1.2, 0.5)
    cover = (0.5 - distance * window.pixels).clip(0, 1)
    right, up = right / total, up / total
    towards = np.sqrt((1 - right**2 - up**2).clip(0, 1))
    stripe = cosine / np.sqrt(cosine**2 + sine**2 + 1e-12)
    sharpness = window.pixels / (unit * np.maximum(rate / total, 0.5))
    belly = np.broadcast_to(window.y[:, None], shape)
    return Skin(cover, (right * animal.facing, up, towards), stripe, sharpness, points / total, white / total, belly)


def reached(bone: Bone, window: Window) -> tuple[slice, slice] | None:
    """Rows and columns of the window where `bone` has any weight. None: nowhere."""
    margin = max(bone.radii) + REACH
    low, high = min(bone.start[0], bone.end[0]) - margin, max(bone.start[0], bone.end[0]) + margin
    columns = np.flatnonzero((window.x > low) & (window.x < high))
    low, high = min(bone.start[1], bone.end[1]) - margin, max(bone.start[1], bone.end[1]) + margin
    rows = np.flatnonzero((window.y > low) & (window.y < high))
    if not len(rows) or not len(columns):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def plain(skin: Skin, animal: Animal, window: Window, hair: bool) -> Array:
    """One colour, darker or lighter at the points, with white socks and nose."""
    coat, dark = (colour(*value) * (1 + 0.16 * animal.shade) for value in PLAIN[animal.coat])
    points = skin.points[..., None]
    paint = coat + points * (dark - coat)
    if hair:
        return paint
    dapples = 0.09 if animal.coat == "grey" else 0.025
    paint = paint * (1 + dapples * window.mottle)[..., None]
    marking = ((skin.white - 0.45) * 6).clip(0, 1)[..., None]
    return paint + marking * (colour(*WHITE) - paint)


def striped(skin: Skin, hair: bool) -> Array:
    """Black and white; white under the belly, black at the muzzle, and black hair at the tips."""
    # in pixels from the stripe's edge: what is too fine to be seen fades to grey by itself
    dark = (0.5 + (skin.stripe - 0.05) * skin.sharpness).clip(0, 1)
    muzzle = ((skin.points - 0.8) * 6).clip(0, 1) if not hair else 0.0
    # the underside of trunk and neck is paler; limbs, which have points, keep their rings
    under = ((-skin.normal[1] - 0.62) * 5).clip(0, 0.9) * (skin.belly > 0.45) * (skin.points < 0.02)
    dark = np.maximum(dark * (1 - under), muzzle * (skin.belly > 0.3))[..., None]
    return colour(*WHITE) + dark * (colour(*DARK) - colour(*WHITE))


def hooves(skin: Skin) -> Array:
    return np.broadcast_to(colour(*HOOF), (*skin.cover.shape, 3))


def lit(skin: Skin, canvas: Canvas) -> Array:
    """Brightness of the surface: sun from above and one side, sky from above, a little light back from the grass."""
    side, up, towards = skin.normal
    sun = (0.52 * canvas.scene.light * side + 0.62 * up + 0.55 * towards).clip(0, 1)
    return 0.46 + 0.12 * up + (0.44 if canvas.scene.sky == "overcast" else 0.62) * sun


def gloss(skin: Skin, canvas: Canvas) -> Array:
    """The sheen of short hair, which is what gives a black coat its form."""
    side, up, towards = skin.normal
    mirror = (0.45 * canvas.scene.light * side + 0.62 * up + 0.64 * towards).clip(0, 1)
    return (0.10 * mirror**6)[..., None]


def cast_shadow(canvas: Canvas, animal: Animal, window: Window) -> None:
    """A soft ellipse on the ground, away from the sun."""
    middle = -0.12 * canvas.scene.light * animal.facing
    across = (window.x - middle) / 0.62
    ground = animal.foot - canvas.x[window.rows][:, None]
    down = ground / (0.10 * animal.height)
    strength = 0.25 if canvas.scene.sky == "overcast" else 0.5
    amount = strength * (1.25 - 1.1 * np.sqrt(across**2 + down**2)).clip(0, 1)
    canvas.cover(colour(0.09, 0.10, 0.07), amount, window.rows, window.columns)


def disc(window: Window, animal: Animal, place: tuple[float, float], radius: float) -> Array:
    distance = np.sqrt(((window.x - place[0]) * animal.foreshortening) ** 2 + (window.y[:, None] - place[1]) ** 2)
    return ((radius - distance) * window.pixels + 0.5).clip(0, 1)
