"""Pods without a role of their own: the roles of the nodes that they may lie on, and whether those are within reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.clusters import cluster_of, places
from seawall.analyze.trust import role_of
from seawall.facts.compute import NodeGroup, NodePool, Workload
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Principal
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.verdict import Answer

HOST_NETWORK: Final = frozenset({("kube-system", "aws-node"), ("kube-system", "kube-proxy")})
"""Accounts whose pods EKS itself puts on their node's network: what the node reaches, they reach.

Source: the manifests of Amazon VPC CNI and of kube-proxy that EKS installs, read 2026-11-22.
"""


def node_roles(facts: Facts, account: Address, workload: Workload | None) -> tuple[tuple[Answer, Address], ...]:
    """The roles of the nodes on which an account's pods may lie; proven if they get at its credentials."""
    return facts.derive(_node_roles, account, workload)


def _node_roles(facts: Facts, account: Address, workload: Workload | None) -> tuple[tuple[Answer, Address], ...]:
    return tuple(dict.fromkeys(_found(facts, account, workload)))


def _found(facts: Facts, account: Address, workload: Workload | None) -> Iterator[tuple[Answer, Address]]:
    name = account.as_kubernetes()
    if name is None or name.kind != "ServiceAccount":
        return
    workloads = facts.where(Workload, account=account) if workload is None else (workload,)
    for each in workloads:
        for place in places(facts, each):
            yield from of_place(facts, place, host_network=each.host_network)
    cluster = cluster_of(facts, account)
    if not workloads and cluster is not None:
        host = (name.namespace, name.name) in HOST_NETWORK
        for group in facts.where(NodeGroup, cluster=cluster.of):
            yield from of_place(facts, group.of, host_network=host)


def of_place(facts: Facts, place: Address, *, host_network: bool = False) -> Iterator[tuple[Answer, Address]]:
    """The role of a node group or pool; refuted where a pod's request does not get as far as its credentials."""
    group, pool = facts.one(NodeGroup, of=place), facts.one(NodePool, of=place)
    roles: list[Address] = []
    made: Address | None = None
    if group is not None:
        roles = list(_taken_on(facts, place))
        made = group.launch if isinstance(group.launch, Address) else None
    elif pool is not None:
        made = pool.node_class
        roles = list(_taken_on(facts, pool.node_class))
    for role in roles:
        yield (Answer.PROVEN if host_network else _reach(facts, made)), role


def _reach(facts: Facts, made: Address | None) -> Answer:
    """Whether a pod gets at its node's credentials: the hop limit is one of the answer that holds a session token.

    Where none is required, requests without one are answered over any number of hops, and SDKs fall back to them.
    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
    """
    said = {setting.key: setting.value for setting in facts.where(Setting, of=made)} if made is not None else {}
    required, hops = said.get("metadata-tokens-required"), said.get("metadata-hops")
    if required is False or (isinstance(hops, int) and hops > 1):
        return Answer.PROVEN
    return Answer.REFUTED if required is True and isinstance(hops, int) else Answer.UNKNOWN


def _taken_on(facts: Facts, of: Address) -> Iterator[Address]:
    for assumes in facts.where(Assumes, account=of):
        role = role_of(facts, assumes)
        if role is not None and role != of:
            if facts.where(Principal, of=role):
                yield role
            else:
                yield from _taken_on(facts, role)


def shared(facts: Facts, role: Address) -> bool:
    """Whether a role is one of nodes, whose credentials pods may get at."""
    return any(reach is not Answer.REFUTED for reach in facts.derive(_reaches).get(role, ()))


def _reaches(facts: Facts) -> dict[Address, list[Answer]]:
    found: dict[Address, list[Answer]] = {}
    places_ = [*(each.of for each in facts.all(NodeGroup)), *(each.of for each in facts.all(NodePool))]
    for place in places_:
        for reach, role in of_place(facts, place):
            found.setdefault(role, []).append(reach)
    return found
