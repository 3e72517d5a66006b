"""Data sets of the Hugging Face hub, whatever they hold, and finding out within seconds that one cannot be had."""

from __future__ import annotations

import os
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError, argument, setting

PATIENCE = 3.0
"""Seconds in which the hub must answer: name resolution, proxies and all."""


def load_data_set(repository: str, config: str | None = None, revision: str | None = None) -> Any:
    """The data set OWNER/NAME as `datasets` gives it, by split: from the local cache, else from the hub.

    Nothing slow is imported before it is clear that the data is on this machine or can be fetched.

    Args:
        config: which of the set's configurations, where it has several.
        revision: a branch, tag or commit.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, or an interrupted download.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise RecipeError(f"data.sources: hub:{repository} is no data set's name; write hub:OWNER/NAME")
    if is_cached(repository, config, revision):
        return _loaded(repository, config, revision, cached=True)
    reach(repository)
    return _loaded(repository, config, revision, cached=False)


def is_cached(repository: str, config: str | None = None, revision: str | None = None) -> bool:
    """Whether `datasets` has prepared this set on this machine before; of a revision, this one and no other."""
    hub_home = os.environ.get("HF_HOME") or _cache_home() / "huggingface"
    cache = Path(os.environ.get("HF_DATASETS_CACHE") or Path(hub_home) / "datasets").expanduser()
    wanted = _plain(repository.replace("/", "___"))
    try:
        folders = [folder for folder in cache.iterdir() if _plain(folder.name) == wanted]
    except OSError:
        return False
    prepared = [info.parent for folder in folders for info in folder.glob(f"{config or '*'}/*/*/dataset_info.json")]
    commits = {folder.name for folder in prepared if not folder.name.endswith(".incomplete")}
    # Offline, `datasets` would take whichever is there.
    return bool(commits) if revision is None else commits == {revision}


def reach(repository: str, patience: float = PATIENCE) -> None:
    """Return once the hub has answered.

    Raises:
        SourceMissing: offline by wish, no answer in time, or no such data set.
    """
    if off := switched_off("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        raise SourceMissing(f"{off}, and it is not in the local cache")
    # 401 and 403 may be a private set for which `datasets` holds a token: that decides, with its own message.
    meaning = {404: "no such data set", 401: "", 403: ""}
    if why := refusal(f"{endpoint()}/api/datasets/{repository}", meaning, patience):
        raise SourceMissing(f"not in the local cache, and {endpoint()} cannot give it: {why}")


def endpoint() -> str:
    """The hub's address."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def switched_off(*variables: str) -> str:
    """Which of these environment variables keeps the hub out, in words; empty where none does."""
    on = (name for name in variables if os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"})
    return next((f"{name} is set" for name in on), "")


def refusal(address: str, meaning: Mapping[int, str], patience: float = PATIENCE) -> str:
    """Why an address of the hub cannot be had within `patience` seconds; empty when it can.

    It is asked in a thread, because name resolution knows no time limit; and before the hub's own client, which would
    try again for a minute.

    Args:
        meaning: what the answer of an HTTP status means here; empty for one that is no refusal.
    """
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(_answer(address, meaning, patience)), daemon=True)
    asking.start()
    asking.join(patience)
    return answers[0] if answers else f"no answer in {patience:g} s"


def _answer(address: str, meaning: Mapping[int, str], patience: float) -> str:
    """`refusal`, but for a name resolution that hangs. Proxies are taken from the environment, as ever."""
    try:
        with urllib.request.urlopen(address, timeout=patience):
            return ""
    except urllib.error.HTTPError as error:
        return meaning.get(error.code, f"it answers {error.code}")
    except (OSError, ValueError) as error:  # URLError is an OSError; ValueError is a malformed HF_ENDPOINT
        reason = getattr(error, "reason", None) or error
        return f"no connection ({getattr(reason, 'strerror', None) or reason})"


def _loaded(repository: str, config: str | None, revision: str | None, cached: bool) -> Any:
    """The DatasetDict, from the cache alone when `cached`."""
    with offline() if cached else nullcontext():
        import datasets

        try:
            return datasets.load_dataset(repository, config, revision=revision)
        except datasets.exceptions.DatasetNotFoundError as error:
            raise SourceMissing("no such public data set") from error
        except Exception as error:
            cause = str(error).strip().splitlines() or [type(error).__name__]
            if configs := re.search(r"vailable(?: configs)?: \[(.*)\]", str(error)):
                names = configs[1].replace("'", "")
                raise RecipeError(
                    f"data.sources: hub:{repository} has the configurations {names}; choose one: "
                    + setting(f"data.sources='[{{hub: {repository}, config: {names.split(',')[0]}}}]'")
                ) from error
            raise RecipeError(
                f"data.sources: hub:{repository} is there, but loading it failed ({cause[0]}); run again to go on "
                f"with the download, or name another source with {argument('data')}"
            ) from error


@contextmanager
def offline() -> Iterator[None]:
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


def train_and_test(loaded: Any, words: str) -> tuple[str, str | None]:
    """The names of the split to train on and of the one to measure on, which may be the validation split.

    Raises:
        RecipeError: there is no split `train`.
    """
    if "train" not in loaded:
        raise RecipeError(f"data.sources: {words} has no split 'train' (it has {', '.join(loaded)})")
    return "train", next((split for split in ("test", "validation") if split in loaded), None)


def label_columns(table: Any) -> dict[str, list[str]]:
    """The columns that hold classes, and the names of these."""
    import datasets

    return {name: kind.names for name, kind in table.features.items() if isinstance(kind, datasets.ClassLabel)}


def classes_of(names: Sequence[str], words: str, domains: Pair[str]) -> Pair[int]:
    """The numbers of the two classes: those named like the domains, else the first and second of just two.

    Raises:
        RecipeError: more than two classes, and the domains are not named after two of them.
    """
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
