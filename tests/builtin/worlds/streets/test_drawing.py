"""A street as polygons: in the order in which they cover each other, and shadows that lie where something stands."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.worlds.streets.drawing import Shape, draw, hull, numbered, shadows
from cyclekit.builtin.worlds.streets.materials import MATERIALS
from cyclekit.builtin.worlds.streets.scene import scene

places = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


@given(st.lists(places, min_size=3, max_size=12))
def test_a_hull_holds_every_point_and_turns_one_way(points):
    found = hull(points)
    assert set(found) <= set(points)
    for (x0, y0), (x1, y1) in zip(found, found[1:] + found[:1]):
        assert all((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0 for x, y in points)


def test_a_later_shape_covers_an_earlier_one():
    whole = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    left = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]
    shapes = [Shape(outline, "sky", 0.0, "front", 1.0) for outline in (whole, whole, left)]
    seen = numbered(shapes, 8)
    assert (seen[:, :4] == 2).all()
    assert (seen[:, 4:] == 1).all()


def test_every_scene_is_drawn_of_known_materials_and_shape_0_is_the_sky():
    for index in range(12):
        place = scene(3, index)
        shapes = draw(place)
        assert shapes[0].material == "sky"
        assert {shape.material for shape in shapes} <= set(MATERIALS)
        assert {shape.facing for shape in shapes} <= {"up", "left", "right", "front", "round"}
        assert set(np.unique(shadows(place, 32))) <= {0, 255}
