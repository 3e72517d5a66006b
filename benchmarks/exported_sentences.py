"""A run of sentences beside what is exported of it: how many of its held-out sentences come out the same, and how fast.

    python benchmarks/exported_sentences.py runs/formal2informal/TIME

Greedily and with a beam, without reranking. Processor time is counted, of one thread each.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from cyclekit import exported
from cyclekit.assembling.data import build_data
from cyclekit.exporting.folder import export
from cyclekit.use.decoding import Decoding
from cyclekit.use.translate import Translator

WAYS = {"greedy": Decoding(beam=1), "beam 4": Decoding(beam=4, rerank=False)}


def sentences_of(data: Any, domain: str, count: int) -> list[str]:
    """The first held-out sentences of a domain."""
    codec = getattr(data.codecs, domain)
    return [codec.decode(item.row)[0] for item in data.held_out(domain)[:count]]


def main() -> None:
    """Export, translate with both, compare."""
    parser = argparse.ArgumentParser(description="A run of sentences beside what is exported of it.")
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    run = Translator.load(given.run, device="cpu")
    data = build_data(run.recipe, None)
    with TemporaryDirectory() as place:
        for note in export(given.run, Path(place) / "onnx").notes:
            print(note)
        files = exported.load(Path(place) / "onnx", device="cpu", threads=1)
        for target in run.targets:
            sentences = sentences_of(data, "a" if run.target(target) == "b" else "b", given.count)
            for name, decoding in WAYS.items():
                made, taken = [], []
                for translator in (run, files):
                    begun = process_time()
                    made.append(translator(sentences, to=target, decoding=decoding))
                    taken.append(1000 * (process_time() - begun) / len(sentences))
                same = sum(one == other for one, other in zip(*made))
                print(
                    f"to {target}, {name}: {same} of {len(sentences)} the same; "
                    f"{taken[0]:.1f} ms a sentence with PyTorch, {taken[1]:.1f} exported"
                )


if __name__ == "__main__":
    main()
