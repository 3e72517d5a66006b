"""What stands in a street: every kind of scene."""

from cyclekit.builtin.worlds.streets import scene
from cyclekit.builtin.worlds.streets.scene import Building, Car


def test_many_scenes_cover_sun_and_cloud_crossings_and_all_kinds_of_sides():
    scenes = [scene(0, index) for index in range(100)]
    assert {one.left.kind for one in scenes} == {"row", "villas", "park"}
    assert {one.sun > 0 for one in scenes} == {True, False}
    assert {one.crossing is None for one in scenes} == {True, False}
    assert {one.lanes for one in scenes} == {1, 2}
    assert all(any(isinstance(thing, Building | Car) for thing in one.things) for one in scenes)
