"""A permission on a resource that Kubernetes does not have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-121",
    severity=Severity.MEDIUM,
    summary="A role permits something on a resource that Kubernetes does not have",
    why="the API server takes any word for a resource and the rule permits nothing: whoever was to have it is refused "
    "when they need it",
    fix="name the resource as kubectl api-resources does; a part of one as RESOURCE/PART, such as pods/log",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources",
    read=None,
)

SERVED: Final = {
    "": frozenset(
        {
            "bindings", "componentstatuses", "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes",
            "persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "replicationcontrollers",
            "resourcequotas", "secrets", "serviceaccounts", "services", "users", "groups", "uids", "userextras",
        }
    ),
    "apps": frozenset({"controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"}),
    "batch": frozenset({"cronjobs", "jobs"}),
}  # fmt: skip
"""The resources of groups that nobody but Kubernetes adds to, and what one impersonates (``users`` and such)."""

_PARTS: Final = {"logs": "pods/log", "log": "pods/log", "exec": "pods/exec", "portforward": "pods/portforward"}


def check(facts: Facts) -> Iterator[Finding]:
    """Rules of roles: a name that is a resource of none of the groups which the role names it with."""
    roles: dict[Address, list[Statement]] = {}
    for statement in facts.all(Statement):
        if statement.kind == "rbac" and isinstance(statement.holder, Address):
            roles.setdefault(statement.holder, []).append(statement)
    for holder, statements in roles.items():
        groups: dict[str, set[str]] = {}
        for statement in statements:
            for name, group in _named(statement):
                groups.setdefault(name, set()).add(group)
        for statement in statements:
            for name in sorted({name for name, _ in _named(statement)}):
                base = name.partition("/")[0]
                named = sorted(groups[name])
                if not base or any(group not in SERVED or base in SERVED[group] for group in named):
                    continue
                known = sorted(frozenset[str]().union(*SERVED.values()))
                near = _PARTS.get(base) or next(iter(get_close_matches(base, known, n=1, cutoff=0.75)), "")
                yield RULE.refuted(
                    f"{holder} permits {', '.join(str(action) for action in statement.actions)} on {name}, and "
                    f"{' and '.join(group or 'the core group' for group in named)} has no such resource",
                    holder,
                    fix=f"{RULE.fix}; did you mean {near}?" if near else "",
                )


def _named(statement: Statement) -> Iterator[tuple[str, str]]:
    """The resources of a rule with the group of each."""
    for resource in statement.resources:
        if isinstance(resource, str) and not resource.startswith(("/", "http")) and "*" not in resource:
            name, _, group = resource.partition(".")
            yield name, group
