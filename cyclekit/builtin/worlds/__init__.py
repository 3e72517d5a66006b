"""Worlds: pictures that are made on the spot. Each is a module or package of pure renderers, numpy and Pillow alone.

`LOOKS` names its renderings; `render(look, seed, index, size)` gives scene `index` of the world `seed` in one of them,
as uint8 (size, size, 3), or (size, size) class numbers with `coloured` to show them. Equal arguments give equal
pictures, and all looks of a scene agree pixel by pixel.
"""
