"""`cyclekit compare`: runs side by side, and two of them blind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cyclekit.cli.console import as_wide_as_it_is, asked_to_trust
from cyclekit.cli.early import refuse_data, refuse_run
from cyclekit.cli.options import DataSource, Device, TrustPlugin, Without, named_sources
from cyclekit.device import check_device
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer, say


def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Run folders; each is compared with the first.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write a page as well: one self-contained file, such as compare.html.")
    ] = None,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="Write a sheet of two runs' translations and real items, shuffled, and its key."),
    ] = False,
    to: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="With --blind: the domain to look at, such as photo.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="With --blind: items of each run, and real ones. Default: 20.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="With --blind: of what is drawn, and of the order. Default: 0.")
    ] = None,
    validation: Annotated[
        bool,
        typer.Option("--validation", help="With --blind: of what is set aside to choose by, not held out."),
    ] = False,
    data: DataSource = None,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Lay runs side by side: settings that differ, metrics and what is clear among them, the same held-out items.

    Of runs that differ in the seed alone it tells mean and deviation. With --blind it writes a sheet to look at before
    one knows what one sees: numbered translations of two runs with real items among them, to blind.html or --out,
    and beside it the key, blind-key.tsv. --data takes other items than the first run's.
    """
    if blind:
        trusted = [trust_plugin or asked_to_trust(Path(run)) for run in runs]
        page = out or Path("blind.html")
        _blind(runs, page, to, 20 if count is None else count, seed or 0, validation, data, device, without, trusted)
        return
    blind_alone = {
        "--to": to, "--count": count, "--seed": seed, "--validation": validation or None, "--data": data,
        "--device": None if device == "auto" else device, "--without": without, "--trust-plugin": trust_plugin or None,
    }  # fmt: skip
    if idle := next((option for option, given in blind_alone.items() if given is not None), None):
        raise RecipeError(f"{idle}: goes with --blind; add it, or leave this out")
    from cyclekit.report.comparing import compare as compared
    from cyclekit.report.comparison import print_comparison, write_comparison

    comparison = compared([Path(run) for run in runs])
    print_comparison(comparison, as_wide_as_it_is(40 * (len(runs) + 1)))
    if out is not None:
        answer(write_comparison(comparison, out))


def _blind(
    runs: list[str],
    page: Path,
    to: str | None,
    count: int,
    seed: int,
    validation: bool,
    data: str | None,
    device: str,
    without: list[str] | None,
    trusted: list[bool],
) -> None:
    for run in runs:
        refuse_run(run, to=to)
    refuse_data(data)
    check_device(device)
    from cyclekit.use.blind import write_blind

    source = named_sources(data)
    written = write_blind(
        [Path(run) for run in runs],
        page,
        to=to,
        count=count,
        seed=seed,
        validation=validation,
        sources=None if source is None else [source],
        device=device,
        without=without or [],
        trusted=trusted,
    )
    say(f"{written.shown} {written.items}, numbered; which is which: {written.key}")
    answer(written.page)
