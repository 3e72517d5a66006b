"""One thread a test worker: on two cores more thrash, and the golden traces were made with one.

No deadlines on examples: they measure the machine, and machines are busy."""

import hypothesis
import torch

torch.set_num_threads(1)
hypothesis.settings.register_profile("busy machines", deadline=None)
hypothesis.settings.load_profile("busy machines")
