"""Pictures from the Hugging Face hub, and finding out within seconds that they cannot be had."""

from __future__ import annotations

import io
import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from PIL import Image

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.listing import PictureList, PictureSet, Stored
from cyclekit.image.pictures import open_picture
from cyclekit.registry import RecipeError

PATIENCE = 3.0
"""Seconds in which the hub must answer: name resolution, proxies and all."""

COLUMNS = (Pair("imageA", "imageB"), Pair("image_a", "image_b"), Pair("image_A", "image_B"), Pair("A", "B"))


def open_hub(repository: str, domains: Pair[str], pair_up: bool) -> PictureSet:
    """The data set OWNER/NAME: two picture columns, or one beside a label of two classes.

    Nothing slow is imported before it is clear that the data is on this machine or can be fetched.

    Args:
        pair_up: whether the two columns of a row belong together. The hub's CycleGAN sets look alike either way.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, an interrupted download, or columns that are not two domains.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise RecipeError(f"data.sources: hub:{repository} is no data set's name; write hub:OWNER/NAME")
    if is_cached(repository):
        loaded = _loaded(repository, offline=True)
    else:
        reach(repository)
        loaded = _loaded(repository, offline=False)
    return pictures_of(loaded, f"hub:{repository}", domains, pair_up)


def is_cached(repository: str) -> bool:
    """Whether `datasets` has prepared this set on this machine before."""
    hub_home = os.environ.get("HF_HOME") or _cache_home() / "huggingface"
    cache = Path(os.environ.get("HF_DATASETS_CACHE") or Path(hub_home) / "datasets").expanduser()
    wanted = _plain(repository.replace("/", "___"))
    try:
        folders = [folder for folder in cache.iterdir() if _plain(folder.name) == wanted]
    except OSError:
        return False
    prepared = (info.parent for folder in folders for info in folder.glob("*/*/*/dataset_info.json"))
    return any(not folder.name.endswith(".incomplete") for folder in prepared)


def reach(repository: str, patience: float = PATIENCE) -> None:
    """Return once the hub has answered; it is asked in a thread, because name resolution knows no time limit.

    Raises:
        SourceMissing: offline by wish, no answer in time, or no such data set.
    """
    for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        if os.environ.get(variable, "").upper() in {"1", "ON", "YES", "TRUE"}:
            raise SourceMissing(f"{variable} is set, and it is not in the local cache")
    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    answers: list[str] = []
    asking = threading.Thread(
        target=lambda: answers.append(_answer(f"{endpoint}/api/datasets/{repository}", patience)), daemon=True
    )
    asking.start()
    asking.join(patience)
    refusal = answers[0] if answers else f"no answer in {patience:g} s"
    if refusal:
        raise SourceMissing(f"not in the local cache, and {endpoint} cannot give it: {refusal}")


def _answer(address: str, patience: float) -> str:
    """Why an address cannot be had; empty when it can. Proxies are taken from the environment, as ever."""
    try:
        with urllib.request.urlopen(address, timeout=patience):
            return ""
    except urllib.error.HTTPError as error:
        # 401 and 403 may be a private set for which `datasets` holds a token: that decides, with its own message.
        if error.code == 404:
            return "no such data set"
        return "" if error.code in (401, 403) else f"it answers {error.code}"
    except (OSError, ValueError) as error:  # URLError is an OSError; ValueError is a malformed HF_ENDPOINT
        reason = getattr(error, "reason", None) or error
        return f"no connection ({getattr(reason, 'strerror', None) or reason})"


def _loaded(repository: str, offline: bool) -> Any:
    """The DatasetDict, from the cache alone when `offline`."""
    with _offline() if offline else nullcontext():
        import datasets

        try:
            return datasets.load_dataset(repository)
        except datasets.exceptions.DatasetNotFoundError as error:
            raise SourceMissing("no such public data set") from error
        except Exception as error:
            cause = str(error).strip().splitlines() or [type(error).__name__]
            raise RecipeError(
                f"data.sources: hub:{repository} is there, but loading it failed ({cause[0]}); run again to go on "
                "with the download, or name another source with --data"
            ) from error


@contextmanager
def _offline() -> Iterator[None]:
    """`datasets` and the hub's client held offline and quiet: with no network they would retry for a minute."""
    import datasets
    import huggingface_hub.constants as hub

    before = datasets.config.HF_HUB_OFFLINE, hub.HF_HUB_OFFLINE
    loudness = datasets.logging.get_verbosity()
    datasets.config.HF_HUB_OFFLINE = hub.HF_HUB_OFFLINE = True
    datasets.logging.set_verbosity_error()
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE, hub.HF_HUB_OFFLINE = before
        datasets.logging.set_verbosity(loudness)


class Column:
    """Encoded pictures in rows of a column, some of which may be empty."""

    def __init__(self, table: Any, column: str, rows: list[int], words: str) -> None:
        import datasets

        self.table = table.select_columns([column]).cast_column(column, datasets.Image(decode=False))
        self.column, self.rows, self.words = column, rows, words
        self.names = [f"row-{row:05d}" for row in rows]

    def open(self, index: int, channels: int) -> Image.Image:
        cell = self.table[self.rows[index]][self.column]
        encoded = cell["path"] if cell["bytes"] is None else io.BytesIO(cell["bytes"])
        return open_picture(encoded, channels, name=self.stored(index).name)

    def stored(self, index: int) -> Stored:
        row = self.rows[index]
        return Stored(f"{self.words} row {row} {self.column}", f"{self.words}|{self.table._fingerprint}|{row}")


def pictures_of(loaded: Any, words: str, domains: Pair[str], pair_up: bool) -> PictureSet:
    """A DatasetDict as pictures of two domains.

    Raises:
        RecipeError: no `train` split, or columns that are not two domains.
    """
    if "train" not in loaded:
        raise RecipeError(f"data.sources: {words} has no split 'train' (it has {', '.join(loaded)})")
    test_split = next((split for split in ("test", "validation") if split in loaded), None)
    train, how = _both_domains(loaded["train"], f"{words} train", domains)
    test: Pair[PictureList | None] = Pair(None, None)
    if test_split is not None:
        test = Pair(*_both_domains(loaded[test_split], f"{words} {test_split}", domains)[0])
    if pair_up and list(train.a.names) != list(train.b.names):
        raise RecipeError(
            f"data.aligned: {words} holds no pairs: its columns are filled in different rows; set data.aligned=false"
        )
    return PictureSet(train, test, pair_up, pair_up, how)


def _both_domains(table: Any, words: str, domains: Pair[str]) -> tuple[Pair[PictureList], str]:
    import datasets

    kinds = table.features
    pictures = [name for name, kind in kinds.items() if isinstance(kind, datasets.Image)]
    labels = {name: kind for name, kind in kinds.items() if isinstance(kind, datasets.ClassLabel)}
    for names in (*COLUMNS, domains):
        if names.a in pictures and names.b in pictures:
            return names.map(lambda name: _column(table, name, words)), f"columns {names.a}, {names.b}"
    if len(pictures) == 1 and len(labels) == 1:
        (label, classes), picture = next(iter(labels.items())), pictures[0]
        numbers = _classes_of(classes.names, words, domains)
        column = table[label]
        rows = numbers.map(lambda number: [row for row, one in enumerate(column) if one == number])
        named = f"column {picture} by {label}: {classes.names[numbers.a]}, {classes.names[numbers.b]}"
        return rows.map(lambda side: _checked(Column(table, picture, side, words))), named
    raise RecipeError(
        f"data.sources: {words} has the columns {', '.join(kinds)}; two domains are picture columns imageA and imageB, "
        "or one picture column beside one label of two classes"
    )


def _column(table: Any, name: str, words: str) -> PictureList:
    """A column without its empty cells: the shorter domain of an unpaired set ends in them."""
    filled = table.data.column(name).is_valid().to_pylist()
    return _checked(Column(table, name, [row for row, is_filled in enumerate(filled) if is_filled], words))


def _checked(column: Column) -> Column:
    if not column.rows:
        raise RecipeError(f"data.sources: {column.words} {column.column} holds no pictures for one domain")
    return column


def _classes_of(names: list[str], words: str, domains: Pair[str]) -> Pair[int]:
    """The numbers of the two classes: those named like the domains, else the first and second of just two."""
    lower = [name.lower() for name in names]
    if domains.a.lower() in lower and domains.b.lower() in lower:
        return domains.map(lambda domain: lower.index(domain.lower()))
    if len(names) == 2:
        return Pair(0, 1)
    raise RecipeError(
        f"data.sources: {words} has the classes {', '.join(names[:8])}; name the domains after two of them "
        f"(they are {domains.a} and {domains.b})"
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", "")  # `datasets` turns camel case into snake case


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
