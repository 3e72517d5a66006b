"""What several commands take: their arguments and options, and what the words given for them mean."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from cyclekit.registry import RecipeError


def recipes_from(incomplete: str) -> list[str]:
    """For shells: the carried recipes that begin so."""
    from cyclekit.recipe.loading import carried_recipes

    return [name for name in carried_recipes() if name.startswith(incomplete)]


RecipeName = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE",
        help="A recipe folder, or the name of one that `cyclekit list recipe` shows.",
        autocompletion=recipes_from,
    ),
]
RunFolder = Annotated[
    str, typer.Argument(metavar="RUN", help="A run folder, such as runs/monet2photo/2026-11-23-090000.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, e.g. --set train.batch_size=4."),
]
DataSource = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="SOURCE",
        help="A folder, two folders or globs `A,B` or `a=A,b=B`, hub:OWNER/NAME, or builtin:NAME.",
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        help="Settings of the recipe for a kind of machine; `published` for none. Default: cpu without a GPU."
    ),
]
Without = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Leave out an installed plugin.")]
TrustPlugin = Annotated[
    bool,
    typer.Option("--trust-plugin", help="Let the run's plugin.py run here, now and later; read it first."),
]


class Memory(NamedTuple):
    """An amount of memory: bytes, and how it was written."""

    size: int
    written: str


def memory_given(written: str | None) -> Memory | None:
    """What `--fit` names.

    Raises:
        RecipeError: no amount of memory.
    """
    if written is None:
        return None
    units = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([kmgt]i?)?b?", written.strip().lower())
    size = float(found[1]) * units[found[2] or ""] if found else 0.0
    if not 1 <= size < math.inf:
        raise RecipeError(f"--fit {written}: no amount of memory; write 8GB, 16GiB or 500MB")
    return Memory(int(size), written)


Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 (a card of several) or mps.")]


StartFrom = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="SOURCE",
        help="Start from weights: a run folder, hub:OWNER/NAME, pretrained:NAME or a file; DOMAIN=SOURCE for one.",
    ),
]


def start_sources(given: list[str] | None) -> str | dict[str, str] | None:
    """What `--from` names: one source, or one for each domain.

    Raises:
        RecipeError: several, and not each for a domain of its own.
    """
    if not given:
        return None
    if len(given) == 1 and ("=" not in given[0] or Path(given[0]).exists()):
        return given[0]
    named: dict[str, str] = {}
    for each in given:
        domain, equals, source = each.partition("=")
        if not (domain and equals and source) or domain in named:
            raise RecipeError(f"--from {each}: several sources are one for each domain: --from DOMAIN=SOURCE")
        named[domain] = source
    return named


def named_sources(data: str | None) -> Any:
    """`A,B` is two folders (or globs), `a=A,b=B` too, with a name for each; anything else is taken as it stands.

    Raises:
        RecipeError: one of the two is missing, or both are named alike.
    """
    if data is None or "," not in data or Path(data).exists():
        return data
    named = re.fullmatch(r"\s*([^=,/\\]+)=(.+?),\s*([^=,/\\]+)=(.+)", data)
    if named is not None:
        both = ((named[1].strip(), named[2].strip()), (named[3].strip(), named[4].strip()))
    else:
        a, _, b = data.partition(",")
        both = (("a", a.strip()), ("b", b.strip()))
    if both[0][0] == both[1][0] or not all(both[0] + both[1]):
        raise RecipeError(f"--data {data}: name two sources, as in --data A,B or --data a=A,b=B")
    return dict(both)
