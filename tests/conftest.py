"""One thread a test worker: on two cores more thrash, and the golden traces were made with one."""

import torch

torch.set_num_threads(1)
