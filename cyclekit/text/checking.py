"""Looking sentences over before an hour is spent on them: how they are read, and what in them would mislead a run."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from mimetypes import guess_type
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.curation import Audited, Finding, Told
from cyclekit.core.data import SourceMissing
from cyclekit.files.walking import walk
from cyclekit.registry import RecipeError
from cyclekit.text.columns import NONE, Columns, check_columns, has_header
from cyclekit.text.layouts import domains_in, tables_in
from cyclekit.text.lines import is_text
from cyclekit.text.scripts import words_of, writing_of
from cyclekit.text.sources import open_source
from cyclekit.text.tables import LABEL_NAMES, is_table, read_table
from cyclekit.text.text_set import TextSet

OTHER_KINDS = ("image", "audio", "video")

LONG = 30
"""Words; recipes cut sentences at 24 to 64 tokens, and a word is one token or more."""
LOPSIDED = 3
TELLING = 0.9
"""How much more frequent a mark must be in one domain than in the other to tell them apart by itself."""

SUSPECT: dict[str, str] = {
    "read in a wrong encoding once": r"\ufffd|Ã[\x80-\xbf]|â€|Â[\xa0-\xbf]",
    "with HTML": r"&(?:amp|lt|gt|quot|nbsp|#\d+);|</?(?:br|p|i|b|a|div|span)\b[^>]*>",
    "with control characters": r"[\x00-\x08\x0e-\x1f\x7f\u200b\ufeff]",
    "with addresses": r"https?://|www\.",
}
"""What sentences hold that no writer wrote."""

MARKS: dict[str, Callable[[str], bool]] = {
    "ends in punctuation": lambda sentence: re.search(r"[^\w\s]$", sentence) is not None,
    "begins with a capital": lambda sentence: sentence[:1].isupper(),
    "has a digit": lambda sentence: re.search(r"\d", sentence) is not None,
}
"""What a discriminator sees at a glance, and a generator learns before anything else."""


class SentenceCounts(NamedTuple):
    """The sentences of one domain and split, in numbers."""

    group: str
    sentences: int
    distinct: int
    median: float
    """Words."""
    longest: int
    writing: str


class Looked(NamedTuple):
    """What looking came to."""

    words: str
    """How the files were read."""
    groups: list[SentenceCounts]
    findings: list[Finding]


def sentences_at(places: Sequence[Path]) -> int:
    """How many files at and below some places hold sentences: none of a folder that has pictures too.

    A name with a comma that is none of a file's stands for two files.
    """
    return sum(2 if "," in str(place) and not place.exists() else _files_of_text(place) for place in places)


def audit(places: Sequence[Path], progress: Told, *, columns: Columns | None = None) -> Audited:
    """Look one data set of sentences over, for `Modality.audit`.

    Args:
        progress: not told: files of sentences are read at once.
        columns: of a table, as `data.columns`.

    Raises:
        RecipeError: training would refuse the set or the columns.
    """
    looked = look_at_sentences(places, check_columns(columns))
    told = {
        "files": [str(path) for path in places],
        "layout": looked.words,
        "groups": [one._asdict() for one in looked.groups],
        "findings": [{"what": one.what, "sentences": one.items, "names": one.names} for one in looked.findings],
    }
    return Audited(
        looked.words,
        ("sentences", "different", "words (median)", "words (most)", "writing"),
        [_row(one) for one in looked.groups],
        [],
        [one._replace(names=[name[:59] for name in one.names]) for one in looked.findings],
        told,
    )


def look_at_sentences(paths: Sequence[Path], columns: Columns = NONE) -> Looked:
    """One data set as training would read it (a folder, a table, or `A,B`), or a file for each of two domains.

    Raises:
        RecipeError: training would refuse it, and with the same words; or more than two are named.
    """
    if len(paths) > 2:
        raise RecipeError(f"{', '.join(map(str, paths))}: sentences have two domains; name one data set, or two files")
    source = ",".join(map(str, paths))
    domains = _domains(source, columns)
    try:
        text = open_source(source, domains, None, columns)
    except SourceMissing as missing:
        raise RecipeError(f"{source}: {missing}") from missing
    groups = _groups(text, domains)
    table = [_counted(name, side) for name, side in groups.items()]
    words = text.words + (", parallel" if text.aligned else "")
    return Looked(words, table, _findings(groups, domains, text.aligned))


def _row(one: SentenceCounts) -> tuple[str, ...]:
    return (one.group, f"{one.sentences:,}", f"{one.distinct:,}", f"{one.median:g}", f"{one.longest:,}", one.writing)


def _files_of_text(place: Path) -> int:
    if not place.is_dir():
        return int(_kind(place) not in OTHER_KINDS)
    files = walk(place).files
    if "image" in map(_kind, files):
        return 0
    return sum(map(is_text, files)) or (0 if domains_in(place) is None else len(files))


def _kind(path: Path) -> str:
    return (guess_type(path)[0] or "").partition("/")[0]


def _domains(source: str, columns: Columns) -> Pair[str]:
    """The names of the domains, out of those of files and labels; a and b where these say nothing."""
    path = Path(source).expanduser()
    if not path.exists() and source.count(",") == 1:
        names = [re.sub(r"\..*", "", Path(part.strip()).name) for part in source.split(",")]
        return Pair(*names) if len(set(names)) == 2 else Pair("a", "b")
    tables = {"train": path} if path.is_file() and is_table(path) else tables_in(path)
    if not tables:
        return (domains_in(path) if path.is_dir() else None) or Pair("a", "b")
    if "a" in columns:
        return Pair("a", "b") if "label" in columns else Pair(str(columns["a"]), str(columns["b"]))
    table = read_table(tables["train"], has_header(columns))
    wanted = [str(columns["label"])] if "label" in columns else list(LABEL_NAMES)
    label = next((name for name in table.cells if name.lower() in map(str.lower, wanted)), None)
    values = [] if label is None else list(dict.fromkeys(str(cell) for cell in table.cells[label]()))
    if len(values) == 2:
        return Pair(*sorted(values))
    others = [name for name in table.text if 2 * len(set(table.cells[name]())) > len(table.cells[name]())]
    return Pair(*others) if label is None and len(others) == 2 else Pair("a", "b")


def _groups(text: TextSet, domains: Pair[str]) -> dict[str, list[str]]:
    splits = {"train": text.train, "validation": text.validation, "test": text.test}
    return {
        f"{split} {name}": [" ".join(one.split()) for one in side]
        for split, sides in splits.items()
        for name, side in zip(domains, sides or ())
    }


def _counted(name: str, side: Sequence[str]) -> SentenceCounts:
    lengths = [len(words_of(one)) for one in side] or [0]
    return SentenceCounts(name, len(side), len(set(side)), statistics.median(lengths), max(lengths), writing_of(side))


def _findings(groups: Mapping[str, list[str]], domains: Pair[str], aligned: bool) -> list[Finding]:
    train = Pair(*(groups[f"train {name}"] for name in domains))
    held = {name: side for name, side in groups.items() if not name.startswith("train ")}
    found = [*_shared(train, held), *chain.from_iterable(_of_one(*group) for group in groups.items())]
    for what, mark in MARKS.items():
        having = train.map(lambda side, mark=mark: [one for one in side if mark(one)])  # type: ignore[misc]
        shares = Pair(*(len(some) / max(len(side), 1) for some, side in zip(having, train)))
        if abs(shares.a - shares.b) > TELLING:
            each = ", ".join(f"{name} {share:.0%}" for name, share in zip(domains, shares))
            words = f"a mark that tells the domains apart by itself: {what} ({each})"
            found.append(Finding(words, max(map(len, having)), max(having, key=len)))
    sizes = train.map(len)
    if max(sizes) > LOPSIDED * min(sizes) and not aligned:
        words = "domains of very different size"
        found.append(Finding(words, max(sizes), [f"{name} {size:,}" for name, size in zip(domains, sizes)]))
    return [one for one in found if one.names]


def _shared(train: Pair[list[str]], held: Mapping[str, list[str]]) -> list[Finding]:
    """Sentences of training that are held out too, and of both domains; exactly, and but for case and punctuation."""
    exact, plain = (train.map(lambda side, key=key: {key(one) for one in side}) for key in (str, _plain))  # type: ignore[misc]
    known, nearly = exact.a | exact.b, (plain.a | plain.b) - {""}
    leaks = [(name, one) for name, side in held.items() for one in side]
    both, alike = exact.a & exact.b, (plain.a & plain.b) - {""}
    named = {
        "held out, and in training too (left out there)": [f"{name}: {one}" for name, one in leaks if one in known],
        "held out, and but for case and punctuation in training": [
            f"{name}: {one}" for name, one in leaks if one not in known and _plain(one) in nearly
        ],
        "in both domains": sorted(both),
        "in both domains, but for case and punctuation": [
            one for one in train.a if one not in both and _plain(one) in alike
        ],
    }
    return [Finding(what, len(names), names) for what, names in named.items()]


def _of_one(name: str, side: Sequence[str]) -> list[Finding]:
    """What is wrong with the sentences of one domain and split."""
    counts = Counter(side)
    again = [one for one, count in counts.most_common() if count > 1]
    named = {
        # People say short things twice.
        f"more than a tenth of {name} are duplicates": again if 10 * (len(side) - len(counts)) > len(side) else [],
        f"longer than {LONG} words in {name}": [one for one in side if len(words_of(one)) > LONG],
    }
    named |= {f"{what} in {name}": [one for one in side if re.search(mark, one)] for what, mark in SUSPECT.items()}
    return [Finding(what, len(names), names) for what, names in named.items()]


def _plain(sentence: str) -> str:
    """A sentence without case, punctuation and spaces."""
    return re.sub(r"[\W_]+", "", sentence.casefold())
