"""What was exported of a run, made once for every test of a worker that asks: tracing a network takes seconds.

What makes them is imported when somebody asks: it brings torch's exporter.
"""

import pytest

from tests.tiny import TINY_TEXT


@pytest.fixture(scope="session")
def exported_pictures(tmp_path_factory):
    """One direction of a run of pictures, exported."""
    from cyclekit.exporting.folder import export
    from tests.made_run import made_run

    folder = tmp_path_factory.mktemp("exported")
    made_run(folder / "run")
    export(folder / "run", folder / "onnx", direction="photo")
    return folder / "onnx"


@pytest.fixture(scope="session")
def exported_sentences(tmp_path_factory):
    """A run of sentences, and what was exported of it."""
    import cyclekit
    from cyclekit.assembling.networks import modules
    from cyclekit.exporting.folder import export
    from cyclekit.runs import checkpoint
    from cyclekit.runs import folder as runs

    folder = tmp_path_factory.mktemp("sentences")
    run = cyclekit.load("formal2informal", profile="published", overrides={**TINY_TEXT, "train.stages": []})
    runs.create(run.recipe, folder / "run")
    for parameter in modules(run.networks.generators).parameters():
        parameter.data.mul_(2)  # so that words differ in likelihood
    weights = modules(run.networks.generators).state_dict()
    tensors = {
        "generators": weights,
        "average": weights,
        "discriminators": modules(run.networks.discriminators).state_dict(),
    }
    checkpoint.save(folder / "run", 4, tensors, {"step": 4}, run.data.codecs)
    export(folder / "run", folder / "onnx")
    return folder
