"""The text modality: everything that understands Batches of sentences. Importing `parts` registers its parts.

What reads and writes files here does without PyTorch, so that exported runs do too: importing this imports nothing.
"""

MODALITY = "sentences"
"""What its parts work on, and what only parts of the same modality, or of none, can stand beside in a recipe."""
