"""The section `train` of a recipe: how long, how fast, in which stages, how often to look."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, field_validator, model_validator

from cyclekit.recipe.values import Budget, Count, Number, Part, PartChoice, Strict, Whole


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
    terms: dict[str, Dial] = {}
    """Weights of `objective.terms`, by their names."""
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
    accumulate: Count = 1
    """Parts of a batch that networks work on one after the other: less memory, the same step, a third more time."""
    checkpointing: StrictBool = False
    """Whether generators' repeated blocks forget what is inside them and compute it again for the gradient: less
    memory, the same step, up to a third more time."""
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
    precision: Literal["auto", "float32", "bf16", "fp16"] = "auto"
    """What networks compute in. "auto": bf16 where the hardware has it. "fp16", with scaled gradients, is for CUDA
    cards without bf16 (T4, V100); a step whose gradients are infinite changes no weight."""
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

    @model_validator(mode="after")
    def _parts_have_rows(self) -> Train:
        if self.accumulate > self.batch_size:
            raise ValueError(
                f"accumulate is {self.accumulate}, batch_size {self.batch_size}: a part has a row at least"
            )
        return self

    @field_validator("stages")
    @classmethod
    def _fill_training(cls, stages: list[Stage]) -> list[Stage]:
        open_ones = [stage.name for stage in stages if stage.share is None]
        taken = sum(stage.share or 0 for stage in stages)
        if len(open_ones) > 1:
            raise ValueError(f"only one stage may leave its share open, not {' and '.join(open_ones)}")
        if open_ones and abs(taken - 1) <= 1e-9:
            raise ValueError(f"shares of training come to 1; nothing is left for '{open_ones[0]}', whose share is open")
        if stages and (taken > 1 + 1e-9 if open_ones else abs(taken - 1) > 1e-9):
            raise ValueError(f"shares of training come to {taken:g}; together they are 1, or one is left open")
        return stages
