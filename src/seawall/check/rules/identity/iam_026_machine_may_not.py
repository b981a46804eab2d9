"""A state machine whose role does not let it do what its states call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seawall.analyze.trust import allows, role_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Performs, Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-026",
    severity=Severity.HIGH,
    summary="A state machine calls what its role does not allow",
    why="the execution fails at that state, which for a machine that is for a bad day is the bad day",
    fix="allow the action in a policy of the machine's role, on the thing that it is called on",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each machine's calls, against the statements of its role."""
    machines: dict[Address, list[str]] = {}
    for performs in facts.all(Performs):
        if isinstance(performs.action, Unknown):
            yield RULE.unknown(f"what {performs.of} calls is not known", [performs.action], performs.of)
        else:
            machines.setdefault(performs.of, []).append(performs.action)
    for machine, actions in machines.items():
        assumes = facts.one(Assumes, account=machine)
        role = role_of(facts, assumes) if assumes is not None else None
        if role is None or not facts.where(Statement, holder=role):
            continue  # a role of another input, of which nothing is known here
        policies = {attached.policy for attached in facts.where(Attaches, principal=role)}
        stated = [
            statement
            for holder in (role, *(policy for policy in policies if isinstance(policy, Address)))
            for statement in facts.where(Statement, holder=holder)
            if statement.kind == "identity"
        ]
        denied = sorted(action for action in actions if not _allowed(stated, action))
        if not denied:
            continue
        doubts = [statement.opaque for statement in stated if statement.opaque is not None]
        doubts += [Unknown(str(policy), why="its statements are not in the input") for policy in _elsewhere(policies)]
        what = f"{machine} calls {', '.join(denied)}"
        if doubts:
            yield RULE.unknown(f"{what}; whether {role} allows it is not known", doubts, machine, role)
        else:
            yield RULE.refuted(f"{what}, and {role} does not allow it", machine, role)


def _allowed(stated: list[Statement], action: str) -> bool:
    return any(
        statement.allow and any(allows(pattern, action) for pattern in statement.actions) != statement.not_actions
        for statement in stated
        if statement.opaque is None
    )


def _elsewhere(policies: Iterable[object]) -> list[object]:
    return [policy for policy in policies if not isinstance(policy, Address) or policy.is_outside]
