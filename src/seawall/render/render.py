"""Everything a platform comes to, as files."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import TypeAlias

from seawall.graph.graph import Graph
from seawall.model.platform import Platform

Renderer: TypeAlias = Callable[[Platform, Graph], Iterator[tuple[str, bytes]]]


@cache
def renderers() -> dict[str, Renderer]:
    """Every renderer of a platform by the name of its folder, found by walking this package."""
    import seawall.render as package

    folders = [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg]
    modules = {name: f"seawall.render.{name}.files" for name in sorted(folders)}
    # A folder without that module writes down something else than a platform, such as one workload's permissions.
    return {name: importlib.import_module(module).files for name, module in modules.items() if find_spec(module)}


def render(platform: Platform, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """Relative path and content of every file of every renderer; the same graph gives the same bytes."""
    for files in renderers().values():
        yield from files(platform, graph)
