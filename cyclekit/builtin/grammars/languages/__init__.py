"""Built-in pair of languages: `builtin:languages`.

Two made languages that say the same things with other words, other endings and another order: `vocabulary` (things and
the words of both languages for them), `syntax` (how either language says a thought), `builtin` (the data set).
"""

from .builtin import languages

__all__ = ["languages"]
