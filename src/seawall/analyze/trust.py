"""Whom a role is for: the service account in a token, the role that is meant, and what Pod Identity needs of it.

Whether a trust policy lets a token in, the evaluator of ``permissions`` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from seawall.analyze.texts import fits
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Identifier, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual
from seawall.kernel.verdict import Answer, Verdict, proven, refuted, unknown

POD_IDENTITY = "pods.eks.amazonaws.com"
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a role lets an account take it on; ``says`` is the first thing that stands in the way."""

    verdict: Verdict
    says: str


def subject(account: Address) -> str | None:
    """How a token names a service account; None if the address is none's."""
    name = account.as_kubernetes()
    if name is None or name.kind != "ServiceAccount":
        return None
    return f"system:serviceaccount:{name.namespace}:{name.name}"


def trusting(facts: Facts, role: Address) -> tuple[Statement, ...]:
    """The statements of a role's trust policy."""
    return tuple(statement for statement in facts.where(Statement, holder=role) if statement.kind == "trust")


def role_of(facts: Facts, assumes: Assumes) -> Address | None:
    """The role that is taken on: named by its address, or by an ARN that fits exactly one role of the input."""
    if isinstance(assumes.role, Address) and not assumes.role.is_outside:
        return assumes.role
    if not isinstance(assumes.role, str):
        return None
    arn = assumes.role.removeprefix("outside:")
    possible = facts.derive(_roles_by_name).get(arn.rpartition(":")[2], ())
    fitting = [role for role, pattern in possible if fits(arn, pattern) is Answer.PROVEN]
    return fitting[0] if len(fitting) == 1 else None


def _roles_by_name(facts: Facts) -> dict[str, list[tuple[Address, Textual]]]:
    """Roles by the last part of their ARN, ``role/path/name``, which is known before the account is."""
    found: dict[str, list[tuple[Address, Textual]]] = {}
    for principal in facts.all(Principal):
        for identifier in facts.where(Identifier, of=principal.of):
            value = identifier.value
            last = value.parts[-1] if isinstance(value, Text) else value
            if identifier.attr == "arn" and isinstance(last, str):
                found.setdefault(last.rpartition(":")[2], []).append((principal.of, value))
    return found


def pod_identity(statements: tuple[Statement, ...]) -> Trust:
    """Whether a trust policy names the service of Pod Identity with both actions, whatever its conditions."""
    for statement in statements:
        if statement.opaque is not None:
            return Trust(unknown(statement.opaque), "the trust policy cannot be read")
    ours = [
        statement
        for statement in statements
        if statement.allow and any(kind == "Service" and value == POD_IDENTITY for kind, value in statement.principals)
    ]
    if not ours:
        return Trust(refuted(*statements), f"the trust policy does not name the service {POD_IDENTITY}")
    for action in ("sts:AssumeRole", "sts:TagSession"):
        if not any(allows(own, action) for statement in ours for own in statement.actions):
            return Trust(refuted(*ours), f"the trust policy does not allow {POD_IDENTITY} {action}")
    return Trust(proven(*ours), f"the trust policy lets {POD_IDENTITY} in")


def allows(pattern: Textual, action: str) -> bool:
    """Whether an action of a policy means this one; IAM compares actions without regard to case."""
    return isinstance(pattern, str) and _means(pattern, action)


# Policies of a kind say the same words over and over.
@lru_cache(maxsize=1 << 14)
def _means(pattern: str, action: str) -> bool:
    return fits(action.lower(), pattern.lower(), glob=True) is Answer.PROVEN


def ends(key: Textual, suffix: str) -> bool:
    """Whether a condition's key ends so; the issuer before it may have holes."""
    if isinstance(key, Text):
        last = key.parts[-1]
        return isinstance(last, str) and last.endswith(suffix)
    return isinstance(key, str) and key.endswith(suffix)
