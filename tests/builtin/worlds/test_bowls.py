"""The built-in bowls: the same on every call, and each trait of a face has its counterpart in the bowl's place."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cyclekit.builtin.worlds.bowls import LOOKS, render
from cyclekit.builtin.worlds.bowls.bowl import draw_bowl
from cyclekit.builtin.worlds.bowls.canvas import Canvas
from cyclekit.builtin.worlds.bowls.composition import Scene, compose
from cyclekit.builtin.worlds.bowls.face import draw_face

COUNT = 24


@pytest.fixture(scope="module")
def pictures() -> dict[str, np.ndarray]:
    return {look: np.stack([render(look, 7, index, 64) for index in range(COUNT)]).astype(float) for look in LOOKS}


def drawn(look: str, scene: Scene, size: int = 64) -> np.ndarray:
    canvas = Canvas(scene, size)
    {"face": draw_face, "bowl": draw_bowl}[look](canvas)
    return canvas.colour


def changed(look: str, scene: Scene, **traits: object) -> np.ndarray:
    """How much each pixel moves when traits are replaced: (64, 64)."""
    return np.abs(drawn(look, dataclasses.replace(scene, **traits)) - drawn(look, scene)).sum(axis=2)


def middle(change: np.ndarray) -> np.ndarray:
    """Centre of a change, (x, y) in picture sides."""
    grid = (np.arange(64) + 0.5) / 64
    return np.array([change.sum(axis=0) @ grid, change.sum(axis=1) @ grid]) / change.sum()


def test_the_shapes_differ_strongly(pictures):
    """Neither the light nor the edges of a face say what the bowl's are, pixel by pixel."""
    grid = (np.arange(64) + 0.5) / 64
    alike = []
    for index in range(COUNT):
        scene = compose(7, index)
        within = np.hypot(grid - scene.x, grid[:, None] - scene.y) < 0.95 * scene.radius
        light = [pictures[look][index] @ (0.30, 0.59, 0.11) for look in LOOKS]
        edges = [np.hypot(*np.gradient(one)) for one in light]
        alike.append([np.corrcoef(one[within], other[within])[0, 1] for one, other in (light, edges)])
    assert np.all(np.abs(np.mean(alike, axis=0)) < 0.2)
    difference = np.abs(pictures["face"] - pictures["bowl"]).mean(axis=(1, 2, 3))
    assert difference.min() > 15


@pytest.mark.parametrize(
    "traits",
    [
        {"eye_size": 0.6},
        {"brow_weight": 3.0},
        {"nose": 2.0},
        {"mouth_width": 0.08},
        {"mouth_opening": 2.0},
        {"freckles": ((0.3, 0.2), (0.34, 0.25), (0.4, 0.2), (0.42, 0.26), (0.38, 0.3))},
    ],
)
def test_a_trait_changes_both_pictures_in_the_same_place(traits):
    for index in range(4):
        scene = dataclasses.replace(compose(2, index), style="bald", glasses=False, freckles=(), beard=0.0)
        face, bowl = (changed(look, scene, **traits) for look in LOOKS)
        assert face.max() > 0.2
        assert bowl.max() > 0.2
        assert (face > 0.05).mean() < 0.2
        assert np.abs(middle(face) - middle(bowl)).max() < 0.09, (index, middle(face), middle(bowl))


@pytest.mark.parametrize("traits", [{"glasses": True}, {"beard": 1.0}, {"hair": "blond"}, {"waves": 0.0}])
def test_a_trait_is_seen_in_both_pictures(traits):
    for index in range(4):
        scene = dataclasses.replace(compose(2, index), style="long", glasses=False, hair="black", beard=0.0, waves=1.0)
        for look in LOOKS:
            assert (changed(look, scene, **traits) > 0.1).mean() > 0.01, (look, index)


def test_the_gaze_moves_iris_and_yolk_to_the_same_side():
    for index in range(4):
        scene = dataclasses.replace(compose(4, index), style="bald", glasses=False, tilt=0.0, opening=1.0, freckles=())
        for look in LOOKS:
            left, right = (drawn(look, dataclasses.replace(scene, gaze=(side, 0.0))) for side in (-1.0, 1.0))
            darker = (left - right).sum(axis=2)  # positive: where the right gaze is darker
            assert middle(darker.clip(0, None))[0] > middle((-darker).clip(0, None))[0] + 0.01, (look, index)


def test_skin_and_broth_darken_together():
    light = {look: [] for look in LOOKS}
    scene = dataclasses.replace(compose(1, 0), noodles=0.0)
    for tone in (0.0, 0.25, 0.5, 0.75, 1.0):
        for look in LOOKS:
            light[look].append(drawn(look, dataclasses.replace(scene, tone=tone)).mean())
    for look in LOOKS:
        assert np.all(np.diff(light[look]) < 0), look


def test_the_background_keeps_its_lightness(pictures):
    corners = {look: np.stack([one[:6, :3].mean(axis=(0, 1)) for one in pictures[look]]) for look in LOOKS}
    assert np.corrcoef(corners["face"].ravel(), corners["bowl"].ravel())[0, 1] > 0.5
