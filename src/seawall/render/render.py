"""Everything a platform comes to, as files."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from seawall.graph.graph import Graph
from seawall.model.platform import Platform

Renderer: TypeAlias = Callable[[Platform, Graph], Iterator[tuple[str, bytes]]]


@cache
def renderers() -> dict[str, Renderer]:
    """Every renderer by the name of its folder, found by walking this package."""
    import seawall.render as package

    folders = [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg]
    return {name: importlib.import_module(f"seawall.render.{name}.files").files for name in sorted(folders)}


def render(platform: Platform, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """Relative path and content of every file of every renderer; the same graph gives the same bytes."""
    for files in renderers().values():
        yield from files(platform, graph)
