"""Trained networks that travel in the package: `pretrained:NAME` is used at once, without a network.

Each is a folder here: `card.json` says what it learned from and how well, `run/` is a run folder, which `translate`,
`Translator`, `export`, `distill` and `--from` take, and `live/` the exported folder that `live` takes: of pictures the
run's student. `benchmarks/pretrained.py` writes such a folder.
"""

from cyclekit.pretrained.catalogue import PREFIX, NetworkCard, carried, find_pretrained, is_pretrained

__all__ = ["PREFIX", "NetworkCard", "carried", "find_pretrained", "is_pretrained"]
