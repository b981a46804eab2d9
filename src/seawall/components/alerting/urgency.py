"""Whose trouble wakes somebody: that of the namespaces that go first where nodes are short, and of no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from seawall.components.cluster import Cluster
from seawall.components.scope import Scope


def is_urgent(scope: Scope, namespace: str) -> bool:
    """Whether pods there go before those of the other namespaces; where nothing is said of it, all are alike."""
    known = scope.the(Cluster).namespaces_of(scope)
    if namespace not in known:
        return True
    most = max(each.priority or 0 for each in known.values())
    return (known[namespace].priority or 0) == most


def severity(scope: Scope, namespace: str) -> Literal["critical", "warning"]:
    """How loudly to tell of what users of that namespace feel."""
    return "critical" if is_urgent(scope, namespace) else "warning"


def where(namespaces: Iterable[str]) -> str:
    """The end of the name of an alert about namespaces that are not urgent: ``InDev``."""
    return "In" + "And".join(namespace.title().replace("-", "") for namespace in dict.fromkeys(namespaces))


def by_urgency(scope: Scope, namespaces: Iterable[str]) -> dict[bool, tuple[str, ...]]:
    """The namespaces that are urgent, and those that are not, each once; a side without any is left out."""
    found: dict[bool, list[str]] = {}
    for namespace in dict.fromkeys(namespaces):
        found.setdefault(is_urgent(scope, namespace), []).append(namespace)
    return {urgent: tuple(found[urgent]) for urgent in (True, False) if urgent in found}
