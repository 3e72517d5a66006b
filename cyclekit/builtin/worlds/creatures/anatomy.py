"""A pose as bones: what the skeleton of an animal is at one moment of its gait.

Animal coordinates: the withers are about 1 above the ground, x forward from the middle of the trunk, y up from the
ground. A bone is a round cone; `along` runs through chains of bones and is what rings of stripes are counted by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .composition import Animal


class Bone(NamedTuple):
    """A cone from `start` to `end` with a radius at each end."""

    start: tuple[float, float]
    end: tuple[float, float]
    radii: tuple[float, float]
    along: tuple[float, float]  # running length at start and end
    stripes: float  # stripes per unit of `along`, relative to the trunk
    lean: float  # how far stripes lean over the bone's width
    points: tuple[float, float]  # 0 coat .. 1 the dark of legs and muzzle, at start and end
    white: tuple[float, float] = (0.0, 0.0)  # 1: a white marking


class Skeleton(NamedTuple):
    """Groups of bones in the order in which they are drawn."""

    far: list[Bone]  # the legs of the far side
    tail: list[Bone]
    body: list[Bone]
    mane: list[Bone]
    hooves: list[Bone]  # of the near legs, and
    far_hooves: list[Bone]
    eye: tuple[float, float]
    nostril: tuple[float, float]


# swing of the legs, how high they lift, and when (near fore, far fore, near hind, far hind) in the cycle of each gait
STRIDES: dict[str, tuple[float, float, tuple[float, float, float, float]]] = {
    "stand": (0.07, 0.0, (0.1, 0.6, 0.4, 0.9)),
    "graze": (0.16, 0.0, (0.0, 0.5, 0.3, 0.8)),
    "walk": (0.34, 0.5, (0.25, 0.75, 0.0, 0.5)),
    "trot": (0.42, 0.85, (0.0, 0.5, 0.5, 0.0)),
    "gallop": (0.72, 0.9, (0.45, 0.6, 0.0, 0.12)),
}

FORE = ((0.29, 0.64), (0.02, 0.0, 0.45), (0.31, 0.23, 0.085), (0.125, 0.056, 0.034, 0.036))
HIND = ((-0.31, 0.72), (0.3, -0.52, 0.06, 0.45), (0.22, 0.25, 0.21, 0.085), (0.165, 0.105, 0.05, 0.034, 0.036))


def pose(animal: Animal) -> Skeleton:
    """The bones of `animal` in its gait."""
    swing, lift, timing = STRIDES[animal.gait]
    legs: list[list[Bone]] = []
    for number, moment in enumerate(timing):
        turn = 2 * np.pi * (moment + animal.phase)
        legs.append(
            leg(number < 2, swing * np.sin(turn), lift * max(np.cos(turn), 0.0), animal.build, animal.socks[number])
        )
    near = legs[0][:-1] + legs[2][:-1]
    far = [shifted(bone, 0.035, 0.015) for bone in legs[1][:-1] + legs[3][:-1]]
    far_hooves = [shifted(legs[number][-1], 0.035, 0.015) for number in (1, 3)]
    trunk, neck_base, along = trunk_bones(animal)
    front, crest, eye, nostril = head_and_neck(animal, neck_base, along)
    return Skeleton(
        far, tail_bones(animal), trunk + front + near, crest, [legs[0][-1], legs[2][-1]], far_hooves, eye, nostril
    )


def shifted(bone: Bone, x: float, y: float) -> Bone:
    return bone._replace(start=(bone.start[0] + x, bone.start[1] + y), end=(bone.end[0] + x, bone.end[1] + y))


def step(point: tuple[float, float], angle: float, length: float) -> tuple[float, float]:
    """From `point` by `length` in the direction `angle` above the horizontal, forward."""
    return point[0] + length * float(np.cos(angle)), point[1] + length * float(np.sin(angle))


def chain(
    joints: list[tuple[float, float]],
    radii: list[float],
    along: float,
    stripes: float,
    lean: list[float],
    points: list[float],
) -> list[Bone]:
    bones = []
    for number in range(len(joints) - 1):
        start, end = joints[number], joints[number + 1]
        further = along + float(np.hypot(end[0] - start[0], end[1] - start[1]))
        bones.append(
            Bone(
                start,
                end,
                (radii[number], radii[number + 1]),
                (along, further),
                stripes,
                lean[number],
                (points[number], points[number + 1]),
            )
        )
        along = further
    return bones


def leg(fore: bool, swing: float, lift: float, build: float, sock: bool) -> list[Bone]:
    """One leg from the trunk down, the hoof last. `swing`: angle forward, `lift`: how far it is bent."""
    hip, rest, lengths, radii = FORE if fore else HIND
    # the knee folds the shank back; the stifle comes forward and the hock closes
    bend = (0.5, -1.1, -1.7) if fore else (0.55, -0.35, -0.1, -0.9)
    joints = [hip]
    for angle, fold, length in zip(rest, bend, lengths):
        joints.append(step(joints[-1], angle + swing + fold * lift - np.pi / 2, length))
    points = [0.0, 0.75, 1.0, 1.0] if fore else [0.0, 0.05, 0.75, 1.0, 1.0]
    bones = chain(joints, [radius * build for radius in radii], 0.0, 1.5, [0.0] * 4, points)
    if sock:
        bones[-2] = bones[-2]._replace(white=(0.0, 1.0))
        bones[-1] = bones[-1]._replace(white=(1.0, 1.0))
    fetlock, toe = joints[-2], joints[-1]
    hoof = Bone(
        ((fetlock[0] + 2 * toe[0]) / 3, (fetlock[1] + 2 * toe[1]) / 3), toe, (0.036, 0.046), (0, 0), 0, 0, (1, 1)
    )
    return [*bones, hoof]


def trunk_bones(animal: Animal) -> tuple[list[Bone], tuple[float, float], float]:
    """The trunk from buttock to chest; also where the neck begins and the running length there."""
    build = animal.build
    pitch = 0.07 * float(np.sin(2 * np.pi * animal.phase)) if animal.gait == "gallop" else 0.0
    joints = [(-0.39, 0.755), (-0.29, 0.79), (-0.03, 0.765), (0.13, 0.75), (0.29, 0.775), (0.37, 0.79)]
    joints = [(x, y + pitch * x) for x, y in joints]
    radii = [0.145 * build, 0.195 * build, 0.185 * build, 0.21 * build, 0.21 * build, 0.17 * build]
    lean = [1.6 + animal.lean, 0.9 + animal.lean, animal.lean, 0.5 * animal.lean, 0.0]
    bones = chain(joints, radii, 0.0, 1.0, lean, [0.0] * 6)
    # the neck leaves the chest higher when it is raised
    base = (joints[-1][0] - 0.01, joints[-1][1] + 0.05 * float(np.sin(animal.neck)))
    return bones, base, bones[-1].along[1]


def head_and_neck(
    animal: Animal, base: tuple[float, float], along: float
) -> tuple[list[Bone], list[Bone], tuple[float, float], tuple[float, float]]:
    """Neck, head and ears; the mane on the crest; the places of eye and nostril."""
    build, angle = animal.build, animal.neck
    middle = step(base, angle - 0.12, 0.24)
    poll = step(middle, angle + 0.12, 0.22)
    neck = chain([base, middle, poll], [0.165 * build, 0.122 * build, 0.088], along, 1.15, [0.0] * 3, [0.0] * 3)
    down = angle - animal.head
    brow, nose = step(poll, down, 0.13), step(poll, down, 0.30)
    muzzle = step(poll, down, 0.345)
    start = neck[-1].along[1]
    skull = chain([poll, brow, nose, muzzle], [0.078, 0.082, 0.052, 0.048], start, 1.6, [0.7] * 3, [0, 0, 0.35, 1.0])
    if animal.snip:
        skull[1] = skull[1]._replace(white=(0.2, 1.0))
    ears = []
    for turn in (0.12, -0.22):
        root = step(poll, angle + 0.75 + turn, 0.055)
        tip = step(root, angle + 0.95 + turn, 0.11)
        ears.append(Bone(root, tip, (0.030, 0.009), (start, start + 0.12), 1.0, 0.0, (0.0, 0.7)))
    crest, runs = [], []
    for place, inner, share in ((base, 0.150 * build, -0.12), (middle, 0.118 * build, 0.0), (poll, 0.080, 0.25)):
        crest.append(step(place, angle + np.pi / 2 + share, inner))
        runs.append(0.042 * animal.mane)
    forelock = step(poll, down, 0.09)
    mane = chain(
        [*crest, step(forelock, down + np.pi / 2, 0.07)],
        [runs[0] * 0.7, runs[1] * 1.3, runs[2] * 1.2, 0.018],
        along,
        1.15,
        [0.0] * 3,
        [1.0] * 4,
    )
    eye = step(step(poll, down, 0.115), down + np.pi / 2, 0.03)
    nostril = step(step(poll, down, 0.345), down + np.pi / 2, 0.014)
    return neck + skull + ears, mane, eye, nostril


def tail_bones(animal: Animal) -> list[Bone]:
    """From the dock down and back; `tail` is the angle away from hanging."""
    joints = [(-0.50, 0.86)]
    for share, length in ((1.3, 0.10), (0.8, 0.18), (0.5, 0.20), (0.3, 0.12)):
        joints.append(step(joints[-1], -np.pi / 2 - min(animal.tail * share + 0.12, 1.5), length))
    width = 0.8 + 0.3 * animal.mane
    radii = [0.034, 0.034 * width, 0.052 * width, 0.050 * width, 0.012]
    return chain(joints, radii, 0.0, 1.6, [0.0] * 4, [0.3, 1.0, 1.0, 1.0, 1.0])
