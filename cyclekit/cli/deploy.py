"""What makes a trained run small, fast and independent of PyTorch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cyclekit.cli.console import asked_to_trust
from cyclekit.cli.early import refuse_data, refuse_run
from cyclekit.cli.options import DataSource, Device, RunFolder, Settings, TrustPlugin, Without, named_sources
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer, say

if TYPE_CHECKING:
    from cyclekit.exported import ExportedTranslator
    from cyclekit.use.translate import Translator


def export(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="The folder to make.")],
    to: Annotated[
        str, typer.Option(metavar="RUNTIME", help="onnx, torch, openvino; or web: a page for a browser.")
    ] = "onnx",
    direction: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="The domain to make, such as photo. Default: all.")
    ] = None,
    web_runtime: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="For web: the npm package onnxruntime-web. Default: the one in node_modules."),
    ] = None,
    web_gpu: Annotated[
        bool, typer.Option("--web-gpu", help="For web: use WebGPU in browsers that have it; they load 7 MB more.")
    ] = False,
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Write a run's generators as files that run without it: one for each direction, of any picture's size.

    Each is compared with PyTorch at three sizes first, and the differences are printed. manifest.json says what a
    program in any language must know to use them.
    """
    refuse_run(_found(run))
    from cyclekit.exporting.folder import export as exported

    made = exported(
        run,
        out,
        to=to,
        direction=direction,
        web_runtime=web_runtime,
        web_gpu=web_gpu,
        without=without or [],
        trust_plugin=trust_plugin or asked_to_trust(Path(run)),
    )
    for note in made.notes:
        say(note)
    answer(made.folder)


def _found(run: str, part: Literal["run", "live"] = "run") -> str:
    """The folder of a run; says what one is that the package carries."""
    from cyclekit.pretrained import find_pretrained, is_pretrained

    if not is_pretrained(run):
        return run
    folder, card = find_pretrained(run, part)
    say(card.line)
    return str(folder)


def distill(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="The student's run folder, to make.")],
    data: DataSource = None,
    set_: Settings = None,
    width: Annotated[int, typer.Option(min=1, help="Channels of the squares.")] = 32,
    blocks: Annotated[int, typer.Option(min=0, help="Residual blocks.")] = 6,
    depthwise: Annotated[bool, typer.Option(help="An eighth of the multiplications in the blocks.")] = True,
    factor: Annotated[
        int, typer.Option(min=1, help="Side of the squares of pixels that become channels; 2: nearer, and slower.")
    ] = 4,
    pictures: Annotated[int, typer.Option(min=1, help="Pictures that the run translates for each direction.")] = 1000,
    steps: Annotated[int, typer.Option(min=1, help="Of training, for each direction.")] = 4000,
    batch_size: Annotated[int, typer.Option(min=1, help="Crops a step.")] = 8,
    crop: Annotated[
        int | None, typer.Option(min=8, help="Side of the crops, in pixels. Default: 128, or what the pictures have.")
    ] = None,
    features: Annotated[
        float, typer.Option(min=0, help="Weight of frozen features' difference beside pixels'; 0: without.")
    ] = 1.0,
    adversarial: Annotated[
        float, typer.Option(min=0, help="Weight of a discriminator, in the last two fifths of the steps; 0: without.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Of weights and crops.")] = 0,
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Train a small generator for each direction on a run's own translations: a run of its own, to export and run live.

    How near it comes is printed beside what needs no network: copying the input, and the best matrix of colours.
    """
    refuse_run(_found(run), set_ or [])
    refuse_data(data)
    from cyclekit.exporting.distilling import distill as distilled
    from cyclekit.image.distillation import Settings as HowToLearn
    from cyclekit.terminal.screen import progress_bar

    settings = HowToLearn(
        steps=steps, batch_size=batch_size, crop=crop, features=features, adversarial=adversarial, seed=seed
    )
    trust_plugin = trust_plugin or asked_to_trust(Path(run))
    options = {"width": width, "blocks": blocks, "depthwise": depthwise, "factor": factor}
    with progress_bar("distilling", stays=True) as bar:
        made = distilled(
            run, out, data=named_sources(data), overrides=set_ or [], options=options, settings=settings,
            pictures=pictures, without=without or [], trust_plugin=trust_plugin,
            told=lambda _, done, total: bar(done, total),
        )  # fmt: skip
    for line in made.lines:
        say(line)
    answer(made.folder)


def live(
    run: Annotated[str, typer.Argument(metavar="RUN", help="An exported run, a run folder, or pretrained:NAME.")],
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 opens it to everybody near.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free.")] = 8000,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Requests worked on at once. Default: as many as cores, 1 of a run folder."),
    ] = None,
    waiting: Annotated[int, typer.Option(min=1, help="Requests that may wait; more are refused with 429.")] = 64,
    max_upload: Annotated[int, typer.Option(min=1, metavar="MIB", help="The largest upload.")] = 20,
    max_pixels: Annotated[int, typer.Option(min=1, metavar="N", help="Pictures of more are refused.")] = 4_000_000,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Serve a run on this machine: a page for camera, pictures or sentences, and an API for programs at /openapi.json.

    An exported run starts at once and is faster than a run folder. Ctrl-C stops it, after the requests under way.
    """
    from cyclekit.exported import is_exported
    from cyclekit.exported import load as load_exported
    from cyclekit.exporting.packages import require

    run = _found(run, "live")
    exported = is_exported(run)
    if not exported:
        refuse_run(run)
    require("live", "starlette", "uvicorn", extra="live")
    translator: Translator | ExportedTranslator
    if exported:
        threads = threads or len(os.sched_getaffinity(0))
        translator = load_exported(run, device=device, threads=1)
    else:
        from cyclekit.use.translate import Translator as RunTranslator

        if threads not in (None, 1):
            raise RecipeError(f"--threads {threads}: a run folder is used by one; export it, and serve that")
        trust_plugin = trust_plugin or asked_to_trust(Path(run))
        translator = RunTranslator.load(run, device=device, without=without or [], trust_plugin=trust_plugin)
    from cyclekit.live.server import SERVED, serve
    from cyclekit.live.work import Limits

    if translator.kind not in SERVED:
        raise RecipeError(f"live: serves {' and '.join(SERVED)}, and {run} translates {translator.kind}")
    if translator.kind == "pictures":
        translator.channels(None)

    def started(address: str) -> None:
        say(f"{translator.kind} to {', '.join(translator.targets)}; Ctrl-C stops it")
        answer(address)
        sys.stdout.flush()

    limits = Limits(upload=max_upload * 2**20, pixels=max_pixels, waiting=waiting)
    serve(translator, host=host, port=port, threads=threads or 1, limits=limits, started=started)
    say("stopped")
