"""A run's model card: README.md as the Hugging Face hub wants it, with the data, the metrics and the limits of a run.

The card is made of what the run folder holds, so it can be written at the end of a training, after an evaluation, and
when a run is pushed. What somebody wrote himself is never overwritten: see `MARK`.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import write_whole
from cyclekit.report.charts import number_in_words
from cyclekit.report.intervals import WAYS, as_measured
from cyclekit.report.metrics import measures_of_table
from cyclekit.report.run_folder import elapsed, state_of
from cyclekit.report.sample_files import TABLES, domains_of, read_sheet, samples_of
from cyclekit.report.sentences import DirectionTable, as_markdown, tables_of
from cyclekit.report.sheets import inside
from cyclekit.report.words import duration, flat, plain, section
from cyclekit.sharing.card_data import Model, gather, metadata, without_paths

MARK = "<!-- Written by cyclekit, anew after every evaluation. Remove this line to keep what you write yourself. -->"

HERE = "path/to/this/folder"
"""How the card calls the model where it is not known under which name it is shared."""

EXAMPLES = 6
"""Rows of a sheet of sentences that a card shows."""


def write_card(folder: Path) -> Path:
    """Write README.md into a run folder, unless somebody wrote one there.

    Raises:
        RecipeError: no run there, no checkpoint yet, or the folder cannot be written.
    """
    path = folder / "README.md"
    if is_ours(path):
        text = card_text(folder)
        with clear_disk_errors(path):
            write_whole(path, text)
    return path


def is_ours(path: Path) -> bool:
    """Whether a README.md may be written (anew): there is none, or it still has the mark of a generated one."""
    return not path.exists() or MARK.encode() in path.read_bytes()


def card_text(folder: Path, name: str = HERE) -> str:
    """The card: YAML that the hub reads, then what people read.

    Args:
        name: what to load the model by, such as OWNER/NAME.
    """
    from huggingface_hub import ModelCard

    model = gather(folder)
    parts = [
        MARK, f"# {_title(model)}", _summary(model),
        "## Examples", _examples(model),
        "## How to use", _usage(model, name),
        "## Data", _data(model),
        "## Metrics", _metrics(model),
        "## Limits", _limits(model),
    ]  # fmt: skip
    body = "\n\n".join(parts)
    return str(ModelCard(f"---\n{metadata(model)}\n---\n\n{body}\n"))


def _title(model: Model) -> str:
    recipe = model.files.recipe
    return _one_line(recipe.get("title") or recipe.get("name") or model.files.folder.name)


def _summary(model: Model) -> str:
    recipe, directions = model.files.recipe, model.directions()
    ways = " and ".join(f"{_one_line(source)} to {_one_line(target)}" for source, target in directions)
    objective = _code(section(recipe, "objective").get("name"))
    network = _code(section(recipe, "generator").get("name"))
    version = model.files.environment.get("cyclekit")
    made = f"cyclekit {_one_line(version)}" if version else "cyclekit"
    return (
        f"Translates {ways}. Objective {objective}, generator {network}, recipe {_code(recipe.get('name'))}, made with "
        f"{made}; all settings are in `recipe.yaml`. These are the weights after step {model.step:,}."
    )


def _examples(model: Model) -> str:
    """The newest sheet that the shared weights, or earlier ones, made."""
    every = [sample for sample in samples_of(model.files) if sample.readable]
    sample = max([one for one in every if one.step <= model.step] or every, default=None)
    place = None if sample is None else inside(model.files.folder, sample.file)
    if sample is None or place is None or not place.is_file():
        return "No examples were drawn."
    when = f"Held-out items after step {sample.step:,}"
    if place.suffix.lower() not in TABLES:
        return f"{when}; nothing is picked out.\n\n![{when}]({quote(sample.file)})"
    try:
        sheet = read_sheet(sample.place(model.files.folder), domains_of(model.files))
    except (OSError, ValueError) as error:
        return f"{when}: cannot be read: {_one_line(error)}."
    tables = (
        [DirectionTable(table.headings, table.rows[:EXAMPLES]) for table in tables_of(sheet)]
        if sheet is not None
        else []
    )
    return f"{when}, the first ones.\n\n{as_markdown(tables)}"


def sheet_of(folder: Path) -> str | None:
    """The picture that a run's card shows, as a path in the run folder."""
    found = re.search(r"^!\[.*\]\((.+)\)$", _examples(gather(folder)), re.MULTILINE)
    return unquote(found[1]) if found else None


def _usage(model: Model, name: str) -> str:
    source, target = model.directions()[0]
    example = model.modality.example
    begin = f"{example.imports}\n\n" if example.imports else ""
    shared = name if name == HERE else f"hub:{name}"
    command = _code(f"cyclekit translate {shared} {example.file} --to {shlex.quote(target)}")
    return (
        f"```python\n{begin}from cyclekit import Translator\n\n"
        f'translator = Translator.from_pretrained("{name}")\n'
        f"made = translator([{example.item}], to={json.dumps(target, ensure_ascii=False)})"
        f"  # from {' '.join(source.split())}\n"
        f"```\n\nOr on the command line: {command}. Nothing is unpickled."
    )


def _data(model: Model) -> str:
    files = model.files
    train, state = section(files.recipe, "train"), state_of(files)
    start = next(iter(files.records("start")), {})
    facts = {
        "learned from": model.data or "not known: the weights were imported",
        "batch size": train.get("batch_size"),
        "steps": f"{state.step:,}" if state.step else None,
        "profile": files.recipe.get("profile"),
        "seed": train.get("seed") if model.data else None,
        "device": start.get("device"),
        "precision": start.get("precision"),
        "time in steps": duration(elapsed(files)) if elapsed(files) else None,
    }
    lines = [f"- {name}: {_one_line(value)}" for name, value in facts.items() if value is not None]
    over = start.get("passed_over")
    passed = [item for item in over if isinstance(item, list) and len(item) == 2] if isinstance(over, list) else []
    lines += [f"- looked for first, not used: {_one_line(without_paths(f'{name} ({why})'))}" for name, why in passed]
    return "\n".join(lines)


def _metrics(model: Model) -> str:
    """A table for each direction, with what copying the input scores; then how each number is measured."""
    measured = model.measured
    directions = section(measured, "directions")
    if not directions:
        return _while_training(model)
    step, data = measured.get("step"), without_paths(str(measured.get("data")))
    of = f"of step {step:,}, " if isinstance(step, int) else ""
    what = "held-out items of the same data" if data == model.data else f"held-out items of {_one_line(data)}"
    head = f"On {what}: {of}{_one_line(plain(measured.get('weights') or 'weights'))}."
    other = "" if step == model.step else f" **Not the weights that are here, which are of step {model.step:,}.**"
    parts = [head + other, *(_table(str(name), content) for name, content in directions.items())]
    about = "\n".join(dict.fromkeys(line for content in directions.values() for line in _protocol(content)))
    rows = [cells for content in directions.values() for cells in measures_of_table(content).values()]
    if any(cell.interval for cells in rows for cell in cells.values()):
        parts.append("In brackets: 95 % intervals over the held-out items, not over seeds.")
    return "\n\n".join([*parts, about])


def _while_training(model: Model) -> str:
    words = "Not measured on held-out data yet: `cyclekit evaluate` does."
    best = model.files.best()
    if best is None:
        return words
    values = [
        f"- **{_one_line(direction)}**: "
        + _one_line(", ".join(f"{name} {number_in_words(found.value)}" for name, found in known))
        for direction, content in section(best, "values").items()
        if (known := [(name, found) for name in content if (found := as_measured(content[name])) is not None])
    ]
    seen = (
        f"While training, on validation data that also chose these weights (step {best['step']:,}), so rather too good:"
    )
    return "\n".join([words, "", seen, "", *values])


def _table(direction: str, content: Any) -> str:
    rows, better = measures_of_table(content), section(content, "better")
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [["metric", *rows], ["---", *["---:"] * len(rows)]]
    for name in names:
        way = WAYS.get(str(better.get(name)), "")
        cells = [row.get(name) for row in rows.values()]
        shown = [
            "" if cell is None else number_in_words(cell.value) + (f" ({cell.interval})" if cell.interval else "")
            for cell in cells
        ]
        lines.append([f"{name}{f', {way}' if way else ''}", *shown])
    counts = [f"{content[key]:,} {words}" for key, words in COUNTS.items() if isinstance(content.get(key), int)]
    if content.get("size"):
        counts.append(f"size: {_one_line(plain(content['size']))}")
    title = f"### {_one_line(direction)}" + (f"\n\n{', '.join(counts)}." if counts else "")
    return title + "\n\n" + "\n".join(f"| {' | '.join(map(_one_line, line))} |" for line in lines)


COUNTS = {"items": "held-out items", "references": "of the target domain"}


def _protocol(content: Any) -> Iterator[str]:
    for name, told in section(content, "protocol").items():
        if isinstance(told, dict):
            # The notes are for who reads the table alone; they say the same as the rest.
            words = "; ".join(f"{key}: {plain(value)}" for key, value in flat(told) if key != "notes")
            yield f"- **{_one_line(name)}** {_one_line(words)}".rstrip()
    for name, why in section(content, "not measured").items():
        yield f"- **{_one_line(name)}** is not measured: {_one_line(plain(why))}"


def _limits(model: Model) -> str:
    files, state = model.files, state_of(model.files)
    thing = model.modality.items
    lines = []
    made_up = re.search(r"\bno real (\w+)", model.data)
    if made_up:
        lines.append(f"Learned from data that a program made, no real {made_up[1]}: of real ones it knows nothing.")
    elif model.data.startswith("builtin"):
        lines.append(f"Learned from a small selection that comes with a package: expect little of other {thing}.")
    if files.recipe.get("profile"):
        lines.append(f"Trained with the profile {files.recipe['profile']}, not with the published settings.")
    if state.name in ("interrupted", "failed", "running", "silent"):
        lines.append(f"Training did not end as planned: {state.name} at step {state.step:,}.")
    found = {str(record.get("check")): record for record in files.records("health")}
    lines += [
        f"While it trained, health found (step {record['step']:,}, {name}): {record.get('finding')}"
        for name, record in found.items()
    ]
    lines += [
        f"It knows {thing} like those above; what it makes of others was not measured.",
        "Adversarial training may invent, drop or change content: its output is no evidence of anything. "
        "Look at the examples, and at how a number is measured, before you rely on one.",
    ]
    return "\n".join(f"- {_one_line(line)}" for line in lines)


def _one_line(value: Any) -> str:
    """A value in markdown: one line in which `|`, `<` and the like mean nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number"
    return " ".join(re.sub(r"[|<>\[\]*_`\\&~]", lambda found: f"\\{found[0]}", str(value)).split())


def _code(value: Any) -> str:
    """A value as code in a line of markdown, whatever it holds: between more backticks in a row than it has."""
    words = " ".join(str(value).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}"
