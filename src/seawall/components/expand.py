"""From a platform to its graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from seawall.components.component import Expandable
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.model.platform import Platform


def expand(platform: Platform) -> Graph:
    """Every component's resources and demands in every region, with the platform's claims.

    Raises InputError where components do not fit together.
    """
    resources: list[Resource] = []
    demands: list[Demand] = []

    def take(found: Iterable[Resource | Demand]) -> None:
        for one in found:
            if isinstance(one, Resource):
                resources.append(one)
            else:
                demands.append(one)

    scoped = [
        (cast(Expandable, component), Scope(place, name, place.region))
        for place in (platform, *platform.sites.values())
        for name, component in place.components.items()
    ]
    for component, scope in scoped:
        take(component.expand(scope))
    made = tuple(resources)
    for component, scope in scoped:
        take(component.conclude(scope, made))
    return Graph(resources, demands, platform.claims)
