"""What the tests of pictures share: a cache folder of their own, and pictures to write into folders."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the user's caches, nor waits for a hub."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for variable in ("HF_HOME", "HF_DATASETS_CACHE", "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_ENDPOINT"):
            patch.delenv(variable, raising=False)
        yield


@pytest.fixture
def pictures():
    """Write noise pictures: `pictures(folder, "x.png", ...)`, of (width, height) `size`."""

    def write(folder, *names, size=(20, 16)):
        for number, name in enumerate(names):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng([number, len(str(folder))]).integers(0, 256, (size[1], size[0], 3), np.uint8)
            Image.fromarray(noise).save(path)
        return folder

    return write
