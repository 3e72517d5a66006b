"""What comes before training: look at recipes and at parts, make one's own, bring weights from elsewhere."""

from __future__ import annotations

import shlex
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cyclekit.cli.console import MISTAKE, asked_to_trust, in_flags
from cyclekit.cli.early import refuse_recipe
from cyclekit.cli.options import (
    DataSource,
    Memory,
    Profile,
    RecipeName,
    Settings,
    TrustPlugin,
    Without,
    memory_given,
    named_sources,
    recipes_from,
)
from cyclekit.cli.parts import all_parts, first_sentence
from cyclekit.device import check_device, fastest
from cyclekit.registry import RecipeError, did_you_mean, options
from cyclekit.terminal.called import as_called
from cyclekit.terminal.printable import answer, say

if TYPE_CHECKING:
    from cyclekit.pretrained import NetworkCard
    from cyclekit.training.fitting import Fitting

MIB = 2**20


def check(
    recipes: Annotated[
        list[str],
        typer.Argument(metavar="RECIPE...", help="Recipe folders or names.", autocompletion=recipes_from),
    ],
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    fit: Annotated[
        str | None,
        typer.Option(
            metavar="MEMORY", help="Predict the memory of a step; say what would fit in so much, such as 8GB."
        ),
    ] = None,
    time: Annotated[
        bool, typer.Option("--time", help="Time a few real steps on this machine: how long an epoch takes.")
    ] = False,
    device: Annotated[
        str,
        typer.Option(help="auto, cpu, cuda, cuda:1 or mps: where it would train; cuda needs no card to be predicted."),
    ] = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Load and assemble recipes without training: the resolved recipe, parameters, memory, data.

    With --fit memory is predicted: steps are done with sizes alone, which takes seconds (sentences: a minute) and no
    memory, whatever the sizes. Of a pretrained text model it needs the configuration and the tokenizer, no weights.
    """
    memory = memory_given(fit)
    if device.partition(":")[0] != "cuda" or time:
        check_device(device)
    failed = False
    for recipe in recipes:
        try:
            refuse_recipe(recipe, profile, set_ or [], data=data, without=without or [])
            from cyclekit import api
            from cyclekit.assembling.assemble import try_once
            from cyclekit.assembling.networks import bytes_before_activations, kept_counts, parameter_counts
            from cyclekit.core.weightless import is_weightless, without_weights
            from cyclekit.recipe.loading import find_recipe
            from cyclekit.training.fitting import Fitting, timed

            read = partial(
                api.read,
                recipe,
                data=named_sources(data),
                overrides=set_ or [],
                without=without or [],
                trust_plugin=trust_plugin or asked_to_trust(find_recipe(recipe)),
            )
            with without_weights(memory is not None and not time):
                assembled, _ = api.assemble_by_profile(recipe, profile, device, read)
            if not (weightless := is_weightless(assembled.networks.generators)):
                try_once(assembled)
        except RecipeError as error:
            failed = True
            place = in_flags(error).partition(": ")[0]
            say(in_flags(error) if Path(recipe).name in place else f"{recipe}: {in_flags(error)}")  # where, once
            continue
        counts = parameter_counts(assembled.networks)
        answer(assembled.recipe.dump().rstrip())
        for line in api.data_lines(assembled.data):
            answer(f"# {line}")
        for line in assembled.started.lines if assembled.started is not None else ():
            answer(f"# start: {line}")
        answer(f"# parameters: {', '.join(f'{count:,} {side}' for side, count in counts.items())}")
        for side, count in kept_counts(assembled.networks).items():
            answer(f"# not trained: {count:,} more weights of the {side}")
        # Weights, gradients and Adam's two moments; `--fit` predicts activations too.
        answer(f"# memory before activations: {bytes_before_activations(assembled.networks) / MIB:,.0f} MiB")
        if weightless:
            answer("# pretrained weights: not loaded, and not looked for; --fit needs their configuration alone")
        if memory is not None:
            fits = Fitting(assembled, fastest() if device == "auto" else device)
            answer(f"# memory: {fits.words}")
            failed = not _fits(recipe, fits, memory) or failed
        if time:
            pace = timed(assembled, device)
            answer(f"# time: {'memory does not suffice for a step' if pace is None else pace.words}")
    if failed:
        raise typer.Exit(MISTAKE)


def _fits(recipe: str, fits: Fitting, memory: Memory) -> bool:
    """Say whether a training fits, and with what it would."""
    if fits.needed.total <= memory.size:
        answer(f"# fits in {memory.written}: yes, up to a batch of {fits.largest_batch(memory.size):,}")
        return True
    others = " or ".join(f"--set {setting}" for setting in fits.others(memory.size))
    remedy = f"what fits: {others}" if others else "nor does a smaller batch or crop; take a smaller generator"
    takes = f"a step takes {fits.needed.total / MIB:,.0f} MiB, and {memory.written} is {memory.size / MIB:,.0f}"
    say(f"{recipe}: {takes}; {remedy}")
    return False


def show(recipe: RecipeName, set_: Settings = None, profile: Profile = None) -> None:
    """Print a recipe, resolved: base, profile and overrides laid over each other."""
    from cyclekit.recipe.loading import find_recipe, load_recipe, profile_named

    answer(load_recipe(find_recipe(recipe), profile=profile_named(profile), overrides=set_ or []).dump().rstrip())


def _kinds_from(incomplete: str) -> list[str]:
    """For shells: the kinds that begin so."""
    return [kind for kind in ("recipe", "pretrained", *all_parts()) if kind.startswith(incomplete)]


def list_(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Such as generator, recipe, metric.", autocompletion=_kinds_from),
    ] = None,
    without: Without = None,
) -> None:
    """List recipes, trained networks that are carried, and parts: a line on each, its options, and who brought it."""
    from cyclekit.pretrained import carried
    from cyclekit.recipe.loading import carried_recipes
    from cyclekit.recipe.yaml_files import read_yaml

    parts = all_parts(without or [])
    kinds = ["recipe", "pretrained", *sorted(parts)]
    if kind is not None and kind not in kinds:
        raise RecipeError(f"list {kind}: no such kind{did_you_mean(kind, kinds)}; there are: {', '.join(kinds)}")
    for each in kinds if kind is None else [kind]:
        answer(each)
        if each == "recipe":
            for name, folder in carried_recipes().items():
                answer(f"  {name:<22} {read_yaml(folder / 'recipe.yaml').get('title', '')}")  # no base has one
        if each == "pretrained":
            for name, card in carried().items():
                answer(f"  {name:<22} {card.title}  [{card.size / 2**20:.1f} MiB, {card.license}]")
                if kind is not None:
                    _tell(card)
        for name, part in sorted(parts.get(each, {}).items()):
            answer(f"  {name:<22} {first_sentence(part)}{'' if part.origin == 'cyclekit' else f'  [{part.origin}]'}")
            settings = [
                option.name if option.default is option.empty else f"{option.name}={option.default}"
                for option in options(part.factory).values()
            ]
            if settings:
                answer(textwrap.fill(", ".join(settings), 120, initial_indent=" " * 25, subsequent_indent=" " * 25))


def _tell(card: NetworkCard) -> None:
    """All of a card: what it learned from, how it was made, and its numbers."""
    lines = [f"learned from {card.data}", *card.commands]
    lines += [
        f"{direction}: {metric}: " + ", ".join(f"{row} {value:.4g}" for row, value in rows.items())
        for direction, metrics in card.measured.items()
        for metric, rows in metrics.items()
    ]
    for line in lines:
        answer(textwrap.fill(line, 120, initial_indent=" " * 25, subsequent_indent=" " * 27))


def new(
    name: Annotated[str, typer.Argument(help="The new recipe's folder.")],
    from_: Annotated[str, typer.Option("--from", metavar="RECIPE", help="The recipe to begin from.")],
) -> None:
    """Make a recipe of your own from another one: a folder with a recipe.yaml to edit, which says what to change."""
    import shutil

    from cyclekit.cli.template import template
    from cyclekit.files.new_folder import new_folder
    from cyclekit.plugins import PLUGIN, is_trusted
    from cyclekit.recipe.loading import find_recipe, is_run, load_recipe
    from cyclekit.recipe.values import folder_name
    from cyclekit.recipe.yaml_files import read_yaml

    source, folder = find_recipe(from_), Path(name)
    if folder.exists():
        raise RecipeError(f"{folder}: exists already; choose another name")
    try:
        folder_name(folder.name)
    except ValueError as error:
        raise RecipeError(f"{folder}: {error}") from error
    written = template(
        read_yaml(source / "recipe.yaml"), load_recipe(source), title=folder.name, source=source.name, folder=name
    )
    try:
        with new_folder(folder) as beside:
            if (source / PLUGIN).is_file():
                shutil.copyfile(source / PLUGIN, beside / PLUGIN)
            readme = f"# {folder.name}\n\nMade from the recipe `{source.name}`.\n"
            (beside / "README.md").write_text(readme, encoding="utf-8")
            (beside / "recipe.yaml").write_text(written, encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be made: {error.strerror}; choose another name") from error
    if is_run(source) and (folder / PLUGIN).is_file() and not is_trusted((folder / PLUGIN).read_bytes()):
        say(f"{folder / PLUGIN}: came with {source}, and is yours from now on: it runs unasked; read it first")
    command = as_called(f"cyclekit run {shlex.quote(str(folder))}")
    answer(f"{folder / 'recipe.yaml'}: edit it, then: {command}")


def import_(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A .pth, .ckpt or .safetensors file.")],
    out: Annotated[Path, typer.Option(help="The run folder to make.")],
    key: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which network to take of a file with several, such as netG_A.")
    ] = None,
    back: Annotated[Path | None, typer.Option(help="The generator of the other direction, where you have it.")] = None,
    back_key: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which network that is, of --back's file or of the same one.")
    ] = None,
    source: Annotated[str, typer.Option(help="Display name of the domain it reads.")] = "a",
    target: Annotated[str, typer.Option(help="Display name of the domain it makes.")] = "b",
    without: Without = None,
) -> None:
    """Make a run of somebody's trained generator; `translate` uses it at once.

    The architecture is read from the file's keys and shapes. Nothing is unpickled.
    """
    for file in (weights, back):
        if file is not None and not file.exists():
            raise RecipeError(f"{file}: no such file")
    from cyclekit.starting.importing import import_weights

    folder, notes = import_weights(
        weights, out, key=key, back=back, back_key=back_key, domains=(source, target), without=without or []
    )
    for note in notes:
        say(note)
    answer(folder)
