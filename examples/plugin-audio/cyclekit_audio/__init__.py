"""Recordings for cyclekit: a third modality, as a plugin. Importing `parts` registers its parts."""

MODALITY = "recordings"
"""What its parts work on, and what only parts of the same modality, or of none, can stand beside in a recipe."""
