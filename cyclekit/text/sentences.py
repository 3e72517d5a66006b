"""What metrics and health checks see of a direction: its Batches as the sentences that `translate` would write."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from cyclekit.core.batch import Batch, concat
from cyclekit.core.parts import Codec, Data
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.text.text_set import KeepsSentences

# Rows of one encoding: a batch is padded to its longest sentence, and a whole training set would pad them all.
CHUNK = 1024


class Sentences(NamedTuple):
    """One direction as text. Entries of `source`, `fake` and `truth` belong together; runs of spaces are single."""

    source: list[str]
    fake: list[str]
    real: list[str]
    truth: list[list[str]] | None
    """Accepted translations of each source sentence, one or more; None where there are none."""
    data: Data
    target: str
    """The domain, "a" or "b", of `fake`, `real` and `truth`."""
    back: list[str] | None = None
    """`fake` translated back; None where nothing made it."""


def sentences_of(translated: Translated) -> Sentences:
    """Decode one direction with the codecs of its data.

    Raises:
        MetricUnavailable: there is no data part to decode with, or these are no sentences.
    """
    data, target = translated.data, translated.target
    if data is None:
        raise MetricUnavailable("needs the data part, whose codecs turn ids into sentences")
    ids = [translated.source, translated.fake, translated.real]
    if any(batch.data.dim() != 2 or batch.data.is_floating_point() for batch in ids):
        shapes = ", ".join(f"{tuple(batch.data.shape)} {batch.data.dtype}" for batch in ids)
        raise MetricUnavailable(f"needs sentences as ids (N, T); got {shapes}")
    if not translated.fake.size:
        raise MetricUnavailable("needs at least one sentence; got none")
    made: Codec = getattr(data.codecs, target)
    read: Codec = data.codecs.a if target == "b" else data.codecs.b
    truth = None
    if translated.truth is not None:
        counts = [accepted.size for accepted in translated.truth]
        flat = decoded(made, concat(list(translated.truth)))
        rest = iter(flat)
        truth = [list(islice(rest, count)) for count in counts]
    back = None if translated.back is None else decoded(read, translated.back)
    source, fake, real = (
        decoded(read, translated.source),
        decoded(made, translated.fake),
        decoded(made, translated.real),
    )
    return Sentences(source, fake, real, truth, data, target, back)


def decoded(codec: Codec, batch: Batch) -> list[str]:
    """Rows (N, T) as sentences with single spaces."""
    return [single_spaced(sentence) for sentence in codec.decode(batch)]


def as_given_back(codec: Codec, sentences: Sequence[str]) -> list[str]:
    """Sentences as the codec gives them back: normalised, cut and in its case, as outputs are.

    What judges outputs learns from these, or it would judge the codec too.
    """
    chunks = (sentences[start : start + CHUNK] for start in range(0, len(sentences), CHUNK))
    return [sentence for chunk in chunks for sentence in decoded(codec, codec.encode(chunk))]


# Texts live as long as their data part, so that runs in one process never share one.
_texts: WeakKeyDictionary[Any, dict[str, list[str]]] = WeakKeyDictionary()


def training_text(data: Data, domain: str) -> list[str]:
    """A domain's training sentences as its codec gives them back.

    Raises:
        MetricUnavailable: the data part keeps none.
    """
    if not isinstance(data, KeepsSentences):
        raise MetricUnavailable("needs the data's training sentences, which this data part does not keep")
    known = _texts.setdefault(data, {})
    if domain not in known:
        known[domain] = as_given_back(getattr(data.codecs, domain), getattr(data.train, domain))
    return known[domain]


def single_spaced(sentence: str) -> str:
    """The sentence with its words apart by one space each: what two sentences are compared as."""
    return " ".join(sentence.split())
