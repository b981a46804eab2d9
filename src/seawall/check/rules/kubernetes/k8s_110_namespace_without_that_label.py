"""A policy that means a namespace by a label which the namespace does not carry."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.pods import labels_known
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of, namespaces
from seawall.facts.pod_network import PodPeer, PolicyPermit, Selector
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-110",
    severity=Severity.HIGH,
    summary="A policy means a namespace by a label that it does not carry",
    why="a namespace gets one label by itself, kubernetes.io/metadata.name; a selector that reads `name` matches "
    "nothing until somebody labels the namespace, and the rule lets nobody through",
    fix="select by kubernetes.io/metadata.name, or give the namespace the label",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/"
    "#targeting-a-namespace-by-its-name",
    read=None,
)

_NAMING = "name"


def check(facts: Facts) -> Iterator[Finding]:
    """Peers whose namespaces are chosen by ``name: X``, where there is a namespace X without that label."""
    seen: set[tuple[Address, str]] = set()
    for permit in sorted(facts.all(PolicyPermit), key=str):  # the first of a policy is told
        if not isinstance(permit.peer, PodPeer) or permit.peer.namespaces is None:
            continue
        wanted = _named(permit.peer.namespaces)
        policy = permit.policy.as_kubernetes()
        if wanted is None or policy is None or (permit.policy, wanted) in seen:
            continue
        seen.add((permit.policy, wanted))
        spaces = namespaces(facts, policy.cluster)
        meant = [space for space in spaces if space.name == wanted and labels_known(space.of, space)]
        if not meant or any(permit.peer.namespaces.matches(labels_of(facts, space.of)) for space in spaces):
            continue
        labels = ", ".join(f"{key}={value}" for key, value in sorted(labels_of(facts, meant[0].of).items()))
        yield RULE.refuted(
            f"{permit.policy} lets through namespaces with {permit.peer.namespaces}, and {meant[0].of} has {labels}",
            permit.policy,
            meant[0].of,
            evidence=(f"{permit.policy}: {permit.direction} {permit.protocol} {permit.ports}",),
        )


def _named(selector: Selector) -> str | None:
    """The namespace that a selector speaks of by the label ``name``."""
    return dict(selector.labels).get(_NAMING)
