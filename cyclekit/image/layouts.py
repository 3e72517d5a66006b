"""Which pictures of a folder are whose: its layout, understood from the names of folders alone, or refused.

No picture is opened here, and no disk is touched: what goes in are paths. A layout is what the folders say. Where they
can be read in two ways, or in none, nobody guesses: `Unclear` says what was found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.image.splits import Tagged, said_by, tag

LETTERS = Pair("a", "b")
"""What the field calls the domains in folders' names, beside their own names."""


class Placed(NamedTuple):
    """A picture of a layout."""

    path: PurePath
    name: str
    """Its path without the folders that say its split and domain: equal in both domains for partners."""


class Share(NamedTuple):
    """The pictures of one domain, or of a collection, by what they are for."""

    folders: str
    """Where those to train on lie, in words: `trainA`, `photos`."""
    train: list[Placed]
    test: list[Placed]
    """Held out; empty where no folder says so."""
    unused: list[PurePath]
    """Validation pictures beside test ones, and unmarked ones beside those that are marked `train`."""


class Layout(NamedTuple):
    """How a folder was read."""

    shares: Pair[Share]
    names: Pair[str | None]
    """The folders' names where they name the domains, and None where the recipe's names stand."""
    unused: list[PurePath]
    """Pictures of neither domain."""


class Unclear(Exception):
    """The folders do not say which pictures are whose. The text says what was found."""

    def __init__(self, why: str, folders: Sequence[PurePath] = (), set_: PurePath | None = None) -> None:
        super().__init__(why)
        self.set = set_
        """A folder that may be a data set by itself, of several; None: there is none."""
        self.folders = list(folders)
        """Folders that may be the domains, relative to the root."""


class OneDomain(Unclear):
    """The folders name one domain, and not the other."""


def collection(paths: Sequence[PurePath]) -> Share:
    """All pictures of a folder as one collection, by their splits."""
    return _share([(one, -1) for one in tag(paths)])


def two_domains(paths: Sequence[PurePath], domains: Pair[str]) -> Layout:
    """The pictures of a folder as two domains.

    Args:
        paths: of the pictures, relative to the folder.
        domains: the recipe's names of the domains.

    Raises:
        Unclear: the folders do not say so.
        OneDomain: they name one domain, and not the other.
    """
    tagged = tag(paths, domains)
    if all(one.split in ("validation", "test") for one in tagged):
        raise Unclear("every picture lies in a folder that says test or validation")
    return _at_level(tagged, 0, domains, anything=True)


def _at_level(tagged: list[Tagged], depth: int, domains: Pair[str], anything: bool) -> Layout:
    """The layout whose domains are folders at `depth` or below; above, the folders are the same for all pictures.

    Args:
        anything: whether two folders of any names may be the domains.
    """
    groups: dict[str, list[Tagged]] = {}
    for one in tagged:
        if len(one.folders) > depth:
            groups.setdefault(one.keys[depth], []).append(one)
    marked = [key for key, own in groups.items() if any(one.split == "train" for one in own)]
    unmarked = [key for key, own in groups.items() if key not in marked and any(one.split is None for one in own)]
    keys = marked if len(marked) >= 2 else marked + unmarked
    for names in (LETTERS, domains.map(str.casefold)):
        if names.a in keys and names.b in keys:
            return _layout(tagged, names.map(lambda key: [(one, depth) for one in groups[key]]))
    loose = [one for one in tagged if len(one.folders) <= depth and one.split in ("train", None)]
    if len(marked) >= 2:
        loose = [one for one in loose if one.split == "train"]
    nested = _nested(tagged, domains)
    two = anything and len(keys) == 2 and not loose
    level = _two_of_any_name(tagged, groups, keys, depth, domains) if two else None
    if nested is not None:
        if not nested.several and (level is None or nested.by_recipe or _parts(nested.layout) == _parts(level)):
            return nested.layout
        ways = [f"{one.shares.a.folders} and {one.shares.b.folders}" for one in (level, nested.layout) if one]
        read = f"either of two: {'; or '.join(ways)}" if level else f"one set or several, of {ways[0]}"
        folders = _folders_at(tagged, depth)
        raise Unclear(f"what may be read as {read}", folders, folders[0] if nested.several else None)
    if level is not None:
        return level
    if len(keys) == 1 and not loose:
        return _below(tagged, groups[keys[0]], depth, domains, anything)
    for letter in LETTERS:
        if letter in keys:
            raise _one_of(groups[letter], depth, domains)
    raise Unclear(_found(tagged, depth), _folders_at(tagged, depth))


def _below(all_: list[Tagged], own: list[Tagged], depth: int, domains: Pair[str], anything: bool) -> Layout:
    """The layout in the only folder at `depth` that has pictures to train on."""
    name = own[0].keys[depth]
    is_domain = name in LETTERS or name in domains.map(str.casefold)
    try:
        found = _at_level(own, depth + 1, domains, anything and not is_domain)
    except Unclear:
        if not is_domain:
            raise
        raise _one_of(own, depth, domains) from None
    inside = {id(one) for one in own}
    return found._replace(unused=found.unused + [one.path for one in all_ if id(one) not in inside])


def _one_of(own: Sequence[Tagged], depth: int, domains: Pair[str]) -> OneDomain:
    """Of two known names one is there: `has trainA but no trainB`."""
    here, key = next((one.at[depth], one.keys[depth]) for one in own if one.split in ("train", None))
    known = LETTERS if key in LETTERS else domains
    other = known.b if key == known.a.casefold() else known.a
    if key in LETTERS and here.name[-1:].casefold() == key:
        other = here.name[:-1] + (other.upper() if here.name[-1].isupper() else other)
    return OneDomain(f"has {here} but no {here.with_name(other)}")


class _Nested(NamedTuple):
    layout: Layout
    by_recipe: bool
    """Found by the recipe's names, not by the letters A and B."""
    several: bool
    """Several folders hold both names: that may be several data sets, which are not one."""


def _nested(tagged: list[Tagged], domains: Pair[str]) -> _Nested | None:
    """Folders of the two names at any depth, where every picture to train on lies in exactly one of them."""
    for names in (domains.map(str.casefold), LETTERS):
        sides: dict[str, list[tuple[Tagged, int]]] = {names.a: [], names.b: []}
        parents: dict[tuple[str, ...], set[str]] = {}
        for one in tagged:
            places = [place for place, key in enumerate(one.keys) if key in sides]
            if len(places) == 1:
                key = one.keys[places[0]]
                sides[key].append((one, places[0]))
                parents.setdefault(one.keys[: places[0]], set()).add(key)
            elif one.split in ("train", None):
                break
        else:
            if all(any(one.split in ("train", None) for one, _ in own) for own in sides.values()):
                several = sum(len(held) == 2 for held in parents.values()) > 1
                layout = _layout(tagged, Pair(sides[names.a], sides[names.b]))
                return _Nested(layout, names != LETTERS, several)
    return None


def _two_of_any_name(
    tagged: list[Tagged], groups: Mapping[str, list[Tagged]], keys: Sequence[str], depth: int, domains: Pair[str]
) -> Layout | None:
    """The two folders at `depth` as the domains; None where one of them is called like a split, or A, or B."""
    first, second = sorted((next(one.folders[depth] for one in groups[key]) for key in keys), key=str.casefold)
    if said_by(first).split or said_by(second).split or {first.casefold(), second.casefold()} & set(LETTERS):
        return None
    lettered = _same_but_for_letters(first, second)
    if lettered or _alike(first, domains.b) or _alike(second, domains.a):
        swapped = lettered == "ba" if lettered else not (_alike(first, domains.a) or _alike(second, domains.b))
    else:
        swapped = False
    called = Pair(second, first) if swapped else Pair(first, second)
    sides = called.map(lambda name: [(one, depth) for one in groups[name.casefold()]])
    named = Pair(*(None if lettered or _alike(name, own) else name for name, own in zip(called, domains)))
    return _layout(tagged, sides)._replace(names=named)


def _layout(tagged: Iterable[Tagged], sides: Pair[list[tuple[Tagged, int]]]) -> Layout:
    inside = {id(one) for side in sides for one, _ in side}
    unused = [one.path for one in tagged if id(one) not in inside]
    return Layout(sides.map(_share), Pair(None, None), unused)


def _share(side: Sequence[tuple[Tagged, int]]) -> Share:
    """The pictures of a domain by their splits.

    Args:
        side: each with the place, among its folders, of the one that names the domain; -1: none does.
    """
    by_split: dict[str | None, list[Placed]] = {}
    for one, place in side:
        below = one.folders[place + 1 :] if len({at for _, at in side}) == 1 else _without(one.folders, place)
        by_split.setdefault(one.split, []).append(Placed(one.path, "/".join((*below, one.path.name))))
    train, unmarked = by_split.get("train", []), by_split.get(None, [])
    test, validation = by_split.get("test", []), by_split.get("validation", [])
    used = {one.path for one in train or unmarked}
    folders = sorted({one.at[place].as_posix() for one, place in side if place >= 0 and one.path in used})
    unused = [one.path for one in (unmarked if train else []) + (validation if test else [])]
    return Share(_listed(folders), train or unmarked, test or validation, unused)


def _without(folders: tuple[str, ...], place: int) -> tuple[str, ...]:
    return folders[:place] + folders[place + 1 :]


def _parts(layout: Layout) -> set[frozenset[PurePath]]:
    """The partition of the pictures to train on, whichever side is a."""
    return {frozenset(one.path for one in share.train) for share in layout.shares}


def _alike(folder: str, domain: str) -> bool:
    """Whether a folder's name is a domain's, but for case, signs and a plural: `Photos` and `photo`."""
    plain = [re.sub(r"[\W_]+", "", name.casefold()).removesuffix("s") for name in (folder, domain)]
    return plain[0] == plain[1]


def _same_but_for_letters(first: str, second: str) -> str:
    """ "ab" or "ba" for names like imagesA and imagesB, A_real and B_real; else empty."""
    for pattern in (r"(?P<rest>.*)(?P<letter>[AB])", r"(?P<rest>.*[\s_.\-])(?P<letter>[ab])",
                    r"(?P<letter>[ABab])(?P<rest>[\s_.\-].*)"):  # fmt: skip
        one, other = re.fullmatch(pattern, first), re.fullmatch(pattern, second)
        if one and other and one["rest"] == other["rest"]:
            letters = (one["letter"] + other["letter"]).casefold()
            return letters if letters in ("ab", "ba") else ""
    return ""


def _folders_at(tagged: Iterable[Tagged], depth: int) -> list[PurePath]:
    return sorted({one.at[depth] for one in tagged if len(one.at) > depth and one.split in ("train", None)})


def _found(tagged: Sequence[Tagged], depth: int) -> str:
    """What lies at a level: `cats (12), dogs (30), birds (4), and 2 pictures beside them`."""
    inside = Counter(one.at[depth].as_posix() for one in tagged if len(one.at) > depth)
    beside = sum(len(one.at) <= depth for one in tagged)
    shown = [f"{name} ({often:,})" for name, often in sorted(inside.items())]
    more = [f"{len(shown) - 8} more folders"] if len(shown) > 8 else []
    loose = (
        [f"{beside:,} {'picture' if beside == 1 else 'pictures'}{' beside them' if shown else ''}"] if beside else []
    )
    return ", ".join(shown[:8] + more + loose)


def _listed(folders: Sequence[str]) -> str:
    return " + ".join(folders) if len(folders) <= 3 else f"{folders[0]} + {len(folders) - 1} more"
