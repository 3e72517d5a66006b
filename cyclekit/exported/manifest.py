"""manifest.json: what an exported folder says of itself, for this package and for programs in any language.

    format, version     "cyclekit-export", 1
    made_by             the cyclekit that wrote it
    kind                "pictures" or "sentences"
    runtime             "onnx", "torch" or "openvino"
    name, title         of the recipe
    license             of the weights; null: the recipe names none
    domains             display names of "a" and "b"
    recipe              {"sha256": of the resolved recipe.yaml}
    checkpoint          {"step", "weights": "generators" or "average"}
    test_time           "eval", or "train": norms by each picture's own statistics
    codecs              for "a" and "b": how raw items become numbers
    directions          a list: {"makes": "a" or "b", "from", "to", "files": {role: {"name", "bytes", "sha256"}},
                        "generator": {"name", "options"}, "tensors": {name: {"shape", "sha256"}} of the run's, ...}

A direction of pictures further says `opset`, `input` and `output` (name, channels, range, layout), `multiple` and
`smallest` (sides that the file takes; others are padded by their mirror image, below and right, and cut afterwards),
and `parity`: sizes, and the largest error against PyTorch there.

A direction of sentences has two files. `encoder` reads ids (rows, tokens) and their mask, and gives keys, values, how
many tokens a translation may have, and in some runs how many it must (`least`). `step` takes these, the word before (-1
at the start) and what it has written (0 tokens at the start), and gives the next word's logits, in which forbidden
words are -1e9, and what it has written. The host chooses words until `end`. `decoding` names the SentencePiece model,
whose ids are numbered anew: `pad`, `end`, `unknown`, `blank` of the codec, then all its pieces that are neither unknown
nor control, in order. Where `decoding.reranking` has weights, a direction has two files more: `score` (ids and their
mask, words and which are real, to the log-probability of the words) and `discriminator` (ids and their mask to the
mean score of the discriminators).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.registry import RecipeError, argument, did_you_mean

MANIFEST = "manifest.json"
FORMAT, VERSION = "cyclekit-export", 1
BEFORE = {"judge": "discriminator"}
"""What older exports call a role -> its name now."""


class Direction(NamedTuple):
    """One direction of an exported folder."""

    makes: str
    """ "a" or "b"."""
    files: Mapping[str, Path]
    """By their roles."""
    settings: Mapping[str, Any]
    """Everything that the manifest says of it."""


class Manifest(NamedTuple):
    """An exported folder, whose files are as they were written."""

    folder: Path
    kind: str
    domains: Mapping[str, str]
    """Display names of "a" and "b"."""
    codecs: Mapping[str, Mapping[str, Any]]
    directions: Mapping[str, Direction]
    """By the domain that they make; b first."""
    settings: Mapping[str, Any]
    """All that the file holds."""

    def target(self, name: str | None) -> str:
        """The domain, "a" or "b", of a display name; the first there is for None.

        Raises:
            RecipeError: nothing here makes it.
        """
        if name is None:
            return next(iter(self.directions))
        displayed = {shown: domain for domain, shown in self.domains.items()}
        domain = displayed.get(name, name)
        if domain not in self.directions:
            there = [self.domains[each] for each in self.directions]
            raise RecipeError(
                f"{argument('to', name)}: {self.folder} does not translate to '{name}'{did_you_mean(name, there)}; "
                f"it translates to: {', '.join(there)}"
            )
        return domain


def is_exported(folder: str | Path) -> bool:
    """Whether this is an exported folder; a run has a recipe.yaml instead."""
    place = Path(folder)
    return (place / MANIFEST).is_file() and not (place / "recipe.yaml").exists()


def read_manifest(folder: str | Path) -> Manifest:
    """Read an exported folder's manifest, and compare its files with what it says of them.

    Raises:
        RecipeError: it is none, is damaged, or was written by a later version.
    """
    place = Path(folder)
    try:
        said = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"its format is {said['format']!r}")
        if said["version"] != VERSION:
            raise RecipeError(
                f"{place / MANIFEST}: is of version {said['version']}, and this cyclekit reads version {VERSION}; "
                "export the run anew"
            )
        directions = {each["makes"]: _direction(place, each) for each in said["directions"]}
        domains, codecs = said["domains"], said["codecs"]
        if not directions or not directions.keys() <= {"a", "b"} or domains.keys() != {"a", "b"}:
            raise ValueError("it has no directions between two domains")
        if not all(isinstance(name, str) for name in (said["kind"], *domains.values())):
            raise ValueError("its kind and its domains have no names")
        if not all(isinstance(codecs[domain], dict) for domain in domains):
            raise ValueError("it has no codecs")
        ordered = {domain: directions[domain] for domain in ("b", "a") if domain in directions}
        return Manifest(place, said["kind"], domains, codecs, ordered, said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise RecipeError(f"{place / MANIFEST}: is no manifest of an exported run ({why}); export it anew") from error


def file_entry(path: Path) -> dict[str, Any]:
    """What the manifest says of a file beside it."""
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": checksum(path)}


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _direction(folder: Path, said: Mapping[str, Any]) -> Direction:
    files = {BEFORE.get(role, role): _checked(folder, entry) for role, entry in said["files"].items()}
    return Direction(said["makes"], files, said)


def _checked(folder: Path, entry: Mapping[str, Any]) -> Path:
    path = folder / Path(entry["name"]).name
    if not path.is_file():
        raise RecipeError(f"{path}: is missing; export the run anew")
    if path.stat().st_size != entry["bytes"] or checksum(path) != entry["sha256"]:
        raise RecipeError(f"{path}: is not as it was written (its SHA-256 is another); export the run anew")
    return path
