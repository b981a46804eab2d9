"""The facts as they will be on the day on which somebody has the policies enforced that are written."""

from __future__ import annotations

from seawall.analyze.clusters import cluster_of, policies_enforced
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
