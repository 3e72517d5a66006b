"""The shapes of the parts: Protocols, nothing else. A modality is a folder of things that fit them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor, nn

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cell import Cell


class Generator(Protocol):
    """An `nn.Module` named by the domain it makes: `generators.b` turns A into B."""

    def __call__(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate. `target` is the real answer for teacher forcing; networks without that notion ignore it."""
        ...


@runtime_checkable
class TwoWay(Protocol):
    """A generator whose network serves both directions."""

    def way_back(self) -> nn.Module | None:
        """The generator of the other direction, which shares its weights; None where it is set to have its own."""
        ...


@runtime_checkable
class Searching(Protocol):
    """A generator that chooses: words mostly, one after the other."""

    def search(
        self, source: Batch, *, beams: int, best: int, temperature: float | None, top_p: float, random: Sequence[Any]
    ) -> list[list[Any]]:
        """For each row of `source` its `best` candidates, the best first; each has its `row`."""
        ...


class Discriminator(Protocol):
    """An `nn.Module` named by the domain it judges. Its scores are raw: no sigmoid.

    Scores of places of masked rows carry the mask, and those of padding count nowhere.
    """

    def __call__(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score each row (or patch). `condition` is pix2pix's input, which it joins to the sample itself."""
        ...


class Networks(NamedTuple):
    """All networks of a run: a generator for each domain, and its discriminators, one or more (`nn.ModuleList`).

    A side that the objective does not make is None.
    """

    generators: Pair[Any]
    discriminators: Pair[Any]


class Outputs(NamedTuple):
    """What the generators made of a real Pair in one step. `fake.b` is made from `real.a`."""

    real: Pair[Batch]
    fake: Pair[Batch | None]
    reconstructed: Pair[Batch | None]
    identity: Pair[Batch | None]


Noise = Callable[[Batch, str], Batch]
"""(real, its domain "a" or "b") -> the same rows, spoiled: what autoencoding must undo."""

Bootstrap = Callable[[Batch, str, Any], Batch]
"""(real, its domain, the generator of the other) -> a first translation, by means that need no learned translation."""

Preservation = Callable[[Batch, str, Batch], Tensor]
"""(real, its domain, its translation) -> how much is lost of what a translation should keep: a scalar from 0 up."""

Term = Callable[[Outputs], Tensor]
"""What one step made -> a further term of the generators' loss: a scalar. `objective.terms` lists them."""

Reranking = Callable[[Batch, Sequence[Sequence[Any]], str], list[list[Any]]]
"""(source (B, ...), what a search found for each of its rows, the domain to make) -> the same, the best first."""


class Loss(NamedTuple):
    """One side's loss: the weighted sum to minimise, and the raw (unweighted) terms to log."""

    total: Tensor
    terms: dict[str, Tensor]


class Side(NamedTuple):
    """Networks that an objective brings, beside generators and discriminators: another player, or heads.

    They have an optimizer of their own, at the generators' rate, and stand in checkpoints under their side's name.
    """

    networks: nn.Module
    loss: Callable[[Networks, Outputs], Loss | None] | None = None
    """What they minimise, after the other sides; None: they learn from the generators' loss."""
    averaged: bool = False
    """Whether a moving average of them is kept too, where a run keeps one of generators (`train.moving_average`)."""


@runtime_checkable
class BringsSides(Protocol):
    """An objective with networks of its own."""

    sides: Mapping[str, Side]
    """By name; what the name is called in the log and in checkpoints."""


@runtime_checkable
class Featured(Protocol):
    """A generator that shows what it sees on the way: what contrastive objectives compare."""

    def features(self, source: Batch, layers: Sequence[int]) -> list[Tensor]:
        """What some layers answer, each (B, C, H, W), computed no further than needed.

        Raises:
            ValueError: there is no such layer.
        """
        ...


class Objective(Protocol):
    """Networks and a real Pair to one scalar for each side.

    Its factory is handed what its positional parameters name, of: `gan_loss`, `reconstruction`, `noise`, `bootstrap`,
    `preserved` (the recipe's part `preservation`), `terms`, `codecs`, `generators` and `data`.
    """

    discriminators_first: bool
    """Whether the discriminators learn before the generators do (pix2pix) or after (CycleGAN), as published."""
    makes: tuple[str, ...]
    """The domains it makes, of "a" and "b": a generator and discriminators are built for each."""
    conditional: bool
    """Whether its discriminators see the generator's input beside the sample."""
    dials: tuple[str, ...]
    """Names of its attributes that a stage of training may turn."""

    def outputs(self, generators: Pair[nn.Module], real: Pair[Batch]) -> Outputs:
        """Run the generators forward."""
        ...

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """What the generators minimise; None in a stage in which they rest."""
        ...

    def discriminator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """What the discriminators minimise; None when there is nothing adversarial."""
        ...

    def state_dict(self) -> dict[str, Tensor]:
        """What must be kept for an exact resume (the replay buffers)."""
        ...

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None: ...


@runtime_checkable
class Codec(Protocol):
    """The border of a modality: raw items to Batches and back. Saved with the checkpoint."""

    name: str

    def encode(self, items: Sequence[Any]) -> Batch:
        """Raw items (pictures, sentences) to one Batch."""
        ...

    def decode(self, batch: Batch) -> list[Any]:
        """One raw item for each row."""
        ...

    def prepare(self, item: Any, multiple: int, smallest: int = 1) -> tuple[Batch, Any]:
        """One raw item of any size to a row whose size is a multiple and not below `smallest`; and what `finish` must
        remember of it."""
        ...

    def finish(self, row: Batch, memory: Any) -> Any:
        """One translated row to a raw item, with what the source's codec remembered."""
        ...

    def save(self, folder: Path) -> None:
        """Write everything `load` needs into a folder."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Codec:
        """Undo `save`."""
        ...


@runtime_checkable
class ShowsCells(Protocol):
    """A codec that says what people see of its rows; of another, its decoded items are shown as words."""

    def cells(self, batch: Batch) -> list[Cell]:
        """A cell for each row."""
        ...


class HeldOut(NamedTuple):
    """One held-out item: its name, its row, and, where the data knows them, its true translations."""

    name: str
    row: Batch
    truth: Batch | None = None
    """A row for each accepted translation: one for pictures, often several for sentences."""


class Data(Protocol):
    """What a modality's data part gives to a run."""

    codecs: Pair[Codec]
    aligned: bool
    """Whether row i of a belongs to row i of b."""
    source: str
    """The source that was taken: a folder, `hub:OWNER/NAME`, `builtin:NAME`."""
    description: str
    """What was found there, in plain words; stands in every result."""
    passed_over: Sequence[tuple[str, str]]
    """Sources before it that were not there, with the reason."""
    notes: Sequence[str]
    """What somebody who starts a run should know of how the source was read, a line each: what was left out, what was
    taken for what."""

    @property
    def sizes(self) -> Pair[int]:
        """How many training items each domain has."""
        ...

    @property
    def lengths(self) -> Pair[Sequence[int]] | None:
        """How long each training row is, so that batches hold rows of like length; None: all are alike."""
        ...

    def training_pair(self, index_a: int, index_b: int, seed: int) -> Pair[Batch]:
        """Two training rows, augmented; a pure function of its arguments."""
        ...

    def held_out(self, domain: str) -> Sequence[HeldOut]:
        """The held-out items of domain "a" or "b", unaugmented, in a fixed order."""
        ...

    def validation(self, domain: str) -> Sequence[HeldOut]:
        """Items to choose a checkpoint by: neither trained on nor held out for measuring. May be empty."""
        ...

    def baselines(self, target: str, items: Sequence[HeldOut]) -> Mapping[str, Batch]:
        """What else than a network would make of held-out items, by name ("word swap"): one row for each item.

        Copying is not among them: that is measured for every modality.
        """
        ...
