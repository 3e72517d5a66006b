"""What people write to each other: every intent, by name, as frames (written as `cyclekit.builtin.grammars` says)."""

from __future__ import annotations

from .home import HOME
from .leisure import LEISURE
from .people import PEOPLE
from .trade import TRADE
from .travel import TRAVEL
from .work import WORK

INTENTS: dict[str, str] = HOME | LEISURE | PEOPLE | TRADE | TRAVEL | WORK

__all__ = ["INTENTS"]
