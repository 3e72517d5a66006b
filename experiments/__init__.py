"""The lecture's claims as experiments: `python -m experiments.NAME` from the repository's root runs one."""
