"""The image modality: everything that understands Batches of pictures. Importing `parts` registers its parts.

What reads and writes files here does without PyTorch, so that exported runs do too: importing this imports nothing.
"""

MODALITY = "pictures"
"""What its parts work on, and what only parts of the same modality, or of none, can stand beside in a recipe."""
