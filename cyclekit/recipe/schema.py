"""What a recipe may say: the house's own sections, as pydantic models (`train` stands in `train_section.py`).

The options of parts (a generator's width, the data's crop) belong to the parts; the registry checks them when a run is
assembled.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    StrictBool,
    field_validator,
    model_serializer,
    model_validator,
)

from cyclekit.recipe.train_section import Extension, Train
from cyclekit.recipe.values import Count, Number, Part, PartChoice, Strict, by_name, folder_name
from cyclekit.recipe.yaml_files import write_yaml


class Domains(Strict):
    """Display names of the two sides."""

    a: str = "a"
    b: str = "b"

    @field_validator("a", "b")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        return folder_name(name)

    @model_validator(mode="after")
    def _differ(self) -> Domains:
        if self.a == self.b:
            raise ValueError(f"both domains are called '{self.a}'; give them two names")
        return self


class DiscriminatorChoice(PartChoice):
    """The discriminator part, and how many of them judge each domain."""

    count: Count = 1


class TermChoice(PartChoice):
    """A further term of the generators' loss, and how much it counts."""

    weight: Annotated[Number, Field(ge=0)] = 1.0


def _no_twins(terms: list[TermChoice]) -> list[TermChoice]:
    names = [term.name for term in terms]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' stands twice; the log could not tell them apart")
    return terms


class ObjectiveChoice(PartChoice):
    """The objective, and further terms of its generators' loss."""

    terms: Annotated[list[Annotated[TermChoice, BeforeValidator(by_name)]], AfterValidator(_no_twins)] = []


MEASURE = "measure"
"""The key of `Metrics` that a bare list is short for."""


def measures(value: Any) -> Any:
    return value if isinstance(value, Mapping | BaseModel) else {MEASURE: value}


class Metrics(Strict):
    """What a run is measured by on held-out data. A bare list is `measure`."""

    measure: list[Part] = []
    inception_weights: str | None = None
    """A file, or its folder, with the weights of the Inception network, for those of the metrics that want it."""

    size: Literal["own", "training"] = "own"
    """Of data whose items have sizes: "own", which is what `translate` gives, or "training", as they are trained on."""
    max_pixels: Count | None = 2**18
    """Items measured at their own size that have more are shrunk to so many; null: none are."""

    @property
    def shared(self) -> dict[str, Any]:
        """What is set for every metric that has an option of that name."""
        return {} if self.inception_weights is None else {"inception_weights": self.inception_weights}

    @model_serializer(mode="wrap")
    def _as_short_as_it_may_be(self, plain: Any) -> Any:
        written = plain(self)
        return written[MEASURE] if self == Metrics(measure=self.measure) else written


class ValidationSettings(Strict):
    """What is measured while training, on data that is neither trained on nor held out for the end."""

    metrics: list[Part] = []
    criterion: str | None = None
    items: Count = 200
    every: Count | None = None
    patience: Count | None = None
    """Looks in a row without a better criterion after which a run ends by itself; null: it never does."""

    @model_validator(mode="before")
    @classmethod
    def _health_has_moved(cls, section: Any) -> Any:
        if isinstance(section, Mapping) and "health" in section:
            raise ValueError("health is a section of its own: write health: {checks: [...]} beside validation")
        return section

    @model_validator(mode="after")
    def _criterion_is_measured(self) -> ValidationSettings:
        names = [metric.name for metric in self.metrics]
        if self.criterion is not None and self.criterion not in names:
            raise ValueError(f"the criterion '{self.criterion}' is none of its metrics: {', '.join(names) or 'none'}")
        if self.patience is not None and self.criterion is None:
            raise ValueError(f"patience is {self.patience}, and there is no criterion that could get better; name one")
        return self


class HealthSettings(Strict):
    """What is watched while training, and what follows when something is wrong."""

    checks: list[Part] = []
    on_failure: Literal["warn", "stop", "rollback"] = "warn"
    items: Count | None = None
    """Items of each domain whose translations are checked; null: as many as validation has."""
    every: Count | None = None
    """Steps between two looks at outputs; null: as validation."""
    after: Number = Field(default=0.0, ge=0, lt=1)
    """Share of training (of its last stage) before which outputs are not checked: young networks are not ill. Above 0
    at least 100 steps."""


class Sample(Strict):
    """The sample sheet: how many held-out items of each domain it shows."""

    rows: Count = 8


class Student(Strict):
    """A small generator for each direction, distilled from the run when it is done, and exported for `cyclekit live`.

    As the options of `cyclekit distill`.
    """

    width: Count = 32
    blocks: Count = 6
    depthwise: StrictBool = True
    factor: Count = 4
    pictures: Count = 1000
    steps: Count = 4000
    batch_size: Count = 8
    crop: Count | None = None
    features: Annotated[Number, Field(ge=0)] = 1.0
    adversarial: Annotated[Number, Field(ge=0)] = 0.0


def _nothing_said(value: Any) -> Any:
    return {} if value is None else value


class Recipe(Strict):
    """All that a run is made from."""

    name: str
    title: str = ""
    base: str | None = None
    domains: Domains = Domains()
    data: Part
    generator: Part
    discriminator: Annotated[DiscriminatorChoice, BeforeValidator(by_name)]
    objective: Annotated[ObjectiveChoice, BeforeValidator(by_name)]
    gan_loss: Part | None = None
    reconstruction: Part | None = None
    initialisation: Part
    noise: Part | None = None
    bootstrap: Part | None = None
    preservation: Part | None = None
    train: Train
    test_time: Literal["eval", "train"] = "eval"
    beam: Count | None = None
    """How many candidates a generator that searches keeps, where nobody says otherwise; null: greedy."""
    reranking: Part | None = None
    """Which of a beam's candidates to take; null: the likeliest."""
    sample: Sample = Sample()
    metrics: Annotated[Metrics, BeforeValidator(measures)] = Metrics()
    validation: ValidationSettings = ValidationSettings()
    health: HealthSettings = HealthSettings()
    student: Student | None = None
    """Pictures: what the run ends with; null: nothing."""
    license: str | None = None
    """Of the trained weights, for the model card: an identifier of the Hugging Face hub's, a name or an address."""
    trackers: list[Literal["wandb", "mlflow"]] = []
    """Services that get the log and the samples too, beside TensorBoard's files, which are always written."""
    profiles: dict[str, Annotated[dict[str, Any], BeforeValidator(_nothing_said)]] = {}
    profile: str | None = None
    started: dict[str, Any] | None = None
    """What `train.start_from` gave: a run's own record."""
    called: Domains | None = None
    """What the recipe calls the domains, where `domains` are names that the data has of its own: a run's record."""
    extended: list[Extension] = []
    """The lengths that the run had before, oldest first: written by a resume that changes it."""
    _folder: Path | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _older_run(cls, settings: Any) -> Any:
        """Folders of runs from before health had its own section stay readable: what `dump` wrote has no base."""
        if not isinstance(settings, Mapping) or not isinstance(settings.get("validation"), Mapping):
            return settings
        dumped = "profile" in settings and not {"base", "profiles", "health"} & settings.keys()
        if not dumped or "health" not in settings["validation"]:
            return settings
        rest = {key: value for key, value in settings["validation"].items() if key != "health"}
        return {**settings, "validation": rest, "health": {"checks": settings["validation"]["health"]}}

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        return folder_name(name)

    @property
    def folder(self) -> Path | None:
        """Where the recipe was read from, if from a folder; its plugin.py lies there."""
        return self._folder

    def dump(self) -> str:
        """The resolved recipe as YAML; reading it back gives the same Recipe."""
        plain = self.model_dump(mode="json", exclude={"base", "profiles"})
        return write_yaml(plain)
