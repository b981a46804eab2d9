"""The kinds of component that there are, found by walking this package."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from inspect import isabstract
from typing import get_args

from seawall.components.component import Expandable


@cache
def kinds() -> dict[str, type[Expandable]]:
    """Every kind of component by the word the description uses, in alphabetical order."""
    import seawall.components as package

    found: dict[str, type[Expandable]] = {}
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Expandable) and not isabstract(value):
                found[get_args(value.model_fields["kind"].annotation)[0]] = value
    return dict(sorted(found.items()))
