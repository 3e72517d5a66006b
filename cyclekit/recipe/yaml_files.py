"""YAML as people write it: 2e-4 is a number, 2026-11-23 is a word, and a key that stands twice is a mistake."""

from __future__ import annotations

import re
import reprlib
from pathlib import Path
from typing import Any

import yaml

from cyclekit.registry import RecipeError

LARGEST = 1 << 18
"""Characters of a file or a value; a recipe has a few thousand."""

DEEPEST = 40
"""Sections within sections."""

MOST = 10_000
"""Values, each alias counted as all that it stands for: nine lines of aliases to aliases would be a billion."""


class _Loader(yaml.SafeLoader):
    """YAML as people write it: 2e-4 is a number, 2026-11-23 is a word, and a key that stands twice is a mistake.

    A file that would be endless work is refused before it is: see `LARGEST`, `DEEPEST` and `MOST`. So is a value that
    its tag does not fit, and half of a surrogate pair or a NUL, which no file can be named by.
    """

    def __init__(self, text: str) -> None:
        if len(text) > LARGEST:
            raise yaml.YAMLError(f"more than {LARGEST:,} characters")
        super().__init__(text)
        self.depth = self.values = 0
        self.sizes: dict[int, int] = {}
        """Values below each node that is complete, itself counted."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark, before = self.peek_event().start_mark, self.values
        if self.check_event(yaml.AliasEvent):
            node = super().compose_node(parent, index)
            if id(node) not in self.sizes:
                raise _refused("an alias stands within what it stands for", mark)
            self.values += self.sizes[id(node)]
        else:
            self.depth += 1
            if self.depth > DEEPEST:
                raise _refused(f"more than {DEEPEST} sections within each other", mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            self.values += 1
            self.sizes[id(node)] = self.values - before
        if self.values > MOST:
            raise _refused(f"more than {MOST:,} values, aliases counted as what they stand for", mark)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            # From a value whose tag does not fit it: !!int four, an empty !!float, !!bool maybe.
            kind = str(node.tag).rpartition(":")[2]
            shown = reprlib.repr(node.value) if isinstance(node, yaml.ScalarNode) else "this"
            raise _refused(f"{shown} is no !!{kind}", node.start_mark) from error
        if isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
            raise _refused(f"{value!a} holds half of a surrogate pair, or a NUL", node.start_mark)
        return value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' stands here a second time", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def _refused(problem: str, mark: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)


for _tag in ("binary", "timestamp", "omap", "pairs", "set"):  # nothing in a recipe is of these kinds
    _Loader.yaml_constructors = {**_Loader.yaml_constructors}
    del _Loader.yaml_constructors[f"tag:yaml.org,2002:{_tag}"]


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
    """One value as in a recipe: `2e-4`, `true`, `null`, `[a, b]`, plain words.

    Raises:
        yaml.YAMLError: no YAML, too large, or a value that its tag does not fit.
    """
    return yaml.load(text, _Loader)


def write_yaml(settings: dict[str, Any]) -> str:
    """A mapping as YAML that `read_yaml` reads back as it was."""
    return yaml.dump(settings, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def write_value(value: Any) -> str:
    """One value on one line, as it may stand after a key; `read_value` reads it back as it was."""
    written = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=float("inf")
    )
    return written.removesuffix("\n").removesuffix("\n...")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        RecipeError: unreadable, not YAML (names the line), or not a mapping.
    """
    try:
        with path.open(encoding="utf-8") as file:
            settings = read_value(file.read(LARGEST + 1))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{place}: not valid YAML: {getattr(error, 'problem', error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values; this is {type(settings).__name__}")
    return settings
