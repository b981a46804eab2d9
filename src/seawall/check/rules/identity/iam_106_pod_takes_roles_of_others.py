"""Somebody in a cluster who can act as AWS roles of other service accounts."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.escalation import Step, rules_all, steps
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-106",
    severity=Severity.HIGH,
    summary="Rights in a cluster lend AWS roles of other service accounts",
    why="whoever may create pods in a namespace, change what they run, or enter them chooses any service account of "
    "it, and has the role of that account",
    fix="take away the verb, bind it in a namespace whose accounts have no role, or name what is meant (resourceNames)",
    layers=("kubernetes", "terraform"),
    source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Accounts, groups and users of a cluster; administrators of it are known as such. People are less of a danger."""
    subjects = {attached.principal for attached in facts.all(Attaches) if isinstance(attached.principal, Address)}
    for subject in sorted(subjects):
        named = subject.as_kubernetes()
        if named is None or rules_all(facts, subject):
            continue
        own = {step.becomes for step in steps(facts, subject) if step.means == "assume"}
        found = [step for step in steps(facts, subject) if step.means == "pods" and step.becomes not in own]
        if not found:
            continue
        pod = named.kind == "ServiceAccount" and bool(facts.where(Workload, account=subject))
        roles = list(dict.fromkeys(step.becomes for step in found if isinstance(step.becomes, Address)))
        yield RULE.refuted(
            f"{subject} can act as {', '.join(sorted(roles))}",
            subject,
            *roles,
            evidence=_lines(facts, subject, found),
            severity=Severity.HIGH if pod else Severity.MEDIUM,
        )


def _lines(facts: Facts, subject: Address, found: list[Step]) -> list[str]:
    pods = [f"pods of {each.of} run as {subject}" for each in facts.where(Workload, account=subject)]
    return [*pods, *(str(step) for step in found)]
