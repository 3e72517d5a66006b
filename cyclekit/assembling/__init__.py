"""From a Recipe to a Run: every part built and wired."""
