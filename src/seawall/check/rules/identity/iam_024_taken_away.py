"""What a role's policy grants and a boundary or the organisation takes away again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from seawall.analyze.permissions.applicable import caller_of, policies, request_of
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.needed import acting, needs
from seawall.check.rule import Rule
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="IAM-024",
    severity=Severity.HIGH,
    summary="A permissions boundary or a policy of the organisation takes away what a role's policy grants",
    why="what a role may do is only what all of them allow: the call is denied at run time although the role's own "
    "policy grants it",
    fix="allow the action in the boundary or in the control policy at every level above the account, or take the call "
    "away",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    read=date(2023, 6, 1),
)

_TAKING = (Layer.BOUNDARY, Layer.SCP, Layer.RCP)


def check(facts: Facts) -> Iterator[Finding]:
    """Every call that has to be possible, decided with what takes away and without it; one finding a role and layer."""
    if not _capped(facts):
        return
    found: dict[tuple[Address, Layer, Answer], list[tuple[Call, Decision]]] = {}
    for need in needs(facts):
        for role in acting(facts, need.call.source).roles:
            decision = _taken_away(facts, role, need.call)
            if decision is not None:
                found.setdefault((role, decision.layer, decision.answer), []).append((need.call, decision))
    for (role, layer, answer), calls in found.items():
        actions = ", ".join(sorted({call.action for call, _ in calls}))
        sources = sorted({call.source for call, _ in calls})
        holders = (one.holder for _, decision in calls for one in decision.statements)
        where = sorted({holder for holder in holders if isinstance(holder, Address) and holder != role})
        evidence = sorted({f"{call.source} calls {call.action} on {call.resource}: {call.said}" for call, _ in calls})
        if answer is Answer.REFUTED:
            yield RULE.refuted(
                f"{role} is granted {actions}, which its {layer} takes away", role, *where, *sources, evidence=evidence
            )
        else:
            missing = [reason for _, decision in calls for reason in decision.because]
            what = f"whether the {layer} of {role} takes {actions} away is not known"
            yield RULE.unknown(what, missing, role, *where, *sources, evidence=evidence)


def _capped(facts: Facts) -> bool:
    """Whether anything at all takes away, which most estates have nothing of."""
    return any(one.boundary is not None for one in facts.all(Principal)) or any(
        one.kind in ("scp", "rcp") for one in facts.all(Statement)
    )


def _taken_away(facts: Facts, role: Address, call: Call) -> Decision | None:
    """The decision on a call that the role's own policies grant, where what takes away decides; None of any other."""
    caller = caller_of(facts, role)
    if isinstance(caller, Unknown):
        return None
    request = request_of(facts, caller, call)
    layers = policies(facts, request)
    decision = decide(request, layers)
    if decision.answer is Answer.PROVEN or decision.layer not in _TAKING:
        return None
    granted = decide(replace(request, owner=""), Policies(layers.identity))
    return decision if granted.answer is Answer.PROVEN else None
