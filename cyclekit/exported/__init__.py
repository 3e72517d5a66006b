"""Exported runs: used without PyTorch, by ONNX Runtime and numpy. What writes them is `cyclekit.exporting`.

photo = cyclekit.exported.load("monet2photo-onnx")("lilies.jpg", to="photo")
"""

from cyclekit.exported.manifest import is_exported
from cyclekit.exported.translator import ExportedTranslator, load

__all__ = ["ExportedTranslator", "is_exported", "load"]
