"""The modality-agnostic core: what flows, what turns it, and what a step minimises. Imports torch and the registry."""
