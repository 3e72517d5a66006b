"""Run folders and their checkpoints, as they lie on the disk."""
