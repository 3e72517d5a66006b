"""Fog, rain and snow on a photograph. The photograph is the truth of clearing it: nothing moves, nothing else changes.

How much falls, how it is blown and how thick the fog is differ from scene to scene. All sizes are shares of the
picture's side, so a larger picture shows the same weather. Pictures are square.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..noise import Array, generator
from .frame import Frame, limited, mix, ramp
from .light import SNOW, rgb
from .painting import blur

CANVAS = 256  # pixels, at least, of what drops and flakes are drawn on before they are scaled down
TURNS = np.linspace(0, 2 * np.pi, 8, endpoint=False)
DISC = np.stack([np.cos(TURNS), np.sin(TURNS)], 1)


class Layer(NamedTuple):
    """Drops or flakes at about the same distance. Lengths in picture heights."""

    number: int  # in the heaviest fall
    width: float
    length: float  # of a streak; flakes have their own
    opacity: float
    blur: float  # how far out of focus


# from the far and many to the few before the lens
STREAKS = (
    Layer(640, 0.0030, 0.035, 0.34, 0.0),
    Layer(190, 0.0045, 0.085, 0.36, 0.0),
    Layer(34, 0.0080, 0.220, 0.24, 0.0015),
)
FLAKES = (
    Layer(620, 0.0056, 0.0, 0.85, 0.0),
    Layer(180, 0.0110, 0.0, 0.90, 0.002),
    Layer(24, 0.0280, 0.0, 0.62, 0.007),
)


def fog(frame: Frame, photograph: Array) -> Array:
    """The photograph (3, H, W) in fog: I = J t + A (1 - t), with t = exp(-density x distance) and A the airlight.

    Attenuation and airlight as in Narasimhan and Nayar, "Vision and the Atmosphere", IJCV 48(3), 2002, with a density
    that is a little uneven. The sky, which a fog layer hides less the higher one looks, has a distance as well.
    """
    scene = frame.scene
    random = generator(scene.seed, scene.index, 6)
    density, uneven = random.uniform(0.6, 2.5), random.uniform(0.08, 0.28)
    banks = frame.noise.fractal(slice(None), 1.1, 2.6, 3, 0.5, 401)
    thickness = density * limited(1 + uneven * banks, 0.3, 2.0)
    air = airlight(frame, 0.6) * random.uniform(0.93, 1.03)
    across, down = frame.noise.x - scene.sun_x, frame.noise.y[:, None] - scene.sun_y
    air = air + (0.3 * frame.light.hour.glow) / (1 + 9 * (across * across + down * down))
    return veiled(frame, photograph, air, thickness)


def rain(frame: Frame, photograph: Array) -> Array:
    """The photograph (3, H, W) in rain: under a closed sky, veiled and soft far away, with streaks of three sizes.

    A falling drop is a lens that shows the whole sky, so its streak is brighter than what lies behind it, the more so
    the darker that is: Garg and Nayar, "Vision and Rain", IJCV 75(1), 2007.
    """
    scene = frame.scene
    random = generator(scene.seed, scene.index, 7)
    amount = random.uniform(0.2, 1.0)
    dim = 0.94 - 0.26 * amount
    air = airlight(frame, 1.0) * rgb(0.96, 1.0, 1.03)
    planes = under_cloud(frame, photograph, air * (dim - 0.08), 0.30 + 0.30 * amount, 421)
    planes *= rgb(0.96, 1.0, 1.03) * dim
    far = 1 - frame.nearness
    planes += (far * (0.5 + 0.5 * amount)) * (softened(planes, 0.005) - planes)
    planes = veiled(frame, planes, air * dim, 0.10 + 0.50 * amount)
    wind = random.normal(0, 0.22)
    gleam = np.minimum(air * 1.10 + 0.06, 1.0)
    for layer in STREAKS:
        planes += (layer.opacity * streaks(frame, layer, amount, wind, random)) * (gleam - planes)
    return np.clip(planes, 0, 1, out=planes)


def streaks(frame: Frame, layer: Layer, amount: float, wind: float, random: np.random.Generator) -> Array:
    """How much of each pixel the streaks of one size cover, (H, W). `wind`: their way across over their way down."""
    drops = int(layer.number * (0.35 + 0.65 * amount))
    canvas = blank(frame)
    draw = ImageDraw.Draw(canvas)
    x, y = random.uniform(-0.15, 1.15, drops), random.uniform(-0.2, 1.0, drops)
    fall = layer.length * random.uniform(0.6, 1.5, drops)
    blown = fall * (wind + random.normal(0, 0.025, drops))
    pixels = layer.width * canvas.width
    inks = (255 * min(pixels, 1.0) * random.uniform(0.35, 1.0, drops)).astype(int)  # thinner than a pixel is fainter
    ends = np.stack([x, y, x + blown, y + fall], 1) * canvas.width
    for end, ink in zip(ends.tolist(), inks.tolist(), strict=True):
        draw.line(end, fill=ink, width=max(1, round(pixels)))
    return laid(frame, canvas, layer.blur)


def snow(frame: Frame, photograph: Array) -> Array:
    """The photograph (3, H, W) in falling snow: a pale closed sky, a white veil, a dusting, flakes of three sizes.

    Flakes near the lens are out of focus, and drawn long by their own motion and the wind.
    """
    scene = frame.scene
    random = generator(scene.seed, scene.index, 8)
    amount = random.uniform(0.2, 1.0)
    air = airlight(frame, 0.92) * 1.04
    planes = under_cloud(frame, photograph, air * 0.88, 0.20 + 0.20 * amount, 441)
    dust(frame, planes, air * SNOW, random.uniform(0.0, 0.65) * amount)
    planes = veiled(frame, planes, air * 0.93, 0.15 + 0.65 * amount)
    wind, speed = random.normal(0, 0.5), random.uniform(0.1, 1.1)
    white = np.minimum(air * 1.12 + 0.06, 1.0)
    for layer in FLAKES:
        planes += (layer.opacity * flakes(frame, layer, amount, wind, speed, random)) * (white - planes)
    return np.clip(planes, 0, 1, out=planes)


def flakes(frame: Frame, layer: Layer, amount: float, wind: float, speed: float, random: np.random.Generator) -> Array:
    """How much of each pixel the flakes of one size cover, (H, W): discs, drawn long by `speed` of their radius."""
    count = int(layer.number * (0.3 + 0.7 * amount))
    canvas = blank(frame)
    draw = ImageDraw.Draw(canvas)
    middle = random.uniform(-0.05, 1.05, (count, 1, 2))
    radius = 0.5 * layer.width * random.uniform(0.6, 1.5, (count, 1, 1))
    fall = radius[..., 0] * speed * random.uniform(0.3, 1.7, (count, 1))
    motion = np.stack([fall * (wind + random.normal(0, 0.35, (count, 1))), fall], 2)
    outline = DISC * radius + np.where(DISC[:, 1:] > 0, 1, -1) * motion
    corners = ((middle + outline) * canvas.width).reshape(count, -1)
    inks = (255 * random.uniform(0.55, 1.0, count)).astype(int)
    for polygon, ink in zip(corners.tolist(), inks.tolist(), strict=True):
        draw.polygon(polygon, fill=ink)
    return laid(frame, canvas, layer.blur)


WEATHER = {"fog": fog, "rain": rain, "snow": snow}


def airlight(frame: Frame, grey: float) -> Array:
    """Colour (3, 1, 1) of the sky's light as drops scatter it: that of the horizon, `grey` of its hue lost."""
    colour = frame.light.hour.horizon
    return mix(colour, luminance(colour), grey)


def luminance(planes: Array) -> Array:
    return 0.30 * planes[0] + 0.59 * planes[1] + 0.11 * planes[2]


def veiled(frame: Frame, planes: Array, air: Array, density: Array | float) -> Array:
    """`planes` through fog of `density`, a number or (H, W), in [0, 1]."""
    through = frame.nearness**density
    return limited(air + through * (planes - air))


def under_cloud(frame: Frame, photograph: Array, cloud: Array, grey: float, salt: int) -> Array:
    """The photograph as a closed sky lights it: the hues lose `grey` of themselves, and clouds cover the sky."""
    planes = mix(photograph, luminance(photograph), grey + 0.25 * frame.wet)
    forms = frame.noise.fractal(slice(None), 1.7, 3.0, 4, 0.55, salt)
    planes += (0.9 * frame.sky) * (cloud * (1 + 0.07 * forms) - planes)
    return planes


def dust(frame: Frame, planes: Array, white: Array, share: float) -> None:
    """Whiten `share` of the open ground, in patches: only the plain lies as near as the plain."""
    ground = (np.abs(frame.nearness - frame.plain) < 0.004) * (1 - frame.wet) * (1 - frame.sky)
    ground *= ramp(frame.plain, 0.2, 0.4)  # none on the far edge, which would stand out as a white line
    patches = frame.noise.fractal(slice(None), 5.0, 3.5, 4, 0.7, 461)
    planes += (ground * limited(share + 0.22 * share * patches)) * (white - planes)


def softened(planes: Array, radius: float) -> Array:
    """`planes` blurred by about `radius` picture heights."""
    pixels = radius * planes.shape[1]
    blurred = blur(planes)  # of 0.7 pixels
    for _ in range(round((pixels / 0.7) ** 2) - 1):
        blurred = blur(blurred)
    return mix(planes, blurred, min(pixels / 0.7, 1.0))


def blank(frame: Frame) -> Image.Image:
    """A black square to draw what falls on."""
    side = max(CANVAS, 2 * frame.height)
    return Image.new("L", (side, side))


def laid(frame: Frame, canvas: Image.Image, blurred: float) -> Array:
    """The canvas at the picture's size, (H, W) in [0, 1], out of focus by `blurred` picture heights."""
    scaled = canvas.resize((frame.width, frame.height), Image.Resampling.BOX)
    if blurred:
        scaled = scaled.filter(ImageFilter.GaussianBlur(blurred * frame.height))
    return np.asarray(scaled, np.float32) / 255
