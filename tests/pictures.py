"""Made pictures for tests: folders in the field's layout, small and different from each other."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (20, 20), warm: bool = True) -> Image.Image:
    """Smooth colour blobs with a little noise; warm or cold, so that there are two domains."""
    random = np.random.default_rng(seed)
    coarse = random.integers(40, 215, (4, 4, 3), dtype=np.uint8)
    coarse[..., 2 if warm else 0] //= 3
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    return Image.fromarray((smooth + random.integers(-8, 9, smooth.shape)).clip(0, 255).astype(np.uint8))


def picture_folders(root: Path, train: int = 6, test: int = 3) -> Path:
    """`trainA trainB testA testB` below `root`."""
    folders = {"trainA": train, "trainB": train, "testA": test, "testB": test}
    for place, (folder, count) in enumerate(folders.items()):
        (root / folder).mkdir(parents=True)
        for index in range(count):
            made = picture(100 * place + index, warm=folder.endswith("A"))
            made.save(root / folder / f"{index:02d}.png")
    return root
