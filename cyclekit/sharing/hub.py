"""Runs on the Hugging Face hub: pushed as what loading needs, and fetched from there to be loaded."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cyclekit.files.hub import PATIENCE, endpoint, refusal, switched_off
from cyclekit.files.tensor_files import file_checksum
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.sharing.model_card import card_text, is_ours, sheet_of

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")

PREFIX = "hub:"
"""Before OWNER/NAME where a folder could stand too, as in data sources."""

NEEDED = [
    "recipe.yaml", "plugin.py", "README.md", "metrics.json",
    "checkpoints/*/state.json", "checkpoints/*/average.safetensors", "checkpoints/*/generators.safetensors",
    "checkpoints/*/discriminators.safetensors", "checkpoints/*/codec-*/*",
]  # fmt: skip
"""What is fetched of a shared run, whatever else lies beside it."""

OWN_FOLDERS = ("checkpoints/", "samples/")
"""Where a push replaces what the one before it left."""


class Pushed(NamedTuple):
    """What a push did."""

    address: str
    files: int
    size: int
    """Bytes, of all files together."""


def is_name(words: str) -> bool:
    """Whether this could be a model's name on the hub, OWNER/NAME."""
    return re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", words) is not None


def shared_files(folder: Path, name: str) -> dict[str, Path | bytes]:
    """What of a run is shared, by its path there: what loading needs, the card and the picture that it shows.

    Optimizers and random states stay at home, and discriminators unless they help to choose (`reranking`); so do the
    log and the report.

    Args:
        name: OWNER/NAME, which the card tells how to load.

    Raises:
        RecipeError: no run there, or no checkpoint yet.
    """
    return history.read_chosen(folder, lambda place: _files_of(folder, place, name))


def _files_of(folder: Path, place: Path, name: str) -> dict[str, Path | bytes]:
    """`shared_files` of one checkpoint."""
    recipe = load_recipe(folder)
    there = f"checkpoints/{place.name}"
    stem = checkpoint.generators_of(averaged=recipe.train.moving_average is not None)
    asked = ["discriminators"] if recipe.reranking is not None else []
    checkpoint.load(place, [stem, *asked])  # what is damaged is shared with nobody
    own = {name: path for name, path in checkpoint.files_of(place).items() if name.startswith("codec-")}
    own |= {f"{name}.safetensors": place / f"{name}.safetensors" for name in (stem, *asked)}
    checksums = {name: file_checksum(path) for name, path in own.items()}
    of_tensors = checkpoint.tensor_checksums(place, [stem, *asked])
    state = {"step": history.step_of(place), checkpoint.OF_TENSORS: of_tensors}
    card = folder / "README.md"
    files: dict[str, Path | bytes] = {
        "README.md": card_text(folder, name).encode() if is_ours(card) else card,
        f"{there}/{checkpoint.STATE}": checkpoint.state_with_checksums(state, checksums).encode(),
    }
    files |= {f"{there}/{name}": path for name, path in own.items()}
    sheet = sheet_of(folder)
    beside = ["recipe.yaml", "plugin.py", "metrics.json", *([sheet] if sheet is not None else [])]
    return files | {file: folder / file for file in beside if (folder / file).is_file()}


def push(folder: Path, name: str, *, private: bool = False, without: Sequence[str] = ()) -> Pushed:
    """Upload a run in one commit, so that nobody ever loads half of it. An older push of the same name is replaced.

    Args:
        name: OWNER/NAME; made if there is none.
        private: make it private; one that is there and public is refused.
        without: installed plugins to leave out; what the card says of the run's items is asked of the others.

    Raises:
        RecipeError: no run, a malformed name, a plugin that fails to load, no token, no network, or the hub refuses.
    """
    if not (folder / "recipe.yaml").is_file():
        raise RecipeError(f"{folder}: is not a run folder (no recipe.yaml); `cyclekit run` makes one under runs/")
    if not is_name(name):
        raise RecipeError(f"push: '{name}' is no model's name on the hub; write OWNER/NAME")
    load_plugins(without=without)
    files = shared_files(folder, name)
    token = _token(name)
    if why := _refusal(name, missing=""):
        raise RecipeError(f"push: {endpoint()} cannot be reached: {why}; nothing was uploaded")
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint(), token=token, library_name="cyclekit")
    address = _told(name, lambda: _upload(api, files, folder, name, private))
    return Pushed(address, len(files), sum(_size(content) for content in files.values()))


def fetch_run(name: str) -> Path:
    """The folder of a run that was pushed: the newest of the hub's, or what is in the local cache without a network.

    Args:
        name: OWNER/NAME, with or without `hub:` before it.

    Raises:
        RecipeError: a malformed name, neither there nor in the cache, or no run.
    """
    name = name.removeprefix(PREFIX)
    if not is_name(name):
        raise RecipeError(f"{PREFIX}{name}: is no model's name; write {PREFIX}OWNER/NAME")
    folder = _downloaded(name)
    if not (folder / "recipe.yaml").is_file():
        raise RecipeError(f"{PREFIX}{name}: is no run of cyclekit's: it has no recipe.yaml")
    return folder


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    why = _refusal(name, missing="no such model")
    if why:
        try:
            return Path(snapshot_download(name, local_files_only=True, allow_patterns=NEEDED))
        except LocalEntryNotFoundError as error:
            raise RecipeError(
                f"{PREFIX}{name}: no run folder is called so, it is not in the local cache, and {endpoint()} cannot "
                f"give it: {why}"
            ) from error
    return Path(
        _told(
            name,
            lambda: snapshot_download(name, endpoint=endpoint(), allow_patterns=NEEDED, etag_timeout=PATIENCE),
        )
    )


def _upload(api: HfApi, files: dict[str, Path | bytes], folder: Path, name: str, private: bool) -> str:
    """Make the repository if need be, and commit; the address of what is there then."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api.create_repo(name, private=private or None, exist_ok=True)
    if private and not api.model_info(name).private:
        raise RecipeError(f"push: {name} is there already, and public; make it private there, or choose another name")
    before = [file for file in api.list_repo_files(name) if file.startswith(OWN_FOLDERS) and file not in files]
    added = [
        CommitOperationAdd(there, content if isinstance(content, bytes) else str(content))
        for there, content in files.items()
    ]
    api.create_commit(
        name,
        [*added, *(CommitOperationDelete(file) for file in before)],
        commit_message=f"Run of {folder.resolve().name}, step {history.step_of(history.chosen(folder)):,}",
    )
    return f"{api.endpoint}/{name}"


def _token(name: str) -> str:
    from huggingface_hub import get_token

    token = get_token()
    if token is None:
        raise RecipeError(
            f"push: there is no token that may write to {name}; log in with `hf auth login`, or set HF_TOKEN to one of "
            "https://huggingface.co/settings/tokens"
        )
    return token


def _told(name: str, ask: Callable[[], T]) -> T:
    """What the hub gives; its refusals in one line each."""
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        return ask()
    except RecipeError:
        raise
    except GatedRepoError as error:
        raise RecipeError(f"{PREFIX}{name}: its owner decides who may have it; ask at {endpoint()}/{name}") from error
    except RepositoryNotFoundError as error:
        raise RecipeError(
            f"{PREFIX}{name}: no such model, or a private one; for a private one log in with `hf auth login`, or set "
            "HF_TOKEN"
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        why = {401: "the token is not valid", 403: "the token may not do this; it needs write access"}
        raise RecipeError(f"{PREFIX}{name}: {endpoint()} refuses: {why.get(status, _cause(error))}") from error
    except Exception as error:  # whatever ends a transfer: a cut connection, a full disk, metadata that it rejects
        raise RecipeError(f"{PREFIX}{name}: broke off ({_cause(error)}); run again to go on") from error


def _refusal(name: str, missing: str) -> str:
    """Why the hub cannot be asked about a model; empty when it answers.

    Args:
        missing: what to say where it answers that it knows none of this name.
    """
    # 401 and 403 may be a private one for which there is a token: the hub's client decides.
    meaning = {404: missing, 401: "", 403: ""}
    return switched_off("HF_HUB_OFFLINE") or refusal(f"{endpoint()}/api/models/{name}", meaning, PATIENCE)


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _cause(error: BaseException) -> str:
    """What an error says, in one line that is no longer than a line should be."""
    return textwrap.shorten(str(error), 200, placeholder=" ...") or type(error).__name__
