"""Colour profiles (ICC) that pictures carry: their names, and which mode of a picture they describe."""

from __future__ import annotations

import io

from PIL import ImageCms

SPACES = {b"RGB ": ("RGB", "RGBA"), b"GRAY": ("L", "LA")}
"""A profile's colour space, bytes 16 to 20 of it, to Pillow's modes."""


def describes(profile: bytes, mode: str) -> bool:
    """Whether a profile is one of pictures of this mode."""
    return mode in SPACES.get(profile[16:20], ())


def name_of(profile: bytes) -> str:
    """What a profile calls itself; empty for sRGB, which is what pictures are taken for anyway."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "a damaged one"
    return "" if "srgb" in name.lower() else name or "without a name"
