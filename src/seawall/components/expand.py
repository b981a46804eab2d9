"""From a platform to its graph."""

from __future__ import annotations

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
    for place in (platform, *platform.sites.values()):
        for name, component in place.components.items():
            for made in cast(Expandable, component).expand(Scope(place, name, place.region)):
                if isinstance(made, Resource):
                    resources.append(made)
                else:
                    demands.append(made)
    return Graph(resources, demands, platform.claims)
