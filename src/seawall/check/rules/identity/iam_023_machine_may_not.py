"""A state machine whose role does not let it do what its states call."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.analyze.permissions.shortfalls import ELSEWHERE, takes_over
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Performs
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-023",
    severity=Severity.HIGH,
    summary="A state machine calls what its role does not allow",
    why="the execution fails at that state, which for a machine that is for a bad day is the bad day",
    fix="allow the action in a policy of the machine's role, on the thing that it is called on",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each machine's calls on nobody knows what, and those that have another place take over."""
    for performs in facts.all(Performs):
        if isinstance(performs.action, Unknown):
            yield RULE.unknown(f"what {performs.of} calls is not known", [performs.action], performs.of)
    machines = {performs.of for performs in facts.all(Performs)}
    open_ended = [gap for gap in gaps(facts) if isinstance(gap.call.resource, Unknown) and gap.call.source in machines]
    stated = [
        gap
        for gap in gaps(facts)
        if not isinstance(gap.call.resource, Unknown) and takes_over(facts, gap) and gap.chain.verdict.refuted
        if gap.chain.breaks is None or gap.chain.breaks.fault not in ELSEWHERE
    ]
    for group in (*alike(open_ended), *alike(stated)):
        machine, role = group[0].call.source, group[0].chain.role
        if role is None:
            continue  # a role of another input, of which nothing is known here
        what = f"{machine} calls {', '.join(sorted(gap.call.action for gap in group))}"
        # On what it calls is never known here, which says nothing against the role.
        doubts = {reason for gap in group for reason in gap.chain.missing} - {gap.call.resource for gap in group}
        if group[0].chain.verdict.refuted:
            severity = Severity.CRITICAL if any(takes_over(facts, gap) for gap in group) else None
            yield RULE.refuted(f"{what}, and {role} does not allow it", machine, role, severity=severity)
        elif doubts:
            yield RULE.unknown(f"{what}; whether {role} allows it is not known", sorted(doubts, key=str), machine, role)
