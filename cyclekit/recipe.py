"""recipe.yaml, checked: one optional base, profiles and `--set` overrides, resolved to one Recipe.

Only the house's own sections are spelled out here. The options of parts (a generator's width, the data's crop) belong
to the parts; the registry checks them when a run is assembled.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from cyclekit.registry import RecipeError, did_you_mean

PACKAGE = Path(__file__).parent


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

    @model_validator(mode="after")
    def _differ(self) -> Domains:
        if self.a == self.b:
            raise ValueError(f"both domains are called '{self.a}'; give them two names")
        return self


class DiscriminatorChoice(PartChoice):
    """The discriminator part, and how many of them judge each domain."""

    count: PositiveInt = 1


class LearningRates(Strict):
    """Adam's rate for each side."""

    generators: float = Field(default=2e-4, gt=0)
    discriminators: float = Field(default=2e-4, gt=0)


def _both_sides(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"generators": value, "discriminators": value} if number else value


class Train(Strict):
    """How long, how fast, how often to look."""

    epochs: PositiveInt | None = None
    steps: PositiveInt | None = None
    batch_size: PositiveInt = 1
    learning_rate: Annotated[LearningRates, BeforeValidator(_both_sides)] = LearningRates()  # 2e-4, CycleGAN 7.1
    betas: tuple[float, float] = (0.5, 0.999)  # pix2pix 3.3
    schedule: Part = PartChoice(name="linear")
    moving_average: float | None = Field(default=None, gt=0, lt=1)
    precision: Literal["auto", "float32", "bf16"] = "auto"
    compile: bool | Literal["auto"] = "auto"
    workers: int | Literal["auto"] = "auto"
    log_every: PositiveInt = 50
    sample_every: PositiveInt = 500
    save_every: PositiveInt = 1000
    keep: PositiveInt = 3
    seed: int = 0

    @model_validator(mode="after")
    def _one_length(self) -> Train:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either epochs or steps (the other null): training has one length")
        return self


class Sample(Strict):
    """The sample sheet: how many held-out items of each domain it shows."""

    rows: PositiveInt = 8


class Recipe(Strict):
    """All that a run is made from."""

    name: str
    title: str = ""
    base: str | None = None
    domains: Domains = Domains()
    data: Part
    generator: Part
    discriminator: Annotated[DiscriminatorChoice, BeforeValidator(_named)]
    objective: Part
    gan_loss: Part
    reconstruction: Part
    initialisation: Part
    train: Train
    test_time: Literal["eval", "train"] = "eval"
    sample: Sample = Sample()
    metrics: list[Part] = []
    profiles: dict[str, dict[str, Any]] = {}
    profile: str | None = None
    _folder: Path | None = PrivateAttr(None)

    @property
    def folder(self) -> Path | None:
        """Where the recipe was read from, if from a folder; its plugin.py lies there."""
        return self._folder

    def dump(self) -> str:
        """The resolved recipe as YAML; reading it back gives the same Recipe."""
        plain = self.model_dump(mode="json", exclude={"base", "profiles"})
        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)


def find_recipe(name: str) -> Path:
    """The folder of a recipe: a path to one, or the bare name of one that travels with cyclekit.

    Raises:
        RecipeError: no such recipe; names the nearest.
    """
    folder = Path(name)
    if (folder / "recipe.yaml").is_file():
        return folder
    if folder.is_file():
        raise RecipeError(f"{name}: a recipe is a folder with a recipe.yaml; give the folder")
    carried = carried_recipes()
    if name in carried:
        return carried[name]
    if folder.is_dir():
        raise RecipeError(f"{name}: this folder has no recipe.yaml; `cyclekit new NAME --from RECIPE` makes a recipe")
    # A path that is mistyped in its last part is as likely as a mistyped bare name.
    hint = did_you_mean(folder.name, carried)
    raise RecipeError(f"{name}: no such recipe{hint}; carried with cyclekit: {', '.join(sorted(carried))}")


def carried_recipes() -> dict[str, Path]:
    """Name -> folder of every recipe that travels with cyclekit."""
    return {found.parent.name: found.parent for found in sorted(_carried("recipes").glob("*/recipe.yaml"))}


def _carried(kind: str) -> Path:
    """`recipes` or `configs`: inside the package when installed, beside it in a checkout."""
    installed = PACKAGE / f"_{kind}"
    return installed if installed.is_dir() else PACKAGE.parent / kind


def load_recipe(
    folder: Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
) -> Recipe:
    """Read, merge and check a recipe: base, then recipe, then profile, then overrides.

    Args:
        folder: holds recipe.yaml.
        profile: name of one of the recipe's profiles; None for the settings as they stand.
        overrides: `key.key=value` strings as after `--set`, or a mapping of dotted keys to values.

    Raises:
        RecipeError: unreadable YAML, unknown or ill-typed keys, an unknown base or profile.
    """
    path = folder / "recipe.yaml"
    settings = _read_yaml(path)
    base_name = settings.get("base")
    if base_name is not None:
        settings = merged(_read_base(base_name, path), settings)
    settings.setdefault("name", folder.resolve().name)
    if profile is not None:
        profiles = settings.get("profiles") or {}
        if profile not in profiles:
            there = ", ".join(sorted(profiles)) or "none"
            raise RecipeError(
                f"{path}: no profile is called '{profile}'{did_you_mean(profile, profiles)}; there are: {there}"
            )
        settings = merged(settings, profiles[profile] or {})
        settings["profile"] = profile
    given = _parse_overrides(overrides) if not isinstance(overrides, Mapping) else dict(overrides)
    for key, value in given.items():
        settings = merged(settings, _nested(key, value))
    recipe = check(settings, str(path))
    recipe._folder = folder
    return recipe


def check(settings: Mapping[str, Any], where: str) -> Recipe:
    """A mapping to a Recipe.

    Raises:
        RecipeError: the first mistake, with its dotted key.
    """
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        raise RecipeError(f"{where}: {_one_line(error)}") from error


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `under`, section by section. A section whose `name` changes loses the old part's options."""
    result = copy.deepcopy(dict(under))
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, str) and isinstance(below, Mapping) and "name" in below:
            value = {"name": value}
        if isinstance(below, str) and isinstance(value, Mapping):
            below = {"name": below}
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            other_part = "name" in value and "name" in below and value["name"] != below["name"]
            result[key] = copy.deepcopy(dict(value)) if other_part else merged(below, value)
        else:
            result[key] = copy.deepcopy(value)
    # Training has one length: the one given last.
    if "steps" in over and "epochs" not in over and over["steps"] is not None and "epochs" in result:
        result["epochs"] = None
    if "epochs" in over and "steps" not in over and over["epochs"] is not None and "steps" in result:
        result["steps"] = None
    return result


def differing_keys(one: Recipe, other: Recipe) -> list[str]:
    """Dotted keys, with both values, in which two resolved recipes differ."""
    flat_one, flat_other = (
        _flat(recipe.model_dump(mode="json", exclude={"base", "profiles"})) for recipe in (one, other)
    )
    keys = [key for key in {**flat_one, **flat_other} if flat_one.get(key) != flat_other.get(key)]
    return [f"{key} ({flat_one.get(key)!r} there, {flat_other.get(key)!r} now)" for key in keys]


class _Loader(yaml.SafeLoader):
    """YAML as people write it: 2e-4 is a number (YAML 1.1, and so PyYAML, wants 2.0e-4)."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][-+]?\d+)$|^[-+]?(\d[\d_]*\.[\d_]*|\.\d[\d_]*)$|^[-+]?\.(inf|nan)$"
    ),
    list("-+0123456789."),
)


def read_value(text: str) -> Any:
    """One value as in a recipe: `2e-4`, `true`, `null`, `[a, b]`, plain words."""
    return yaml.load(text, _Loader)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        settings = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{place}: not valid YAML: {getattr(error, 'problem', error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values; this is {type(settings).__name__}")
    return settings


def _read_base(name: Any, path: Path) -> dict[str, Any]:
    known = {found.stem: found for found in _carried("configs").glob("*.yaml")}
    if name not in known:
        there = ", ".join(sorted(known))
        raise RecipeError(
            f"{path}: base: no config is called '{name}'{did_you_mean(str(name), known)}; there are: {there}"
        )
    base = _read_yaml(known[name])
    if "base" in base:
        raise RecipeError(f"{known[name]}: base: a config has no base of its own; a recipe has at most one")
    return base


def _parse_overrides(overrides: Sequence[str]) -> dict[str, Any]:
    parsed = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key.strip():
            raise RecipeError(f"--set {override}: write it as key=value, for example --set train.batch_size=4")
        try:
            parsed[key.strip()] = read_value(value)
        except yaml.YAMLError as error:
            raise RecipeError(
                f"--set {override}: the value is not valid YAML: {getattr(error, 'problem', error)}"
            ) from error
    return parsed


def _nested(key: str, value: Any) -> dict[str, Any]:
    for step in reversed(key.split(".")):
        value = {step: value}
    return value


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _one_line(error: ValidationError) -> str:
    """pydantic's first complaint in one line, in a recipe's words."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        section: Any = Recipe
        for step in first["loc"][:-1]:
            section = _section(section, str(step))
        known = list(section.model_fields) if section else []
        return f"{key}: no such key{did_you_mean(str(first['loc'][-1]), known)}; known here: {', '.join(known)}"
    if first["type"] == "missing":
        return f"{key}: is missing, and neither the recipe nor its base sets it"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    value = first.get("input")
    shown = "" if isinstance(value, dict | BaseModel) else f"{value!r} "
    return f"{key}: {shown}{message}" if key else message


def _section(model: Any, field: str) -> Any:
    annotation = model.model_fields[field].annotation if model and field in model.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
