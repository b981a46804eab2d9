"""More availability than the parts have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from seawall.analyze.claimed import promised, written
from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, Record
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Share

RULE = Rule(
    id="DOC-001",
    severity=Severity.HIGH,
    summary="An availability is claimed beyond what its parts are promised to have",
    why="a request needs every part of the way, so the way is up no more often than the product of the parts; nobody "
    "promises you more than that",
    fix="claim the product or less, or make the parts redundant over regions",
    layers=("terraform", "claims"),
    source="https://cloudonaut.io/aws-sla-are-you-able-to-keep-your-availability-promise/",
    read=date(2026, 11, 22),
)


_DISTRIBUTION, _BALANCER, _DATABASE = Decimal("0.999"), Decimal("0.9999"), Decimal("0.9995")
"""The monthly uptime that AWS commits itself to: CloudFront, an application load balancer, RDS over several zones.

A database in one zone has a lower one; taking this for every database keeps the product an upper bound.
"""


def check(facts: Facts) -> Iterator[Finding]:
    """The claimed availability against the product over distribution, load balancer and database of one region."""
    claim = promised(facts, "availability")
    if claim is None or not isinstance(claim.value, Share) or _spread(facts):
        return
    parts: list[tuple[Address, str, Decimal]] = []
    if origins := facts.all(Origin):
        parts.append((min(origin.of for origin in origins), "distribution", _DISTRIBUTION))
    if balancers := sorted(
        each.of for each in facts.where(Setting, key="idle-timeout") if isinstance(each.of, Address)
    ):
        parts.append((balancers[0], "load balancer", _BALANCER))
    if databases := list(standing_alone(facts, "database")):
        parts.append((min(store.of for store in databases), "database", _DATABASE))
    product = Decimal(1)
    for _, _, share in parts:
        product *= share
    if parts and claim.value.percent > product * 100:
        yield RULE.refuted(
            f"availability {claim.value} is claimed, and the parts that every request needs are promised "
            f"{product * 100:.3f} % together",
            *(of for of, _, _ in parts),
            *written(claim),
            evidence=[f"{of}: {what}, {(share * 100).normalize():f} %" for of, what, share in parts],
        )


def _spread(facts: Facts) -> bool:
    """Whether another region can take over, so that the parts are not needed one and all."""
    return any(record.routing in ("failover", "latency", "weighted") for record in facts.all(Record)) or any(
        copy.scope in ("region", "cloud") for copy in facts.all(Replicates)
    )
