"""What comes before training: look at recipes and at parts, make one's own, bring weights from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cyclekit.cli.console import MISTAKE, say
from cyclekit.cli.options import (
    DataSource,
    Profile,
    RecipeName,
    Settings,
    Without,
    named_sources,
    profile_for,
    profile_named,
)
from cyclekit.registry import RecipeError


def check(
    recipes: Annotated[list[str], typer.Argument(metavar="RECIPE...", help="Recipe folders or names.")],
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    without: Without = None,
) -> None:
    """Load and assemble recipes without training: the resolved recipe, parameters, memory, data."""
    from cyclekit import api
    from cyclekit.assemble import parameter_counts, try_once

    failed = False
    for recipe in recipes:
        try:
            chosen, _ = profile_for(recipe, profile, "auto")
            assembled = api.load(
                recipe, profile=chosen, data=named_sources(data), overrides=set_ or [], without=without or []
            )
            try_once(assembled)
        except RecipeError as error:
            failed = True
            say(f"{recipe}: {error}")
            continue
        counts = parameter_counts(assembled.networks)
        print(assembled.recipe.dump(), end="")
        for name, reason in assembled.data.passed_over:
            print(f"# not used: {name} ({reason})")
        print(f"# data: {assembled.data.source}: {assembled.data.description}")
        for note in assembled.data.notes:
            print(f"# data: {note}")
        print(f"# parameters: {', '.join(f'{count:,} {side}' for side, count in counts.items())}")
        # float32 weights, gradients and Adam's two moments; activations depend on the pictures and come on top.
        print(f"# memory before activations: {sum(counts.values()) * 16 / 2**20:,.0f} MiB")
    if failed:
        raise typer.Exit(MISTAKE)


def show(recipe: RecipeName, set_: Settings = None, profile: Profile = None) -> None:
    """Print a recipe, resolved: base, profile and overrides laid over each other."""
    from cyclekit.recipe import find_recipe, load_recipe

    print(load_recipe(find_recipe(recipe), profile=profile_named(profile), overrides=set_ or []).dump(), end="")


def list_(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Such as generator, recipe, metric.")] = None,
    without: Without = None,
) -> None:
    """List recipes and parts, their options, and who brought them."""
    from cyclekit import registry
    from cyclekit.plugins import load_plugins
    from cyclekit.recipe import carried_recipes, load_recipe

    if kind in (None, "recipe"):
        print("recipe")
        for name, folder in carried_recipes().items():
            print(f"  {name:<18} {load_recipe(folder).title}")
    if kind == "recipe":
        return
    load_plugins(without=without or [])
    if kind is not None and kind not in registry.kinds():
        raise RecipeError(
            f"list {kind}: no such kind{registry.did_you_mean(kind, registry.kinds())}; "
            f"there are: recipe, {', '.join(registry.kinds())}"
        )
    for each in registry.kinds() if kind is None else [kind]:
        print(each)
        for name in registry.names(each):
            found = registry.part(each, name)
            origin = "" if found.origin == "cyclekit" else f"  [{found.origin}]"
            settings = ", ".join(
                p.name if p.default is p.empty else f"{p.name}={p.default}"
                for p in registry.options(found.factory).values()
            )
            print(f"  {name:<18} {settings}{origin}")


def new(
    name: Annotated[str, typer.Argument(help="The new recipe's folder.")],
    from_: Annotated[str, typer.Option("--from", metavar="RECIPE", help="The recipe to begin from.")],
) -> None:
    """Make a recipe of your own from another one: a folder with a recipe.yaml to edit."""
    import re
    import shutil

    from cyclekit.recipe import find_recipe

    source, folder = find_recipe(from_), Path(name)
    if folder.exists():
        raise RecipeError(f"{folder}: exists already; choose another name")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be made: {error.strerror}; choose another name") from error
    if (source / "plugin.py").is_file():
        shutil.copyfile(source / "plugin.py", folder / "plugin.py")
    # A recipe is called like its folder; one that says its name (a run's does) would keep that of the first.
    settings = (source / "recipe.yaml").read_text(encoding="utf-8")
    settings = re.sub(r"^name:.*\n", "", settings, flags=re.MULTILINE)
    (folder / "recipe.yaml").write_text(settings, encoding="utf-8")
    (folder / "README.md").write_text(f"# {folder.name}\n\nMade from the recipe `{source.name}`.\n", encoding="utf-8")
    print(f"{folder / 'recipe.yaml'}: edit it, then: cyclekit run {folder}")


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
    from cyclekit.importing import import_weights

    folder, notes = import_weights(
        weights, out, key=key, back=back, back_key=back_key, domains=(source, target), without=without or []
    )
    for note in notes:
        say(note)
    print(folder)
