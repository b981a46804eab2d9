"""Who may take on a role: a pod's service account through the cluster's issuer or through Pod Identity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.texts import fits
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Identifier, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.kernel.verdict import Answer, Verdict, all_of, proven, refuted, unknown

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


def trusts(facts: Facts, assumes: Assumes) -> Trust | None:
    """Whether the role lets this account take it on; None if the role's trust policy is not in the input."""
    role = role_of(facts, assumes)
    if role is None or not isinstance(assumes.account, Address):
        return None
    statements = trusting(facts, role)
    name = subject(assumes.account)
    if not statements or name is None:
        return None
    if assumes.means == "pod-identity":
        return _pod_identity(statements)
    return _best(_web_identity(statement, name) for statement in statements if statement.allow)


def _best(trusts: Iterator[Trust]) -> Trust:
    found = list(trusts)
    for answer in (Answer.PROVEN, Answer.UNKNOWN, Answer.REFUTED):
        for trust in found:
            if trust.verdict.answer is answer:
                return trust
    return Trust(refuted(), "no statement allows anything")


def _web_identity(statement: Statement, name: str) -> Trust:
    if statement.opaque is not None:
        return Trust(unknown(statement.opaque), "the trust policy cannot be read")
    if not any(allows(action, WEB_IDENTITY) for action in statement.actions):
        return Trust(refuted(statement), f"the trust policy does not allow {WEB_IDENTITY}")
    verdicts: list[Verdict] = [proven(statement)]
    says = f"the trust policy lets {name} in"
    for condition in statement.conditions:
        if ends(condition.key, ":sub"):
            glob = "Like" in condition.operator
            answers = [fits(name, value, glob=glob) for value in condition.values]
            if Answer.PROVEN in answers:
                continue
            if Answer.UNKNOWN in answers:
                holes = [value for value in condition.values if not isinstance(value, str)]
                verdicts.append(unknown(*(_unknown(value) for value in holes)))
            else:
                expected = ", ".join(str(value) for value in condition.values)
                verdicts.append(refuted(statement))
                says = f"the trust policy wants the subject {expected}, and the pod's is {name}"
        elif ends(condition.key, ":aud") and "sts.amazonaws.com" not in condition.values:
            audiences = ", ".join(str(value) for value in condition.values)
            verdicts.append(refuted(statement))
            says = f"the trust policy wants the audience {audiences}, and EKS writes sts.amazonaws.com"
    return Trust(all_of(verdicts), says)


def _pod_identity(statements: tuple[Statement, ...]) -> Trust:
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
    return isinstance(pattern, str) and fits(action.lower(), pattern.lower(), glob=True) is Answer.PROVEN


def ends(key: Textual, suffix: str) -> bool:
    """Whether a condition's key ends so; the issuer before it may have holes."""
    if isinstance(key, Text):
        last = key.parts[-1]
        return isinstance(last, str) and last.endswith(suffix)
    return isinstance(key, str) and key.endswith(suffix)


def _unknown(value: Textual) -> Unknown:
    if isinstance(value, Unknown):
        return value
    mentions = (value,) if isinstance(value, Ref) else ()
    return Unknown(f"{value}", mentions, "it is known only after apply")
