"""Put a trained run, and its student, into the package, as `pretrained:NAME`; an older one of the name is replaced.

    cyclekit run monet2photo --profile small --data builtin:landscapes --out RUN
    cyclekit evaluate RUN
    cyclekit distill RUN --out STUDENT
    python benchmarks/pretrained.py RUN --live STUDENT --name monet2photo --license Apache-2.0

Only weights whose data may be handed on belong there; the script reads the data's name from the run, and who calls it
answers for the licence. A run of sentences has no student: `--live RUN` exports the run itself.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import Any

from cyclekit.exporting.folder import export
from cyclekit.files.new_folder import new_folder
from cyclekit.pretrained.catalogue import CARD, HERE
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError
from cyclekit.report.metrics import measures_of_table
from cyclekit.report.run_folder import RunFiles, read_run
from cyclekit.report.words import section
from cyclekit.sharing.card_data import gather, without_paths
from cyclekit.sharing.hub import shared_files

NEEDED = ("recipe.yaml", "checkpoints/")
"""What of a shared run loading needs; the card says the rest."""


def carry(run: Path, live: Path, name: str, license: str, to: Path = HERE) -> Path:
    """Make the folder of a carried network.

    Args:
        run: a run folder that was evaluated.
        live: the run that is exported for `live`: its student, or itself.
        name: what stands after `pretrained:`.
        license: of the weights.
        to: where carried networks lie.

    Raises:
        RecipeError: one of the two is no run, or the run was not evaluated.
    """
    files, student = read_run(run), read_run(live)
    if not section(files.metrics, "directions"):
        raise RecipeError(f"{run}: is not evaluated; do so first: cyclekit evaluate {run}")
    to.mkdir(parents=True, exist_ok=True)
    place = to / name
    with new_folder(to / f"{name}.new") as beside:
        for path, content in shared_files(run, name).items():
            if path.startswith(NEEDED):
                (beside / "run" / path).parent.mkdir(parents=True, exist_ok=True)
                (beside / "run" / path).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        (beside / "run" / "recipe.yaml").write_text(_licensed(run, license), encoding="utf-8")
        exported_from = beside / "student"
        shutil.copytree(live, exported_from, symlinks=True)
        (exported_from / "recipe.yaml").write_text(_licensed(live, license), encoding="utf-8")
        export(exported_from, beside / "live")
        shutil.rmtree(exported_from)
        card = {
            "title": files.recipe.get("title") or files.recipe["name"],
            "license": license,
            "data": without_paths(gather(run).data),
            "commands": _commands(files, student),
            "measured": _measured(files, live),
        }
        (beside / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    return (to / f"{name}.new").rename(place)


def _licensed(run: Path, license: str) -> str:
    return load_recipe(run).model_copy(update={"license": license}).dump()


def _commands(files: RunFiles, student: RunFiles) -> list[str]:
    """What was typed, with names in place of the folders of whoever typed it."""
    trained, distilled = (str(each.environment.get("command", "")) for each in (files, student))
    commands = [re.sub(r"--out \S+", "--out RUN", trained)]
    if student.folder != files.folder:
        words = re.sub(r"^(\S+ distill) \S+", r"\1 RUN", distilled)
        commands.append(re.sub(r"--out \S+", "--out STUDENT", words))
    return commands


def _measured(files: RunFiles, live: Path) -> dict[str, Any]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for direction, content in section(files.metrics, "directions").items():
        for row, cells in measures_of_table(content).items():
            for metric, cell in cells.items():
                found.setdefault(direction, {}).setdefault(metric, {})[row] = round(cell.value, 5)
    if (live / "distilled.json").is_file():
        said = json.loads((live / "distilled.json").read_text(encoding="utf-8"))
        for direction, numbers in said["directions"].items():
            own = found.setdefault(direction, {})
            own["dB to the run's own pictures"] = {row: round(value, 2) for row, value in numbers["psnr"].items()}
            counts = numbers["multiplications"].items()
            own["GMAC at 256x256"] = {row: round(count / 1e9, 3) for row, count in counts}
    return found


def main() -> None:
    """Read the arguments, and carry."""
    parser = argparse.ArgumentParser(description="Put a trained run into the package, as pretrained:NAME.")
    parser.add_argument("run", type=Path)
    parser.add_argument("--live", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--license", required=True)
    given = parser.parse_args()
    print(carry(given.run, given.live, given.name, given.license))


if __name__ == "__main__":
    main()
