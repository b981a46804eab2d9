"""One module per AWS service: each closes gaps of moto 5.2.5 that terraform-provider-aws 5.100.0 falls into.

A patch module has ``apply()`` and imports moto inside it, nothing of Seawall but ``grafting``. Adding a patch
is adding a file: they are found by walking this package. The law: answer what AWS documents, and have a test
that fails without it.
"""

from __future__ import annotations

import importlib
import pkgutil


def names() -> list[str]:
    """Return the patched services in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def apply_all() -> None:
    """Apply every patch; call once in a process, before moto answers its first request."""
    for name in names():
        importlib.import_module(f"{__name__}.{name}").apply()
