"""More availability than the parts have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from seawall.analyze.claimed import promised, written
from seawall.analyze.stores import of_aws, servers, standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, Record
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Share
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DOC-001",
    severity=Severity.HIGH,
    summary="An availability is claimed beyond what its parts are promised to have",
    why="a request needs every part of the way, so the way is up no more often than the product of the parts; nobody "
    "promises you more than that",
    fix="claim the product or less, or make the parts redundant over regions",
    layers=("terraform", "claims"),
    source="https://aws.amazon.com/rds/aurora/sla/",
    read=date(2026, 11, 22),
)


_DISTRIBUTION, _BALANCER = Decimal("0.999"), Decimal("0.9999")
"""The monthly uptime that AWS commits itself to: CloudFront, a load balancer (SLAs of both services)."""
_SEVERAL, _SINGLE = Decimal("0.9995"), Decimal("0.995")
"""RDS over several zones and as a single instance (RDS SLA of 2024-01-22)."""
_AURORA_SEVERAL, _AURORA_SINGLE = Decimal("0.9999"), Decimal("0.999")
"""An Aurora cluster in two zones or more, and in one (Aurora SLA of 2022-05-19)."""

Part = tuple[Address, str, Decimal]


def check(facts: Facts) -> Iterator[Finding]:
    """The claimed availability against the product over what every request passes, in one region.

    Of several load balancers or databases one is counted, the one that is promised most: so the product stays an
    upper bound.
    """
    claim = promised(facts, "availability")
    if claim is None or not isinstance(claim.value, Share) or _spread(facts):
        return
    balancers = sorted(each.of for each in facts.where(Setting, key="idle-timeout") if isinstance(each.of, Address))
    parts = [*_distribution(facts, balancers)]
    if balancers:
        parts.append((balancers[0], "load balancer", _BALANCER))
    parts += _database(facts)
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


def _distribution(facts: Facts, balancers: list[Address]) -> Iterator[Part]:
    """The distribution before the load balancers, if every name leads to distributions and none to a balancer.

    One that serves a bucket beside them is passed by requests for that bucket alone.
    """
    before = sorted({origin.of for origin in facts.all(Origin) if origin.target in balancers})
    led_to = {target for record in facts.all(Record) for target in record.targets}
    if before and not led_to & set(balancers) and any(each in led_to for each in before):
        yield before[0], "distribution", _DISTRIBUTION


def _database(facts: Facts) -> list[Part]:
    """The database that is promised most; none where one is not AWS's, or nobody knows how many servers it has."""
    parts: list[Part] = []
    for store in standing_alone(facts, "database"):
        several = _several(facts, store)
        if several is None or not of_aws(store):
            return []
        if store.engine.startswith("aurora"):
            share = _AURORA_SEVERAL if several else _AURORA_SINGLE
        else:
            share = _SEVERAL if several else _SINGLE
        parts.append((store.of, "database", share))
    return [max(parts, key=lambda part: (part[2], str(part[0])))] if parts else []


def _several(facts: Facts, store: Store) -> bool | None:
    """Whether a database has servers in several zones, as far as that can be: a standby, or more than one server."""
    if any(copy.scope == "zone" for copy in facts.where(Replicates, source=store.of)):
        return True
    nodes = store.nodes if store.nodes != 0 else len(servers(facts, store))
    return None if isinstance(nodes, Unknown) else nodes > 1


def _spread(facts: Facts) -> bool:
    """Whether another region can take over, so that the parts are not needed one and all."""
    return any(record.routing in ("failover", "latency", "weighted") for record in facts.all(Record)) or any(
        copy.scope in ("region", "cloud") for copy in facts.all(Replicates)
    )
