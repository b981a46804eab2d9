"""More target groups than an action takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-019",
    severity=Severity.HIGH,
    summary="A rule of a load balancer forwards to more than five target groups",
    why="an application load balancer takes five target groups in an action, and the quota cannot be raised; the "
    "sixth is refused",
    fix="put the further weights behind another rule or host, or end an experiment before the next",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
    read=date(2025, 12, 1),
)


MOST = 5
"""Target groups in an action of an application load balancer."""


def check(facts: Facts) -> Iterator[Finding]:
    """What each rule of a listener, and each action of an Ingress, shares among targets, counted."""
    actions: dict[tuple[object, ...], dict[object, Forwards]] = {}
    for forwards in facts.all(Forwards):
        name = forwards.by.as_kubernetes()
        if name is not None and name.kind == "Ingress" and not forwards.action:
            continue  # each path is a rule of one target, however many have the same host and path
        rule = (forwards.by, forwards.of, forwards.host, forwards.path, forwards.methods, forwards.action)
        actions.setdefault(rule, {})[forwards.to] = forwards
    for targets in actions.values():
        if len(targets) > MOST and all(isinstance(to, Address) for to in targets):
            first = next(iter(targets.values()))
            yield RULE.refuted(
                f"{first.by} forwards {first.host}{first.path} to {len(targets)} target groups",
                first.by,
                evidence=sorted(str(to) for to in targets),
            )
