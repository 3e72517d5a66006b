"""What a scene of the creatures consists of: drawn from two numbers, of every kind."""

from cyclekit.builtin.worlds.creatures.composition import COATS, GAITS, SKIES, compose


def test_the_same_numbers_give_the_same_scene():
    assert compose(5, 3) == compose(5, 3)


def test_many_scenes_cover_every_gait_coat_and_sky():
    scenes = [compose(0, index) for index in range(200)]
    animals = [animal for one in scenes for animal in one.animals]
    assert {one.sky for one in scenes} == set(SKIES)
    assert {len(one.animals) for one in scenes} == {1, 2, 3}
    assert {animal.gait for animal in animals} == set(GAITS)
    assert {animal.coat for animal in animals} == set(COATS)
    assert {animal.facing for animal in animals} == {-1, 1}
