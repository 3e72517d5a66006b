"""All parts there are, read from their sources: nothing is imported, so that a typo is told in a blink.

Importing every part takes seconds, for most of them need torch. Their names, options and first lines stand in the
source, as `@register("generator", "resnet")` above a class or function. What is read is put into stand-ins that the
registry takes for the parts: the same look-ups and the same checks serve both, with the same words.

A source may hide a part from a reader (a name that is computed, a compiled module). Then `read_parts` says that it has
not seen everything, and who asks goes the long way, by `load_plugins`.
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
import typing
from collections.abc import Collection, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.plugins import BUILT_IN, installed, load_plugins
from cyclekit.registry import Part, Parts, registered

LINE = 95
"""Characters that a part is described in."""

READABLE: dict[str, Any] = {
    **{name: getattr(typing, name) for name in ("Any", "Literal", "Optional", "Union")},
    **{kind.__name__: kind for kind in (bool, dict, float, int, list, str, tuple)},
}
"""What type hints of options are made of; one that names anything else stays unchecked until the part is imported."""

GRAMMAR = (ast.Name, ast.Constant, ast.Subscript, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Load)


class Read(NamedTuple):
    """What sources say."""

    parts: Parts
    complete: bool
    """Whether these are all, as far as sources tell."""
    closed: bool
    """Whether no plugin is there, which might bring others on ways that no reader follows."""


def read_parts(recipe_folder: Path | None = None, without: Collection[str] = ()) -> Read:
    """Stand-ins for every part that `load_plugins` with the same arguments would register.

    Raises:
        RecipeError: `without` names no installed plugin, or two packages bring one of the same name.
    """
    parts: Parts = {}
    complete = True
    origins = [("cyclekit", module) for module in BUILT_IN]
    origins += [(point.name, point.module) for point in installed(without)]
    for origin, module in origins:
        sources = list(_sources(module))
        found = [_read(source, origin, parts) for source in sources]
        complete &= bool(found) and all(found)
        complete &= origin == "cyclekit" or _brings(parts, origin)
    own = None if recipe_folder is None else recipe_folder / "plugin.py"
    if own is not None and own.is_file():
        complete &= _read(own, "plugin.py", parts)
        origins.append(("plugin.py", ""))
    return Read(parts, complete, closed=len(origins) == len(BUILT_IN))


def all_parts(without: Collection[str] = ()) -> Parts:
    """Every part there is: as its source tells, or imported where sources do not tell all.

    Raises:
        RecipeError: a plugin fails to load, or `without` names none.
    """
    read = read_parts(without=without)
    if read.complete:
        return read.parts
    load_plugins(without=without)
    return registered()


def first_sentence(part: Part) -> str:
    """What a part is, in the first words of its docstring; nothing where it has none."""
    words = " ".join((inspect.getdoc(part.factory) or "").partition("\n\n")[0].split())
    return words if len(words) <= LINE else words[: words.rfind(" ", 0, LINE)] + " ..."


def _brings(parts: Parts, origin: str) -> bool:
    return any(part.origin == origin for named in parts.values() for part in named.values())


def _sources(module: str) -> Iterator[Path]:
    """The source of a module, or those of a package and all below it, whose own module `parts` stands for it too.

    None where they cannot be found by name alone.
    """
    first, *below = module.split(".")
    found = PathFinder.find_spec(first)
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        return
    path = Path(found.origin)
    for name in below:
        if path.name != "__init__.py":
            return
        package = path.parent / name
        path = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    if path.name in ("__init__.py", "parts.py"):
        yield from sorted(path.parent.rglob("*.py"))
    elif path.is_file():
        yield path


def _read(path: Path, origin: str, parts: Parts) -> bool:
    """Add what one source registers; False if it may register more than can be read."""
    try:
        text = path.read_text(encoding="utf-8")
        if "register" not in text:
            return True
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return False
    top = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    read = 0
    for node in top.values():
        named = [_registered_as(decorator) for decorator in node.decorator_list]
        if not any(named):
            continue
        signature = _signature(node, top, tree)
        if None in named or signature is None:
            return False  # another decorator, or a base from elsewhere, may make something else of it
        for words in filter(None, named):
            kind, name = words
            taken = parts.get(kind, {}).get(name)
            if taken is not None and taken.origin != origin:
                return False  # loading tells whose it is
            parts.setdefault(kind, {})[name] = Part(_stand_in(node, signature), origin)
            read += 1
    return read == len(re.findall(r"\bregister(?:\(| as\b)", text))


def _registered_as(decorator: ast.expr) -> tuple[str, str] | None:
    """(kind, name) of `@register("kind", "name")`, however the function is reached."""
    if not isinstance(decorator, ast.Call) or "register" not in (
        getattr(decorator.func, "id", None),
        getattr(decorator.func, "attr", None),
    ):
        return None
    words = [one.value for one in decorator.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return (words[0], words[1]) if len(words) == len(decorator.args) == 2 else None


def _stand_in(node: ast.ClassDef | ast.FunctionDef, signature: inspect.Signature) -> Any:
    """A function with the signature, the readable type hints and the docstring of the part, that builds nothing."""

    def part(*_: object, **__: object) -> None:
        raise AssertionError("stands for a part whose source was read, not imported")

    part.__signature__ = signature  # type: ignore[attr-defined]
    part.__annotations__ = {p.name: p.annotation for p in signature.parameters.values() if p.annotation is not Any}
    part.__doc__ = ast.get_docstring(node)
    return part


def _signature(node: ast.ClassDef | ast.FunctionDef, top: dict[str, Any], tree: ast.Module) -> inspect.Signature | None:
    """The options of a part, with the types that can be read and Any; None where a base from elsewhere decides."""
    arguments = _arguments(node, top)
    if arguments is None:
        return None
    parameters = []
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        value = inspect.Parameter.empty if default is None else _value(default, tree)
        hint = _hint(argument.annotation)
        parameters.append(
            inspect.Parameter(argument.arg, inspect.Parameter.KEYWORD_ONLY, default=value, annotation=hint)
        )
    return inspect.Signature(parameters)


def _arguments(node: ast.ClassDef | ast.FunctionDef, top: dict[str, Any]) -> ast.arguments | None:
    """Of a function, or of the `__init__` of a class or its bases in the same source."""
    if isinstance(node, ast.FunctionDef):
        return node.args
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return member.args
    for base in node.bases:
        if not isinstance(base, ast.Name) or base.id not in top:
            return None
        if (found := _arguments(top[base.id], top)) is not None:
            return found
    return None if node.bases else ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


class WrittenDefault:
    """A default that only its source tells, shown as it is written there."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __repr__(self) -> str:
        return self.source


def _value(node: ast.expr, tree: ast.Module) -> Any:
    """A default: a literal, with constants where their names stand."""

    class Filled(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.expr:
            return _constant(name.id, tree) or name

    try:
        return ast.literal_eval(Filled().visit(copy.deepcopy(node)))
    except ValueError:
        return WrittenDefault(ast.unparse(node))


def _constant(name: str, tree: ast.Module) -> ast.expr | None:
    """What a name is set to at the top of a source, or of the one that it is imported from."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(getattr(one, "id", None) == name for one in statement.targets):
            return statement.value
        if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            original = next((one.name for one in statement.names if (one.asname or one.name) == name), None)
            source = next(_sources(statement.module), None) if original else None
            if original and source:
                return _constant(original, ast.parse(source.read_text(encoding="utf-8")))
    return None


def _hint(annotation: ast.expr | None) -> Any:
    """The type that an annotation means, where it is made of `READABLE` names; elsewhere Any, which everything fits."""
    nodes = [] if annotation is None else list(ast.walk(annotation))
    readable = all(isinstance(node, GRAMMAR) and getattr(node, "id", "Any") in READABLE for node in nodes)
    if annotation is None or not readable:
        return Any
    try:
        return eval(ast.unparse(annotation), {"__builtins__": {}}, dict(READABLE))
    except (TypeError, SyntaxError):  # no type: whoever imports the part hears of it
        return Any
