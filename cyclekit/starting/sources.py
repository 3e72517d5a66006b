"""Where weights to start from lie: a run folder, a run on the hub, what was exported, a file of another toolkit."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from cyclekit import registry
from cyclekit.core.batch import Pair
from cyclekit.core.parts import Codec
from cyclekit.exported.manifest import Direction, is_exported, read_manifest
from cyclekit.files.tensor_files import file_checksum, tensor_checksum
from cyclekit.pretrained import find_pretrained, is_pretrained
from cyclekit.recipe.loading import load_recipe
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.sharing.hub import PREFIX, fetch_run
from cyclekit.starting.places import refuse_place

Tensors = dict[str, Tensor]


class TrainedPart(NamedTuple):
    """A part of the recipe that the weights were trained by."""

    name: str
    options: dict[str, Any]


class Source(NamedTuple):
    """The networks that a source holds."""

    name: str
    """As it was given."""
    words: str
    """What was taken of it, for people."""
    averaged: bool
    """Whether the generators are a moving average."""
    domains: Pair[str] | None
    """Display names; None where it knows none, and has one generator, called "b"."""
    generators: dict[str, Tensors]
    """By the domain they make, "a" or "b"."""
    discriminators: dict[str, Tensors]
    """By the domain they judge."""
    generator: TrainedPart
    discriminator: TrainedPart | None
    codecs: Pair[Codec] | None
    """What its networks read and write; None where only shapes tell."""
    files: dict[str, str]
    """SHA-256 of each file of weights, by its name."""


def open_weights(name: str, modality: str) -> Source:
    """The networks of a run folder, of `hub:OWNER/NAME`, of `pretrained:NAME`, or of a file of another toolkit's.

    A run's generators are those that it translates with: the moving average where it keeps one, of its best checkpoint
    where it chose one. No plugin of a run is loaded: only its weights and settings are read.

    Args:
        modality: name of the codec of the run that starts, such as "image"; it knows how to read files.

    Raises:
        RecipeError: nothing there, no checkpoint, a damaged one, or weights that are not finite.
    """
    refuse_place(name)
    if name.startswith(PREFIX):
        return _of_run(name, fetch_run(name))
    if is_pretrained(name):
        return _of_run(name, find_pretrained(name)[0])
    path = Path(name)
    if path.is_file():
        return _of_file(path, modality)
    if (path / "recipe.yaml").is_file():
        return _of_run(name, path)
    if is_exported(path):
        return _of_exported(name, path)
    if path.is_dir():
        raise RecipeError(
            f"{name}: is no run folder (no recipe.yaml); give one, such as runs/monet2photo/2026-11-23-090000, what "
            "was exported of one, or a file of weights"
        )
    raise RecipeError(f"{name}: is neither a run folder nor a file, but a pipe or a device")


def _of_run(name: str, folder: Path) -> Source:
    return history.read_chosen(folder, lambda place: _of_checkpoint(name, load_recipe(folder), place))


def _of_checkpoint(name: str, recipe: Recipe, place: Path) -> Source:
    stem = checkpoint.generators_of(averaged=recipe.train.moving_average is not None)
    there = checkpoint.stems_of(place, checkpoint.read_state(place))
    tensors, _ = checkpoint.load(place, [stem, *(["discriminators"] if "discriminators" in there else [])])
    used = [each for each in tensors if tensors[each]]
    return Source(
        name,
        f"{name}, step {history.step_of(place):,}",
        stem == "average",
        Pair(recipe.domains.a, recipe.domains.b),
        _by_domain(tensors[stem]),
        _by_domain(tensors.get("discriminators", {})),
        TrainedPart(recipe.generator.name, recipe.generator.options),
        TrainedPart(recipe.discriminator.name, recipe.discriminator.options),
        checkpoint.load_codecs(place),
        {f"{each}.safetensors": file_checksum(place / f"{each}.safetensors") for each in used},
    )


def _of_file(path: Path, modality: str) -> Source:
    if modality not in registry.names("weights"):
        raise RecipeError(f"{path}: is a file, and this recipe can start from a run alone; give a run folder")
    try:
        read = registry.build("weights", modality, path, options={"kind": "generator"})
    except RecipeError as error:
        if "key=" not in str(error):
            raise
        told, _, _ = str(error).partition("; choose one")
        make = f"cyclekit import {shlex.quote(str(path))} --key NAME --out runs/imported"
        raise RecipeError(f"{told}; make a run of one first, and start from that: {make}") from error
    if read.kind != "generator":
        raise RecipeError(f"{path}: is a {read.kind} ({read.part}), and training starts from a generator at least")
    part = TrainedPart(read.part, read.options)
    words = f"{path} ({'; '.join(read.notes)})" if read.notes else str(path)
    return Source(
        str(path), words, False, None, {"b": read.state}, {}, part, None, None, {path.name: file_checksum(path)}
    )


def _of_exported(name: str, folder: Path) -> Source:
    """The generators that were exported for ONNX, where the export has changed nothing of their weights."""
    manifest = read_manifest(folder)
    if manifest.kind != "pictures" or manifest.settings.get("runtime") != "onnx":
        raise RecipeError(
            f"{name}: holds no pictures' generators for ONNX; start from the run that it was exported from"
        )
    generators = {domain: _of_direction(name, direction) for domain, direction in manifest.directions.items()}
    try:
        taken = manifest.settings["checkpoint"]
        (said,) = {json.dumps(each.settings["generator"]) for each in manifest.directions.values()}
        return Source(
            name,
            f"{name}, step {taken['step']:,}",
            taken["weights"] == "average",
            Pair(manifest.domains["a"], manifest.domains["b"]),
            generators,
            {},
            TrainedPart(**json.loads(said)),
            None,
            None,
            {path.name: file_checksum(path) for each in manifest.directions.values() for path in each.files.values()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{name}: its manifest.json says not what it was made of; export the run anew") from error


def _of_direction(name: str, direction: Direction) -> Tensors:
    """A generator's tensors, each as its checksum says."""
    try:
        import onnx
    except ImportError as error:
        raise RecipeError(f"{name}: needs onnx; install it: pip install 'cyclekit[export]'") from error
    try:
        (path,) = direction.files.values()
        there = {each.name.removeprefix("generator."): each for each in onnx.load(path).graph.initializer}
        found = {}
        for key, said in direction.settings["tensors"].items():
            # The exporter leaves out what adds zeros.
            values = onnx.numpy_helper.to_array(there[key]) if key in there else _zeros(said["shape"])
            found[key] = torch.from_numpy(values.copy())
            if tensor_checksum(found[key]) != said["sha256"]:
                raise RecipeError(
                    f"{name}: exporting changed its weights, as it does to batch norm; start from the run that it was "
                    "exported from"
                )
        if not found:
            raise ValueError("no tensors")
        return found
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecipeError(f"{name}: does not say what its weights were; export the run anew") from error


def _zeros(shape: list[int]) -> np.ndarray:
    """A bias of zeros; its shape is a stranger's word."""
    (length,) = shape
    if not 0 < length <= 1 << 20:
        raise ValueError(f"a bias of shape {shape}")
    return np.zeros(length, np.float32)


def _by_domain(tensors: Mapping[str, Tensor]) -> dict[str, Tensors]:
    """Undo the prefixes "a." and "b." of a pair of networks."""
    found: dict[str, Tensors] = {}
    for key, tensor in tensors.items():
        domain, _, name = key.partition(".")
        found.setdefault(domain, {})[name] = tensor
    return found
