"""The one place that makes words safe to print: names of files and what servers say may hold escape sequences.

A terminal obeys them: they clear the screen, change its title, and write over what was said. Everything that is printed
for people goes through `printable`: lines by `say`, tables, panels and bars by the `Screen` of `screen.py`.
"""

from __future__ import annotations

import os
import re
import sys

from cyclekit.terminal.called import as_called

UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for tab and line end
    "\u2028\u2029"  # ends of lines and paragraphs
    "\u202a-\u202e\u2066-\u2069"  # turns of direction, which show a name otherwise than it is
    "\ud800-\udfff]"  # halves of surrogate pairs: bytes of a name that is no UTF-8
)


def printable(words: str) -> str:
    """The words with everything that a terminal would obey written out, such as `\\\\x1b` for an escape."""
    return UNSAFE.sub(lambda found: ascii(found[0])[1:-1], words)


def say(message: str) -> None:
    """A line on standard error: standard output is for what was asked for. Commands in it can be pasted."""
    print(printable(as_called(message)), file=sys.stderr)


def answer(result: object) -> None:
    """A line on standard output, for a person or a program: on a terminal cleaned, elsewhere to the byte.

    A path whose name is no UTF-8 reaches a pipe as the bytes that it is.
    """
    line = str(result)
    if sys.stdout.isatty():
        print(printable(line))
        return
    try:
        print(line)
    except UnicodeEncodeError:
        sys.stdout.flush()
        sys.stdout.buffer.write(os.fsencode(line + "\n"))
