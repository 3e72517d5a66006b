"""A run becomes a folder of files that run without it: one for each direction, and a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit import __version__
from cyclekit.core.batch import Pair
from cyclekit.core.parts import Codec
from cyclekit.exported.decoding import LENGTH_PENALTY
from cyclekit.exported.manifest import FORMAT, MANIFEST, VERSION
from cyclekit.exporting import pictures, sentences
from cyclekit.exporting.reranking import export_reranking, weights_of
from cyclekit.exporting.runtimes import WEB, runtime_named
from cyclekit.exporting.web import find_runtime, write_web_page
from cyclekit.files.new_folder import new_folder, refuse_taken
from cyclekit.files.tensor_files import tensor_checksum
from cyclekit.image.codec import ImageCodec
from cyclekit.registry import RecipeError, argument
from cyclekit.text.codec import SentencePieceCodec
from cyclekit.use.translate import Translator

PIECES = "sentencepiece.model"


class Exported(NamedTuple):
    """What came of it."""

    folder: Path
    notes: Sequence[str]
    """What there is to know, a line each."""


def export(
    run: str | Path,
    out: Path,
    *,
    to: str = "onnx",
    direction: str | None = None,
    web_runtime: Path | None = None,
    web_gpu: bool = False,
    without: Sequence[str] = (),
    trust_plugin: bool = False,
) -> Exported:
    """Write a run's generators as files for another runtime, each compared with PyTorch first.

    Args:
        run: a run folder.
        out: the folder to make.
        to: "onnx", "torch" or "openvino"; or "web", a page for a browser, whose files are onnx's.
        direction: display name of the domain to make; None for all that the run makes.
        web_runtime: for "web", the folder of the npm package onnxruntime-web; None: the one in `node_modules`.
        web_gpu: for "web": have browsers with WebGPU use it.
        without: installed plugins to leave out.
        trust_plugin: let the run's plugin.py run, though it was not made on this machine.

    Raises:
        RecipeError: no such run, runtime or direction, a generator that cannot be exported or comes out otherwise, or
            `out` is taken.
    """
    browser = None
    if to == WEB:
        to, browser = "onnx", find_runtime(web_runtime, gpu=web_gpu)
    elif web_runtime is not None or web_gpu:
        given = argument("web_gpu", True) if web_gpu else argument("web_runtime", web_runtime)
        raise RecipeError(f"{given}: is for {argument('to', 'web')}; leave it out")
    runtime = runtime_named(to)
    refuse_taken(out)
    translator = Translator.load(run, device="cpu", without=without, trust_plugin=trust_plugin)
    if not isinstance(translator, Translator):
        raise RecipeError(f"{run}: is exported already; name the run that it was made from")
    recipe, codecs = translator.recipe, translator.codecs
    displayed = recipe.domains.model_dump()
    made = [domain for domain in ("b", "a") if getattr(translator.generators, domain) is not None]
    if direction is not None:
        made = [translator.target(direction)]
    kind = _kind(run, codecs, to)
    if browser is not None and (kind != "pictures" or any(codec.scale is not None for codec in codecs)):  # type: ignore[attr-defined]
        raise RecipeError(
            f"{run}: is about no 8-bit pictures, and a page translates these; use {argument('to', 'onnx')}"
        )
    said, notes = [], []
    weights = weights_of(recipe) if kind == "sentences" and len(made) == 2 else None
    with new_folder(out) as beside:
        for domain in made:
            source = "b" if domain == "a" else "a"
            place = beside / _stem(displayed[source], displayed[domain], source, domain)
            generator, name = getattr(translator.generators, domain), recipe.generator.name
            if kind == "pictures":
                pair = getattr(codecs, source), getattr(codecs, domain)
                settings, lines = pictures.export_pictures(generator, pair, recipe.test_time, place, runtime, name)
            else:
                settings, lines = sentences.export_sentences(generator, place, name)
                if weights is not None:
                    try:
                        settings["files"] |= export_reranking(translator.networks, domain, place)
                    except Exception as error:  # of the exporter's many: a discriminator of a plugin's, say
                        weights = None
                        lines = [*lines, f"reranking: {pictures.export_error('discriminator', error)}"]
            tensors = {
                key: {"shape": list(tensor.shape), "sha256": tensor_checksum(tensor)}
                for key, tensor in generator.state_dict().items()
            }
            part = {"name": name, "options": recipe.generator.options}
            ends = {"makes": domain, "from": displayed[source], "to": displayed[domain]}
            said.append({**ends, **settings, "generator": part, "tensors": tensors})
            files = list(settings["files"].values())
            names, size = " and ".join(entry["name"] for entry in files), sum(entry["bytes"] for entry in files)
            title = f"{displayed[source]} -> {displayed[domain]}"
            notes += [f"{title}: {names}, {size / 2**20:,.1f} MiB", *(f"{title}: {line}" for line in lines)]
        averaged = recipe.train.moving_average is not None
        if kind == "sentences" and recipe.reranking is not None and weights is None:
            notes.append(
                f"reranking: '{recipe.reranking.name}' asks all networks of the run, and is not exported here: of a "
                "beam's candidates the likeliest is taken, as translate does without reranking"
            )
        write_manifest(
            beside,
            codecs,
            said,
            runtime=to,
            domains=displayed,
            beam=recipe.beam,
            reranking=weights,
            name=recipe.name,
            title=recipe.title,
            license=recipe.license,
            recipe={"sha256": hashlib.sha256(recipe.dump().encode()).hexdigest()},
            checkpoint={"step": translator.step, "weights": "average" if averaged else "generators"},
            test_time=recipe.test_time,
        )
        if browser is not None:
            notes.append(write_web_page(beside, browser, recipe.title or recipe.name, gpu=web_gpu))
    if translator.checkpoint:
        notes.append(f"used: {translator.checkpoint}")
    if recipe.license is None:
        notes.append("license: the recipe names none for its weights; set license: in it before you hand them out")
    return Exported(out, notes)


def write_manifest(
    folder: Path,
    codecs: Pair[Any],
    directions: Sequence[Mapping[str, Any]],
    *,
    runtime: str = "onnx",
    domains: Mapping[str, str] | None = None,
    beam: int | None = None,
    reranking: Mapping[str, float] | None = None,
    **more: Any,
) -> None:
    """Write manifest.json, and for sentences the SentencePiece model, beside the files of the directions.

    Args:
        domains: display names; None for "a" and "b".
        beam: of the recipe, for sentences.
        reranking: what its noisy channel weighs by; None: it has none, or its networks are not there.
        more: what else it says.
    """
    sentences = isinstance(codecs.a, SentencePieceCodec)
    decoding = None
    if sentences:
        (folder / PIECES).write_bytes(codecs.a.model)
        decoding = {"model": PIECES, "beam": beam, "length_penalty": LENGTH_PENALTY, "reranking": reranking}
    said = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"cyclekit {__version__}",
        "kind": "sentences" if sentences else "pictures",
        "runtime": runtime,
        **more,
        "domains": domains or {"a": "a", "b": "b"},
        "decoding": decoding,
        "codecs": {domain: _described(codec) for domain, codec in codecs._asdict().items()},
        "directions": directions,
    }
    (folder / MANIFEST).write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _kind(run: str | Path, codecs: Pair[Codec], to: str) -> str:
    """ "pictures" or "sentences".

    Raises:
        RecipeError: neither can be exported for this runtime.
    """
    if all(isinstance(codec, ImageCodec) for codec in codecs):
        return "pictures"
    if not all(isinstance(codec, SentencePieceCodec) for codec in codecs):
        raise RecipeError(
            f"{run}: has codecs of the kind '{codecs.a.name}', and runs of pictures and of sentences in SentencePiece "
            "pieces can be exported"
        )
    if to != "onnx":
        raise RecipeError(f"{argument('to', to)}: sentences are exported for onnx; use {argument('to', 'onnx')}")
    return "sentences"


def _stem(source: str, target: str, *letters: str) -> str:
    """A file's name of two display names; of "a" and "b" where nothing of these is fit for one, or both are alike."""
    fit = [re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() for name in (source, target)]
    if not all(fit) or fit[0] == fit[1]:
        fit = list(letters)
    return "-to-".join(fit)


def _described(codec: Any) -> dict[str, Any]:
    if isinstance(codec, ImageCodec):
        scale = None if codec.scale is None else codec.scale._asdict()
        return {"name": codec.name, "channels": codec.channels, "scale": scale}
    ids = {name: getattr(codec, name) for name in ("pad", "end", "unknown", "blank", "vocabulary")}
    return {"name": codec.name, "limit": codec.limit, "lowercase": codec.lowercase, **ids}
