"""What reviews speak of: every topic, by name, as frames (written as `cyclekit.builtin.grammars` says)."""

from __future__ import annotations

from .food import FOOD
from .hotels import HOTELS
from .services import SERVICES
from .shops import SHOPS
from .staff import STAFF
from .visits import VISITS

TOPICS: dict[str, str] = FOOD | HOTELS | SERVICES | SHOPS | STAFF | VISITS

__all__ = ["TOPICS"]
