"""Small files of formal and informal sentences, and settings that make any text recipe small enough for a test."""

import random
from pathlib import Path

TINY = {
    "domains.a": "formal",
    "domains.b": "informal",
    "data.tokenizer": "bpe",
    "data.vocabulary": 360,
    "data.limit": 20,
    "data.validation": 4,
    "generator.width": 16,
    "generator.layers": 1,
    "generator.heads": 2,
    "generator.hidden": 32,
    "discriminator.width": 8,
    "discriminator.filters": 4,
    "train.steps": 4,
    "train.batch_size": 4,
    "train.stages": [],
    "train.log_every": 1,
    "train.sample_every": 2,
    "train.save_every": 4,
    "sample.rows": 3,
    "metrics": [],
    "validation.metrics": [],
    "validation.criterion": None,
    "health.checks": [],
}
"""negative2positive on `formal_and_informal`, trained in a second or two."""

WHO = ["I", "We", "You", "They"]
WHAT = ["do not know", "would like to see", "cannot find", "are happy to have"]
WHICH = ["the invoice", "the meeting room", "this report", "your new house", "an answer"]
WHEN = ["today", "tomorrow", "on Monday"]


def formal_and_informal(folder: Path) -> tuple[Path, Path]:
    """Two files, `formal` and `informal`, that share no sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = [f"{who} {what} {which} {when}." for who in WHO for what in WHAT for which in WHICH for when in WHEN]
    random.Random(0).shuffle(sentences)
    half = len(sentences) // 2
    informal = [s.lower().replace("do not", "dont").replace("you", "u").rstrip(".") for s in sentences[half:]]
    for name, lines in (("formal", sentences[:half]), ("informal", informal)):
        (folder / name).write_text("".join(line + "\n" for line in lines))
    return folder / "formal", folder / "informal"
