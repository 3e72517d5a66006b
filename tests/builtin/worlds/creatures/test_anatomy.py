"""A pose as bones, which hang together."""

import itertools

from cyclekit.builtin.worlds.creatures.anatomy import pose
from cyclekit.builtin.worlds.creatures.composition import compose


def test_bones_hang_together_in_every_pose():
    animals = [animal for index in range(80) for animal in compose(1, index).animals]
    for animal in animals:
        skeleton = pose(animal)
        hooves = [bone.end[1] for bone in skeleton.hooves + skeleton.far_hooves]
        assert -0.2 < min(hooves) < 0.2
        for chain in (skeleton.tail, skeleton.mane):
            assert all(one.end == following.start for one, following in itertools.pairwise(chain))
        if animal.gait == "graze":
            assert skeleton.nostril[1] < 0.45
        else:
            assert skeleton.nostril[1] > 0.6
