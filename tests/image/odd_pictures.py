"""Odd picture files that people bring: made here, one function for each, all of one drawing."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageCms

GREY = np.linspace(0, 1, 20 * 24).reshape(20, 24)
"""What most of them show: (H, W), 0 to 1."""

COLOUR = (np.stack([GREY, GREY[::-1], GREY[:, ::-1]], axis=-1) * 255).astype(np.uint8)


def tiff(path: Path, values: np.ndarray, **options: object) -> Path:
    """A TIFF of any numbers."""
    tifffile.imwrite(path, values, **options)
    return path


def png16(path: Path, values: np.ndarray) -> Path:
    """A PNG of 16 bits (H, W, 2 to 4), which Pillow does not write."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, channels = values.shape
    head = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def bands(count: int, scale: float, kind: type) -> np.ndarray:
    """(H, W, count): each band a little darker than the one before."""
    return np.stack([GREY * (1 - band / 20) * scale for band in range(count)], axis=-1).astype(kind)


def profile(of: str) -> bytes:
    """An ICC profile, `sRGB` or `LAB`."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(of)).tobytes()


def encoded(kind: str, picture: Image.Image | None = None, **options: object) -> bytes:
    """The drawing in a format of Pillow's."""
    held = io.BytesIO()
    (picture or Image.fromarray(COLOUR)).save(held, kind, **options)
    return held.getvalue()
