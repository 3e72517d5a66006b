"""Built-in data with known truth, made from a seed or out of installed packages. Importing it registers it.

It stands on the modalities as any plugin does: neither they nor anything else imports it.
"""

from cyclekit.builtin import bible, openmoji, photographs, scenes
from cyclekit.builtin.grammars import formality, languages, reviews

__all__ = ["bible", "formality", "languages", "openmoji", "photographs", "reviews", "scenes"]
