"""What stands in `data.sources`, opened: folders, globs, the hub, built-in pictures.

As two domains (`open_source`), or as one collection of which both domains are views (`open_collection`).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from glob import has_magic
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from cyclekit.core.batch import Pair
from cyclekit.core.data import Source, source_name
from cyclekit.image.folders import open_folder, open_one, open_two
from cyclekit.image.hub import open_hub, open_hub_pictures
from cyclekit.image.picture_set import PictureSet
from cyclekit.registry import RecipeError, build, part


def open_source(
    source: Source, domains: Pair[str], size: int, aligned: bool | None, left: Literal["a", "b"]
) -> PictureSet:
    """Open one entry of `data.sources`.

    Args:
        domains: display names, which may also be the names of folders, columns and classes.
        size: side of pictures that are made on the spot.
        aligned: whether rows of two folders or columns belong together; None: as the source says.
        left: the domain that is the left half of side-by-side pictures.

    Raises:
        SourceMissing: it is not there.
        RecipeError: it is there but cannot be used, or the entry makes no sense.
    """
    pair_up = bool(aligned)
    if isinstance(source, Mapping):
        return _open_mapping(source, domains, size, pair_up)
    kind, _, name = source.partition(":")
    if kind == "hub":
        return open_hub(name, domains, pair_up)
    if kind == "builtin":
        return open_builtin(name, size, pair_up, {})
    path = _expanded(source)
    if Path(path).exists():
        return open_folder(Path(path), domains, aligned, left)
    if path.count(",") == 1:
        return open_two(Pair(*(_expanded(one.strip()) for one in path.split(","))), pair_up)
    if has_magic(path):
        raise RecipeError(f"data.sources: {source} is one glob; two domains need two, written GLOB_A,GLOB_B")
    return open_folder(Path(path), domains, aligned, left)


def open_collection(source: Source, size: int) -> PictureSet:
    """Open one entry of `data.sources` as one collection of pictures; both domains of the set are the same lists.

    A folder's pictures are taken by the splits that the folders below it say, in any layout; of a hub data set the
    first picture column is taken, of built-in pictures domain b.

    Raises:
        SourceMissing: it is not there.
        RecipeError: it is there but holds no pictures, or the entry makes no sense.
    """
    if isinstance(source, Mapping) or source.startswith("builtin:"):
        two = open_source(source, Pair("a", "b"), size, aligned=False, left="a")
        train, test, words, notes = two.train.b, two.test.b, f"domain b of {two.words}", list(two.notes)
    elif source.startswith("hub:"):
        train, test, words = open_hub_pictures(source.removeprefix("hub:"))
        notes = []
    else:
        train, test, words, notes = open_one(_expanded(source))
    return PictureSet(Pair(train, train), Pair(test, test), True, True, words, notes=tuple(notes))


def open_builtin(name: str, size: int, pair_up: bool, options: Mapping[str, Any]) -> PictureSet:
    """The built-in pictures `name`.

    A factory of kind "builtin" for pictures takes (size, paired), keyword options, and is annotated to return a
    `PictureSet`; other modalities have built-in data under the same kind, which the annotation tells apart.

    Raises:
        RecipeError: unknown name or options, or built-in data of another modality.
    """
    factory = part("builtin", name, where="data.sources").factory
    if inspect.get_annotations(factory).get("return") not in (PictureSet, PictureSet.__name__):
        raise RecipeError(f"data.sources: builtin:{name} holds no pictures; data.name=images wants picture data")
    made: PictureSet = build("builtin", name, size, pair_up, options=options, where="data.sources")
    return made


def _open_mapping(source: Mapping[str, Any], domains: Pair[str], size: int, pair_up: bool) -> PictureSet:
    if "builtin" not in source and len(source) == 2:
        named = Pair(*((str(key), _path_of(key, path)) for key, path in source.items()))
        sides = named.map(lambda one: _side_of(one[0], domains))
        if sides.a == sides.b and sides.a is not None:
            raise RecipeError(f"data.sources: {source_name(source)} names domain {sides.a} twice, and the other never")
        if sides.a == "b" or sides.b == "a":
            named = named.swapped
        found = open_two(named.map(lambda one: _expanded(one[1])), pair_up)
        new = named.map(lambda one: one[0] if _side_of(one[0], domains) is None else None)
        return found._replace(names=new)
    if "builtin" in source:
        options = {key: value for key, value in source.items() if key != "builtin"}
        return open_builtin(str(source["builtin"]), size, pair_up, options)
    raise RecipeError(
        f"data.sources: {source_name(source)} is no source; a mapping is {{a: PATH, b: PATH}}, where the keys may be "
        "names of the domains, or {builtin: NAME, option: value}"
    )


def _side_of(key: str, domains: Pair[str]) -> str | None:
    """Whose letter or name in the recipe a key of a mapping is; None where it calls a domain anew."""
    return next((side for side, name in zip("ab", domains) if key in (side, name)), None)


def _path_of(key: object, path: object) -> str:
    if not isinstance(path, str | PathLike):
        raise RecipeError(f"data.sources: {key}: {path} is no path; name a folder or a glob")
    return str(path)


def _expanded(path: str) -> str:
    return str(Path(path).expanduser())
