"""A thought, and how two languages say it.

The first is as English: articles, the adjective before its noun, plurals and the past by an ending, prepositions, time
last. The second has the adjective and the definite article behind the noun, no other article, a particle before an
object, a verb that agrees with a plural subject, postpositions, and time comes first.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from cyclekit.builtin.grammars.languages.vocabulary import ADJECTIVES, NOUNS, PLACES, TIMES, VERBS, WORDS


class Thing(NamedTuple):
    """Who or what is spoken of."""

    noun: str
    adjective: str | None
    plural: bool
    definite: bool


class Thought(NamedTuple):
    """What a sentence says."""

    subject: Thing
    verb: str
    past: bool
    object: Thing | None
    place: int | None
    inside: bool
    time: int | None


def thought(random: Random) -> Thought:
    """One at random. Some things are spoken of far more often than others."""
    verb = _often(random, list(VERBS))
    doers, done_to = (kinds.split() for kinds in VERBS[verb])
    subject, past = _thing(random, doers), random.random() < 0.4
    done = _thing(random, done_to) if done_to else None
    place = int(PLACES * random.random() ** 1.5) if random.random() < 0.5 else None
    inside = place is None or random.random() < 0.7  # one thought where there is no place
    time = int(TIMES * random.random() ** 1.5) if random.random() < 0.25 else None
    return Thought(subject, verb, past, done, place, inside, time)


def in_a(said: Thought) -> str:
    """The thought in the first language."""
    words = [*_phrase_a(said.subject), WORDS[said.verb].a + ("ed" if said.past else "")]
    words += [] if said.object is None else _phrase_a(said.object)
    if said.place is not None:
        words += ["in" if said.inside else "nebo", "la", WORDS[f"place {said.place}"].a]
    words += [] if said.time is None else [WORDS[f"time {said.time}"].a]
    return " ".join([*words, "."])


def in_b(said: Thought) -> str:
    """The thought in the second language."""
    words = [] if said.time is None else [WORDS[f"time {said.time}"].b]
    ending = ("im" if said.past else "u") + ("sh" if said.subject.plural else "")
    words += [*_phrase_b(said.subject), WORDS[said.verb].b + ending]
    words += [] if said.object is None else ["ta", *_phrase_b(said.object)]
    if said.place is not None:
        words += [WORDS[f"place {said.place}"].b, "un", "koth" if said.inside else "zhar"]
    return " ".join([*words, "."])


def _phrase_a(thing: Thing) -> list[str]:
    article = "la" if thing.definite else ("" if thing.plural else "ol")
    adjective = "" if thing.adjective is None else WORDS[thing.adjective].a
    return [word for word in (article, adjective, WORDS[thing.noun].a + ("s" if thing.plural else "")) if word]


def _phrase_b(thing: Thing) -> list[str]:
    adjective = [] if thing.adjective is None else [WORDS[thing.adjective].b]
    return [WORDS[thing.noun].b + ("ei" if thing.plural else ""), *adjective, *(["un"] if thing.definite else [])]


def _thing(random: Random, kinds: list[str]) -> Thing:
    kind = random.choice(kinds)
    fitting = [adjective for adjective, kinds_of in ADJECTIVES.items() if kind in kinds_of]
    adjective = random.choice(fitting) if random.random() < 0.35 else None
    return Thing(_often(random, NOUNS[kind]), adjective, random.random() < 0.3, random.random() < 0.6)


def _often(random: Random, items: list[str]) -> str:
    """One of them, the first ones far more often."""
    return items[int(len(items) * random.random() ** 1.7)]
