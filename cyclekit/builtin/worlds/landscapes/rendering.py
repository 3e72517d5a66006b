"""From a Scene to colours: sky, hills, ground, water and plants, laid over each other from far to near."""

from __future__ import annotations

import numpy as np

from ..noise import Array, generator
from .backdrop import draw_ridge, draw_sky
from .composition import Scene
from .frame import Frame
from .ground import draw_ground, draw_shore, draw_water
from .plants import draw_plant


def render(scene: Scene, height: int, width: int) -> Frame:
    """The scene in clean colours: what the camera and the painter both look at."""
    frame = Frame(scene, height, width)
    water = scene.water
    open_water = water is not None and water.kind != "river"
    draw_sky(frame)
    for rank, ridge in enumerate(scene.ridges):
        draw_ridge(frame, ridge, rank)
    if water is None or water.kind == "river":
        # dry land rolls, always above the foot of the hills behind it
        draw_ground(frame, scene.horizon - (0.0 if water else 0.016), wavy=0.0 if water else 0.009)
    elif water.kind == "lake":
        draw_ground(frame, scene.horizon, bottom=water.top)
    # what stands on the far shore comes before the water, which mirrors it
    far = (water.top if water is not None and open_water else scene.horizon) + 0.01
    for plant in scene.plants:
        if plant.foot <= far:
            draw_plant(frame, plant)
    if water is not None:
        draw_water(frame, water)
        if open_water:
            draw_shore(frame, water)
    for plant in scene.plants:
        if plant.foot > far:
            draw_plant(frame, plant)
    np.clip(frame.colour, 0, 1, out=frame.colour)
    return frame


def develop(frame: Frame) -> Array:
    """The frame through a camera: contrast, a slight vignette, sensor grain. (3, H, W) in [0, 1]."""
    scene, height, width = frame.scene, frame.height, frame.width
    planes = frame.colour
    # an S curve around mid grey: deep blacks and clear lights are what tells film from paint
    planes += 0.50 * planes * (1 - planes) * (2 * planes - 0.92)
    across, down = (frame.noise.x - 0.5) / max(1.0, width / height), frame.noise.y[:, None] - 0.5
    planes *= 1.02 - 0.16 * (across * across + down * down)
    grain = generator(scene.seed, scene.index, 4, height, width).random((height, width), dtype=np.float32)
    planes += 0.028 * (grain - 0.5)
    return np.clip(planes, 0, 1, out=planes)
