"""A group of commands that says which one was meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from typer.core import TyperGroup

ELSEWHERE = {
    "train": "run", "fit": "run", "start": "run", "resume": "run --resume", "continue": "run --resume",
    "predict": "translate", "infer": "translate", "inference": "translate", "generate": "translate",
    "sample": "translate", "convert": "translate", "transform": "translate", "apply": "translate",
    "test": "evaluate", "eval": "evaluate", "score": "evaluate", "measure": "evaluate",
    "download": "data get", "get": "data get", "fetch": "data get", "pair": "data pair", "select": "data select",
    "upload": "push", "publish": "push", "share": "push", "diff": "compare", "validate": "check", "config": "show",
    "init": "new", "create": "new", "copy": "new", "ls": "list", "recipes": "list recipe", "parts": "list",
    "load": "import", "help": "--help", "version": "--version",
}  # fmt: skip
"""What commands are called in other tools, and here."""


class Commands(TyperGroup):
    """Commands by name; an unknown one is refused with the one that was meant, by its spelling or by its sense."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer does, with this house's words."""
        given = args[0]
        if self.get_command(ctx, given) is None and not given.startswith("-") and not ctx.resilient_parsing:
            known = {name: name for name in self.commands} | (ELSEWHERE if ctx.parent is None else {})
            near = get_close_matches(given.lower(), known, n=1, cutoff=0.5)
            ctx.fail(f"No such command '{given}'" + (f"; did you mean '{known[near[0]]}'?" if near else ""))
        return super().resolve_command(ctx, args)
