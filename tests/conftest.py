"""One thread a test worker unless OMP_NUM_THREADS says otherwise: on two cores more thrash.

No deadlines on examples: they measure the machine, and machines are busy."""

import os

import hypothesis
import torch

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
# The same examples every time: whether a change passes is no luck. --hypothesis-profile=search looks further.
hypothesis.settings.register_profile("busy machines", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.load_profile("busy machines")
