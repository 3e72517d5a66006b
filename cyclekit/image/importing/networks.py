"""The networks in what a file holds, by name; and the one that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from torch import Tensor

from cyclekit.image.importing.families import EXPECTED, Family, family_of, networks_within, refusal_of, stranger_among
from cyclekit.image.importing.folding import folded
from cyclekit.registry import RecipeError, argument, did_you_mean

WRAPPERS = {"module", "_orig_mod"}
"""What DataParallel and torch.compile put in front of every key."""
AVERAGE = "_ema"
"""Behind the name of a network whose moving average a file holds too, as BasicSR writes it."""

Tensors = dict[str, Tensor]
Kind = Literal["generator", "discriminator"]


def wanted_network(
    path: Path, content: Any, key: str | None, kind: Kind | None, notes: list[str]
) -> tuple[Tensors, Family]:
    """The tensors of one network under its own keys, and its family.

    Args:
        content: a mapping of names to tensors, or containers around one or more of them.
        key: the name of the network to take; its last part is enough where that is clear.
        kind: what is wanted where a file holds one of it among others.
        notes: gets what was chosen and stripped.

    Raises:
        RecipeError: no network that can be imported, more than one and no word which, or none of that name.
    """
    mappings = dict(_mappings(content, "", depth=4))
    named: dict[str, Tensors] = {}
    strippings: dict[str, list[str]] = {}
    for name, tensors in mappings.items():
        told: list[str] = []
        plain = _without_wrappers(path, tensors, told)
        try:
            plain, folds = folded(plain)
        except LookupError as error:
            raise RecipeError(f"{path}: is damaged: {error}") from error
        for prefix, network in networks_within(plain).items():
            full = ".".join(part for part in (name, prefix) if part)
            named[full] = network
            taken = f"took the {len(network)} tensors under {prefix}. and left {len(plain) - len(network)} others"
            strippings[full] = [*told, *folds, *([taken] if prefix else [])]
    if not named:
        raise RecipeError(f"{path}: {_none_known(content, mappings)}")
    families = {name: family_of(network) for name, network in named.items()}
    known = {name: family for name, family in families.items() if family is not None}
    chosen = _chosen(path, known, key, kind, notes)
    notes += strippings[chosen]
    return named[chosen], known[chosen]


def _mappings(content: Any, name: str, depth: int) -> Iterator[tuple[str, Tensors]]:
    """Every mapping of names to tensors, by its place in the content."""
    if not isinstance(content, Mapping) or not content:
        return
    tensors = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, Tensor)}
    if tensors:
        yield name, tensors
    if depth:
        for key, value in content.items():
            yield from _mappings(value, f"{name}.{key}" if name else str(key), depth - 1)


def _without_wrappers(path: Path, tensors: Tensors, notes: list[str]) -> Tensors:
    """Keys without the `module.` and `_orig_mod.` that training wrappers put in, once or many times, anywhere."""
    stripped = {".".join(part for part in key.split(".") if part not in WRAPPERS): key for key in tensors}
    if len(stripped) < len(tensors):
        raise RecipeError(f"{path}: has keys that differ only in 'module.' or '_orig_mod.': {shapes_shown(tensors)}")
    wrapped = sorted({part for key in tensors for part in key.split(".")} & WRAPPERS)
    if wrapped:
        notes.append(f"stripped {' and '.join(f'{part}.' for part in wrapped)} from the keys")
    return {new: tensors[old] for new, old in stripped.items()}


def _chosen(path: Path, known: Mapping[str, Family], key: str | None, kind: Kind | None, notes: list[str]) -> str:
    """The name of the wanted network."""
    listed = ", ".join(f"{_short(name, known)} ({known[name].name})" for name in known)
    if key is not None:
        fitting = [name for name in known if name == key] or [name for name in known if name.endswith(f".{key}")]
        if len(fitting) == 1:
            return fitting[0]
        hint = did_you_mean(key, [_short(name, known) for name in known])
        if fitting:
            raise RecipeError(
                f"{path}: {argument('key', key)}: fits {' and '.join(fitting)}; give one of these names whole"
            )
        if "" in known:
            raise RecipeError(
                f"{path}: {argument('key', key)}: the file holds one network, without a name; leave it out"
            )
        raise RecipeError(f"{path}: {argument('key', key)}: no network of that name{hint}; it holds {listed}")
    of_kind = [name for name in known if kind is None or known[name].kind == kind] or list(known)
    # A moving average beside the network that it follows is that network, steadier; it is what others translate with.
    followed = [name for name in of_kind if f"{name}{AVERAGE}" in of_kind]
    left = [name for name in of_kind if name not in followed]
    if len(left) > 1:
        example = _short(left[0], known)
        raise RecipeError(
            f"{path}: holds {len(known)} networks: {listed}; choose one, such as {argument('key', example)}"
        )
    (name,) = left
    if len(known) > 1:
        others = ", ".join(_short(other, known) for other in known if other != name)
        notes.append(f"took {_short(name, known)}; the file holds {others} too, which its name as the key takes")
    return name


def _short(name: str, known: Mapping[str, Family]) -> str:
    """The last part of a network's name, where that names it alone."""
    last = name.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in known) == 1 else name


def _none_known(content: Any, mappings: Mapping[str, Tensors]) -> str:
    """Why a content has no network that can be imported."""
    keys = [key for tensors in mappings.values() for key in tensors]
    stranger = stranger_among(keys)
    if stranger is not None:
        return refusal_of(stranger, len(keys))
    if not mappings:
        what = f"a {type(content).__name__}"
        if isinstance(content, Mapping):
            what += f" with {', '.join(str(key) for key in list(content)[:5]) or 'no entries'}"
        return f"holds no network, but {what}; {EXPECTED}"
    found = "; ".join(
        f"{name}: {shapes_shown(tensors)}" if name else shapes_shown(tensors) for name, tensors in mappings.items()
    )
    if len(mappings) > 3:
        found = f"{len(keys)} tensors in {len(mappings)} places, first {', '.join(keys[:3])}"
    return f"no network known here: found {found}; {EXPECTED}"


def shapes_shown(tensors: Mapping[str, Tensor]) -> str:
    """A mapping's size and its first tensors."""
    first = ", ".join(f"{key} {tuple(tensor.shape)}" for key, tensor in list(tensors.items())[:3])
    return f"{len(tensors)} tensors, first {first}"
