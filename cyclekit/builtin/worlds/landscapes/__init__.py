"""`builtin:landscapes`: landscapes made on the spot, in many looks of the same scenes.

A Scene holds a landscape in units of the picture's height and is a function of two integers. `photograph` and
`painting` are two renderings of it, so a painting translated into a photograph can be scored against the true one.
`render` gives these and all other LOOKS by name: seasons, day and night, fog, rain and snow.
Read in this order: `composition` (what is there), `rendering` (how it is put together: `backdrop`, `ground`,
`plants`), `painting` (the strokes), `weather`, `looks`.
"""

from __future__ import annotations

from .composition import SEASONS, Scene, scene
from .looks import LOOKS, painting, photograph, render

__all__ = ["LOOKS", "SEASONS", "Scene", "painting", "photograph", "render", "scene"]
