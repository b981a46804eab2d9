"""A cluster without internet whose network lacks endpoints of what its nodes and pods call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.needed import acting, needs
from seawall.analyze.reachability.api_access import (
    NODES,
    Isolated,
    all_isolated,
    by_endpoint,
    called_hosts,
    isolated,
    signs_in_with,
)
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-017",
    severity=Severity.CRITICAL,
    summary="A cluster without a way to the internet lacks endpoints of APIs that it calls",
    why="where neither a NAT gateway nor an endpoint leads to an API, the call hangs until it times out: nodes do not "
    "join, images are not pulled, and a controller does nothing and says so only in its own log",
    fix="add the endpoints: interface endpoints with private DNS, for S3 and DynamoDB a gateway endpoint in the route "
    "table of every subnet with nodes; or route 0.0.0.0/0 to a NAT gateway",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each cluster with nodes in a subnet that has no way out, in a network with some interface endpoint.

    Without any interface endpoint it is NET-018.
    """
    by_cluster: dict[Address, list[Isolated]] = {}
    for each in isolated(facts):
        endpoints = facts.ask(Gateway, place=each.subnet.network)
        if any(gateway.kind == "interface-endpoint" for gateway in (*endpoints.matches, *endpoints.doubts)):
            by_cluster.setdefault(each.cluster, []).append(each)
    for of, alone in by_cluster.items():
        yield from _of(facts, of, alone)


def _of(facts: Facts, of: Address, alone: list[Isolated]) -> Iterator[Finding]:
    wanted = {service: {"its nodes, before they are ready"} for service in NODES}
    cluster = facts.one(Cluster, of=of)
    if cluster is not None and all_isolated(facts, of):
        for service, who in _called(facts, cluster):
            wanted.setdefault(service, set()).add(who)
    missing: dict[str, set[str]] = {}
    doubts: dict[str, tuple[Unknown, ...]] = {}
    for service in sorted(wanted):
        for each in alone:
            verdict = by_endpoint(facts, each.subnet, service)
            if verdict.refuted:
                missing.setdefault(service, set()).add(str(each.subnet.of))
            elif verdict.unknown:
                doubts[service] = tuple(reason for reason in verdict.because if isinstance(reason, Unknown))
    nodes = sorted({each.nodes for each in alone})
    evidence = [f"no {service} endpoint: {', '.join(sorted(wanted[service]))} need it" for service in missing]
    if cluster is not None and cluster.private_api is False:
        evidence.append(f"{of} has no private API endpoint: its nodes cannot join")
    if evidence:
        names = ", ".join(missing) or "a private API endpoint"
        where = ", ".join(sorted({place for places in missing.values() for place in places})) or str(nodes[0])
        yield RULE.refuted(
            f"{of} has nodes in {where} without a way to the internet, and lacks {names}",
            of,
            *nodes,
            evidence=evidence,
        )
    elif doubts:
        because = [reason for reasons in doubts.values() for reason in reasons]
        what = f"whether {of}, without a way to the internet, has the endpoints {', '.join(doubts)} is not known"
        yield RULE.unknown(what, because, of, *nodes)


def _called(facts: Facts, cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Services of the cluster's region that pods and controllers call, with who does."""
    for need in needs(facts):
        source = need.call.source
        owner = cluster_of(facts, source) if source.as_kubernetes() is not None else None
        if owner is None or owner.of != cluster.of:
            continue
        if need.call.region not in ("", cluster.region) or need.call.action.startswith("ecr:"):
            continue  # ECR is asked by the kubelet, which the nodes' own needs speak of
        for service in called_hosts(need.call.action, follows=need.after is not None):
            yield service, str(source)
            for service in signs_in_with(facts, acting(facts, source).account):
                yield service, str(source)
