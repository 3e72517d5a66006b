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
    PrivateAttr,
    StrictBool,
    ValidationError,
    field_validator,
    model_validator,
)

from cyclekit.registry import RecipeError, did_you_mean

PACKAGE = Path(__file__).parent

NOT_SETTINGS = {
    "profile": "choose a profile with --profile NAME",
    "profiles": "profiles stand in recipe.yaml",
    "base": "the base stands in recipe.yaml",
}
"""Keys that neither `--set` nor a profile can change, since they are read before both."""


def _number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("should be a number")
    return value


# YAML tells true and "4" from 4; pydantic alone would take them all for numbers.
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_number)]
Count = Annotated[Whole, Field(ge=1)]


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
        return _folder_name(name)

    @model_validator(mode="after")
    def _differ(self) -> Domains:
        if self.a == self.b:
            raise ValueError(f"both domains are called '{self.a}'; give them two names")
        return self


def _folder_name(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError("names a folder too; write a name without slashes")
    return name


class DiscriminatorChoice(PartChoice):
    """The discriminator part, and how many of them judge each domain."""

    count: Count = 1


class LearningRates(Strict):
    """Adam's rate for each side."""

    generators: Number = Field(default=2e-4, gt=0)
    discriminators: Number = Field(default=2e-4, gt=0)


def _both_sides(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"generators": value, "discriminators": value} if number else value


Beta = Annotated[Number, Field(ge=0, lt=1)]


class Train(Strict):
    """How long, how fast, how often to look."""

    epochs: Count | None = None
    steps: Count | None = None
    batch_size: Count = 1
    learning_rate: Annotated[LearningRates, BeforeValidator(_both_sides)] = LearningRates()  # 2e-4, CycleGAN 7.1
    betas: tuple[Beta, Beta] = (0.5, 0.999)  # pix2pix 3.3
    schedule: Part = PartChoice(name="linear")
    moving_average: Number | None = Field(default=None, gt=0, lt=1)
    precision: Literal["auto", "float32", "bf16"] = "auto"
    compile: StrictBool | Literal["auto"] = "auto"
    workers: Annotated[Whole, Field(ge=0)] | Literal["auto"] = "auto"
    log_every: Count = 50
    sample_every: Count = 500
    save_every: Count = 1000
    keep: Count = 3
    seed: Whole = Field(default=0, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _one_length(self) -> Train:
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either epochs or steps (the other null): training has one length")
        return self


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
    objective: Part
    gan_loss: Part
    reconstruction: Part
    initialisation: Part
    train: Train
    test_time: Literal["eval", "train"] = "eval"
    sample: Sample = Sample()
    metrics: list[Part] = []
    profiles: dict[str, Annotated[dict[str, Any], BeforeValidator(_nothing_said)]] = {}
    profile: str | None = None
    _folder: Path | None = PrivateAttr(None)

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        return _folder_name(name)

    @property
    def folder(self) -> Path | None:
        """Where the recipe was read from, if from a folder; its plugin.py lies there."""
        return self._folder

    def dump(self) -> str:
        """The resolved recipe as YAML; reading it back gives the same Recipe."""
        plain = self.model_dump(mode="json", exclude={"base", "profiles"})
        return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


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
        settings = merged(settings, _profile(settings.get("profiles") or {}, profile, path))
        settings["profile"] = profile
    given = _parse_overrides(overrides) if not isinstance(overrides, Mapping) else dict(overrides)
    for key, value in given.items():
        if not all(key.split(".")):
            raise RecipeError(f"--set {key}={value}: write it as key=value, for example --set train.batch_size=4")
        if key.split(".")[0] in NOT_SETTINGS:
            raise RecipeError(f"--set {key}={value}: is no setting; {NOT_SETTINGS[key.split('.')[0]]}")
        settings = merged(settings, _nested(key, value))
    recipe = check(settings, str(path), given)
    recipe._folder = folder
    return recipe


def check(settings: Mapping[str, Any], where: str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """A mapping to a Recipe.

    Args:
        where: what the settings were read from, for the error's first words.
        overrides: dotted keys among the settings that came by `--set` instead.

    Raises:
        RecipeError: the first mistake, with its dotted key.
    """
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        key, complaint = _first_mistake(error, settings)
        for given, value in (overrides or {}).items():
            if f"{key}.".startswith(f"{given}.") or f"{given}.".startswith(f"{key}."):
                where = f"--set {given}={value}"
        raise RecipeError(f"{where}: {key}: {complaint}") from error


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `under`, section by section. A section whose `name` changes loses the old part's options."""
    result = copy.deepcopy(dict(under))
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, str) and isinstance(below, Mapping) and "name" in below:
            value = {"name": value}
        if isinstance(below, str) and isinstance(value, Mapping):
            below = {"name": below}
        if key == "learning_rate" and isinstance(value, Mapping):
            below = _both_sides(below)
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
    """YAML as people write it: 2e-4 is a number, 2026-11-23 is a word, and a key that stands twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' stands here a second time", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    """Writes what `_Loader` reads back as it was: words that look like its numbers are quoted."""


def _written(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # PyYAML writes the rarer line breaks as they are and reads spaces, unless the quotes are double.
    style = '"' if set(text) & set("\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)

for _side in (_Loader, _Dumper):
    _side.yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for first, rules in _side.yaml_implicit_resolvers.items()
    }
    _side.add_implicit_resolver(
        "tag:yaml.org,2002:float",  # YAML 1.1, and so PyYAML, wants 2.0e-4
        re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$"),
        list("-+0123456789."),
    )


def read_value(text: str) -> Any:
    """One value as in a recipe: `2e-4`, `true`, `null`, `[a, b]`, plain words."""
    try:
        return yaml.load(text, _Loader)
    except ValueError as error:  # from a value with an explicit tag, such as !!int four
        raise yaml.YAMLError(str(error)) from error


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        settings = read_value(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{path}{place}: not valid YAML: {getattr(error, 'problem', error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values; this is {type(settings).__name__}")
    return settings


def _read_base(name: Any, path: Path) -> dict[str, Any]:
    known = {found.stem: found for found in _carried("configs").glob("*.yaml")}
    if not isinstance(name, str) or name not in known:
        there = ", ".join(sorted(known))
        raise RecipeError(
            f"{path}: base: no config is called '{name}'{did_you_mean(str(name), known)}; there are: {there}"
        )
    base = _read_yaml(known[str(name)])
    if "base" in base:
        raise RecipeError(f"{known[name]}: base: a config has no base of its own; a recipe has at most one")
    return base


def _profile(profiles: Any, name: str, path: Path) -> dict[str, Any]:
    """The settings of one profile."""
    if not isinstance(profiles, dict):
        raise RecipeError(f"{path}: profiles: should be a mapping of names to settings")
    if name not in profiles:
        there = ", ".join(sorted(map(str, profiles))) or "none"
        raise RecipeError(f"{path}: no profile is called '{name}'{did_you_mean(name, profiles)}; there are: {there}")
    settings = profiles[name] or {}
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: profiles.{name}: {settings!r} should be a mapping of keys to values")
    for key in NOT_SETTINGS:
        if key in settings:
            raise RecipeError(f"{path}: profiles.{name}.{key}: no profile can change this; {NOT_SETTINGS[key]}")
    return settings


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
