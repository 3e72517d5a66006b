"""Which network of a source stands for which of a run's: by the domains' names, or by their places."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, argument, did_you_mean
from cyclekit.starting.sources import Source


class Taken(NamedTuple):
    """The networks of one domain of a source."""

    source: Source
    domain: str
    """ "a" or "b", there."""


def paired(
    domains: Pair[str], makes: Sequence[str], sources: Mapping[str, Source] | Source
) -> tuple[dict[str, Taken], list[str]]:
    """For each domain that a run makes, "a" or "b", whose networks it starts from; and what to know of that.

    Args:
        domains: the run's display names.
        makes: the domains that the run makes.
        sources: one for all, or one for the display name of each domain that is to start from weights.

    Raises:
        RecipeError: a name of no domain of this run, a domain that this run does not make, or no network for any.
    """
    notes: list[str] = []
    if isinstance(sources, Source):
        there = _theirs(domains, sources, notes)
        taken = {ours: Taken(sources, theirs) for ours, theirs in there.items() if theirs in sources.generators}
    else:
        taken = {_ours(domains, name): _by_word(domains, name, source, notes) for name, source in sources.items()}
        for ours in taken.keys() - set(makes):
            raise RecipeError(f"train.start_from: this recipe has no generator that makes {getattr(domains, ours)}")
    taken = {ours: each for ours, each in taken.items() if ours in makes}
    if not taken:
        made = " and ".join(getattr(domains, ours) for ours in makes)
        example = getattr(domains, makes[0])
        raise RecipeError(
            f"train.start_from: nothing there makes {made}; say which network does: "
            + argument("start_from", f"{example}=SOURCE")
        )
    return taken, notes


def _theirs(domains: Pair[str], source: Source, notes: list[str]) -> dict[str, str]:
    """Our domain -> the source's."""
    straight = {"a": "a", "b": "b"}
    if source.domains is None:
        notes.append(
            f"{source.name} does not say what it makes: taken for {domains.b}; otherwise start from {domains.a}=FILE"
        )
        return straight
    theirs = source.domains
    if theirs.b == domains.a or theirs.a == domains.b:
        return {"a": "b", "b": "a"}
    if theirs.a != domains.a and theirs.b != domains.b:
        made = [(getattr(theirs, d), getattr(domains, d)) for d in ("b", "a") if d in source.generators]
        told = " and ".join(f"{there} is taken for {here}" for there, here in made)
        notes.append(
            f"{source.name} has other domains: {told}; otherwise start from {shlex.quote(f'{domains.a}={source.name}')}"
        )
    return straight


def _ours(domains: Pair[str], name: str) -> str:
    for domain in Pair._fields:
        if getattr(domains, domain) == name:
            return domain
    raise RecipeError(
        f"train.start_from: no domain is called '{name}'{did_you_mean(name, domains)}; there are: {', '.join(domains)}"
    )


def _by_word(domains: Pair[str], name: str, source: Source, notes: list[str]) -> Taken:
    """The one of a source's generators that is meant for a domain of this name."""
    if source.domains is None or len(source.generators) == 1:
        return Taken(source, next(iter(source.generators)))
    for domain in source.generators:
        if getattr(source.domains, domain) == name:
            return Taken(source, domain)
    domain = _ours(domains, name)
    notes.append(f"{source.name} has no {name}: its {getattr(source.domains, domain)} is taken for it")
    return Taken(source, domain)
