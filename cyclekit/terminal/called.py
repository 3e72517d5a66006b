"""How the program was called, so that a command which it prints can be pasted."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys

COMMANDS = (
    "run", "translate", "evaluate", "report", "push", "compare", "check", "show", "list", "new", "import",
    "lexicon", "export", "distill", "live", "data",
)  # fmt: skip

_COMMAND = re.compile(rf"(?<![\w./-])cyclekit(?= (?:{'|'.join(COMMANDS)})\b)")


def as_called(words: str) -> str:
    """The words, each `cyclekit COMMAND` in them as this program itself was called, where `cyclekit` would not do.

    That is so where its folder is not on the PATH: `.venv/bin/cyclekit` of an environment that is not activated.
    """
    program = sys.argv[0] if sys.argv else ""
    if os.path.basename(program) != "cyclekit" or os.sep not in program:  # called from Python, or by its name
        return words
    found = shutil.which("cyclekit")
    if found is not None and os.path.exists(program) and os.path.samefile(found, program):
        return words
    return _COMMAND.sub(lambda _: shlex.quote(program), words)
