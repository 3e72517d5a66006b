"""A blind sheet: pictures of two runs, with real ones among them, shuffled and numbered; the key lies beside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from PIL import Image

from cyclekit.assembling.assemble import build_data
from cyclekit.core.batch import Batch
from cyclekit.core.capabilities import AtOwnSize
from cyclekit.core.parts import HeldOut
from cyclekit.files.whole_file import write_whole
from cyclekit.recipe.loading import as_listed
from cyclekit.registry import RecipeError, argument
from cyclekit.report.page import filled, write_page
from cyclekit.sheets.cells import cells_of, pictures_of
from cyclekit.use.translate import Translator

MOST_PIXELS = 2**18
"""Pictures of more are shown shrunk to so many, as `evaluate` measures them."""

REAL = "real"


class Sheet(NamedTuple):
    """What was written."""

    page: Path
    key: Path
    pictures: int


class _Shown(NamedTuple):
    """One picture of the sheet."""

    origin: str
    """The run that made it, or "real"."""
    name: str
    """The held-out picture that it was made of, or is."""
    picture: Image.Image


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
) -> Sheet:
    """Draw held-out pictures, have each run translate some, mix real ones among them, and write the page and its key.

    The runs translate different pictures, so that nothing is there twice. The first run's data is taken.

    Args:
        page: the HTML file; the key gets its name with "-key.tsv".
        to: display name of the domain to look at; the first run's first target when not given.
        count: pictures of each run, and real ones; fewer where fewer are held out.
        seed: of what is drawn and of the order.
        validation: take pictures that the first run set aside to choose by, and leave held-out ones unread.
        sources: replaces the data the first run was trained on.
        without: installed plugins to leave out.
        trusted: for each run whether its plugin.py may run, though it was not made on this machine.

    Raises:
        RecipeError: not two runs, runs of other domains or of no pictures, or too few pictures.
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
    targets = [translator.target(to or first.targets[0]) for translator in translators]
    names = [getattr(translator.recipe.domains, target) for translator, target in zip(translators, targets)]
    if names[0] != names[1] or targets[0] != targets[1]:
        raise RecipeError(
            f"compare {argument('blind', True)}: {runs[0]} makes {names[0]} and {runs[1]} makes {names[1]}; "
            "name like runs"
        )
    data: Any = build_data(first.recipe, None if sources is None else [as_listed(first.recipe, one) for one in sources])
    sized = data if isinstance(data, AtOwnSize) else None
    if sized is None:
        raise RecipeError(f"compare {argument('blind', True)}: is for pictures, and these runs are of {first.kind}")
    data.use(first.codecs)
    target = targets[0]
    random = Random(seed)
    inputs = _drawn(sized.whole("a" if target == "b" else "b", MOST_PIXELS, validation=validation), random)
    reals = _drawn(sized.whole(target, MOST_PIXELS, validation=validation), random)
    each = min(count, len(inputs.order) // 2, len(reals.order))
    if each < 1:
        how = "sets aside" if validation else "holds out"
        raise RecipeError(
            f"compare {argument('blind', True)}: {data.source} {how} too few pictures: two inputs and a "
            "real one at least"
        )
    shown = [_Shown(REAL, item.name, _picture(first, target, item.row)) for item in reals.take(each)]
    for run, translator in zip(runs, translators):
        items = inputs.take(each)
        made = translator.translate_items(target, [item.row for item in items])
        shown += [_Shown(str(run), item.name, _picture(translator, target, row)) for item, row in zip(items, made)]
    random.shuffle(shown)
    key = page.with_name(f"{page.stem}-key.tsv")
    lines = [f"{number}\t{one.origin}\t{one.name}" for number, one in enumerate(shown, 1)]
    write_whole(key, "\n".join(["number\torigin\theld-out picture", *lines]) + "\n")
    return Sheet(write_page(page, _page(names[0], each, shown)), key, len(shown))


class _Drawn:
    """Held-out pictures in a random order, each taken once."""

    def __init__(self, items: Sequence[HeldOut], order: list[int]) -> None:
        self.items, self.order, self.taken = items, order, 0

    def take(self, count: int) -> list[HeldOut]:
        self.taken += count
        return [self.items[place] for place in self.order[self.taken - count : self.taken]]


def _drawn(items: Sequence[HeldOut], random: Random) -> _Drawn:
    return _Drawn(items, random.sample(range(len(items)), len(items)))


def _picture(translator: Translator, target: str, row: Batch) -> Image.Image:
    (picture,) = pictures_of(cells_of(getattr(translator.codecs, target), row))
    return picture


def _page(domain: str, each: int, shown: Sequence[_Shown]) -> str:
    return filled(
        "blind.html",
        page_title=escape(f"Which are real: {domain}?"),
        title=escape(f"Which of these are real {domain} pictures?"),
        under=escape(
            f"{len(shown)} pictures in random order: {each} real ones, and {each} by each of two runs. Write down the "
            "numbers that you take for made before you open the key."
        ),
        pictures="".join(
            f'<figure><img alt="picture {number}" src="{_embedded(one.picture)}">'
            f"<figcaption>{number}</figcaption></figure>"
            for number, one in enumerate(shown, 1)
        ),
    )


def _embedded(picture: Image.Image) -> str:
    """As a PNG in the page: all pictures went through the same file format."""
    written = io.BytesIO()
    picture.save(written, "PNG")
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
