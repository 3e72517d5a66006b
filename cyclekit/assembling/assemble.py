"""A Recipe becomes a Run: every part built and wired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cyclekit import registry
from cyclekit.assembling.data import as_the_data_calls_them, open_data
from cyclekit.assembling.metrics import check_sizes
from cyclekit.assembling.networks import as_used, averages_of_sides, modules, pair_of, rows_together, spare_memory
from cyclekit.assembling.objective import build_objective, build_optimizer
from cyclekit.core import capabilities
from cyclekit.core.batch import Pair, collate
from cyclekit.core.capabilities import Channelled, weight_of
from cyclekit.core.ema import MovingAverage
from cyclekit.core.modality import modality_of
from cyclekit.core.parts import BringsSides, Codec, Data, Networks, Objective, Reranking, Searching, Side, TwoWay
from cyclekit.core.schedules import Schedule
from cyclekit.recipe import stages
from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.stages import Dials
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.starting.begin import Started, begin, left_alone, opened, take_codecs


@dataclass
class Run:
    """A recipe assembled: all that `train` and the callbacks touch."""

    recipe: Recipe
    data: Data
    networks: Networks
    objective: Objective
    schedule: Schedule
    average: MovingAverage[nn.ModuleDict] | None
    dials: Dials = field(default_factory=dict)
    """The recipe's own values of what stages may turn."""
    started: Started | None = None
    """What was loaded from where; None for a run that starts from random weights, or goes on."""
    side_averages: Mapping[str, MovingAverage[nn.Module]] = field(default_factory=dict)
    """Of the objective's own sides that want one, by the sides' names; where `average` is None, there is none."""

    @property
    def generators(self) -> Pair[nn.Module | None]:
        """The generators to use and to show: the moving average where the run keeps one."""
        if self.average is not None:
            return pair_of(self.average.networks)
        return self.networks.generators

    @contextmanager
    def translating(self) -> Iterator[Pair[nn.Module | None]]:
        """The generators as they are used: in the recipe's `test_time` mode, and afterwards as they were."""
        with as_used(self.generators, self.recipe.test_time):
            yield self.generators

    @property
    def sides(self) -> Mapping[str, Side]:
        """The networks that the objective brings, by the name of their side."""
        return self.objective.sides if isinstance(self.objective, BringsSides) else {}

    @property
    def all_networks(self) -> list[nn.Module]:
        """All that has weights: generators, discriminators, what the objective brings, and moving averages."""
        everything = [
            *self.networks.generators,
            *self.networks.discriminators,
            self.average and self.average.networks,
            *(side.networks for side in self.sides.values()),
            *(average.networks for average in self.side_averages.values()),
        ]
        return [network for network in everything if network is not None]

    @property
    def directions(self) -> list[tuple[str, str]]:
        """The translations the run learns, as (source, target) of "a" and "b"."""
        made = [domain for domain in Pair._fields if getattr(self.networks.generators, domain) is not None]
        return [("b" if domain == "a" else "a", domain) for domain in reversed(made)]

    @property
    def together(self) -> int:
        """How many rows share a batch outside of training."""
        return rows_together(self.recipe.test_time, modality_of(self.data.codecs.a.name).together)

    def display(self, domain: str) -> str:
        """The display name of "a" or "b"."""
        return getattr(self.recipe.domains, domain)


def assemble(
    recipe: Recipe,
    *,
    sources: list[Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
    resuming: Path | None = None,
    data: Data | None = None,
) -> Run:
    """Build all parts of a recipe.

    Args:
        sources: replaces the recipe's data sources, as `--data` does.
        progress: told how much of a long look at the data is done: (done, total).
        resuming: the folder of a run that goes on: its checkpoint has the weights, and `train.start_from` is not asked
            any more.
        data: what `open_data` gave for this recipe just before, where somebody had to look at it first.

    Raises:
        RecipeError: unknown parts, options that do not fit, data that is missing or broken.
    """
    data = open_data(recipe, sources, progress) if data is None else data
    recipe = as_the_data_calls_them(recipe, data)
    capabilities.check_declared("data", recipe.data.name, data)
    check_sizes(recipe, data)
    for codec in data.codecs:
        capabilities.check_declared("codec", codec.name, codec)
    weights = None
    if recipe.train.start_from is not None:
        if resuming is not None and history.steps(resuming):
            take_codecs(resuming, data)
        else:
            weights = opened(recipe, data)
    networks = build_networks(recipe, data.codecs)
    started = None
    if weights is not None:
        started = begin(recipe, weights, networks, data.codecs, _objective(recipe).makes)
        recipe = recipe.model_copy(update={"started": started.record})
    elif resuming is None and recipe.folder is not None and history.steps(recipe.folder):
        started = left_alone(recipe.folder)
    for generator in filter(None, networks.generators):
        capabilities.check_declared("generator", recipe.generator.name, generator)
    check_search(recipe, networks)
    build_reranking(recipe, networks)  # only `Translator` uses one; what it refuses is found before anything is trained
    objective = build_objective(recipe, data, networks)
    capabilities.check_declared("objective", recipe.objective.name, objective)
    optimizer = recipe.train.optimizer
    registry.check_part("optimizer", optimizer.name, optimizer.options, "train.optimizer")
    decay = recipe.train.moving_average
    average = None if decay is None else MovingAverage(modules(networks.generators), decay)
    averages = {} if decay is None else averages_of_sides(objective, decay)
    _check_channels(recipe, data, objective)
    spare_memory(recipe, networks)
    schedule = _build("schedule", recipe.train.schedule, where="train.schedule")
    dials = stages.dials(recipe.train.stages, objective, networks.generators)
    return Run(recipe, data, networks, objective, schedule, average, dials, started, averages)


def channels_of(codec: Codec) -> int | None:
    """How many channels a codec's rows have; None where there is no such thing."""
    return codec.channels if isinstance(codec, Channelled) else None


def interchangeable(codecs: Pair[Codec]) -> bool:
    """Whether a network that takes one domain takes the other too: as many channels, or none."""
    return channels_of(codecs.a) == channels_of(codecs.b)


def _check_channels(recipe: Recipe, data: Data, objective: Objective) -> None:
    """Refuse what sends one domain through a network of the other where they differ in channels.

    Raises:
        RecipeError: it is asked for, by the objective or by a stage of training.
    """
    if interchangeable(data.codecs):
        return
    of_a, of_b = data.codecs.map(channels_of)
    for term in ("identity", "cross_domain_negatives"):
        weights = [weight_of(objective, term), *(stage.objective.get(term, 0) for stage in recipe.train.stages)]
        if any(weights):
            domains = recipe.domains
            raise RecipeError(
                f"objective.{term}: shows each domain to a network of the other, and {domains.a} has {of_a} channels, "
                f"{domains.b} {of_b}; set objective.{term}=0"
            )


def build_networks(recipe: Recipe, codecs: Pair[Codec]) -> Networks:
    """Build and initialise the networks of the domains that the objective makes; the other sides stay None."""
    objective = _objective(recipe)
    generators = build_generators(recipe, codecs, objective.makes)
    discriminators: dict[str, nn.ModuleList | None] = {"a": None, "b": None}
    for domain in objective.makes:
        judged, condition = getattr(codecs, domain), _source_of(codecs, domain) if objective.conditional else None
        choice = recipe.discriminator
        built = [_build("discriminator", choice, judged, condition) for _ in range(choice.count)]
        discriminators[domain] = nn.ModuleList(_flattened(built))
    networks = Networks(generators, Pair(**discriminators))
    initialise = _build("initialisation", recipe.initialisation)
    for network in [*networks.generators, *networks.discriminators]:
        if network is not None:
            initialise(network)
    return networks


def check_search(recipe: Recipe, networks: Networks) -> None:
    """Make sure that there is something to search among.

    Raises:
        RecipeError: a beam, and a generator that chooses no words.
    """
    generators = [one for one in networks.generators if one is not None]
    if recipe.beam is not None and not all(isinstance(one, Searching) for one in generators):
        raise RecipeError(
            f"beam: {recipe.beam} candidates are to be kept, and generator '{recipe.generator.name}' makes one "
            "translation of an item; set beam=null"
        )


def build_reranking(recipe: Recipe, networks: Networks) -> Reranking | None:
    """What chooses among the candidates of a search; None where the recipe leaves that to their likelihood.

    Raises:
        RecipeError: there is no search to choose from, or the part refuses these networks.
    """
    if recipe.reranking is None:
        return None
    if recipe.beam is None:
        raise RecipeError("reranking: chooses among a beam's candidates, and there is no beam; set beam: 16")
    chosen: Reranking = _build("reranking", recipe.reranking, networks)
    return chosen


def build_generators(recipe: Recipe, codecs: Pair[Codec], makes: Iterable[str]) -> Pair[nn.Module | None]:
    """Build the generators of some domains, not yet initialised."""
    made: dict[str, nn.Module] = {}
    for domain in makes:
        first = next(iter(made.values()), None)
        # A generator whose network serves both directions brings its own way back.
        back = first.way_back() if isinstance(first, TwoWay) else None
        source, target = _source_of(codecs, domain), getattr(codecs, domain)
        made[domain] = _build("generator", recipe.generator, source, target) if back is None else back
    return Pair(made.get("a"), made.get("b"))


def _objective(recipe: Recipe) -> type[Objective]:
    return registry.part("objective", recipe.objective.name, "objective").factory  # type: ignore[return-value]


def _source_of(codecs: Pair[Codec], domain: str) -> Codec:
    return codecs.a if domain == "b" else codecs.b


@torch.enable_grad()
def try_once(run: Run) -> None:
    """Send one pair of the data through all networks, so that what does not fit is found before anything is written.

    As in a step, gradients included: without them a sentence carries no logits, and terms have nothing to look at. The
    optimizer is built too; who only uses a run needs none.

    Raises:
        RecipeError: a network refuses the data, for its size mostly; or the optimizer its options.
    """
    build_optimizer(run.recipe, [nn.Parameter(torch.zeros(1))], 1e-3)
    real = collate([run.data.training_pair(0, 0, 0)])
    discriminators = [of_domain for of_domain in run.networks.discriminators if of_domain is not None]
    before = run.objective.state_dict()  # a controller moves with every loss, and this one is not of the training
    with torch.random.fork_rng(), as_used([*run.networks.generators, *discriminators], "eval"):
        try:
            outputs = run.objective.outputs(run.networks.generators, real)
            run.objective.generator_loss(run.networks, outputs)
            run.objective.discriminator_loss(run.networks, outputs)  # what it remembers of this is forgotten below
        except ValueError as error:
            raise RecipeError(f"{run.recipe.name}: its networks do not take its data: {error}") from error
    run.objective.load_state_dict(before)


def _build(kind: str, choice: PartChoice, *given: Any, where: str | None = None) -> Any:
    return registry.build(kind, choice.name, *given, options=choice.options, where=where or kind)


def _flattened(discriminators: Iterable[nn.Module]) -> list[nn.Module]:
    """Discriminators of a domain, where a part that is itself a list (one for each scale) counts as its members."""
    flat: list[nn.Module] = []
    for discriminator in discriminators:
        flat.extend(discriminator if isinstance(discriminator, nn.ModuleList) else [discriminator])
    return flat
