"""YAML as people write it: 2e-4 is a number, 2026-11-23 is a word, and a key that stands twice is a mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from cyclekit.registry import RecipeError


class _Loader(yaml.SafeLoader):
    """YAML as people write it: 2e-4 is a number, 2026-11-23 is a word, and a key that stands twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' stands here a second time", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Writes what `_Loader` reads back as it was: words that look like its numbers are quoted."""


def _written(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # PyYAML writes the rarer line breaks as they are and reads spaces, unless the quotes are double.
    style = '"' if set(text) & set("\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)

for _side in (_Loader, _Dumper):
    _side.yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for first, rules in _side.yaml_implicit_resolvers.items()
    }
    _side.add_implicit_resolver(
        "tag:yaml.org,2002:float",  # YAML 1.1, and so PyYAML, wants 2.0e-4
        re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$"),
        list("-+0123456789."),
    )


def read_value(text: str) -> Any:
    """One value as in a recipe: `2e-4`, `true`, `null`, `[a, b]`, plain words."""
    try:
        return yaml.load(text, _Loader)
    except ValueError as error:  # from a value with an explicit tag, such as !!int four
        raise yaml.YAMLError(str(error)) from error


def write_yaml(settings: dict[str, Any]) -> str:
    """A mapping as YAML that `read_yaml` reads back as it was."""
    return yaml.dump(settings, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        RecipeError: unreadable, not YAML (names the line), or not a mapping.
    """
    try:
        settings = read_value(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{place}: not valid YAML: {getattr(error, 'problem', error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values; this is {type(settings).__name__}")
    return settings
