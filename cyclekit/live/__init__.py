"""A trained run, live: a page and an API on this machine."""
