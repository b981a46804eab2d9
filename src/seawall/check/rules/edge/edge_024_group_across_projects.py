"""One load balancer for people who are kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Syncs
from seawall.facts.fact import NOBODY
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-024",
    severity=Severity.HIGH,
    summary="A load balancer is shared by namespaces of different Argo CD projects",
    why="whoever may create an Ingress in the group adds rules before everybody else's, and takes hosts and paths "
    "that are not his",
    fix="a group for each project, or an IngressClass whose params bind the group to one namespace selector",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/ingress/annotations.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Groups of Ingresses by the projects that keep their namespaces."""
    groups: dict[Address, set[Address]] = {}
    for forwards in facts.all(Forwards):
        if isinstance(forwards.of, Address) and "//ingress-group/" in forwards.of and isinstance(forwards.to, Address):
            groups.setdefault(forwards.of, set()).add(forwards.to)
    for group, ingresses in sorted(groups.items()):
        projects: dict[Address, Address] = {}
        for ingress in sorted(ingresses):
            for project in _projects(facts, ingress):
                projects.setdefault(project, ingress)
        if len(projects) > 1:
            said = ", ".join(f"{ingress} ({project})" for project, ingress in sorted(projects.items()))
            yield RULE.refuted(f"{group} is shared by {said}", *(ingress for _, ingress in sorted(projects.items())))


def _projects(facts: Facts, ingress: Address) -> set[Address]:
    """The projects whose applications are kept in an Ingress's namespace."""
    own = ingress.as_kubernetes()
    found = set()
    for syncs in facts.all(Syncs):
        place = syncs.destination.as_kubernetes() if isinstance(syncs.destination, Address) else None
        if own is not None and place is not None and (place.cluster, place.name) == (own.cluster, own.namespace):
            found.add(syncs.project)
    return found - {NOBODY}
