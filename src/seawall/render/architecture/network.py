"""Tables of the network: subnets and their ways out, routes, lists, and who is let in by which group."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Filtered, Permit, Route, Routed, Subnet
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.render.words import name, region, said, table


def section(facts: Facts) -> Iterator[str]:
    """Subnets, routes, access lists, security groups."""
    yield "### Subnets"
    yield ""
    yield from table(
        ("region", "zone", "subnet", "range", "route table", "way out", "access list"),
        sorted(_subnet(facts, subnet) for subnet in facts.all(Subnet)),
    )
    yield "### Routes"
    yield ""
    routes = (
        (region(route.by), said(_named(route.table)), said(route.destination), route.kind, said(_named(route.via)))
        for route in facts.all(Route)
    )
    yield from table(("region", "table", "to", "kind", "through"), sorted(routes))
    rules = facts.all(AclRule)
    if rules:
        yield "### Access lists"
        yield ""
        listed = (
            (
                region(rule.by),
                said(_named(rule.acl)),
                rule.direction,
                f"{rule.order:5d}" if isinstance(rule.order, int) else said(rule.order),
                said(rule.allow) if isinstance(rule.allow, Unknown) else "allow" if rule.allow else "deny",
                said(rule.protocol),
                said(rule.ports),
                said(_named(rule.peer)),
            )
            for rule in rules
        )
        yield from table(("region", "list", "direction", "order", "does", "protocol", "ports", "peer"), sorted(listed))
    yield "### Security groups"
    yield ""
    permits = (
        (
            region(permit.by),
            said(_named(permit.group)),
            permit.direction,
            said(permit.protocol),
            said(permit.ports),
            said(_named(permit.peer)),
        )
        for permit in facts.all(Permit)
    )
    yield from table(("region", "group", "direction", "protocol", "ports", "peer"), sorted(permits))


def _subnet(facts: Facts, subnet: Subnet) -> tuple[str, ...]:
    routed = facts.one(Routed, of=subnet.of)
    out = []
    for route in facts.where(Route, table=routed.table) if routed is not None else ():
        if route.kind in ("internet", "nat"):
            out.append(f"{route.kind} {said(_named(route.via))}")
    lists = [said(_named(fact.acl)) for fact in facts.where(Filtered, of=subnet.of)]
    return (
        region(subnet.of),
        said(subnet.zone),
        name(subnet.of),
        said(subnet.cidr),
        said(_named(routed.table)) if routed is not None else "main",
        ", ".join(out) or "none",
        ", ".join(lists) or "open",
    )


def _named(value: object) -> object:
    """A thing by its short name, since the column says what sort of thing it is."""
    if isinstance(value, Unknown) or not isinstance(value, Address):
        return value
    return name(value)
