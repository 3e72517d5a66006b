"""The traits that a face and its bowl share: drawn from two numbers, of every kind."""

from cyclekit.builtin.worlds.bowls.composition import HAIRS, PATTERNS, STYLES, TABLES, compose


def test_the_same_numbers_give_the_same_scene():
    assert compose(5, 3) == compose(5, 3)


def test_many_scenes_cover_every_style_hair_and_table():
    scenes = [compose(0, index) for index in range(200)]
    assert len(PATTERNS) == len(STYLES)
    assert {one.style for one in scenes} == set(STYLES)
    assert {one.hair for one in scenes} == set(HAIRS)
    assert {one.table for one in scenes} == set(TABLES)
    assert {one.glasses for one in scenes} == {False, True}
    assert {len(one.freckles) for one in scenes} == {0, 4, 8, 14}
    assert any(one.beard for one in scenes)
    assert any(not one.beard for one in scenes)


def test_head_and_bowl_lie_in_the_middle_of_the_picture():
    for index in range(100):
        scene = compose(6, index)
        assert scene.radius < scene.x < 1 - scene.radius
        assert scene.radius < scene.y < 1 - scene.radius
