"""Who may do what: every role, who takes it on, and the services of AWS that it may call."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.render.words import name, said, table


def section(facts: Facts) -> Iterator[str]:
    """The matrix of roles and services, then what each statement allows."""
    roles = [principal for principal in facts.all(Principal) if principal.kind in ("role", "managed-identity")]
    allowed = {role.of: _allowed(facts, role.of) for role in roles}
    services = sorted({service for counts in allowed.values() for service in counts})
    yield "A number is how many actions of a service a role may call; `all` is a wildcard; managed policies are named."
    yield ""
    rows = (
        (
            said(role.name),
            ", ".join(sorted(_holders(facts, role.of))) or "–",
            ", ".join(sorted(_managed(facts, role.of))) or "–",
            *(allowed[role.of].get(service, "") or " " for service in services),
        )
        for role in roles
    )
    yield from table(("role", "taken on by", "managed policies", *services), sorted(rows))
    yield "### What the statements allow"
    yield ""
    details = (
        (said(role.name), ", ".join(map(said, statement.actions)), ", ".join(map(said, statement.resources)), when)
        for role in roles
        for statement in _statements(facts, role.of)
        for when in [_conditions(statement)]
    )
    yield from table(("role", "actions", "on", "if"), sorted(details))


def _statements(facts: Facts, role: Address) -> Iterator[Statement]:
    """What a role's own policies and those of ours that are attached to it say."""
    held = [role, *(fact.policy for fact in facts.where(Attaches, principal=role) if isinstance(fact.policy, Address))]
    for holder in held:
        yield from (one for one in facts.where(Statement, holder=holder) if one.kind == "identity" and one.allow)


def _allowed(facts: Facts, role: Address) -> dict[str, str]:
    counts: dict[str, int] = {}
    everything: set[str] = set()
    for statement in _statements(facts, role):
        for action in map(said, statement.actions):
            service, _, call = action.partition(":")
            counts[service] = counts.get(service, 0) + 1
            if call in ("*", ""):
                everything.add(service)
    return {service: "all" if service in everything else str(count) for service, count in counts.items()}


def _managed(facts: Facts, role: Address) -> Iterator[str]:
    for fact in facts.where(Attaches, principal=role):
        if isinstance(fact.policy, str) and not isinstance(fact.policy, Address):
            yield fact.policy.rsplit("/", 1)[-1]


def _holders(facts: Facts, role: Address) -> Iterator[str]:
    for fact in facts.where(Assumes, role=role):
        if isinstance(fact.account, Unknown):
            yield "?"
            continue
        pods = fact.account.as_kubernetes()
        if pods is None:
            yield f"{name(fact.account)} ({fact.means})"
        else:
            yield f"{pods.cluster}: {pods.namespace}/{pods.name}"
    trusted = {
        who
        for statement in facts.where(Statement, holder=role)
        if statement.kind == "trust" and not facts.where(Assumes, role=role)
        for _, who in statement.principals
    }
    yield from map(said, trusted)


def _conditions(statement: Statement) -> str:
    return "; ".join(
        f"{said(one.key)} {one.operator} {', '.join(map(said, one.values))}" for one in statement.conditions
    )
