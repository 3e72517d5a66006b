"""A Scene as a list of flat shapes in the picture, back to front, and those as a map of shape numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from .scene import FARTHEST, NEAREST, STOREY, Building, Car, Person, Points, Post, Scene, Side, Tree

CIRCLE = [(float(np.cos(turn)), float(np.sin(turn))) for turn in np.arange(12) * (np.pi / 6)]
LEAST_WINDOW = 0.010  # in picture sides; smaller windows are left out at every size


class Shape(NamedTuple):
    """A polygon of one material."""

    outline: Points  # in the picture
    material: str
    tone: float  # which of the material's colours
    facing: str  # up | left | right | front | round: where it turns, for the light
    distance: float


class Drawing:
    """Shapes of one scene, in the order in which they cover each other."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.shapes: list[Shape] = []

    def add(
        self, corners: Sequence[tuple[float, float, float]], material: str, tone: float = 0.0, facing: str = "front"
    ) -> None:
        """A polygon with its corners in the street, each (x, y, z)."""
        outline = [self.scene.project(*corner) for corner in corners]
        distance = sum(corner[2] for corner in corners) / len(corners)
        self.shapes.append(Shape(outline, material, tone, facing, distance))

    def upright(
        self, box: tuple[float, float, float, float], z: float, material: str, tone: float = 0.0, facing: str = "front"
    ) -> None:
        """A rectangle (left, right, bottom, top) across the street at `z`."""
        left, right, bottom, top = box
        self.add([(left, bottom, z), (left, top, z), (right, top, z), (right, bottom, z)], material, tone, facing)

    def disc(self, x: float, y: float, z: float, radius: float, material: str, tone: float = 0.0) -> None:
        self.add([(x + radius * dx, y + radius * dy, z) for dx, dy in CIRCLE], material, tone, "round")

    def strip(self, left: float, right: float, near: float, far: float, material: str, tone: float = 0.0) -> None:
        """A piece of ground."""
        steps = np.geomspace(near, far, 8 if far > 2 * near else 2).tolist()
        ahead, back = [(left, 0.0, z) for z in steps], [(right, 0.0, z) for z in reversed(steps)]
        self.add(ahead + back, material, tone, "up")


def draw(scene: Scene) -> list[Shape]:
    """All shapes of the scene. Shape 0 is the sky."""
    drawing = Drawing(scene)
    drawing.shapes.append(Shape([(-1, -1), (2, -1), (2, 2), (-1, 2)], "sky", 0.0, "round", FARTHEST))
    draw_ground(drawing)
    for thing in scene.things:
        DRAW[type(thing)](drawing, thing)
    return drawing.shapes


def draw_ground(drawing: Drawing) -> None:
    scene = drawing.scene
    grass = [(-1.0, scene.horizon), (2.0, scene.horizon), (2.0, 2.0), (-1.0, 2.0)]
    outline = [(-0.1, scene.horizon + 0.02)]
    step = 1.2 / (len(scene.skyline) - 1)
    for number, height in enumerate(scene.skyline):
        x, y = -0.1 + step * number, scene.horizon - height * (0.8 if scene.wooded else 1.0)
        outline += [(x, y)] if scene.wooded else [(x - step / 2, y), (x + step / 2, y)]
    outline.append((1.1, scene.horizon + 0.02))
    drawing.shapes.append(Shape(outline, "leaves" if scene.wooded else "wall", 0.5, "front", FARTHEST))
    drawing.shapes.append(Shape(grass, "grass", 0.3, "up", 40.0))
    draw_pavement(drawing, scene.left)
    draw_pavement(drawing, scene.right)
    left, right = -scene.left.kerb, scene.right.kerb
    drawing.strip(left, right, NEAREST, FARTHEST, "asphalt")
    for line in range(-scene.lanes, scene.lanes + 1):
        draw_line(drawing, scene.middle + line * scene.lane, broken=abs(line) != scene.lanes)
    if scene.crossing is not None:
        for x in np.arange(left + 0.3, right - 0.5, 1.0).tolist():
            drawing.strip(x, x + 0.5, scene.crossing, scene.crossing + 3, "marking")


def draw_line(drawing: Drawing, x: float, broken: bool) -> None:
    if not broken:
        drawing.strip(x - 0.06, x + 0.06, NEAREST, FARTHEST, "marking")
        return
    for z in (2.5, *range(7, 60, 6)):
        drawing.strip(x - 0.08, x + 0.08, z, z + 3, "marking")


def draw_pavement(drawing: Drawing, side: Side) -> None:
    sign = side.sign
    if side.kind == "row":
        drawing.strip(sign * side.front, sign * (side.front + 3), NEAREST, FARTHEST, "pavement", 0.6)
    drawing.strip(sign * side.kerb, sign * side.pavement, NEAREST, FARTHEST, "pavement", 0.2)
    drawing.strip(sign * side.kerb, sign * (side.kerb + 0.22), NEAREST, FARTHEST, "kerb")


def draw_building(drawing: Drawing, building: Building) -> None:
    sign, x, near, far = building.sign, building.x * building.sign, building.near, building.far
    top, back, tone = building.storeys * STOREY + 0.8, sign * (building.x + 11), building.tone
    side = "right" if sign < 0 else "left"
    if building.gable:
        ridge, middle = top + 3.2, (x + back) / 2
        drawing.add([(middle, ridge, near), (middle, ridge, far), (x, top, far), (x, top, near)], "roof", tone, side)
        wall = [(x, 0.0, near), (x, top, near), (middle, ridge, near), (back, top, near), (back, 0.0, near)]
        drawing.add(wall, "wall", tone, "front")
    else:
        drawing.upright((x, back, 0.0, top), near, "wall", tone, "front")
    drawing.add([(x, 0.0, near), (x, top, near), (x, top, far), (x, 0.0, far)], "wall", tone, side)
    if building.storeys > 2:  # shops
        drawing.add([(x, 0, near), (x, 2.9, near), (x, 2.9, far), (x, 0, far)], "shop", tone, side)
    cornice = [(x, top - 0.5, near), (x, top, near), (x, top, far), (x, top - 0.5, far)]
    drawing.add(cornice, "roof", tone, side)
    draw_windows(drawing, building, side)


def draw_windows(drawing: Drawing, building: Building, side: str) -> None:
    """Windows on the front and, where it shows, on the wall that faces the viewer."""
    scene, x = drawing.scene, building.x * building.sign
    bay = (building.far - building.near) / building.bays
    for storey in range(building.storeys):
        bottom = storey * STOREY + (0.9 if storey or building.storeys < 3 else 0.3)
        top = storey * STOREY + 2.5
        for number in range(building.bays):
            near = building.near + bay * (number + 0.5 - building.glazing / 2)
            far = near + bay * building.glazing
            width = abs(scene.project(x, 0, near)[0] - scene.project(x, 0, far)[0])
            if scene.focal * (top - bottom) / near < LEAST_WINDOW or width < LEAST_WINDOW / 2:
                break
            tone = (building.tone * 37 + storey * 0.37 + number * 0.61) % 1
            corners = [(x, bottom, near), (x, top, near), (x, top, far), (x, bottom, far)]
            drawing.add(corners, "glass", tone, side)
        if building.near > 4 and scene.focal * (top - bottom) / building.near > LEAST_WINDOW:
            for number in range(3):
                left = x + building.sign * (1.4 + 3.4 * number)
                box = (left, left + building.sign * 1.5, bottom, top)
                drawing.upright(box, building.near, "glass", (storey * 0.3 + number * 0.7) % 1)


def draw_tree(drawing: Drawing, tree: Tree) -> None:
    x, z, height = tree.x, tree.z, tree.height
    if tree.trunk:
        half = 0.022 * height
        drawing.upright((x - half, x + half, 0.0, height * (tree.trunk + 0.25)), z, "bark", tree.tone)
    else:
        drawing.upright((x - 0.4 * height, x + 0.4 * height, 0.0, 0.6 * height), z, "leaves", 0.1, "round")
    for number, (across, up, radius) in enumerate(tree.balls):
        tone = 0.6 * tree.tone + 0.4 * number / len(tree.balls)
        drawing.disc(x + across * height, up * height, z, radius * height, "leaves", tone)


def draw_car(drawing: Drawing, car: Car) -> None:
    z, height, tone = car.z, car.height, car.tone
    left, right, far = car.x - car.width / 2, car.x + car.width / 2, car.z + car.length
    waist, deck, bottom = car.waist * height, 0.95 * car.waist * height, 0.28
    drawing.strip(left - 0.15, right + 0.15, max(z - 0.2, NEAREST), far, "shade")
    visible = right if right < 0 else left if left > 0 else None
    slope, narrow = (0.5 if height < 1.8 else 0.15), 0.14
    if visible is not None:
        side = "right" if right < 0 else "left"
        inward = narrow if visible == left else -narrow
        corners = [(visible, bottom, z), (visible, waist, z), (visible, deck, far), (visible, bottom, far)]
        drawing.add(corners, "body", tone, side)
        roof = [(visible + inward, height, z + slope), (visible + inward, height, far - slope - 0.9)]
        drawing.add([(visible, waist, z), *roof, (visible, waist, far - 0.9)], "body", tone, side)
        low, high = waist + 0.03, height - 0.08
        glass = [(visible, low, z + 0.3), (visible + inward, high, z + slope + 0.15)]
        glass += [(visible + inward, high, far - slope - 1.1), (visible, low, far - 1.2)]
        drawing.add(glass, "windscreen", tone, side)
        for along in (z + 0.8, far - 0.85):
            drawing.add([(visible, 0.33 + 0.33 * up, along + 0.33 * turn) for turn, up in CIRCLE], "tyre", 0, side)
    for x in (left + 0.05, right - 0.3):
        drawing.upright((x, x + 0.25, 0.0, 0.5), z, "tyre")
    drawing.upright((left, right, bottom, waist), z, "body", tone)
    cabin = [(left, waist, z), (left + narrow, height, z + slope), (right - narrow, height, z + slope)]
    drawing.add([*cabin, (right, waist, z)], "body", tone)
    low, high = waist + 0.04, height - 0.09
    glass = [(left + 0.12, low, z), (left + 0.22, high, z + slope), (right - 0.22, high, z + slope)]
    drawing.add([*glass, (right - 0.12, low, z)], "windscreen", tone)
    lamp = "headlamp" if car.coming else "tail lamp"
    for x in (left + 0.04, right - 0.32):
        drawing.upright((x, x + 0.28, waist - 0.28, waist - 0.10), z, lamp)
    drawing.upright((car.x - 0.26, car.x + 0.26, 0.5, 0.62), z, "plate")
    drawing.upright((left, right, bottom, bottom + 0.14), z, "tyre", 0.5)


def draw_person(drawing: Drawing, person: Person) -> None:
    x, z, height, stride = person.x, person.z, person.height, person.stride * person.height
    other = (person.tone * 7) % 1
    for foot in (-stride, stride):
        leg = [(x - 0.10, 0.5 * height, z), (x + 0.10, 0.5 * height, z), (x + foot + 0.07, 0.0, z)]
        drawing.add([*leg, (x + foot - 0.07, 0.0, z)], "trousers", other)
    for hand, shoulder in ((-0.30, -0.19), (0.30, 0.19)):
        arm = [(x + shoulder, 0.81 * height, z), (x + hand, 0.46 * height, z), (x + 0.8 * hand, 0.46 * height, z)]
        drawing.add([*arm, (x + 0.3 * shoulder, 0.8 * height, z)], "coat", person.tone)
    torso = [(x - 0.16, 0.46 * height, z), (x - 0.22, 0.82 * height, z), (x + 0.22, 0.82 * height, z)]
    drawing.add([*torso, (x + 0.16, 0.46 * height, z)], "coat", person.tone)
    drawing.disc(x, 0.92 * height, z, 0.075 * height, "skin", other)
    drawing.upright((x - 0.11, x + 0.11, 0.95 * height, height), z, "hair", other)


def draw_post(drawing: Drawing, post: Post) -> None:
    x, z, top, size = post.x, post.z, post.height, post.size / 2
    half = 0.05 if post.sign != "none" else 0.08
    drawing.upright((x - half, x + half, 0.0, top), z, "metal", 0.4)
    if post.sign == "none":
        drawing.upright((min(x, x + post.arm), max(x, x + post.arm), top - 0.12, top), z, "metal", 0.6)
        drawing.upright((x + post.arm - 0.3, x + post.arm + 0.3, top - 0.2, top + 0.1), z, "metal", 0.0)
        return
    z -= 0.02
    if post.sign == "ban":
        drawing.disc(x, top, z, size, "sign red")
        drawing.disc(x, top, z, 0.68 * size, "sign white")
    elif post.sign == "warning":
        for part, material in ((1.0, "sign red"), (0.62, "sign white")):
            wide, low, high = 1.15 * part * size, top - 0.7 * part * size, top + 1.1 * part * size
            drawing.add([(x - wide, low, z), (x, high, z), (x + wide, low, z)], material)
    elif post.sign == "order":
        drawing.disc(x, top, z, size, "sign blue")
        drawing.upright((x - 0.15 * size, x + 0.15 * size, top - 0.5 * size, top + 0.5 * size), z, "sign white")
    else:
        drawing.upright((x - 1.5 * size, x + 1.5 * size, top - 0.8 * size, top + 0.4 * size), z, "sign yellow")
        drawing.upright((x - 1.1 * size, x + 1.1 * size, top - 0.3 * size, top - 0.1 * size), z, "sign black")


DRAW: dict[type, Callable[[Drawing, Any], None]] = {
    Building: draw_building, Tree: draw_tree, Car: draw_car, Person: draw_person, Post: draw_post,
}  # fmt: skip


def numbered(shapes: list[Shape], side: int) -> np.ndarray:
    """int32 (side, side): which shape is seen in each pixel."""
    image = Image.new("I", (side, side))
    pen = ImageDraw.Draw(image)
    for number, shape in enumerate(shapes):
        pen.polygon([(x * side - 0.5, y * side - 0.5) for x, y in shape.outline], fill=number)
    return np.asarray(image)


def shadows(scene: Scene, side: int) -> np.ndarray:
    """uint8 (side, side), 255 where the ground lies in the shadow of something that stands."""
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    across, along = scene.shadow

    def cast(footprint: Points, height: float, base: float = 0.0) -> None:
        """The hull of a footprint, straight or turned, and of the same shifted by its height."""
        corners = [(x + across * up, z + along * up) for up in (base, height) for x, z in footprint]
        projected = [scene.project(x, 0.0, min(max(z, NEAREST), FARTHEST)) for x, z in hull(corners)]
        pen.polygon([(x * side - 0.5, y * side - 0.5) for x, y in projected], fill=255)

    for thing in scene.things:
        if isinstance(thing, Building):
            x, back = thing.sign * thing.x, thing.sign * (thing.x + 11)
            footprint = [(x, thing.near), (x, thing.far), (back, thing.far), (back, thing.near)]
            cast(footprint, thing.storeys * STOREY)
        elif isinstance(thing, Tree):
            half = 0.3 * thing.height
            cast([(thing.x + half * dx, thing.z + half * dz) for dx, dz in CIRCLE], thing.height, 0.5 * thing.height)
            cast([(thing.x - 0.1, thing.z), (thing.x + 0.1, thing.z)], 0.5 * thing.height)
        elif isinstance(thing, Car):
            half, far = thing.width / 2, thing.z + thing.length
            edges = [(thing.x - half, thing.z), (thing.x + half, thing.z), (thing.x + half, far), (thing.x - half, far)]
            cast(edges, thing.height)
        else:
            half = 0.2 if isinstance(thing, Person) else 0.06
            cast([(thing.x - half, thing.z), (thing.x + half, thing.z)], thing.height)
    return np.asarray(image)


def hull(points: Points) -> Points:
    """The convex hull, in order (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    chains: list[Points] = []
    for walk in (ordered, ordered[::-1]):
        chain: Points = []
        for x, y in walk:
            while len(chain) > 1:
                (x0, y0), (x1, y1) = chain[-2:]
                if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        chains.append(chain[:-1])
    return chains[0] + chains[1]
