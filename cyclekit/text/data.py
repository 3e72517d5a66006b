"""The data part `sentences`: sentences of two domains, divided so that nothing leaks, tokenised once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.curation import Told
from cyclekit.core.data import Source, choose_source
from cyclekit.core.parts import HeldOut
from cyclekit.registry import RecipeError, register
from cyclekit.text.codec import SentencePieceCodec
from cyclekit.text.columns import check_columns
from cyclekit.text.lengths import closing_pieces
from cyclekit.text.sources import open_source
from cyclekit.text.splits import Halves, divide
from cyclekit.text.text_set import TextSet
from cyclekit.text.token_rows import TokenRows, encoded_whole, tokenised
from cyclekit.text.tokenizers import build_codecs


@register("data", "sentences")
class TextData:
    """Sentences of two domains from the first source that is there. Fits `core.parts.Data`.

    Args:
        domains: the domains' display names; also looked for in file, column and class names.
        progress: told (done, total) while sentences are tokenised.
        sources: where the sentences may come from, in order: a folder, a table, `PATH_A,PATH_B` or
            `{a: PATH, b: PATH}` (files, folders or globs; see `sources.open_source`), `hub:OWNER/NAME` or
            `{hub: OWNER/NAME, config: NAME, revision: COMMIT}`, `builtin:NAME` or `{builtin: NAME, option: value}`.
        tokenizer: `bpe` or `unigram`, trained on both domains' training sentences; a SentencePiece .model file; or
            `huggingface:NAME` for a Hugging Face model's own, with options `{huggingface: NAME, option: value}`.
        vocabulary: the most pieces of a tokenizer that is trained here.
        limit: the most tokens of a sentence, the end token counted. Accepted translations are never cut.
        too_long: what becomes of longer training sentences.
        lowercase: read everything as lower case.
        own_words: let each domain produce only pieces that occur in its own training sentences; a share, as 0.02, only
            those that are there at least that much of how frequent they are in the other domain: a text of one language
            often has a few words of the other.
        languages: the domains are two languages: outputs stand beside a translation word by word, not a word swap.
        columns: of tables: `{text: COLUMN, label: COLUMN}`, with `a` and `b` for the labels of the domains where these
            are not their names; `{a: COLUMN, b: COLUMN}`; or `{text: COLUMN}` where each domain has a table. By name,
            or by number from 1 in a table without a header. Null: known by their names, or refused.
        parallel: whether line k of a's training file translates line k of b's; null: if both
            have equally many lines whose lengths correlate (see `is_parallel`). Built-in text knows by itself.
        aligned: train on the pairs of a parallel source. Otherwise a learns from one half of its rows, b from the
            other, so that no translation is seen.
        halves: the `first` half of these rows for a, the second for b; or `drawn` by a hash of the sentences, so that
            both halves are of one kind and length, however the rows are ordered.
        judging_share: the share set aside for the classifier that judges style (at most 20,000 of each domain). Of
            a parallel source it is the halves that are not trained on, which takes nothing away. They translate what
            the other domain is trained on, so what learns from them measures and never chooses: the judge of
            `selection` and of health checks learns from training sentences there.
        validation: the most sentences of each domain to choose checkpoints by; set aside where the source has none.
        test_share: the share held out where the source has no test split (at most 1,000 of each domain).
        held_out: use at most so many held-out sentences of each domain; null: all.
        pad_to: training batches are padded to the shortest of these lengths that holds them, in tokens, so that a card
            meets few shapes; losses are the same. Null: to their longest row.

    Raises:
        RecipeError: no source is there, or its text is empty, broken or not of two domains; options that make no sense.
    """

    def __init__(
        self,
        domains: Pair[str],
        progress: Told | None = None,
        *,
        sources: str | dict[str, Any] | list[str | dict[str, Any]],
        tokenizer: str | dict[str, Any] = "bpe",
        vocabulary: int = 8000,
        limit: int = 32,
        too_long: Literal["cut", "drop"] = "cut",
        lowercase: bool = False,
        own_words: bool | float = False,
        languages: bool = False,
        columns: dict[str, Any] | None = None,
        parallel: bool | None = None,
        aligned: bool = False,
        halves: Halves = "first",
        judging_share: float = 0.1,
        validation: int = 500,
        test_share: float = 0.1,
        held_out: int | None = None,
        pad_to: list[int] | None = None,
    ) -> None:
        _check_options(judging_share, validation, test_share, held_out)
        if pad_to is not None and (not pad_to or sorted(set(pad_to)) != pad_to or pad_to[0] < 1):
            raise RecipeError(f"data.pad_to: {pad_to} are no lengths in tokens; list them rising, such as [16, 24, 32]")
        self.pad_to: Sequence[int] = pad_to or ()
        if not 0 <= own_words <= 1:
            raise RecipeError(f"data.own_words: {own_words} is no share; choose true, false, or a number from 0 to 1")
        named = check_columns(columns)

        def open_one(source: Source) -> TextSet:
            return open_source(source, domains, parallel, named)

        chosen = choose_source(sources if isinstance(sources, list) else [sources], open_one)
        self.source = chosen.name
        self.passed_over: Sequence[tuple[str, str]] = chosen.passed_over
        self.notes: Sequence[str] = []
        text = _normalised(chosen.opened, lowercase)
        if aligned and not text.aligned:
            raise RecipeError(
                f"data.aligned: {self.source} is not parallel, so there are no pairs to train on; set "
                "data.aligned=false, or data.parallel=true if line k of one file translates line k of the other"
            )
        self.aligned, self.too_long, self.domains = aligned, too_long, domains
        self._splits = divide(
            text, domains, aligned=aligned, judging_share=judging_share, validation=validation, test_share=test_share,
            held_out=held_out, halves=halves,
        )  # fmt: skip
        self.train, self.judging, self.selecting = self._splits.train, self._splits.judging, self._splits.selecting
        self.languages = languages
        self._words = text.words
        if text.aligned and not aligned:
            which = {
                "first": "the first half of its rows for a, the second for b",
                "drawn": "one half of its rows, drawn, for a, the other for b",
            }[halves]
            self._words += f", parallel: {which}"
        codecs = build_codecs(tokenizer, self.train, vocabulary, limit, lowercase)
        self._tokenise(codecs, progress)
        if own_words:
            self._allow_own_words(0.0 if own_words is True else own_words)

    def use(self, codecs: Pair[Any]) -> None:
        """Tokenise everything by other codecs: those of a finished run, whose networks know no others."""
        self._tokenise(codecs, None)

    @property
    def sizes(self) -> Pair[int]:
        """How many training sentences each domain has."""
        return self.train.map(len)

    @property
    def lengths(self) -> Pair[Sequence[int]]:
        """Tokens of each training row, the end token counted."""
        return self._lengths

    def training_pair(self, index_a: int, index_b: int, seed: int) -> Pair[Batch]:
        """Two rows (1, T), as they are: noise is the objective's."""
        return Pair(self._rows.a.row(index_a), self._rows.b.row(index_b))

    def held_out(self, domain: str) -> Sequence[HeldOut]:
        """The held-out sentences of domain "a" or "b", with their accepted translations where they are known."""
        if f"held out {domain}" not in self._encoded:
            sentences, truth = getattr(self._splits.test, domain), None
            if self._splits.truth is not None:
                other = self.codecs.b if domain == "a" else self.codecs.a
                accepted = getattr(self._splits.truth, domain)
                truth = [encoded_whole(other, one) if one else None for one in accepted]
            self._encoded[f"held out {domain}"] = self._items("test", domain, sentences, truth)
        return self._encoded[f"held out {domain}"]

    def validation(self, domain: str) -> Sequence[HeldOut]:
        """Sentences to choose a checkpoint by; no truth is known of them."""
        if f"validation {domain}" not in self._encoded:
            sentences = getattr(self._splits.validation, domain)
            self._encoded[f"validation {domain}"] = self._items("validation", domain, sentences, None)
        return self._encoded[f"validation {domain}"]

    def baselines(self, target: str, items: Sequence[HeldOut]) -> Mapping[str, Batch]:
        """What else than a network would make of held-out sentences; see `cyclekit.text.baselines`."""
        from cyclekit.text.baselines import baselines

        return baselines(self, target, items)

    def _described(self) -> str:
        """What was found, in one line of plain words."""
        names, splits = self.domains, self._splits
        held = f"held out {_counts(names, splits.test)}"
        accepted = sorted({len(one) for side in splits.truth or () for one in side})
        if accepted:
            few, most = accepted[0], accepted[-1]
            each = f"{few}" if few == most else f"{few} to {most}"
            held += f" with {each} accepted translation{'' if most == 1 else 's'} each"
        parts = [
            f"{self._words}: training {_counts(names, self.train)}",
            f"judging {_counts(names, self.judging)}",
            f"validation {_counts(names, splits.validation)}",
            held,
        ]
        if splits.left_out:
            parts.append(f"{_sentences(splits.left_out)} left out, because also in another set")
        if self._too_long:
            what = "cut to" if self.too_long == "cut" else "left out, longer than"
            parts.append(f"{_sentences(self._too_long)} {what} {self.codecs.a.limit} tokens")
        parts.append(f"{self.codecs.a.vocabulary:,} pieces")
        return "; ".join(parts)

    def _tokenise(self, codecs: Pair[Any], progress: Told | None) -> None:
        self.codecs = codecs
        self._encoded: dict[str, list[HeldOut]] = {}
        total, sides = sum(map(len, self.train)), []
        for codec, sentences, before in zip(codecs, self.train, (0, len(self.train.a))):
            told = (lambda done: None) if progress is None else (lambda done, b=before: progress(b + done, total))  # type: ignore[misc]
            sides.append(tokenised(codec, sentences, told))
        self._too_long = sum(int(side.was_cut.sum()) for side in sides)
        if self.too_long == "drop" and self._too_long:
            sides = self._without_long(Pair(*sides))
        self._rows: Pair[TokenRows] = Pair(*sides)
        self._lengths = self._rows.map(lambda rows: rows.lengths.tolist())
        for codec, rows in zip(codecs, self._rows):
            codec.typical, codec.closing = float(rows.lengths.mean()), closing_pieces(rows, codec)
        self.saliency = _saliency(self._rows, codecs.a)
        self.description = self._described()

    def _without_long(self, rows: Pair[TokenRows]) -> list[TokenRows]:
        """Drop the sentences that were cut, of pairs both."""
        stays = rows.map(lambda side: ~side.was_cut)
        if self.aligned:
            stays = Pair(stays.a & stays.b, stays.a & stays.b)
        self.train = Pair(*([s for s, keep in zip(side, flags) if keep] for side, flags in zip(self.train, stays)))
        for name, side in zip(self.domains, self.train):
            if not side:
                raise RecipeError(f"data.limit: every sentence of {name} is longer than {self.codecs.a.limit} tokens")
        return [tokenised(codec, sentences) for codec, sentences in zip(self.codecs, self.train)]

    def _allow_own_words(self, least: float) -> None:
        for codec in self.codecs:
            if not isinstance(codec, SentencePieceCodec):
                raise RecipeError("data.own_words: is for SentencePiece tokenizers; set data.tokenizer=bpe or unigram")
        counts = Pair(*(rows.counts(codec.vocabulary) for codec, rows in zip(self.codecs, self._rows)))
        shares = counts.map(lambda side: side / side.sum())
        for codec, own, other in zip(self.codecs, shares, shares.swapped):
            codec.allowed = torch.from_numpy((own > 0) & (own >= least * other))
            codec.allowed[[codec.pad, codec.unknown, codec.blank]] = False
            codec.allowed[codec.end] = True

    def _items(self, split: str, domain: str, sentences: list[str], truth: list[Batch | None] | None) -> list[HeldOut]:
        rows = tokenised(getattr(self.codecs, domain), sentences)
        return [
            HeldOut(f"{split}-{index + 1:05d}", rows.row(index), None if truth is None else truth[index])
            for index in range(len(sentences))
        ]


def _saliency(rows: Pair[TokenRows], codec: Any) -> torch.Tensor:
    """(V,) log p(piece|a) - log p(piece|b), add-one smoothed; 0 for reserved ids, which no style has."""
    counts = rows.map(lambda side: side.counts(codec.vocabulary) + 1.0)
    logs = counts.map(lambda side: np.log(side / side.sum()))
    saliency = torch.from_numpy(logs.a - logs.b).float()
    saliency[[codec.pad, codec.end, codec.unknown, codec.blank]] = 0.0
    return saliency


def _normalised(text: TextSet, lowercase: bool) -> TextSet:
    """Every sentence on one line with single spaces, in lower case where that is wanted."""

    def line(sentence: str) -> str:
        joined = " ".join(sentence.split())
        return joined.lower() if lowercase else joined

    def lines(side: list[str]) -> list[str]:
        return [line(sentence) for sentence in side]

    return text._replace(
        train=text.train.map(lines),
        validation=None if text.validation is None else text.validation.map(lines),
        test=None if text.test is None else text.test.map(lines),
        truth=None if text.truth is None else text.truth.map(lambda side: [lines(one) for one in side]),
    )


def _check_options(judging_share: float, validation: int, test_share: float, held_out: int | None) -> None:
    for key, share in (("judging_share", judging_share), ("test_share", test_share)):
        if not 0 <= share < 1:
            raise RecipeError(f"data.{key}: {share} is no share; choose from 0 (none) up to 0.5")
    if validation < 0:
        raise RecipeError(f"data.validation: {validation} sentences; choose 0 or more")
    if held_out is not None and held_out < 1:
        raise RecipeError(f"data.held_out: {held_out} sentences; choose 1 or more, or null for all")


def _sentences(count: int) -> str:
    return f"{count:,} training {'sentence' if count == 1 else 'sentences'}"


def _counts(names: Pair[str], sides: Pair[list[str]]) -> str:
    return f"{names.a} {len(sides.a):,}, {names.b} {len(sides.b):,}"
