"""A store or a node that anybody on the internet can open a connection to."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.fleets import nodes_of
from seawall.analyze.reachability.entrances import exposed
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-103",
    severity=Severity.HIGH,
    summary="The internet can open connections to a store or to nodes",
    why="address, route, access-control list and group all let anybody in: only the password is left, and every flaw "
    "of the server is everybody's",
    fix="take the public address away, or name the ranges that need it in the group",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    read=None,
)

_KINDS = ("database", "cache", "stream", "file-system")


def check(facts: Facts) -> Iterator[Finding]:
    """What anybody reaches for certain and directly, of stores within a network and of clusters' nodes."""
    for way in exposed(facts):
        if not way.anybody or way.through or not way.open.sure or not _is_meant(facts, way.thing):
            continue
        yield RULE.refuted(
            f"anybody reaches {way.thing} on {way.open.sure}",
            way.thing,
            *(by for by in way.by if by),
            evidence=way.says,
        )


def _is_meant(facts: Facts, thing: Address) -> bool:
    return any(store.kind in _KINDS for store in facts.where(Store, of=thing)) or _is_node(facts, thing)


def _is_node(facts: Facts, thing: Address) -> bool:
    """Whether it is nodes of a cluster: a managed group's, a pool's, or instances that join it by themselves."""
    return bool(facts.where(NodeGroup, of=thing)) or nodes_of(facts, thing) is not None
