"""A proxy that does not reach its database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import subnets
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Interface
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-020",
    severity=Severity.HIGH,
    summary="A database's proxy is in another network than the database",
    why="RDS Proxy has to be in the VPC of its database; in another one its targets stay unavailable, peering or not",
    fix="give the proxy subnets of the database's VPC",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases that something forwards to, by the networks of both; what is not in the input is not judged."""
    for store in facts.all(Store):
        for forwards in facts.where(Forwards, to=store.of) if store.kind == "database" else ():
            if not isinstance(forwards.of, Address):
                continue
            theirs, ours = _networks(facts, forwards.of), _networks(facts, store.of)
            if theirs and ours and not theirs & ours:
                yield RULE.refuted(
                    f"{forwards.of} is in {', '.join(sorted(map(str, theirs)))}, and {store.of} in "
                    f"{', '.join(sorted(map(str, ours)))}",
                    forwards.of,
                    store.of,
                )


def _networks(facts: Facts, of: Address) -> set[Link]:
    """The networks of a thing's subnets; none where one of them is not known."""
    found: set[Link] = set()
    for interface in facts.where(Interface, of=of):
        within, missing = subnets(facts, interface)
        if missing:
            return set()
        found |= {subnet.network for subnet in within}
    return set() if any(isinstance(network, Unknown) for network in found) else found
