"""TensorBoard's files, Weights & Biases and MLflow, one like another: what callbacks pass a run's log on to.

The latter two go through accelerate's trackers; this is the only importer of accelerate.
Nothing needs a network, and nothing is written outside the run folder, unless the environment asks for it. Ran with
TensorBoard 2.21, Weights & Biases 0.31 and MLflow 3.17, under accelerate 1.15.

Over 300 lines: three libraries behind one protocol, and no other file may import accelerate.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from cyclekit.registry import RecipeError, setting
from cyclekit.report.sentences import DirectionTable, as_markdown

if TYPE_CHECKING:
    from accelerate.tracking import MLflowTracker, WandBTracker

Ending = Literal["finished", "interrupted", "failed"]

Settings = Mapping[str, str | float]


class Tracker(Protocol):
    """Where a run's numbers, words and samples go. Any call may raise whatever the library raises."""

    name: str

    def numbers(self, values: dict[str, float], step: int) -> None:
        """Finite values by their names, which fit MLflow: letters, digits, and `_ - . /` and spaces between."""

    def words(self, name: str, lines: Sequence[str], step: int) -> None:
        """All that was said under a name at this step so far; the last line is new."""

    def picture(self, file: Path, step: int) -> None:
        """A sample sheet of pictures, laid out as a file."""

    def table(self, file: Path, directions: Sequence[DirectionTable], step: int) -> None:
        """A sample sheet of sentences: as a file, and by its directions."""

    def went_back(self, step: int) -> None:
        """The steps after this one are taken back, and will come again."""

    def finish(self, ending: Ending) -> None:
        """Write what is still to be written; nothing comes after it."""


def check_trackers(names: Sequence[str]) -> None:
    """Make sure, before anything is trained, that the trackers of a recipe are installed.

    Raises:
        RecipeError: one is not.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise RecipeError(
                f"trackers: {name} is not installed; pip install {name}, or leave it out: {setting('trackers=[]')}"
            )


def open_trackers(
    names: Sequence[str], project: str, folder: Path, ids: dict[str, str], settings: Settings, step: int
) -> list[Tracker]:
    """Start TensorBoard's files and the trackers of a run.

    Weights & Biases writes below the run folder and sends nothing, unless WANDB_MODE says otherwise (`wandb sync` in
    the run folder sends it later); MLflow writes a data base below the run folder (`mlflow ui --backend-store-uri
    sqlite:///RUN/mlflow/mlflow.db`), unless MLFLOW_TRACKING_URI names another place.

    Args:
        names: of the trackers beside TensorBoard, "wandb" and "mlflow".
        project: what runs of one recipe are kept under.
        ids: by which each tracker knows this run; filled for a new one, so that a resume can bring them back.
        settings: what the run is made from, kept with it.
        step: the steps done.

    Raises:
        RecipeError: one is not installed, or does not start.
    """
    check_trackers(names)
    starters: dict[str, Callable[[], Tracker]] = {
        "wandb": lambda: WeightsAndBiases(project, folder.resolve(), ids, settings),
        "mlflow": lambda: MLflow(project, folder.resolve(), ids, settings),
    }
    trackers: list[Tracker] = [TensorBoard(folder / "tensorboard", step)]
    for name in dict.fromkeys(names):
        try:
            trackers.append(starters[name]())
        except Exception as error:
            for tracker in trackers:
                close(tracker)
            raise RecipeError(
                f"trackers: {name} does not start: {first_line(error)}; go on without: {setting('trackers=[]')}"
            ) from error
    return trackers


def close(tracker: Tracker) -> None:
    """Give up a tracker that may be broken: the library must not think that the run goes on."""
    with contextlib.suppress(Exception):
        tracker.finish("failed")


def first_line(error: Exception) -> str:
    """What went wrong, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


class TensorBoard:
    """Event files below the run folder. What is written again after a resume hides what was there."""

    name = "tensorboard"

    def __init__(self, folder: Path, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        _tell_errors_once()
        self.writer = SummaryWriter(str(folder), purge_step=step + 1)

    def numbers(self, values: dict[str, float], step: int) -> None:
        """Curves; what stands before the first `/` groups them."""
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def words(self, name: str, lines: Sequence[str], step: int) -> None:
        """Each line as a text of its own: several may have one step."""
        self.writer.add_text(name, lines[-1], step)

    def picture(self, file: Path, step: int) -> None:
        """An image."""
        import numpy
        from PIL import Image

        with Image.open(file) as picture:
            pixels = numpy.asarray(picture.convert("RGB"))
        self.writer.add_image("samples", pixels, step, dataformats="HWC")

    def table(self, file: Path, directions: Sequence[DirectionTable], step: int) -> None:
        """A text in markdown."""
        self.writer.add_text("samples", as_markdown(directions), step)

    def went_back(self, step: int) -> None:
        """A mark in the file, which hides what it holds of those steps."""
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        began = SessionLog(status=SessionLog.START)
        self.writer._get_file_writer().add_event(Event(step=step + 1, session_log=began))  # as purge_step does

    def finish(self, ending: Ending) -> None:
        """Write all."""
        self.writer.close()


def _tell_errors_once() -> None:
    """TensorBoard writes in a thread, which keeps an error (a full disk) for the next call; let that alone tell it."""
    if getattr(threading.excepthook, "func", None) is not _unless_kept:
        threading.excepthook = partial(_unless_kept, threading.excepthook)


def _unless_kept(tell: Callable[[threading.ExceptHookArgs], object], error: threading.ExceptHookArgs) -> None:
    if getattr(error.thread, "exception", None) is not error.exc_value:
        tell(error)


class WeightsAndBiases:
    """A run of Weights & Biases, a folder of its own for each resume under the same id; offline by default."""

    name = "wandb"

    def __init__(self, project: str, folder: Path, ids: dict[str, str], settings: Settings) -> None:
        from accelerate.state import PartialState
        from accelerate.tracking import WandBTracker

        PartialState()  # the tracker asks which process this is

        own = folder / "wandb"
        own.mkdir(exist_ok=True)
        _default("WANDB_MODE", "offline")
        _default("WANDB_SILENT", "true")  # it would print over the panel
        _default("WANDB_CONSOLE", "off")  # and keep every drawing of it
        _default("WANDB_DATA_DIR", str(own / "data"))  # tables wait there to be sent
        _default("WANDB_CACHE_DIR", str(own / "cache"))
        # Where it is asked to send and there is no network, it would wait for 90 seconds, and at the end for ever.
        _default("WANDB_INIT_TIMEOUT", "30")
        _default("WANDB_FINISH_TIMEOUT", "120")
        known = ids.setdefault("wandb", uuid.uuid4().hex[:16])
        self.tracker: WandBTracker = WandBTracker(project, name=folder.name, id=known, resume="allow", dir=str(folder))
        self.tracker.start()
        self.tracker.store_init_configuration(dict(settings))

    def numbers(self, values: dict[str, float], step: int) -> None:
        """Curves."""
        self.tracker.log(values, step=step)

    def words(self, name: str, lines: Sequence[str], step: int) -> None:
        """A table: it has nothing for words alone. One of the same step takes the place of the one before."""
        step = max(step, self.tracker.tracker.step)  # it takes nothing for a step that was taken back
        self.tracker.log_table(name, columns=[name], data=[[line] for line in lines], step=step)

    def picture(self, file: Path, step: int) -> None:
        """An image."""
        self.tracker.log_images({"samples": [str(file)]}, step=step)

    def table(self, file: Path, directions: Sequence[DirectionTable], step: int) -> None:
        """A table."""
        headings = [heading for table in directions for heading in table.headings]
        columns = [column for table in directions for column in zip(*table.rows)]
        rows = [list(row) for row in zip_longest(*columns, fillvalue="")]
        self.tracker.log_table("samples", columns=headings, data=rows, step=step)

    def went_back(self, step: int) -> None:
        """Nothing: it keeps what it was told of those steps first."""

    def finish(self, ending: Ending) -> None:
        """End the run, with a command's exit status."""
        self.tracker.tracker.finish(exit_code={"finished": 0, "interrupted": 130, "failed": 1}[ending])


class MLflow:
    """A run of MLflow, the same one for all resumes; a data base and files below the run folder by default."""

    name = "mlflow"

    def __init__(self, project: str, folder: Path, ids: dict[str, str], settings: Settings) -> None:
        _default("MLFLOW_DISABLE_TELEMETRY", "true")  # it would look for a network, and write into the home folder
        _default("MLFLOW_LOGGING_LEVEL", "WARNING")  # how it makes its tables
        _default("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # standard output is for the run folder
        # Training waits for each call; a server that is gone would be asked eight times, for up to two minutes each.
        _default("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        _default("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        import mlflow
        from accelerate.state import PartialState
        from accelerate.tracking import MLflowTracker

        PartialState()  # the tracker asks which process this is

        place, artifacts = folder / "mlflow", None
        if not os.environ.get("MLFLOW_TRACKING_URI"):
            # A data base: since MLflow 3.13 plain files are refused.
            place.mkdir(exist_ok=True)
            mlflow.set_tracking_uri(f"sqlite:///{place / 'mlflow.db'}")
            artifacts = (place / "artifacts").as_uri()
        known = ids.get("mlflow")
        self.tracker: MLflowTracker = MLflowTracker(project, logging_dir=artifacts, run_name=folder.name, run_id=known)
        self.tracker.start()
        info = self.tracker.tracker.info
        if artifacts is not None and not info.artifact_uri.startswith(artifacts):
            mlflow.end_run()
            raise ValueError(f"it keeps files in {info.artifact_uri}, where this run folder was before it was moved")
        if known is None:  # it refuses settings that changed, such as the words that describe the data
            self.tracker.store_init_configuration(dict(settings))
        ids["mlflow"] = info.run_id

    def numbers(self, values: dict[str, float], step: int) -> None:
        """Curves."""
        self.tracker.log(values, step=step)

    def words(self, name: str, lines: Sequence[str], step: int) -> None:
        """A text file for each step."""
        import mlflow

        mlflow.log_text("\n".join(lines) + "\n", f"{name}/step-{step:08d}.txt")

    def picture(self, file: Path, step: int) -> None:
        """The file."""
        self.tracker.log_artifact(str(file), artifact_path="samples")

    def table(self, file: Path, directions: Sequence[DirectionTable], step: int) -> None:
        """The file."""
        self.tracker.log_artifact(str(file), artifact_path="samples")

    def went_back(self, step: int) -> None:
        """Nothing: its curves show both values of a step."""

    def finish(self, ending: Ending) -> None:
        """End the run."""
        import mlflow

        mlflow.end_run({"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}[ending])


_ours: dict[str, str] = {}


def _default(name: str, value: str) -> None:
    """Set a variable of the environment that the user has not set: libraries ask for it again and again."""
    if os.environ.get(name) in (None, _ours.get(name)):  # an earlier run of this process may have set it
        os.environ[name] = _ours[name] = value
