"""A stand-in of Weights & Biases 0.31: what of it is called, with its signatures and refusals; calls are written down.

Put its folder on the path to have it in place of the package.
"""

import json
import os
from pathlib import Path


def tell(what, said):
    with open(os.environ["CALLS"], "a", encoding="utf-8") as file:
        file.write(json.dumps(["wandb", what, said]) + "\n")


class Image:
    def __init__(self, data_or_path):
        if not Path(data_or_path).is_file():
            raise ValueError(f"no such picture: {data_or_path}")
        self.told = ["image", Path(data_or_path).name]


class Table:
    def __init__(self, columns=None, data=None, rows=None, dataframe=None):
        assert dataframe is None
        if any(len(row) != len(columns) for row in data):
            raise ValueError("Row is not of the columns' length")
        self.told = ["table", columns, data]


class Config:
    def update(self, d, allow_val_change=None):
        tell("config", d)


config = Config()


class Run:
    def __init__(self):
        self.step = 0

    def log(self, data, step=None, commit=None):
        if step < self.step:
            return  # with a warning, which WANDB_SILENT leaves out
        self.step = step
        # Pictures come in lists, everything else bare.
        tell("log", [step, {name: _told(value) for name, value in data.items()}])

    def finish(self, exit_code=None):
        tell("finish", exit_code)


def _told(value):
    if isinstance(value, list):
        (value,) = value
        assert isinstance(value, Image)
    return value.told if isinstance(value, Image | Table) else float(value)


def init(entity=None, project=None, dir=None, id=None, name=None, resume=None):
    names = ("WANDB_MODE", "WANDB_CONSOLE", "WANDB_DATA_DIR", "WANDB_CACHE_DIR")
    environment = {name: os.environ.get(name) for name in names}
    tell("init", {"project": project, "dir": dir, "id": id, "name": name, "resume": resume, **environment})
    return Run()
