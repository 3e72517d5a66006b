"""What a part may be able to do beyond what its kind must: Protocols, asked for by `isinstance` and nowhere by name.

A part has one by having its members. What they hold is checked once, when a run is assembled (`check`), so that a
`multiple: "8"` is a line there and not a riddle later. Capabilities that bring parts of their own (`TwoWay`,
`Searching`, `Featured`, `BringsSides`, ...) stand beside the parts, in `core.parts`; those of metrics in
`measuring.metric`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.losses import GANLoss
from cyclekit.registry import RecipeError

if TYPE_CHECKING:
    from cyclekit.core.parts import HeldOut

# Generators


@runtime_checkable
class InMultiples(Protocol):
    """A network that takes only heights and widths that are multiples of something."""

    multiple: int


@runtime_checkable
class NotBelow(Protocol):
    """A network that takes no height or width below a smallest one."""

    smallest: int


class SidesTaken(NamedTuple):
    """Which heights and widths a network takes: multiples, and none below the smallest."""

    multiple: int = 1
    smallest: int = 1


def sides_taken(network: object) -> SidesTaken:
    """What a network declares; one that declares nothing takes any."""
    return SidesTaken(
        network.multiple if isinstance(network, InMultiples) else 1,
        network.smallest if isinstance(network, NotBelow) else 1,
    )


@runtime_checkable
class Unrounded(Protocol):
    """A generator that rounds to levels, and can also say what it had before that."""

    unrounded: Callable[..., Any]
    """As calling it, without the rounding."""


@runtime_checkable
class AfterInitialisation(Protocol):
    """A module that puts right what an initialisation drew over."""

    def after_initialisation(self) -> None:
        """Called once everything was drawn."""
        ...


# Generators and objectives


@runtime_checkable
class Dialled(Protocol):
    """A part with numbers that a stage of training may turn."""

    dials: tuple[str, ...]
    """The attributes' names."""


def dials_of(part: object) -> Sequence[str]:
    """The names of a part's dials; none where it has none."""
    return part.dials if isinstance(part, Dialled) else ()


# Objectives


@runtime_checkable
class Bootstrapped(Protocol):
    """An objective that can take first translations from a bootstrap."""

    bootstrap: Any
    """The recipe's part; None where it names none."""
    bootstrapped: float
    """1 while it does."""


@runtime_checkable
class Adversarial(Protocol):
    """An objective with discriminators, and what they minimise."""

    gan_loss: GANLoss


@runtime_checkable
class Beginning(Protocol):
    """A bootstrap that also knows a better beginning of the generators' weights than chance."""

    def begin(self, generators: Pair[Any]) -> None:
        """Write it into generators that have not learned yet; None is a side that is not made."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A bootstrap with something that an exact resume must keep."""

    def state_dict(self) -> dict[str, Tensor]:
        """All of it, as tensors by name."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Undo `state_dict`."""
        ...


@runtime_checkable
class Recorded(Protocol):
    """A bootstrap that tells of itself in the log."""

    def record(self) -> Mapping[str, Any]:
        """Plain values that JSON can hold."""
        ...


def bootstrap_of(objective: object) -> Any:
    """The bootstrap that an objective was handed; None where it has none."""
    return objective.bootstrap if isinstance(objective, Bootstrapped) else None


def weight_of(objective: object, term: str) -> float:
    """The weight of one of an objective's terms; 0 of a term that it does not have."""
    return float(getattr(objective, term, 0))


# Codecs


@runtime_checkable
class Limited(Protocol):
    """A codec whose rows have a longest length; longer items are cut."""

    limit: int


@runtime_checkable
class Lowercasing(Protocol):
    """A codec that may read everything in lower case."""

    reads_lowercase: bool


@runtime_checkable
class Channelled(Protocol):
    """A codec whose rows have channels."""

    channels: int


@runtime_checkable
class Scaled(Protocol):
    """A codec that may read numbers of a range of their own."""

    scale: Any
    """None where it does not: 8-bit levels."""


@runtime_checkable
class Worded(Protocol):
    """A codec that knows the items' parts from a vocabulary."""

    vocabulary: int


@runtime_checkable
class Remembered(Protocol):
    """A codec that can tell what is other than when it was saved."""

    def changed_since(self, folder: Path) -> str | None:
        """What is, and what to set; None: nothing."""
        ...


@runtime_checkable
class Framing(Protocol):
    """A codec that pads rows for a network that wants multiples, and cuts what comes out."""

    def framed(self, row: Batch, multiple: int, smallest: int = 1) -> tuple[Batch, Any]:
        """What `prepare` does with an item that is encoded already."""
        ...

    def unframed(self, row: Batch, memory: Any) -> Batch:
        """Undo `framed` on a translated row."""
        ...


# Data


@runtime_checkable
class TakesCodecs(Protocol):
    """A data part that can read its items by other codecs than its own: those of a finished run."""

    def use(self, codecs: Pair[Any]) -> None:
        """Take them."""
        ...


@runtime_checkable
class NamesDomains(Protocol):
    """A data part that knows what its domains are called."""

    domains: Pair[str]


@runtime_checkable
class PadsTo(Protocol):
    """A data part whose batches come in a few lengths alone."""

    pad_to: Sequence[int]
    """The lengths, see `core.batch.collate`; none: each batch has its longest row's."""


@runtime_checkable
class AtOwnSize(Protocol):
    """A data part whose held-out items have sizes of their own, other than those that are trained on."""

    def whole(self, domain: str, most: int | None = None, *, validation: bool = False) -> Any:
        """The held-out items of "a" or "b" as `translate` takes them: a sequence of `HeldOut`, whose attribute `shrunk`
        says in words which of those that were read were made smaller, and is empty where none was.

        Args:
            most: those of more pixels are shrunk to so many; None: none are.
            validation: those set aside to choose by instead.
        """
        ...

    def sizes_of(self, items: Sequence[HeldOut]) -> str:
        """The sizes of such items in words: "64 x 64 to 128 x 96 px"."""
        ...


COUNTS = {"generator": ("multiple", "smallest"), "codec": ("limit", "channels", "vocabulary")}
"""Kind -> members that are whole numbers above 0."""

METHODS = {
    "generator": ("unrounded", "way_back", "search", "features"),
    "codec": ("changed_since", "cells", "framed", "unframed"),
    "data": ("use", "whole", "sizes_of"),
}
"""Kind -> members that are called."""


def check_declared(kind: str, name: str, part: object) -> None:
    """Make sure that what a part declares is of the right type.

    Args:
        kind: "generator", "codec", "data" or "objective".
        name: under which it is registered.

    Raises:
        RecipeError: it is not.
    """
    for member in COUNTS.get(kind, ()):
        value = getattr(part, member, 1)
        if type(value) is not int or value < 1:
            raise RecipeError(f"{kind} '{name}': its {member} is {value!r}, and should be a whole number above 0")
    for member in METHODS.get(kind, ()):
        if not callable(value := getattr(part, member, check_declared)):
            raise RecipeError(f"{kind} '{name}': its {member} is {value!r}, and should be a method")
    dials = dials_of(part)
    if isinstance(dials, str) or not all(isinstance(dial, str) for dial in dials):
        raise RecipeError(f"{kind} '{name}': its dials are {dials!r}, and should be names of attributes")
    for dial in dials:
        if not hasattr(part, dial):
            raise RecipeError(f"{kind} '{name}': has no attribute {dial}, which it calls a dial")
