"""From a file of weights to an import."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from cyclekit.core.finite import first_not_finite
from cyclekit.image.importing.families import EXPECTED, refusal_of, stranger_among
from cyclekit.image.importing.layers import Imported, fitted
from cyclekit.image.importing.networks import Kind, shapes_shown, wanted_network
from cyclekit.image.importing.weights_file import load_content
from cyclekit.registry import RecipeError, register


@register("weights", "image")
def read_weights(path: Path | str, *, key: str | None = None, kind: Kind | None = None) -> Imported:
    """Read a network from a `.pth`, `.ckpt` or `.safetensors` file, without running any code that it may hold.

    Args:
        key: which network to take of a file that holds several.
        kind: take the only generator (or discriminator) of such a file.

    Raises:
        RecipeError: no such file, not a file of weights, several networks and no key, weights that are not finite, or
            not a network that is known here; says what it found.
    """
    path = Path(path)
    notes: list[str] = []
    tensors, family = wanted_network(path, load_content(path), key, kind, notes)
    _check_plain(path, tensors)
    try:
        found = family.read(tensors)
        imported = fitted(path, family.name, found, tensors, notes)
    except (LookupError, RecipeError) as error:
        stranger = stranger_among(tensors)  # some begin like a known network, and go on otherwise
        if stranger is not None:
            raise RecipeError(f"{path}: {refusal_of(stranger, len(tensors))}") from error
        if isinstance(error, RecipeError):
            raise
        why = str(error) if str(error) and not isinstance(error, KeyError) else "the further layers do not follow"
        begins = f"it begins like {family.name}, but {why}"
        raise RecipeError(
            f"{path}: no network known here: found {shapes_shown(tensors)}; {begins}; {EXPECTED}"
        ) from error
    if any(tensor.is_floating_point() and tensor.dtype != torch.float32 for tensor in imported.state.values()):
        imported.notes.insert(0, "the weights are not float32 in the file; converted")
        state = {name: value.float() if value.is_floating_point() else value for name, value in imported.state.items()}
        imported = imported._replace(state=state)
    broken = first_not_finite(tensors)
    if broken is not None:
        raise RecipeError(f"{path}: {broken} holds values that are infinite or NaN; take an earlier checkpoint")
    return imported


def _check_plain(path: Path, tensors: dict[str, Tensor]) -> None:
    """Refuse tensors that are no weights: of whole numbers (quantised), sparse, or larger than what the file holds."""
    for name, tensor in tensors.items():
        plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if not plain or not (tensor.is_floating_point() or name.endswith("num_batches_tracked")):
            what = f"{tensor.dtype}, {tensor.layout}, on {tensor.device}".replace("torch.", "")
            raise RecipeError(f"{path}: {name} is no plain weight ({what}); save the network in float32")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise RecipeError(f"{path}: is damaged: {name} is larger than what the file holds of it")
