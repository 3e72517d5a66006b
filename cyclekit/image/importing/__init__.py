"""Import networks that other toolkits trained: the architecture is read off a file's keys and shapes.

`read_weights` goes through these files, in this order:

- `weights_file.py`: what a file holds, without running anything in it.
- `networks.py`: the networks in that, by name, and the wanted one.
- `folding.py`: spectral and weight norm become plain weights.
- `families.py`: which family of networks it is, also of those that cannot be imported.
- `resnet.py`, `unet.py`, `discriminators.py`: a family's options, and where each of its layers stands in the file.
- `layers.py`: the file's tensors under the names used here, all of them, and nothing left over.
"""

from cyclekit.image.importing.layers import Imported
from cyclekit.image.importing.reading import read_weights

__all__ = ["Imported", "read_weights"]
