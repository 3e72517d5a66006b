"""What a model card is made of: the facts of a run, gathered once, and the YAML that the Hugging Face hub reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import safe_open

from cyclekit import registry
from cyclekit.core.modality import Modality, modality_of
from cyclekit.plugins import load_plugins
from cyclekit.report.metrics import TRANSLATED, measures_of_table
from cyclekit.report.run_folder import RunFiles, read_run
from cyclekit.report.words import section
from cyclekit.runs import checkpoint, history

LICENSES = {
    "apache-2.0", "mit", "openrail", "bigscience-openrail-m", "creativeml-openrail-m", "bigscience-bloom-rail-1.0",
    "bigcode-openrail-m", "afl-3.0", "artistic-2.0", "bsl-1.0", "bsd", "bsd-2-clause", "bsd-3-clause",
    "bsd-3-clause-clear", "c-uda", "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0",
    "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cdla-sharing-1.0",
    "cdla-permissive-1.0", "cdla-permissive-2.0", "wtfpl", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1",
    "agpl-3.0", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0", "isc", "lppl-1.3c", "ms-pl",
    "mpl-2.0", "odc-by", "odbl", "openrail++", "osl-3.0", "postgresql", "ofl-1.1", "ncsa", "unlicense", "zlib",
    "pddl", "lgpl-lr", "unknown", "other",
}  # fmt: skip
"""Identifiers of https://huggingface.co/docs/hub/repositories-licenses; whatever is none of them is `other`."""


class Model(NamedTuple):
    """What is told of a run, gathered once."""

    files: RunFiles
    place: Path
    """The checkpoint that is used and shared."""
    modality: Modality
    targets: list[str]
    """The domains ("a", "b") that it translates to."""
    data: str
    """The data that was learned from, in the words of the log; empty for imported weights."""

    @property
    def step(self) -> int:
        return history.step_of(self.place)

    @property
    def measured(self) -> dict[str, Any]:
        """What metrics.json holds; nothing where there is none, or an odd one."""
        return self.files.metrics if isinstance(self.files.metrics, dict) else {}

    def directions(self) -> list[tuple[str, str]]:
        """Display names, from and to."""
        names = {side: str(section(self.files.recipe, "domains").get(side, side)) for side in ("a", "b")}
        return [(names["b" if target == "a" else "a"], names[target]) for target in reversed(self.targets)]


def gather(folder: Path) -> Model:
    """The facts of a run.

    Raises:
        RecipeError: no run there, no checkpoint yet, or a damaged one.
    """
    files = read_run(folder)
    return history.read_chosen(folder, lambda place: _gather(files, place))


def _gather(files: RunFiles, place: Path) -> Model:
    starts = [str(record["data"]) for record in files.records("start", "resume") if record.get("data")]
    averaged = section(files.recipe, "train").get("moving_average") is not None
    weights = f"{checkpoint.generators_of(averaged)}.safetensors"
    with checkpoint.reading(place, weights), safe_open(place / weights, "pt") as file:
        keys = [*file.keys(), *json.loads((file.metadata() or {}).get("shared", "{}"))]
    targets = [domain for domain in ("a", "b") if any(key.startswith(f"{domain}.") for key in keys)]
    with checkpoint.reading(place, "codec-b/codec.json"):
        codec = json.loads((place / "codec-b" / "codec.json").read_text(encoding="utf-8"))["name"]
    if codec not in registry.names("codec"):  # who trained or measured has loaded parts, some perhaps left out
        load_plugins()
    return Model(files, place, modality_of(codec), targets, without_paths(starts[-1]) if starts else "")


def metadata(model: Model) -> str:
    """The YAML that stands between two lines of dashes."""
    from huggingface_hub import ModelCardData

    found = re.match(r"hub:([\w.-]+/[\w.-]+)", model.data)
    objective = str(section(model.files.recipe, "objective").get("name", "cyclegan"))
    tags = ["cyclekit", objective, "gan", *model.modality.tags]
    return ModelCardData(
        **_license(model.files.recipe.get("license")),
        library_name="cyclekit",
        pipeline_tag=model.modality.task,
        tags=tags,
        datasets=[found[1]] if found else None,
        model_name=str(model.files.recipe.get("name", model.files.folder.name)),
        eval_results=list(_results(model)) or None,
    ).to_yaml()


def _license(found: Any) -> dict[str, Any]:
    """The hub's fields for a license: one that it knows, or `other` with its name and, of an address, its link."""
    if found is None:
        return {"license": "unknown"}
    given = str(found)
    if given.lower() in LICENSES:
        return {"license": given.lower()}
    if given.startswith(("http://", "https://")):
        return {"license": "other", "license_name": "as-linked", "license_link": given}
    return {"license": "other", "license_name": _slug(given)}


def _results(model: Model) -> Iterator[Any]:
    """Every number that was measured on held-out data, with its protocol."""
    from huggingface_hub import EvalResult

    measured = model.measured
    data = without_paths(str(measured.get("data") or model.data or "unknown data"))
    name = _source(data)
    for direction, content in section(measured, "directions").items():
        for metric, found in measures_of_table(content).get(TRANSLATED, {}).items():
            told = section(section(content, "protocol"), metric)
            about = {key: value for key, value in told.items() if key != "notes"}
            yield EvalResult(
                task_type=model.modality.task or "other",
                dataset_type=name.removeprefix("hub:") if name.startswith("hub:") else _slug(name),
                dataset_name=name,
                dataset_split="held out",
                metric_type=_slug(metric),
                metric_name=f"{metric}, {direction}",
                metric_value=round(found.value, 6),
                metric_args=about or None,
            )


def _source(data: str) -> str:
    """The name of a data source, without its description."""
    found = re.match(r"builtin:\s*[\w-]+|hub:[\w./-]+", data)
    return found[0].replace(" ", "") if found else data.partition(": ")[0]


def without_paths(data: str) -> str:
    """The data's description without the folders of the machine that it lay on."""
    return re.sub(r"(?<![^\s,])[~.]{0,2}/(?:[^\s/:,]+/)*", "", data)


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-") or "unnamed"
