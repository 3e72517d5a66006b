"""Named parts: `register` one, list their `names`, `build` one from a recipe's options.

A part is a class or function under a kind ("generator") and a name ("resnet"). The keyword-only parameters of its
signature are the options a recipe may set; the positional ones are what the house hands in: codecs mostly, and to an
objective, a term or an optimizer what it asks for by the name (`build_from`). Every mistake in a recipe ends here as a
`RecipeError`: one line that says where, what, and what would work.

Over 300 lines: everything stands on this file, and it stands on the standard library alone.
"""

from __future__ import annotations

import contextlib
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

Factory = TypeVar("Factory", bound=Callable[..., Any])


_ARGUMENT = re.compile("\x02(\\w+)(?:\x1f([^\x03]*))?\x03")
"""As `argument` writes one: between control characters, which nothing else in a message has."""


def argument(name: str, value: Any = None) -> str:
    """An argument of a Python function in the text of a `RecipeError`, which the command line tells by its flag.

    `argument("beam", 0)` is told as `beam=0` and `--beam 0`, `argument("beam")` as `beam` and `--beam`, a switch
    `argument("resume", True)` as `resume=True` and `--resume`.
    """
    return f"\x02{name}\x03" if value is None else f"\x02{name}\x1f{value}\x03"


def setting(text: str) -> str:
    """A recipe's setting `key=value` in the text of a `RecipeError`: `overrides=key=value`, or `--set key=value`."""
    return argument("overrides", text)


class RecipeError(Exception):
    """A mistake the user can mend. Its text is one line: where, what, and what would work."""

    def __str__(self) -> str:
        return self._told(lambda found: found[1] if found[2] is None else f"{found[1]}={found[2]}")

    def in_flags(self, renamed: Mapping[str, str]) -> str:
        """The text for the command line.

        Args:
            renamed: arguments whose flag is not their own name.
        """

        def flag(found: re.Match[str]) -> str:
            name = renamed.get(found[1], found[1].replace("_", "-"))
            if found[2] == "False":
                return f"--no-{name}"
            return f"--{name}" if found[2] in (None, "True") else f"--{name} {found[2]}"

        return self._told(flag)

    def _told(self, said: Callable[[re.Match[str]], str]) -> str:
        text = _ARGUMENT.sub(said, super().__str__())
        return " ".join(line.strip() for line in text.splitlines())


class Part(NamedTuple):
    """One registered part: what builds it, and who brought it ("cyclekit", or a plugin's name)."""

    factory: Callable[..., Any]
    origin: str

    @property
    def modality(self) -> str | None:
        """The modality whose part it is: `MODALITY` of the nearest package it stands in; None where it suits any."""
        package = getattr(self.factory, "__module__", "")
        while package:
            found = getattr(sys.modules.get(package), "MODALITY", None)
            if found is not None:
                return str(found)
            package = package.rpartition(".")[0]
        return None


Parts = dict[str, dict[str, Part]]
"""Kind -> name -> part."""

_parts: Parts = {}
_origin = "cyclekit"


def register(kind: str, name: str) -> Callable[[Factory], Factory]:
    """Decorate a class or function to make it the part `name` of `kind`.

    Raises:
        RecipeError: the name is taken by another origin; a plugin never replaces a part silently.
    """

    def remember(factory: Factory) -> Factory:
        taken = _parts.setdefault(kind, {}).get(name)
        if taken is not None and taken.origin != _origin:
            raise RecipeError(
                f"{kind} '{name}' from {_origin} is already brought by {taken.origin}: choose another name"
            )
        _parts[kind][name] = Part(factory, _origin)
        return factory

    return remember


class brought_by:
    """Context: what is registered inside is brought by `origin`; if loading fails, nothing of it stays."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def __enter__(self) -> None:
        global _origin
        self.before, _origin = _origin, self.origin
        self.parts_before = {kind: dict(parts) for kind, parts in _parts.items()}

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        global _origin
        _origin = self.before
        if error is not None:
            _parts.clear()
            _parts.update(self.parts_before)


def kinds() -> list[str]:
    """All kinds that have at least one part, sorted."""
    return sorted(kind for kind, parts in _parts.items() if parts)


def names(kind: str) -> list[str]:
    """The names registered under `kind`, sorted; empty for an unknown kind."""
    return sorted(_parts.get(kind, {}))


def registered() -> Parts:
    """All parts, kinds and names sorted."""
    return {kind: dict(sorted(_parts[kind].items())) for kind in kinds()}


def part(kind: str, name: str, where: str | None = None, among: Parts | None = None) -> Part:
    """The part `name` of `kind`.

    Args:
        where: the recipe key that named it, for the error's first words; the kind when not given.
        among: the parts to look among; None for those that are registered.

    Raises:
        RecipeError: no such part; names the nearest one and all there are.
    """
    parts = (_parts if among is None else among).get(kind, {})
    if name not in parts:
        where = where or kind
        raise RecipeError(
            f"{where}: no {kind} is called '{name}'{did_you_mean(name, parts)}; there are: {_listed(parts)}"
        )
    return parts[name]


def options(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The options a recipe may set on a factory: its keyword-only parameters."""
    signature = inspect.signature(factory)
    return {p.name: p for p in signature.parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY}


def build(kind: str, name: str, *given: Any, options: Mapping[str, Any] | None = None, where: str | None = None) -> Any:
    """Build the part `name` of `kind` from what the house gives and what the recipe sets.

    Args:
        given: positional arguments, handed to the factory as they are.
        options: the recipe's keyword options; checked by name and by type against the factory's signature.
        where: the recipe key the options stand under, for error messages; the kind when not given.

    Raises:
        RecipeError: unknown part, unknown option, missing option or an option of the wrong type; also a `ValueError`
            from the factory itself, which is how a part refuses a value.
    """
    where = where or kind
    chosen = dict(options or {})
    factory = check_part(kind, name, chosen, where)
    try:
        return factory(*given, **chosen)
    except ValueError as error:
        raise RecipeError(f"{where}: {kind} '{name}' refuses its options: {error}") from error


def build_from(
    kind: str,
    name: str,
    offers: Mapping[str, Callable[[], Any]],
    *,
    options: Mapping[str, Any] | None = None,
    where: str | None = None,
) -> Any:
    """Build the part `name` of `kind` from what it asks for: its positional parameters, by their names.

    Args:
        offers: what there is to be asked for; each is made when it is asked for, in this order.
        options: as for `build`.
        where: as for `build`.

    Raises:
        RecipeError: it asks for what nobody offers; also as `build`.
    """
    where = where or kind
    chosen = dict(options or {})
    factory = check_part(kind, name, chosen, where)
    wanted = asks_for(factory)
    for one, parameter in wanted.items():
        if one not in offers and parameter.default is inspect.Parameter.empty:
            raise RecipeError(
                f"{where}: {kind} '{name}' asks for '{one}', which nobody offers{did_you_mean(one, offers)}; "
                f"there are: {_listed(offers)}"
            )
    given = {one: make() for one, make in offers.items() if one in wanted}
    try:
        return factory(**given, **chosen)
    except ValueError as error:
        raise RecipeError(f"{where}: {kind} '{name}' refuses its options: {error}") from error


def asks_for(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """What a factory wants to be handed: its parameters that are no options."""
    signature = inspect.signature(factory)
    return {p.name: p for p in signature.parameters.values() if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD}


def check_part(
    kind: str, name: str, chosen: Mapping[str, Any], where: str, among: Parts | None = None
) -> Callable[..., Any]:
    """Make sure that there is such a part and that it takes these options; returns what builds it.

    Raises:
        RecipeError: unknown part, unknown option, missing option or an option of the wrong type.
    """
    factory = part(kind, name, where, among).factory
    check_options(factory, chosen, where=where, what=f"{kind} '{name}'")
    return factory


def check_options(factory: Callable[..., Any], chosen: Mapping[str, Any], *, where: str, what: str) -> None:
    """Compare chosen options with a factory's signature, by name and by type.

    Raises:
        RecipeError: for the first option that is unknown, missing or of the wrong type.
    """
    known = options(factory)
    hints = _hints(factory.__init__ if inspect.isclass(factory) else factory)
    for key, value in chosen.items():
        if key not in known:
            raise RecipeError(
                f"{where}.{key}: {what} has no option '{key}'{did_you_mean(key, known)}; it has: {_listed(known)}"
            )
        if key in hints and not _fits(value, hints[key]):
            raise RecipeError(
                f"{where}.{key}: {value!r} ({type(value).__name__}) does not fit; {what} wants {_described(hints[key])}"
            )
    for key, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and key not in chosen:
            raise RecipeError(f"{where}.{key}: is missing; {what} wants {_described(hints.get(key, Any))}")


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing when no known name is near."""
    close = get_close_matches(wrong, [str(name) for name in known], n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


def _listed(items: Iterable[str]) -> str:
    return ", ".join(sorted(items)) or "none"


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """A function's type hints, without those whose names exist for type checkers alone."""
    try:
        return typing.get_type_hints(function)
    except NameError:
        hints: dict[str, Any] = {}
        for name, annotation in inspect.get_annotations(function).items():
            one = types.SimpleNamespace(__annotations__={name: annotation})
            with contextlib.suppress(NameError):
                hints |= typing.get_type_hints(one, getattr(function, "__globals__", {}))
        return hints


def _fits(value: Any, hint: Any) -> bool:
    """Whether a YAML value fits a type hint: enough of the typing language for options of parts."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is inspect.Parameter.empty:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is typing.Literal:
        return any(value == argument and type(value) is type(argument) for argument in arguments)
    if origin in (list, tuple) or hint in (list, tuple):
        if not isinstance(value, list | tuple):
            return False
        each = arguments[0] if arguments else Any
        fixed = origin is tuple and arguments and arguments[-1] is not Ellipsis
        if fixed:
            return len(value) == len(arguments) and all(_fits(v, a) for v, a in zip(value, arguments))
        return all(_fits(item, each) for item in value)
    if origin is dict or hint is dict or origin is Mapping:
        return isinstance(value, dict)
    if hint is None or hint is type(None):
        return value is None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint) if isinstance(hint, type) else True


def _described(hint: Any) -> str:
    """A type hint in words: `one of 'a', 'b'`, `int`, `list of str`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return "one of " + ", ".join(repr(argument) for argument in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_described(argument) for argument in arguments)
    if hint is type(None):
        return "null"
    if origin is tuple and arguments[-1] is not Ellipsis:
        return f"[{', '.join(_described(argument) for argument in arguments)}]"
    if origin in (list, tuple):
        return f"list of {_described(arguments[0])}"
    return getattr(hint, "__name__", str(hint))
