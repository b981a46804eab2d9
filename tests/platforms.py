"""Every platform that the laws are held against: the handmade one, and each that ships."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import handmade
from seawall.cli.input import load_graph, reference_platforms
from seawall.graph.graph import Graph
from seawall.model.platform import Platform
from seawall.render.terraform.files import Described
from seawall.render.terraform.stacks import Stack, provider_of, stacks


@cache
def shipped(name: str, environment: str | None = None) -> tuple[Platform, Graph]:
    """A shipped platform and its graph, made once a process: both are immutable, and a graph keeps its facts."""
    platform, graph = load_graph([name], environment)
    assert platform is not None
    return platform, graph


def _handmade() -> tuple[Described, Graph]:
    return handmade.Described(), handmade.graph()


PLATFORMS: dict[str, Callable[[], tuple[Described, Graph]]] = {
    "handmade": _handmade,
    **{name: partial(shipped, name) for name in reference_platforms()},
}


def stacks_in_aws(graph: Graph) -> list[Stack]:
    """The stacks of a graph that Terraform can plan here: no provider of another cloud is at hand.

    Bodies of Azure are held against its provider's schema in tests/unit/platforms/test_azure.py.
    """
    found = stacks(graph).values()
    return [stack for stack in found if all(provider_of(one.type) == "aws" for one in stack.resources)]
