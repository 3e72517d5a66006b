"""Start a training from weights that are there already, in place of random ones: `begin.py`.

`places.py` refuses what is not there, before torch is imported;
`sources.py` opens a run folder, a run on the hub or a file of another toolkit; `pairing.py` says which of its networks
stands for which of this run's; `fitting.py` loads what fits, and tells what does not.
"""
