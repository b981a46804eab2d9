"""Where pods are, as addresses and as nodes that they may share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from seawall.analyze.clusters import cluster_of, places, pod_interfaces
from seawall.analyze.reachability.addresses import EVERY_ADDRESS, Addresses
from seawall.analyze.reachability.places import ranges
from seawall.analyze.runs_on import on_fargate
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Somewhere among these addresses; ``missing`` is what is not known of them."""

    addresses: Addresses
    missing: tuple[Unknown, ...] = ()

    @classmethod
    def of(cls, cidrs: Iterable[Cidr], missing: Iterable[Unknown] = ()) -> Whereabouts:
        """The addresses of some ranges."""
        return cls(Addresses.of(cidrs), tuple(missing))

    def __str__(self) -> str:
        known = str(self.addresses) if self.addresses else ""
        return " and ".join(part for part in (known, "addresses that are not known" if self.missing else "") if part)


ANY_ADDRESS: Final = Whereabouts(EVERY_ADDRESS)


def ranges_of(facts: Facts, workload: Workload) -> Whereabouts:
    """The addresses that the pods of a workload may have: those of the subnets that their interfaces may be in."""
    return facts.derive(_ranges_of, workload)


def _ranges_of(facts: Facts, workload: Workload) -> Whereabouts:
    interfaces = pod_interfaces(facts, workload)
    if not interfaces:
        why = Unknown(f"{workload.of}.status.podIP", why="the input does not say where the cluster's nodes are")
        return Whereabouts(Addresses(), (why,))
    parts = [ranges(facts, interface) for interface in interfaces]
    missing = dict.fromkeys(reason for _, gone in parts for reason in gone)
    return Whereabouts.of(dict.fromkeys(cidr for found, _ in parts for cidr in found), missing)


def may_share_node(facts: Facts, one: Workload, other: Workload) -> bool:
    """Whether pods of two workloads may lie on one node, as far as the input says on which they may lie."""
    if cluster_of(facts, one.of) != cluster_of(facts, other.of):
        return False
    if on_fargate(facts, one) or on_fargate(facts, other):
        return False  # each pod there has a machine of its own
    here, there = facts.derive(places, one), facts.derive(places, other)
    return not here or not there or not set(here).isdisjoint(there)
