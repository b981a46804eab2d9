"""The facts as they will be on the day on which somebody has the policies enforced that are written."""

from __future__ import annotations

from typing import Final, NamedTuple

from seawall.analyze.clusters import cluster_of, policies_enforced
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.reach import reach
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Isolates
from seawall.facts.resilience import Setting


def once_enforced(facts: Facts) -> Facts | None:
    """The same facts with policies enforced in every cluster that has some; None if they all are already.

    A policy that would cut its own pods off is wrong from the day it is written, and is found out on the day that the
    plug-in is told to enforce it.
    """
    return facts.derive(_once_enforced)


def _once_enforced(facts: Facts) -> Facts | None:
    clusters = dict.fromkeys(cluster_of(facts, isolates.policy) for isolates in facts.all(Isolates))
    idle = [each for each in clusters if each is not None and policies_enforced(facts, each.of).refuted]
    if not idle:
        return None
    return facts.and_also(Setting(each.of, "network-policy-enforced", True) for each in idle)


_POLICY_HOPS: Final = ("egress policy", "ingress policy")


class Refused(NamedTuple):
    """A need whose first definite no is a policy's, now or, if ``later``, as soon as policies are enforced."""

    demand: Reach
    path: Path
    later: bool


def refused_by_policies(facts: Facts) -> tuple[Refused, ...]:
    """Every need that the policies of the input forbid, in the order of the needs; those of now go first."""
    return facts.derive(_refused)


def _refused(facts: Facts) -> tuple[Refused, ...]:
    found = {}
    for assumed in (facts, once_enforced(facts)):
        for demand in demanded(assumed) if assumed is not None else ():
            path = reach(assumed, demand) if demand not in found and assumed is not None else None
            if path is not None and path.blocked is not None and path.blocked.kind in _POLICY_HOPS:
                found[demand] = Refused(demand, path, assumed is not facts)
    return tuple(found.values())
