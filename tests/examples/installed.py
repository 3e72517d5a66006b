"""The example plugins, built and installed as pip does it, without a network."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AUDIO = ROOT / "examples" / "plugin-audio"
BOX2REED = AUDIO / "recipes" / "box2reed"

TINY = {
    "data.sources": [{"builtin": "melodies", "count": 4, "held_out": 2}],
    "data.frames": 8,
    "data.validation": 1,
    "generator.width": 8,
    "generator.blocks": 1,
    "discriminator.width": 8,
    "discriminator.layers": 1,
    "train.batch_size": 2,
    "train.steps": 4,
    "train.sample_every": 4,
    "train.save_every": 2,
    "sample.rows": 2,
    "health.items": 2,
}
"""The recipe's settings, made small."""


def install(site: Path, project: Path = AUDIO) -> Path:
    """Build a plugin package and install it into `site`."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--target", str(site)]
    done = subprocess.run([*pip, *offline, str(project)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return site
