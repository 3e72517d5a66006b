"""A blind sheet: translations of two runs, with real items among them, shuffled and numbered; the key lies beside."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from cyclekit.assembling.data import build_data
from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import AtOwnSize, TakesCodecs
from cyclekit.core.cell import Cell
from cyclekit.core.parts import Data, HeldOut
from cyclekit.files.whole_file import write_whole
from cyclekit.recipe.loading import as_listed
from cyclekit.registry import RecipeError, argument
from cyclekit.report.page import filled, write_page
from cyclekit.sheets.cells import cells_of
from cyclekit.use.translate import Translator

MOST_PIXELS = 2**18
"""Items of more are shown shrunk to so many, as `evaluate` measures them."""

REAL = "real"


class BlindSheet(NamedTuple):
    """What was written."""

    page: Path
    key: Path
    shown: int
    items: str
    """What these are: "pictures"."""


class _Shown(NamedTuple):
    """One item of the sheet."""

    origin: str
    """The run that made it, or "real"."""
    name: str
    """The held-out item that it was made of, or is."""
    cell: Cell


def write_blind(
    runs: Sequence[Path],
    page: Path,
    *,
    to: str | None = None,
    count: int = 20,
    seed: int = 0,
    validation: bool = False,
    sources: list[Any] | None = None,
    device: str = "auto",
    without: Sequence[str] = (),
    trusted: Sequence[bool] = (False, False),
) -> BlindSheet:
    """Draw held-out items, have each run translate some, mix real ones among them, and write the page and its key.

    The runs translate different items, so that nothing is there twice. The first run's data is taken.

    Args:
        page: the HTML file; the key gets its name with "-key.tsv".
        to: display name of the domain to look at; the first run's first target when not given.
        count: items of each run, and real ones; fewer where fewer are held out.
        seed: of what is drawn and of the order.
        validation: take items that the first run set aside to choose by, and leave held-out ones unread.
        sources: replaces the data the first run was trained on.
        without: installed plugins to leave out.
        trusted: for each run whether its plugin.py may run, though it was not made on this machine.

    Raises:
        RecipeError: not two runs, runs of other domains or of other data, or too few items.
    """
    if len(runs) != 2 or runs[0].resolve() == runs[1].resolve():
        raise RecipeError(
            f"compare {argument('blind', True)}: takes two different runs, as in: cyclekit compare --blind RUN_A RUN_B"
        )
    if page.is_dir():
        raise RecipeError(f"{argument('out', page)}: is a folder; name a file, such as {page / 'blind.html'}")
    translators = [
        Translator.load(run, device=device, without=without, trust_plugin=trust) for run, trust in zip(runs, trusted)
    ]
    first = translators[0]
    if first.kind != translators[1].kind:
        raise RecipeError(
            f"compare {argument('blind', True)}: {runs[0]} is of {first.kind} and {runs[1]} of {translators[1].kind}; "
            "name like runs"
        )
    targets = [translator.target(to or first.targets[0]) for translator in translators]
    names = [getattr(translator.recipe.domains, target) for translator, target in zip(translators, targets)]
    if names[0] != names[1] or targets[0] != targets[1]:
        raise RecipeError(
            f"compare {argument('blind', True)}: {runs[0]} makes {names[0]} and {runs[1]} makes {names[1]}; "
            "name like runs"
        )
    data: Data = build_data(
        first.recipe, None if sources is None else [as_listed(first.recipe, one) for one in sources]
    )
    if isinstance(data, TakesCodecs):
        data.use(first.codecs)
    target = targets[0]
    random = Random(seed)
    inputs = _drawn(_held_out(data, "a" if target == "b" else "b", validation), random)
    reals = _drawn(_held_out(data, target, validation), random)
    each = min(count, len(inputs.order) // 2, len(reals.order))
    if each < 1:
        how = "sets aside" if validation else "holds out"
        raise RecipeError(
            f"compare {argument('blind', True)}: {data.source} {how} too few {first.kind}: two inputs and a "
            "real one at least"
        )
    shown = [_Shown(REAL, item.name, _cell(first, target, item.row)) for item in reals.take(each)]
    for run, translator in zip(runs, translators):
        items = inputs.take(each)
        made = translator.translate_items(target, [item.row for item in items])
        shown += [_Shown(str(run), item.name, _cell(translator, target, row)) for item, row in zip(items, made)]
    random.shuffle(shown)
    key = page.with_name(f"{page.stem}-key.tsv")
    lines = [f"{number}\t{one.origin}\t{one.name}" for number, one in enumerate(shown, 1)]
    write_whole(key, "\n".join(["number\torigin\theld-out item", *lines]) + "\n")
    return BlindSheet(write_page(page, _page(names[0], first.kind, each, shown)), key, len(shown), first.kind)


class _Drawn:
    """Held-out items in a random order, each taken once."""

    def __init__(self, items: Sequence[HeldOut], order: list[int]) -> None:
        self.items, self.order, self.taken = items, order, 0

    def take(self, count: int) -> list[HeldOut]:
        self.taken += count
        return [self.items[place] for place in self.order[self.taken - count : self.taken]]


def _drawn(items: Sequence[HeldOut], random: Random) -> _Drawn:
    return _Drawn(items, random.sample(range(len(items)), len(items)))


def _held_out(data: Data, domain: str, validation: bool) -> Sequence[HeldOut]:
    if isinstance(data, AtOwnSize):
        held_out: Sequence[HeldOut] = data.whole(domain, MOST_PIXELS, validation=validation)
        return held_out
    return data.validation(domain) if validation else data.held_out(domain)


def _cell(translator: Translator, target: str, row: Batch) -> Cell:
    (cell,) = cells_of(getattr(translator.codecs, target), row)
    return cell


def _page(domain: str, items: str, each: int, shown: Sequence[_Shown]) -> str:
    return filled(
        "blind.html",
        page_title=escape(f"Which are real: {domain}?"),
        title=escape(f"Which of these are real {items} of {domain}?"),
        under=escape(
            f"{len(shown)} {items} in random order: {each} real ones, and {each} by each of two runs. Write down the "
            "numbers that you take for made before you open the key."
        ),
        shown="".join(
            f"<figure>{_as_html(one.cell, number)}<figcaption>{number}</figcaption></figure>"
            for number, one in enumerate(shown, 1)
        ),
    )


def _as_html(cell: Cell, number: int) -> str:
    """What people see of an item; all of them went through the same file format."""
    words = "" if cell.words is None else f"<p>{escape(cell.words)}</p>"
    if cell.picture is None:
        return words
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(cell.picture)).save(written, "PNG")
    content = base64.b64encode(written.getvalue()).decode()
    return f'<img alt="number {number}" src="data:image/png;base64,{content}">{words}'
