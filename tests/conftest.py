"""One thread a test worker unless OMP_NUM_THREADS says otherwise: on two cores more thrash.

No deadlines on examples: they measure the machine, and machines are busy.

What a user's machine remembers (which plugins are trusted, pictures drawn before) is remembered elsewhere, and
forgotten."""

import atexit
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TRITON_INTERPRET", "1")  # before anything imports triton: kernels run here without a card

import hypothesis
import pytest
import torch

from cyclekit import plugins, registry
from tests.exported_runs import exported_pictures, exported_sentences  # noqa: F401  for every test alike

for remembers in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[remembers] = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, os.environ[remembers], ignore_errors=True)

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
# The same examples every time: whether a change passes is no luck. --hypothesis-profile=search looks further.
hypothesis.settings.register_profile("busy machines", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.load_profile("busy machines")

OLDER = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
"""What torch and oneDNN read to compute as on a processor without AVX-512."""


def pytest_addoption(parser):
    parser.addoption("--float32", action="store_true", help="as on a processor without AVX-512: no bf16, other kernels")


def pytest_configure(config):
    """Here, where xdist's workers and every process that a test starts inherit it."""
    if config.getoption("--float32"):
        place = Path(__file__).parent / "float32"
        os.environ.update(OLDER)
        if str(place) not in os.environ.get("PYTHONPATH", ""):
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH")]))
        runpy.run_path(str(place / "sitecustomize.py"))


plugins.load_plugins()


@pytest.fixture
def own_parts(monkeypatch):
    """What a test loads of plugins in this process, it takes away again."""
    plugins.load_plugins()
    monkeypatch.setattr(registry, "_parts", {kind: dict(parts) for kind, parts in registry._parts.items()})
    monkeypatch.setattr(plugins, "_loaded", set(plugins._loaded))
    modules = set(sys.modules)
    yield
    for name in set(sys.modules) - modules:
        if name.startswith(("cyclekit_", "plug_")):
            del sys.modules[name]
