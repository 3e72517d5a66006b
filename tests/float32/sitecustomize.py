"""Has torch say that the processor knows no bf16, in every Python process that finds this folder on its path.

Python imports a module of this name as it starts. torch itself is left until somebody imports it: most commands do not.
"""

import importlib.abc
import importlib.machinery
import sys


def deny_bf16(module):
    """As on a processor without AVX-512."""
    module._is_avx512_bf16_supported = lambda: False


class Finder(importlib.abc.MetaPathFinder):
    """Finds torch.cpu as ever, and changes it once it is loaded."""

    def find_spec(self, name, path, target=None):
        if name != "torch.cpu":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            deny_bf16(module)

        spec.loader.exec_module = exec_module
        return spec


if "torch.cpu" in sys.modules:
    deny_bf16(sys.modules["torch.cpu"])
else:
    sys.meta_path.insert(0, Finder())
