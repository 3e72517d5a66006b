"""Look a picture set over before training on it: what is in it, and what would spoil a run or its numbers.

Nothing is written or changed. `looking` decodes every picture once; `findings` are computed from what that gave.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cyclekit.image.curation.likeness import near_duplicates
from cyclekit.image.curation.looking import Looks
from cyclekit.image.notes import notes_on

MOST_IMBALANCE = 3.0
"""How many times as many training pictures one domain may have before it is a finding."""


class PictureCounts(NamedTuple):
    """One group in numbers."""

    group: str
    pictures: int
    """Readable ones."""
    unreadable: int
    smallest: tuple[int, int] | None
    median: tuple[int, int] | None
    largest: tuple[int, int] | None
    """By area; None: no picture is readable."""
    sizes: int
    """How many different ones."""
    modes: dict[str, int]


class Suspects(NamedTuple):
    """One kind of trouble in a set."""

    what: str
    pictures: int
    """How many are concerned; of duplicates those that have another one before them."""
    names: list[str]
    """One text for each, in which both of a pair are named."""
    rows: list[tuple[int, ...]]
    """The pictures of each, as numbers into `Looks.seen`; empty where they cannot be shown."""


def counts(looks: Looks) -> list[PictureCounts]:
    """Each group in numbers, in their order."""
    table = []
    for number, group in enumerate(looks.groups):
        own = [one for one in looks.seen if one.group == number]
        sizes = sorted((one.size for one in own), key=lambda size: (size[0] * size[1], size))
        table.append(
            PictureCounts(
                group.name,
                len(own),
                len(group.pictures.names) - len(own),
                sizes[0] if sizes else None,
                sizes[len(sizes) // 2] if sizes else None,
                sizes[-1] if sizes else None,
                len(set(sizes)),
                dict(Counter(one.mode for one in own if one.mode).most_common()),
            )
        )
    return table


def findings(looks: Looks) -> list[Suspects]:
    """Everything that is wrong or suspicious, the gravest first; empty when nothing is."""
    found = [Suspects("unreadable", len(looks.broken), [f"{n} ({why})" for n, why in looks.broken.items()], [])]
    found += _pairs(looks, "exact", _exact(looks))
    found += _pairs(looks, "near", _near(looks))
    constant = [i for i, one in enumerate(looks.seen) if one.constant]
    found.append(Suspects("one colour all over", len(constant), *_alone(looks, constant)))
    for number, group in enumerate(looks.groups):
        own = [i for i, one in enumerate(looks.seen) if one.group == number and not one.constant]
        grey = [i for i in own if looks.seen[i].grey]
        if len(grey) * 2 < len(own):  # a set of drawings is grey, and meant to be
            found.append(Suspects(f"grey pictures in colour {group.name}", len(grey), *_alone(looks, grey)))
    found += _imbalance(looks)
    return [one for one in found if one.pictures]


def notes_of(looks: Looks) -> list[str]:
    """What training would say of each group's files: bands, frames and transparency that are not used, and the like."""
    notes: list[str] = []
    domains = list(dict.fromkeys(group.domain for group in looks.groups))
    for number, group in enumerate(looks.groups):
        held = [one.contents for one in looks.seen if one.group == number and one.contents is not None]
        side = "ab"[min(domains.index(group.domain), 1)]
        notes += notes_on(held, group.name, side, None)
    return notes


class _Likes(NamedTuple):
    """Two pictures of a set that are the same or almost."""

    earlier: int
    later: int
    words: str


def _exact(looks: Looks) -> Iterator[_Likes]:
    """Each picture that equals an earlier one, once for each relation in which it does."""
    before: dict[bytes, list[int]] = defaultdict(list)
    for i, one in enumerate(looks.seen):
        if one.constant:
            continue
        related: set[str] = set()
        for j in before[one.digest]:
            if (relation := _relation(looks, j, i)) not in related:
                related.add(relation)
                yield _Likes(j, i, "")
        before[one.digest].append(i)


def _near(looks: Looks) -> Iterator[_Likes]:
    """Each picture that is like an earlier one but not equal, with the likest in each relation."""
    rows = np.array([i for i, one in enumerate(looks.seen) if not one.constant], np.int64)
    if not len(rows):
        return
    group = np.array([looks.seen[i].group for i in rows])
    place = np.array([looks.seen[i].row for i in rows])
    split = np.array([one.split for one in looks.groups])[group]
    digest = np.unique([looks.seen[i].digest.hex() for i in rows], return_inverse=True)[1]
    best: dict[tuple[int, str], tuple[float, _Likes]] = {}
    for alike in near_duplicates([looks.seen[i].likeness for i in rows]):
        one, other = alike.first, alike.second
        wanted = digest[one] != digest[other]
        if looks.paired:  # the two sides of a pair may look alike
            wanted &= (place[one] != place[other]) | (group[one] == group[other]) | (split[one] != split[other])
        for k in _likest(other * len(looks.groups) + group[one], alike.correlation, wanted):
            i, j = int(rows[one[k]]), int(rows[other[k]])
            key, correlation = (j, _relation(looks, i, j)), float(alike.correlation[k])
            if key not in best or best[key][0] < correlation:
                words = f"{alike.bits[k]} bits{', mirrored' if alike.mirrored[k] else ''}"
                best[key] = correlation, _Likes(i, j, words)
    yield from (likes for _, (_, likes) in sorted(best.items()))


def _likest(key: np.ndarray, correlation: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """For each key the place with the highest correlation among the wanted ones."""
    places = np.flatnonzero(wanted)
    places = places[np.lexsort((correlation[places], key[places]))]
    last = np.append(key[places][1:] != key[places][:-1], True)[: len(places)]
    return places[last]


def _relation(looks: Looks, i: int, j: int) -> str:
    one, other = looks.groups[looks.seen[i].group], looks.groups[looks.seen[j].group]
    if one.split != other.split:
        return "leak between train and test"
    if one.domain != other.domain:
        return f"leak between {one.name} and {other.name}"
    return f"duplicates in {one.name}"


def _pairs(looks: Looks, how: str, likes: Iterator[_Likes]) -> list[Suspects]:
    """One finding for each relation, leaks first."""
    by_relation: dict[str, list[_Likes]] = defaultdict(list)
    for one in likes:
        by_relation[_relation(looks, one.earlier, one.later)].append(one)
    sign = "=" if how == "exact" else "~"
    return [
        Suspects(
            f"{how} {relation}",
            len(those),
            [
                f"{looks.seen[one.earlier].name} {sign} {looks.seen[one.later].name}"
                + (f" ({one.words})" if one.words else "")
                for one in those
            ],
            [(one.earlier, one.later) for one in those],
        )
        for relation, those in sorted(by_relation.items(), key=lambda item: (item[0].startswith("dup"), item[0]))
    ]


def _alone(looks: Looks, rows: list[int]) -> tuple[list[str], list[tuple[int, ...]]]:
    return [looks.seen[i].name for i in rows], [(i,) for i in rows]


def _imbalance(looks: Looks) -> list[Suspects]:
    sizes: dict[str, int] = defaultdict(int)
    for one in looks.seen:
        group = looks.groups[one.group]
        if group.split == "train":
            sizes[group.name] += 1
    if len(sizes) < 2 or max(sizes.values()) <= MOST_IMBALANCE * min(sizes.values()):
        return []
    ratio = max(sizes.values()) / min(sizes.values())
    words = ", ".join(f"{name} {count}" for name, count in sizes.items())
    return [Suspects("domains of very different size", 1, [f"{words} (1 : {ratio:.1f})"], [])]
