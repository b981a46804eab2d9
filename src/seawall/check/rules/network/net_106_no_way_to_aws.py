"""Pods that call AWS, and whom a policy or an endpoint's group lets nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.api_paths import ApiPath, api_paths
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-106",
    severity=Severity.HIGH,
    summary="Pods call an API of AWS that their network keeps them from",
    why="the permission is there and the packet is not let out: the SDK waits and tries again until the application's "
    "own time is up, and the error speaks of a time-out, not of a policy",
    fix="permit TCP 443 to the endpoint's subnets or to the addresses outside, and let the pods' nodes into the group "
    "of the endpoint",
    layers=("kubernetes", "terraform", "application"),
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """What configuration and code of workloads call; where no way leads out of the network at all it is NET-017."""
    found: dict[tuple[Address, Address | None, str], list[ApiPath]] = {}
    for each in api_paths(facts):
        hop = each.path.blocked
        if hop is not None and (each.endpoint is not None or hop.kind == "egress policy"):
            found.setdefault((each.workload, each.endpoint, hop.says), []).append(each)
    for (workload, endpoint, _), ways in found.items():
        ways.sort(key=lambda way: (way.service, way.said))
        first = ways[0]
        where = f"by {endpoint}" if endpoint is not None else "over the internet"
        yield RULE.refuted(
            f"{workload} calls {', '.join(way.service for way in ways)} {where}: {first.path.blocked}",
            workload,
            *([endpoint] if endpoint is not None else []),
            evidence=(*(f"asked for by {way.said}" for way in ways if way.said), *first.path.lines()),
        )
