"""Data sets out of the world: what is published where, fetched so that a cut costs nothing, unpacked with care."""
