"""All parts of this plugin: importing this registers them."""

from cyclekit_audio import codec, data, discriminator, generators, health, instruments, metrics, modality

__all__ = ["codec", "data", "discriminator", "generators", "health", "instruments", "metrics", "modality"]
