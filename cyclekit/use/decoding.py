"""How a generator's words are chosen when it is used: what `translate` takes on the command line and from Python."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy

from cyclekit.registry import RecipeError, argument


@dataclass(frozen=True)
class Decoding:
    """How a generator that writes word by word chooses its words: the likeliest (the default), drawn, or searched for.

    Raises:
        RecipeError: settings that make no sense together.
    """

    temperature: float | None = None
    """Draw words at this temperature: 1 as the network believes, less is more careful."""
    top_p: float = 1.0
    """Draw only from the likeliest words that together have this probability."""
    beam: int | None = None
    """Search for the likeliest sentence, keeping so many candidates on the way."""
    best: int | None = None
    """A list of so many different translations for each item, the best first, instead of one translation."""
    rerank: bool = True
    """Choose among a beam's candidates as the recipe's `reranking` does, where it has one; False: the likeliest."""
    seed: int | numpy.random.Generator = 0
    """What draws depend on: the same seed and items give the same draws, whatever the batch size."""

    def __post_init__(self) -> None:
        if self.temperature is not None:
            if not 0 < self.temperature < float("inf"):
                raise RecipeError(
                    f"{argument('temperature', f'{self.temperature:g}')}: a temperature is above 0; try 0.7"
                )
            if self.beam is not None:
                raise RecipeError(
                    f"{argument('temperature')} and {argument('beam')}: choose one, draws or the likeliest"
                )
        elif self.top_p != 1:
            raise RecipeError(
                f"{argument('top_p', f'{self.top_p:g}')}: is about draws; set {argument('temperature')} "
                "too, or leave it out"
            )
        if not 0 < self.top_p <= 1:
            raise RecipeError(
                f"{argument('top_p', f'{self.top_p:g}')}: a probability is above 0 and at most 1; try 0.9"
            )
        for name, count in {"beam": self.beam, "best": self.best}.items():
            if count is not None and count < 1:
                raise RecipeError(f"{argument(name, count)}: must be 1 or more")
        if self.beam is not None and self.best is not None and self.best > self.beam:
            more = f"a beam of {self.beam} finds no more; set {argument('beam')} to {self.best}"
            raise RecipeError(f"{argument('best', self.best)}: {more}")

    def or_beam(self, beam: int | None) -> Decoding:
        """This; or, where nothing is said here of how words are chosen, a beam of so many, or of the best wanted."""
        if beam is None or self.temperature is not None or self.beam is not None:
            return self
        return dataclasses.replace(self, beam=max(beam, self.best or 1))

    @property
    def beams(self) -> int:
        """How many candidates a search keeps: as many as are wanted, where nothing else is said."""
        return self.beam or (1 if self.temperature is not None else self.best or 1)

    @property
    def plain(self) -> bool:
        """Whether this is what a generator does by itself."""
        return self.temperature is None and self.beams == 1

    @property
    def reranks(self) -> bool:
        """Whether there are candidates to choose among otherwise than by likelihood. Draws stay draws."""
        return self.rerank and self.temperature is None and self.beams > 1


GREEDY = Decoding()
"""The likeliest word at each place: what a generator does by itself."""
