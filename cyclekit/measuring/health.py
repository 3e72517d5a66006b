"""What is wrong with a training, seen early: the seam of health checks, and those that need no modality.

Parts of the kind "health" are of two sorts. A **check** is shown translated held-out items (`Translated`) now and then,
and answers None, or one line: what, the evidence (number and threshold), what to try. A **watch** is told every step's
terms, and the size of the generators' gradient now and then. False alarms cost more than misses: a person who was
warned for nothing reads no second warning, so that thresholds stand far outside of what healthy runs reach.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register


class Translating(NamedTuple):
    """The generators of one direction, for checks that try them on something else than held-out rows."""

    there: Callable[[Batch], Batch]
    """Rows through the generator that makes the target domain."""
    back: Callable[[Batch], Batch] | None
    """Rows through the one that makes the source domain; None where the run has none."""
    asks_identity: bool
    """Whether the objective asks that rows of the target domain stay as they are."""


Check = Callable[[Translated], str | None]
"""A check. One that has an attribute `translating` which is true is a `TranslatingCheck`."""


@runtime_checkable
class TranslatingCheck(Protocol):
    """A check that also tries the generators."""

    translating: bool

    def __call__(self, translated: Translated, generators: Translating) -> str | None: ...


def ask(check: Check | TranslatingCheck, translated: Translated, generators: Translating) -> str | None:
    """What a check of either sort finds."""
    if isinstance(check, TranslatingCheck) and check.translating:
        return check(translated, generators)
    narrow: Callable[..., str | None] = check
    return narrow(translated)


class WatchedStep(NamedTuple):
    """What a watch is told of a step."""

    step: int
    terms: Mapping[str, float]
    """The step's raw terms."""
    gradient: float | None
    """Euclidean norm of the generators' gradient; None where it was not looked at."""
    gan_loss: str
    """The registered name of the loss that the discriminators minimise."""
    discriminators: Mapping[str, int]
    """Domain -> how many discriminators judge it; their terms are sums."""


class Noticed(NamedTuple):
    """What a watch found."""

    line: str
    since: int
    """The first step of it."""
    domain: str | None = None
    """Whose discriminator it is about, "a" or "b"; None: about the whole."""


@runtime_checkable
class Watch(Protocol):
    """Told every step; speaks when something has been wrong for long enough."""

    def see(self, reading: WatchedStep) -> list[Noticed]:
        """Take a step in."""
        ...

    def forget(self) -> None:
        """Begin anew: another stage of training began."""
        ...

    def state(self) -> dict[str, Any]:
        """Plain values (for JSON) from which `load` goes on exactly."""
        ...

    def load(self, state: Mapping[str, Any]) -> None: ...


class Game(NamedTuple):
    """Where the losses of the two players stand when the game is over."""

    chance: float
    """A discriminator's loss when it answers everything alike, at its best."""
    fooled: float
    """The generator's adversarial term then."""
    won: float
    """A discriminator's loss below which nothing is left to learn for it."""
    lost: float
    """The generator's adversarial term above which it convinces of nothing."""


GAMES = {
    # Answers of 1/2 to all: (0.25 + 0.25) / 2; the ceiling of the generator's is 1, where fakes are answered by 0.
    "lsgan": Game(chance=0.25, fooled=0.25, won=0.0025, lost=0.9),
    # Scores of 0: ln 2. Conditional discriminators of healthy pix2pix runs come down to 0.03, with 4.5 on the other
    # side.
    "bce": Game(chance=math.log(2), fooled=math.log(2), won=0.002, lost=6.0),
    # Scores of 0 lie on both margins' slopes: (1 + 1) / 2; a loss of 0 has all fakes below -1.
    "hinge": Game(chance=1.0, fooled=0.0, won=0.01, lost=0.95),
}
"""Losses whose game can be over. The critic of `wgan_gp` is meant to win, and is not watched."""


@register("health", "discriminator")
class DiscriminatorWatch:
    """A discriminator that wins, so that its generator faces a wall, or that dies, so that it tells it nothing.

    It looks at windows of steps, one after the other. *Wins*: its mean loss is all but 0, and the generator's
    adversarial term near its ceiling. *Dies*: both stand where answers that are all alike put them, and hardly move; a
    discriminator that cannot tell good fakes from real rows stands there too, but its loss moves with every batch. The
    values are those of `GAMES`.

    Args:
        window: steps that are looked at together.
        still: share of a loss by which it may differ from chance, in the mean and from step to step, to be dead.

    Raises:
        ValueError: a window below 10 steps, or a share outside of 0 to 1.
    """

    def __init__(self, *, window: int = 200, still: float = 0.02) -> None:
        if window < 10 or not 0 < still < 1:
            raise ValueError(f"window is {window} and still {still}; choose at least 10 steps, and a share below 1")
        self.window, self.still = window, still
        self.forget()

    def forget(self) -> None:
        """Begin a new window."""
        self.seen: dict[str, list[list[float]]] = {}
        self.since: dict[str, int] = {}

    def see(self, reading: WatchedStep) -> list[Noticed]:
        """Add a step; speak at a window's end."""
        game = GAMES.get(reading.gan_loss)
        found: list[Noticed] = []
        for domain, discriminators in reading.discriminators.items():
            both = [reading.terms.get(f"{kind}.{domain}") for kind in ("discriminator", "adversarial")]
            if game is None or both[0] is None or both[1] is None or not discriminators:
                self.seen.pop(domain, None)
                continue
            window = self.seen.setdefault(domain, [])
            window.append([both[0] / discriminators, both[1]])
            if len(window) < self.window:
                continue
            line = self._judged(game, window)
            self.seen[domain] = []
            if line is None:
                self.since.pop(domain, None)
            else:
                since = self.since.setdefault(domain, reading.step - self.window + 1)
                found.append(Noticed(line, since, domain))
        return found

    def _judged(self, game: Game, window: list[list[float]]) -> str | None:
        judged, adversarial = (list(side) for side in zip(*window))
        loss, other = statistics.fmean(judged), statistics.fmean(adversarial)
        over = f"over {len(window)} steps"
        if loss < game.won and other > game.lost:
            return (
                f"the discriminator wins (its loss {loss:.2g}, below {game.won:g}, and the generator's "
                f"adversarial term {other:.2f}, above {game.lost:g}, {over}): lower "
                "train.learning_rate.discriminators, raise objective.replay, or set discriminator.count above 1"
            )
        near = self.still * game.chance
        moves = max(statistics.pstdev(judged), statistics.pstdev(adversarial))
        if max(abs(loss - game.chance), abs(other - game.fooled), moves) < near:
            return (
                f"the discriminator is dead (its loss {loss:.4f} stands at chance, {game.chance:.4f}, "
                f"within {near:.3g} {over}: it answers real and fake alike): raise train.learning_rate.discriminators, "
                "widen it, or check that the two domains differ"
            )
        return None

    def state(self) -> dict[str, Any]:
        """The windows so far."""
        return {"seen": self.seen, "since": self.since}

    def load(self, state: Mapping[str, Any]) -> None:
        """Undo `state`."""
        self.seen = {domain: [list(pair) for pair in window] for domain, window in state["seen"].items()}
        self.since = dict(state["since"])


@register("health", "vanishing_gradients")
class GradientWatch:
    """The generators' gradient dies away: what they are told no longer moves them.

    It compares the median norm of the latest looks with that of the first ones. A rate that decays does not count: it
    stands beside the gradient. Reconstruction terms keep a healthy gradient within a factor of some tens.

    Args:
        share: of the early median below which it speaks.
        looks: how many readings make a median.

    Raises:
        ValueError: a share outside of 0 to 1, or fewer than 3 looks.
    """

    def __init__(self, *, share: float = 1e-3, looks: int = 10) -> None:
        if not 0 < share < 1 or looks < 3:
            raise ValueError(f"share is {share} and looks {looks}; choose a share below 1, and at least 3 looks")
        self.share, self.looks = share, looks
        self.forget()

    def forget(self) -> None:
        """Begin with a new early median."""
        self.early: list[float] = []
        self.late: list[list[float]] = []
        self.since: int | None = None

    def see(self, reading: WatchedStep) -> list[Noticed]:
        """Take a gradient in, where there is one."""
        if reading.gradient is None:
            return []
        if len(self.early) < self.looks:
            self.early.append(reading.gradient)
            return []
        self.late.append([reading.step, reading.gradient])
        if len(self.late) < self.looks:
            return []
        before, now = statistics.median(self.early), statistics.median(norm for _, norm in self.late)
        began, self.late = int(self.late[0][0]), []
        if now >= self.share * before:
            self.since = None
            return []
        self.since = self.since or began
        line = (
            f"the generators' gradient vanishes (norm {now:.2g}, below {self.share:g} of the {before:.2g} at first): "
            "lower train.learning_rate, set gan_loss=lsgan, or give the generator norms or another initialisation"
        )
        return [Noticed(line, self.since)]

    def state(self) -> dict[str, Any]:
        """The norms so far."""
        return {"early": self.early, "late": self.late, "since": self.since}

    def load(self, state: Mapping[str, Any]) -> None:
        """Undo `state`."""
        self.early, self.since = list(state["early"]), state["since"]
        self.late = [list(pair) for pair in state["late"]]
