"""What a recipe may say: the house's own sections, as pydantic models, and their complaints in a recipe's words.

The options of parts (a generator's width, the data's crop) belong to the parts; the registry checks them when a run is
assembled.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    StrictBool,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from cyclekit.core import duration
from cyclekit.recipe.yaml_files import write_yaml
from cyclekit.registry import RecipeError, did_you_mean


def _number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("should be a number")
    return value


# YAML tells true and "4" from 4; pydantic alone would take them all for numbers.
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_number)]
Count = Annotated[Whole, Field(ge=1)]
Budget = Annotated[
    float,
    BeforeValidator(lambda value: _number(duration.seconds_of(value))),
    Field(allow_inf_nan=False, ge=1),
    PlainSerializer(duration.written, when_used="json"),
]
"""Seconds, written as such or as 90s, 10min, 1h."""


class Strict(BaseModel):
    """A section whose keys are all known."""

    model_config = ConfigDict(extra="forbid")


class PartChoice(BaseModel):
    """A part by name, with its options beside the name. A bare string is a part with no options."""

    model_config = ConfigDict(extra="allow")
    name: str

    @property
    def options(self) -> dict[str, Any]:
        """What the recipe sets for the part."""
        return dict(self.model_extra or {})


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


Part = Annotated[PartChoice, BeforeValidator(_named)]


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


def folder_name(name: str) -> str:
    """The name, if a folder can be called so everywhere.

    Raises:
        ValueError: it cannot.
    """
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError("names a folder too; write a name without slashes")
    if any(unicodedata.category(letter) in UNSHOWN for letter in name):
        raise ValueError("names a folder too; write a name without control characters and line breaks")
    if len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"names a folder too; write a name of at most {LONGEST_NAME} bytes")
    return name


UNSHOWN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of surrogate pairs, and separators of lines and paragraphs."""

LONGEST_NAME = 200
"""Bytes. Most disks take 255, and a name gets endings."""


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

    terms: Annotated[list[Annotated[TermChoice, BeforeValidator(_named)]], AfterValidator(_no_twins)] = []


class LearningRates(Strict):
    """The rate for each side."""

    generators: Number = Field(default=2e-4, gt=0)
    discriminators: Number = Field(default=2e-4, gt=0)


def both_sides(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"generators": value, "discriminators": value} if number else value


Beta = Annotated[Number, Field(ge=0, lt=1)]


Dial = Number | tuple[Number, Number]
"""A number, or where it starts and where it ends; it moves in a straight line."""


def _sides_or_none(value: Any) -> Any:
    return value if value is None else both_sides(value)


class Stage(Strict):
    """A part of training in which some dials stand otherwise than the recipe's own settings."""

    name: str
    share: Number | None = Field(default=None, gt=0, le=1)
    objective: dict[str, Dial] = {}
    generator: dict[str, Dial] = {}
    learning_rate: Annotated[LearningRates | None, BeforeValidator(_sides_or_none)] = None


Extend = Literal["schedule", "constant"] | Annotated[Number, Field(gt=0)]


class Extension(Strict):
    """A length that a run had until it was given another."""

    until: Whole = Field(ge=1)
    """The step from which on the next length holds."""
    steps: Count | None = None
    epochs: Count | None = None
    budget: Budget | None = None
    extend: Extend = "schedule"


class Train(Strict):
    """How long, how fast, how often to look."""

    epochs: Count | None = None
    steps: Count | None = None
    budget: Budget | None = None
    """Time in steps after which training ends; schedules and stages go by the share of it that is gone."""
    batch_size: Count = 1
    learning_rate: Annotated[LearningRates, BeforeValidator(both_sides)] = LearningRates()  # 2e-4, CycleGAN 7.1
    optimizer: Part = PartChoice(name="adam")
    betas: tuple[Beta, Beta] = (0.5, 0.999)  # pix2pix 3.3
    schedule: Part = PartChoice(name="linear")
    extend: Extend = "schedule"
    """Once a run is made longer: the schedule runs over the new length; the last rate is held; or this share of the
    learning rate is."""
    stages: list[Stage] = []
    gradient_clip: Number | None = Field(default=None, gt=0)
    moving_average: Number | None = Field(default=None, gt=0, lt=1)
    start_from: str | dict[str, str] | None = None
    """Weights to start from in place of random ones: a run folder, `hub:OWNER/NAME` or a file of weights; or one for
    each domain that is to start so, by its name."""
    precision: Literal["auto", "float32", "bf16"] = "auto"
    compile: StrictBool | Literal["auto"] = "auto"
    """Whether networks are compiled before the first step, which takes minutes. "auto" does not: a graph gains more."""
    graph: StrictBool | Literal["auto"] = "auto"
    """Whether the step is captured as one CUDA graph and replayed; "auto" on CUDA. Where it cannot be captured, a note
    says why, and steps are launched one by one."""
    workers: Annotated[Whole, Field(ge=0)] | Literal["auto"] = "auto"
    log_every: Count = 50
    sample_every: Count = 500
    save_every: Count = 1000
    keep: Count = 3
    seed: Whole = Field(default=0, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _one_length(self) -> Train:
        if [self.epochs, self.steps, self.budget].count(None) != 2:
            raise ValueError("give one of epochs, steps and budget (the others null): training has one length")
        return self

    @field_validator("stages")
    @classmethod
    def _fill_training(cls, stages: list[Stage]) -> list[Stage]:
        open_ones = [stage.name for stage in stages if stage.share is None]
        taken = sum(stage.share or 0 for stage in stages)
        if len(open_ones) > 1:
            raise ValueError(f"only one stage may leave its share open, not {' and '.join(open_ones)}")
        if stages and (taken > 1 + 1e-9 if open_ones else abs(taken - 1) > 1e-9):
            raise ValueError(f"shares of training come to {taken:g}; together they are 1, or one is left open")
        return stages


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
    """Pictures: "own", which is what `translate` gives, or "training", resized and cropped as for training."""
    max_pixels: Count | None = 2**18
    """Pictures measured at their own size that have more are shrunk to so many; null: none are."""

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
    discriminator: Annotated[DiscriminatorChoice, BeforeValidator(_named)]
    objective: Annotated[ObjectiveChoice, BeforeValidator(_named)]
    gan_loss: Part | None = None
    reconstruction: Part | None = None
    initialisation: Part
    noise: Part | None = None
    bootstrap: Part | None = None
    preservation: Part | None = None
    train: Train
    test_time: Literal["eval", "train"] = "eval"
    beam: Count | None = None
    """Sentences: how many candidates are kept in search of a translation, where nobody says otherwise; null: greedy."""
    reranking: Part | None = None
    """Sentences: which of a beam's candidates to take; null: the likeliest."""
    sample: Sample = Sample()
    metrics: Annotated[Metrics, BeforeValidator(measures)] = Metrics()
    validation: ValidationSettings = ValidationSettings()
    health: HealthSettings = HealthSettings()
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


def validated(settings: Mapping[str, Any], where: str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """A mapping to a Recipe.

    Args:
        where: what the settings were read from, for the error's first words.
        overrides: dotted keys among the settings that came by `--set` instead.

    Raises:
        RecipeError: the first mistake, with its dotted key.
    """
    try:
        unwritable = next(_unwritable(settings), None)
        if unwritable is None:
            return Recipe.model_validate(settings)
        key, complaint = unwritable
    except ValidationError as error:
        key, complaint = _first_mistake(error, settings)
    for given, value in (overrides or {}).items():
        if f"{key}.".startswith(f"{given}.") or f"{given}.".startswith(f"{key}."):
            where = f"--set {given}={value if str(value).isprintable() else ascii(value)}"
    raise RecipeError(f"{where}: {key}: {complaint}")


def for_each_space(options: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The options with one of the `features` in each, where they are a list: a metric each.

    Raises:
        RecipeError: an empty list, or one that names a space twice.
    """
    spaces = options.get("features")
    if not isinstance(spaces, list):
        return [dict(options)]
    if not spaces or any(spaces.count(space) > 1 for space in spaces):
        raise RecipeError(f"{where}: features is {spaces}; name one, or several different ones")
    return [{**options, "features": space} for space in spaces]


def _unwritable(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Texts that no file can hold or be named by, each with its dotted key."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _unwritable(name, key)
            yield from _unwritable(below, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for place, below in enumerate(value):
            yield from _unwritable(below, f"{key}.{place}")
    elif isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        yield key, f"{value!a} holds half of a surrogate pair, or a NUL"


def _first_mistake(error: ValidationError, settings: Mapping[str, Any]) -> tuple[str, str]:
    """pydantic's first complaint: the dotted key as the recipe has it, and what is wrong in a recipe's words."""
    first = error.errors()[0]
    place, wanting = _place(first, settings)
    key = ".".join(map(str, place))
    if first["type"] == "extra_forbidden":
        section: Any = Recipe
        for step in place[:-1]:
            section = _section(section, str(step))
        known = list(section.model_fields) if section else []
        return key, f"no such key{did_you_mean(str(place[-1]), known)}; known here: {', '.join(known)}"
    if wanting:
        return key, "is missing, and neither the recipe nor its base sets it"
    # A value that may be of several kinds has a complaint for each.
    complaints = [_complaint(other) for other in error.errors() if _place(other, settings)[0] == place]
    complaint = " or ".join(dict.fromkeys(complaints)).replace(" or should be ", " or ")
    value = first["input"]
    return key, complaint if isinstance(value, Mapping | BaseModel) else f"{_shown(value)} {complaint}"


def _place(mistake: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[tuple[int | str, ...], bool]:
    """Where a complaint of pydantic's belongs in the settings, and whether it is about a key that is not there.

    pydantic adds steps of its own: the alternatives of a union, the fields of a value it spread over several.
    """
    place: list[int | str] = []
    here: Any = settings
    for step in mistake["loc"]:
        if step == MEASURE and isinstance(here, list | tuple):
            continue  # the list stands where its section would
        there = isinstance(here, Mapping) and step in here
        there = there or (isinstance(here, list | tuple) and isinstance(step, int) and step < len(here))
        if not there:
            wanting = mistake["type"] == "missing" and isinstance(here, Mapping)
            return (*place, step) if wanting else tuple(place), wanting
        place.append(step)
        here = here[step]
    return tuple(place), False


def _complaint(mistake: Mapping[str, Any]) -> str:
    kind = mistake["type"]
    if kind == "missing":
        return "has too few values"
    if kind == "model_type" and mistake["ctx"]["class_name"].endswith("Choice"):
        return "should be a part's name, or a mapping with its name and its options"
    if kind in ("model_type", "dict_type"):
        return "should be a mapping of keys to values"
    return mistake["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("Tuple ")


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)


def _section(model: Any, field: str) -> Any:
    annotation = model.model_fields[field].annotation if model and field in model.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
