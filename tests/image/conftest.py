"""What the tests of pictures share: a cache folder of their own, and pictures to write into folders."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.image.odd_pictures import GREY, bands, tiff


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


@pytest.fixture
def unpaired(tmp_path, pictures):
    for folder, count in (("trainA", 5), ("trainB", 7), ("testA", 2), ("testB", 3)):
        pictures(tmp_path / "set" / folder, *(f"{i}.png" for i in range(count)), size=(30, 24))
    return tmp_path / "set"


@pytest.fixture
def paired(tmp_path, pictures):
    pictures(tmp_path / "pairs/train", *(f"{i}.png" for i in range(6)), size=(48, 24))
    return tmp_path / "pairs"


@pytest.fixture
def scans(tmp_path):
    """12-bit grey in 16-bit TIFF, and 13 bands of 16 bits; the held-out ones go further."""
    for folder, top in (("train", 1.0), ("test", 4.0)):
        for name in "AB":
            (tmp_path / f"{folder}{name}").mkdir()
        for number in range(3):
            share = top * (number + 1) / 3
            tiff(tmp_path / f"{folder}A/{number}.tif", (GREY * 4095 * share).astype(np.uint16))
            tiff(
                tmp_path / f"{folder}B/{number}.tif",
                np.moveaxis(bands(13, 10000 * share, np.uint16), 2, 0),
                photometric="minisblack",
            )
    return tmp_path
