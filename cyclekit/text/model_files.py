"""Where a Hugging Face model lies: a folder, the local cache, the hub; and reading it. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from cyclekit.core.weightless import weights_wanted
from cyclekit.files.hub import PATIENCE, endpoint, refusal, switched_off

SMALL_FILES = ["*.json", "*.model", "*.spm", "*.txt"]
"""What a tokenizer and a configuration consist of. Never *.bin or *.py: nothing is unpickled, no foreign code runs."""

ENCODER_DECODERS = "a T5, BART, mBART, NLLB or Marian"
"""What can be a generator."""


def located(model: str, *, weights: bool = False) -> Path:
    """The folder of a model, downloaded first where it must be.

    Args:
        weights: whether its weights are needed as well, as safetensors.

    Raises:
        ValueError: no such folder, and neither the local cache nor the hub has a model of this name; or no weights
            that load without unpickling, or a damaged index of them.
    """
    if not model.strip():  # which would be the folder one stands in
        raise ValueError("model: names none; name a folder, or a model of the hub as OWNER/NAME")
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
            raise ValueError(f"model: there is no folder {model}; name one, or a model of the hub as OWNER/NAME")
        folder = _from_hub(model, weights)
    if weights and not _has_weights(folder):
        raise ValueError(
            f"model: {model} has no weights as safetensors, and others would be unpickled; convert them where "
            "you trust them: AutoModelForSeq2SeqLM.from_pretrained(...).save_pretrained(FOLDER)"
        )
    return folder


def _from_hub(model: str, weights: bool) -> Path:
    """A model's folder in the hub's local cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, local_files_only=True))
        if any(folder.glob("tokenizer*")) and (not weights or _has_weights(folder)):
            return folder
    except LocalEntryNotFoundError:
        pass
    except HFValidationError as error:
        raise ValueError(f"model: '{model}' is neither a folder nor a model's name, OWNER/NAME") from error
    _reach(model)
    try:
        wanted = [*SMALL_FILES, "*.safetensors"] if weights else SMALL_FILES
        return Path(snapshot_download(model, allow_patterns=wanted))
    except Exception as error:
        raise ValueError(f"model: {model} is on the hub, but fetching it failed ({_first_line(error)})") from error


def _reach(model: str) -> None:
    """Return once the hub has answered."""
    # The hub answers 401 for names it does not know, unless a token says who asks: then downloading decides.
    meaning = dict.fromkeys((401, 404), "no such public model")
    if why := switched_off("HF_HUB_OFFLINE") or refusal(f"{endpoint()}/api/models/{model}", meaning, PATIENCE):
        raise ValueError(
            f"model: {model} is no folder here and not in the local cache, and {endpoint()} cannot give it: {why}; "
            f"name a folder with the model, or fetch it where there is a network: hf download {model}"
        )


def _has_weights(folder: Path) -> bool:
    """Whether all of a model's safetensors are there: one file, or every part that the index names.

    Raises:
        ValueError: the index is damaged.
    """
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            parts = {folder / part for part in json.loads(index.read_bytes())["weight_map"].values()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"model: {index.name} of {folder} is damaged: it names no parts; fetch or save the model again"
            ) from error
        return all(part.is_file() for part in parts)
    return (folder / "model.safetensors").is_file()


def read_tokenizer(folder: Path, model: str) -> Any:
    """The tokenizer that a folder holds.

    Raises:
        ValueError: none that can be read without running its own code.
    """
    from transformers import AutoTokenizer

    try:
        with quiet_transformers():
            return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise ValueError(f"model: the tokenizer of {model} cannot be read ({_first_line(error)})") from error


def read_config(folder: Path, model: str) -> Any:
    """The model's configuration; None for a folder that holds a tokenizer alone.

    Raises:
        ValueError: a configuration that cannot be read.
    """
    from transformers import AutoConfig

    if not (folder / "config.json").is_file():
        return None
    try:
        with quiet_transformers():
            return AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:
        raise ValueError(f"model: config.json of {model} cannot be read ({_first_line(error)})") from error


def is_encoder_decoder(config: Any) -> bool:
    """Whether a configuration is of a model that reads a sentence and writes another one."""
    from transformers import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING

    return type(config) in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING


def load_network(model: str, config: Any, *, with_weights: bool, kind: torch.dtype = torch.float32) -> Any:
    """A model with its weights; a network that is only to be measured (`core.weightless`) has none.

    Args:
        config: its configuration, from `read_config`.
        with_weights: False for the architecture alone, with random weights: nothing is looked for anywhere.
        kind: of its numbers, whatever those of the file are.

    Raises:
        ValueError: no encoder-decoder with one vocabulary, or weights that are missing or do not fit.
    """
    from transformers import AutoModelForSeq2SeqLM

    if config is None:
        raise ValueError(f"model: {model} has no config.json: it is a tokenizer without a model")
    if not is_encoder_decoder(config):
        raise ValueError(f"model: {model} is a {config.model_type}, no encoder-decoder; take {ENCODER_DECODERS}")
    if getattr(config, "share_encoder_decoder_embeddings", True) is False:
        raise ValueError(f"model: {model} has a vocabulary for each side; both domains must share one")
    with quiet_transformers():
        if not weights_wanted():
            with torch.device("meta"):
                return AutoModelForSeq2SeqLM.from_config(config, dtype=kind)
        if not with_weights:
            return AutoModelForSeq2SeqLM.from_config(config, dtype=kind)
        folder = located(model, weights=True)
        try:
            network, report = AutoModelForSeq2SeqLM.from_pretrained(
                folder, config=config, dtype=kind, use_safetensors=True, local_files_only=True,
                trust_remote_code=False, output_loading_info=True,
            )  # fmt: skip
        except Exception as error:
            raise ValueError(f"model: the weights of {model} cannot be loaded ({_first_line(error)})") from error
    missing = sorted(map(str, report["missing_keys"]))
    if missing:  # transformers would draw them at random
        raise ValueError(f"model: the weights of {model} are not those of its config.json: {missing[0]} is missing")
    with quiet_transformers(), torch.device("meta"):
        as_built = dict(AutoModelForSeq2SeqLM.from_config(config).named_parameters())
    for name, weight in network.named_parameters():  # loading lets Marian's sines learn, and a resume builds them anew
        weight.requires_grad_(as_built[name].requires_grad)
    return network


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """transformers without its warnings and progress bars; what matters is checked here."""
    from transformers.utils import logging

    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
