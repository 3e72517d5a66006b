"""Somebody's trained generator becomes a run, which `translate` uses at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cyclekit.core.batch import Pair
from cyclekit.core.parts import Codec
from cyclekit.image.codec import ImageCodec
from cyclekit.image.importing import Imported, read_weights
from cyclekit.plugins import load_plugins
from cyclekit.recipe.validating import validated
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint
from cyclekit.runs import folder as runs


def import_weights(
    weights: Path,
    out: Path,
    *,
    key: str | None = None,
    back: Path | None = None,
    back_key: str | None = None,
    domains: tuple[str, str] = ("a", "b"),
    without: Sequence[str] = (),
) -> tuple[Path, list[str]]:
    """Make a run folder with one checkpoint from a file of weights.

    Args:
        weights: a file with a generator that makes the second domain.
        key: which of its networks that is, where it holds several.
        back: a file with one of the same architecture that makes the first; None where there is none, or where
            `back_key` names one of `weights`.
        back_key: which network of that file.
        domains: display names, source and target.
        without: installed plugins to leave out.

    Returns:
        The run folder, and what there is to know about the import, one sentence each.

    Raises:
        RecipeError: not a known generator's file, two different architectures, or `out` is taken.
    """
    load_plugins(without=without)
    forth = _generator(weights, key)
    generators: dict[str, Imported] = {"b": forth}
    notes = list(forth.notes)
    if back is not None or back_key is not None:
        generators["a"] = _generator(back or weights, back_key)
        _check_way_back(back or weights, generators["a"], forth)
        notes += [f"back: {note}" for note in generators["a"].notes if note not in forth.notes]
    shown = ", ".join(f"{key}={value}" for key, value in forth.options.items())
    notes.insert(
        0, f"{weights}: {forth.part} with {shown}; {forth.source_channels} to {forth.target_channels} channels"
    )
    batch_norm = forth.options.get("norm") == "batch"
    channels: int | dict[str, int] = forth.target_channels
    if forth.source_channels != forth.target_channels:
        channels = {"a": forth.source_channels, "b": forth.target_channels}
    settings = {
        "name": "imported",
        "title": f"imported from {weights.name}",
        "domains": {"a": domains[0], "b": domains[1]},
        "data": {"name": "images", "sources": [], "channels": channels},
        "generator": {"name": forth.part, **forth.options},
        "discriminator": "patchgan",
        "objective": "cyclegan" if "a" in generators else "pix2pix",
        "gan_loss": "lsgan",
        "reconstruction": "l1",
        "initialisation": "keep",
        "train": {"epochs": 200},
        "metrics": [{"name": "kid", "features": ["lite0", "lite2"]}, "frechet", "texture", "structure", "psnr", "ssim"],
        # Networks with batch norm were published to be used as they were trained: by each batch's own statistics.
        "test_time": "train" if batch_norm else "eval",
    }
    if batch_norm:
        notes.append(
            "batch norm: used with each picture's own statistics, as published; set test_time: eval for the stored ones"
        )
    recipe = validated(settings, str(weights))
    tensors = {
        f"{domain}.{key}": value for domain, imported in generators.items() for key, value in imported.state.items()
    }
    codecs: Pair[Codec] = Pair(ImageCodec(forth.source_channels), ImageCodec(forth.target_channels))
    with runs.new_run(recipe, out) as folder:
        checkpoint.save(folder, 0, {"generators": tensors}, {"step": 0}, codecs)
    return folder, notes


def _generator(path: Path, key: str | None) -> Imported:
    imported = read_weights(path, key=key, kind="generator")
    if imported.kind != "generator":
        raise RecipeError(f"{path}: is a {imported.kind} ({imported.part}); a run is made from a generator's file")
    return imported


def _check_way_back(path: Path, back: Imported, forth: Imported) -> None:
    """A run has one architecture for both directions."""
    if (back.part, back.options) != (forth.part, forth.options):
        there, here = ({"part": each.part, **each.options} for each in (back, forth))
        differing = [key for key in {**here, **there} if here.get(key) != there.get(key)]
        told = ", ".join(f"{key} {there.get(key)} against {here.get(key)}" for key in differing)
        raise RecipeError(f"{path}: is another architecture: {told}; a run has one for both directions")
    if (back.source_channels, back.target_channels) != (forth.target_channels, forth.source_channels):
        raise RecipeError(
            f"{path}: goes from {back.source_channels} to {back.target_channels} channels, which is not the way back "
            f"of {forth.source_channels} to {forth.target_channels}"
        )
