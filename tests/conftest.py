"""One thread a test worker unless OMP_NUM_THREADS says otherwise: on two cores more thrash.

No deadlines on examples: they measure the machine, and machines are busy.

What a user's machine remembers (which plugins are trusted) is remembered elsewhere, and forgotten."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("TRITON_INTERPRET", "1")  # before anything imports triton: kernels run here without a card

import hypothesis
import torch

os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
# The same examples every time: whether a change passes is no luck. --hypothesis-profile=search looks further.
hypothesis.settings.register_profile("busy machines", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.load_profile("busy machines")
