"""The text of a new recipe: what another one sets, with the settings that people change, and what each of them does."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.yaml_files import write_value

EDITED = {
    "title": "what it makes of what",
    "domains.a": "what you call the two sides; `translate --to` takes these names",
    "domains.b": "",
    "data.sources": "the first that is there is taken: a folder, A,B, hub:OWNER/NAME, builtin:NAME",
    "data.load_size": "pictures are resized to this, in pixels",
    "data.crop_size": "and cut at random to this: what the networks see",
    "data.vocabulary": "word pieces, of both domains together",
    "data.limit": "tokens of a sentence; what is longer is cut",
    "generator.name": "any of `cyclekit list generator`, with its options",
    "generator.width": "more is slower, and learns finer detail",
    "generator.blocks": "",
    "generator.depth": "",
    "generator.layers": "",
    "objective.adversarial": "how much it counts to look like the other domain",
    "objective.cycle": "how much it counts to come back to the input",
    "objective.identity": "how much it counts to leave alone what is there already; 0: not computed",
    "objective.preservation": "how much it counts to keep content words",
    "objective.l1": "how much it counts to be near the truth, pixel by pixel",
    "train.epochs": "how long: passes over the data; or `steps:` or `budget:` instead",
    "train.steps": "how long; or `epochs:` or `budget:` instead",
    "train.budget": "how long: 90s, 10min, 1h of time in steps; or `steps:` or `epochs:` instead",
    "train.batch_size": "how many items of each domain make a step",
    "train.learning_rate": "Adam's; also {generators: RATE, discriminators: RATE}",
    "train.sample_every": "steps between two sheets of samples (and looks at validation data)",
    "train.save_every": "steps between two checkpoints",
    "train.seed": "other seeds are other runs",
    "metrics": "what `cyclekit evaluate` measures: any of `cyclekit list metric`",
}
"""What people change, and what to say about it; in the order in which it is written."""

FIRST = ("title", "base", "domains", "data", "generator", "discriminator", "objective")
LAST = ("metrics", "validation", "health", "profiles")

HEAD = """\
# Begun from the recipe {source} by `cyclekit new`. Edit it, then:  cyclekit run {folder}
# What is not set here is as the base has it; all settings:  cyclekit show {folder}
"""

OF_PROFILES = """\
# On a machine without an accelerator, `cpu` lies over the settings above, unless you say --profile published.
"""

WIDTH = 100


def template(own: Mapping[str, Any], resolved: Recipe, *, title: str, source: str, folder: str) -> str:
    """A recipe.yaml that means what another one means.

    Args:
        own: what the other recipe's file sets.
        resolved: the other recipe, without a profile.
        title: of the new one.
        source: the other one's name.
        folder: the new one's place.
    """
    settings = {key: copy.deepcopy(value) for key, value in own.items() if key not in ("name", "profile")}
    settings["title"] = title
    plain = resolved.model_dump(mode="json", exclude={"title"})
    _show(settings, plain)
    profiles = {name: dict(of_profile) for name, of_profile in resolved.profiles.items()}
    for name, of_profile in profiles.items():
        shown = settings.setdefault("profiles", {})
        shown[name] = shown.get(name) or {}
        _show(shown[name], of_profile)
    middle = [key for key in settings if key not in FIRST + LAST]
    written = HEAD.format(source=source, folder=shlex.quote(folder))
    for key in (*FIRST, *middle, *LAST):
        if settings.get(key) is not None or (key in settings and key in own):  # null takes away what the base has
            written += "\n" * (key != "base") + (OF_PROFILES if key == "profiles" else "")
            written += "\n".join(_lines({key: settings[key]})) + "\n"
    return written


def _show(settings: dict[str, Any], plain: Mapping[str, Any]) -> None:
    """Have settings say what they take from elsewhere, of what people change."""
    for key in EDITED:
        *sections, last = key.split(".")
        there: Any = plain
        for section in sections:
            there = {"name": there.get(section)} if isinstance(there.get(section), str) else there.get(section) or {}
        if there.get(last) is None:
            continue
        here = settings
        for section in sections:
            if isinstance(here.get(section), str):
                here[section] = {"name": here[section]}
            here = here.setdefault(section, {})
        value = there[last]
        if key == "metrics" and isinstance(value, list):
            value = [one["name"] if isinstance(one, Mapping) and [*one] == ["name"] else one for one in value]
        if key == "train.learning_rate" and isinstance(value, Mapping) and len({*value.values()}) == 1 < len(value):
            value = next(iter(value.values()))
        here[last] = copy.deepcopy(value)


def _lines(settings: Mapping[str, Any], prefix: str = "", indent: str = "") -> Iterator[str]:
    """YAML, a setting a line: sections on lines of their own, small ones below them on one."""
    order = [key.removeprefix(prefix).split(".")[0] for key in EDITED if key.startswith(prefix)]
    for key in sorted(
        settings, key=lambda key: order.index(key) if key in order else -1 if key in ("name", "like") else 99
    ):
        value, path = settings[key], f"{prefix}{key}"
        head = f"{indent}{write_value(key)}:"
        said = EDITED.get(path, "")
        short = f"{head} {write_value(value)}"
        if isinstance(value, list) and value and (path == "data.sources" or len(short) > WIDTH):
            yield _commented(head, said)
            yield from (f"{indent}  - {write_value(item)}" for item in value)
        elif isinstance(value, Mapping) and value and (not indent or path.count(".") < 1 or len(short) > WIDTH):
            yield _commented(head, said)
            yield from _lines(value, f"{path}.", f"{indent}  ")
        else:
            yield _commented(short, said)


def _commented(line: str, comment: str) -> str:
    return f"{line:<31} # {comment}" if comment else line
