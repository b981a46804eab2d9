"""Every platform that the laws are held against: the handmade one, and each that ships."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import handmade
from seawall.cli.input import load_graph, reference_platforms
from seawall.graph.graph import Graph
from seawall.render.terraform.files import Described


def _handmade() -> tuple[Described, Graph]:
    return handmade.Described(), handmade.graph()


def _shipped(name: str) -> tuple[Described, Graph]:
    platform, graph = load_graph([name], None)
    assert platform is not None
    return platform, graph


PLATFORMS: dict[str, Callable[[], tuple[Described, Graph]]] = {
    "handmade": _handmade,
    **{name: partial(_shipped, name) for name in reference_platforms()},
}
