"""Which place answers for a host: the region at home, then each further site, then what stands in, then the page.

Route 53 fails over between two records of one name, so a chain of places is a chain of names: each place has a name of
its own level, whose secondary record leads to the next level, and the last level's to the maintenance page.  A place's
records lie in its own stack, which reads the zone of the one at home; so the stack at home needs no other, and every
place can be brought up after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from seawall.components.component import Expandable
from seawall.components.edge.names import Names, alias
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref


def places(scope: Scope, host: str) -> tuple[str, ...]:
    """The places that can answer for a host: the edge at home, each site's (by the site's name), what stands in."""
    home = scope.home.at("edge")
    found = [home.name]
    for site, there in home.sites.items():
        components = there.platform.components.items()
        if any(host in cast(Expandable, component).exposes(there.at(name)) for name, component in components):
            found.append(site)
    for name, component in home.platform.components.items():
        if cast(Expandable, component).stands_in(home.at(name), host):
            found.append(name)
    return tuple(found)


def records(
    scope: Scope,
    zone: Ref,
    names: Names,
    primary: dict[str, Any],
    *,
    place: str,
    behind_cdn: bool,
    page: tuple[Ref, Ref],
) -> Iterator[Resource]:
    """One place's records in the chain: its own answer, and the way to it from the level before.

    ``primary`` is the body of its record but for name, set and policy; it must be of type A and carry its own health
    check. ``page`` is the distribution of the maintenance page, name and zone.
    """
    order = places(scope, names.public)
    level = order.index(place)
    here = names.at_level(level, behind_cdn=behind_cdn)
    first = scope.aws(
        "aws_route53_record",
        f"{names.identifier}_primary",
        {
            **primary,
            "name": here,
            "set_identifier": "primary",
            "failover_routing_policy": [{"type": "PRIMARY"}],
        },
    )
    yield first
    if level == len(order) - 1:
        yield _secondary(scope, f"{names.identifier}_secondary", alias(zone, here, *page, healthy=False))
    if level > 0:
        before = names.at_level(level - 1, behind_cdn=behind_cdn)
        onward = {
            "zone_id": zone,
            "name": before,
            "type": "A",
            # Route 53 asks the level that it leads to, which asks its own place: one that is away is passed over.
            "alias": [{"name": here, "zone_id": zone, "evaluate_target_health": level < len(order) - 1}],
        }
        yield _secondary(scope, f"{names.identifier}_onward", onward, after=first)


def _secondary(scope: Scope, name: str, body: dict[str, Any], after: Resource | None = None) -> Resource:
    return scope.aws(
        "aws_route53_record",
        name,
        {**body, "set_identifier": "secondary", "failover_routing_policy": [{"type": "SECONDARY"}]},
        depends_on=[after.address] if after else (),
    )
