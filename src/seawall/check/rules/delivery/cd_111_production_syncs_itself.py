"""Production that is synced by every commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase

from seawall.check.rule import Rule
from seawall.facts.delivery import Syncs, Withholds
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Namespace
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-111",
    severity=Severity.HIGH,
    summary="What is labelled production is synced by every commit",
    why="an automated sync applies whatever the branch says next: an approval in a pipeline then approves nothing, "
    "because the commit that it waits before, or any other, is applied without it",
    fix="leave `automated` out for production and have the release sync it, or deny automated syncs by a window of the "
    "project that lets manual ones through",
    layers=("gitops", "delivery"),
    source="https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/",
    read=date(2026, 8, 1),
)

_PRODUCTION = frozenset({"production", "prod", "live"})
_LABEL = "environment"
# A commit, or a version written out: the next one needs a change of the application itself.
_FIXED = re.compile(r"[0-9a-f]{40}|v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")


def check(facts: Facts) -> Iterator[Finding]:
    """Automated syncs of a moving revision whose application or namespace says that it is production."""
    for sync in facts.all(Syncs):
        if sync.automated is not True or _FIXED.fullmatch(sync.revision):
            continue
        says = _says(facts, sync)
        if says and not any(_withheld(sync, window) for window in facts.where(Withholds, of=sync.project)):
            yield RULE.refuted(
                f"{sync.of} applies whatever {sync.revision} of {sync.repository} says in {sync.path}, by itself, and "
                f"{says}",
                sync.by,
                evidence=(f"{sync.of}: automated{', selfHeal' if sync.self_heal else ''}", says),
            )


def _says(facts: Facts, sync: Syncs) -> str:
    """What says that it is production; empty if nothing does."""
    if sync.environment.lower() in _PRODUCTION:
        return f"its label {_LABEL} is {sync.environment}"
    for namespace in facts.where(Namespace, of=sync.destination):
        label = dict(namespace.labels).get(_LABEL, "")
        if label.lower() in _PRODUCTION:
            return f"the label {_LABEL} of {namespace.of} is {label}"
    name = sync.destination.as_kubernetes() if isinstance(sync.destination, Address) else None
    if name is not None and name.kind == "Namespace" and name.name.lower() in _PRODUCTION:
        return f"its namespace is called {name.name}"
    return ""


def _withheld(sync: Syncs, window: Withholds) -> bool:
    application = sync.of.as_kubernetes()
    namespace = sync.destination.as_kubernetes() if isinstance(sync.destination, Address) else None
    return (
        (application is not None and any(fnmatchcase(application.name, one) for one in window.applications))
        or (namespace is not None and any(fnmatchcase(namespace.name, one) for one in window.namespaces))
        or "*" in window.clusters
    )
