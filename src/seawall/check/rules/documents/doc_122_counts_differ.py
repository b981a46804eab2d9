"""A number of resources that is not theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.analyze.unread import unread
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim, Repeated
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-122",
    severity=Severity.LOW,
    summary="A document counts resources that are not there, or misses some that are",
    why="whoever reviews access, cost or a removal by such a list overlooks what it leaves out",
    fix="count again, or have the list written from the plan: terraform state list",
    layers=("claims", "terraform"),
    source="https://developer.hashicorp.com/terraform/cli/commands/state/list",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each type that is counted and of which there is one at least: what is there against what is said."""
    claims = facts.where(Claim, subject="counts")
    if not claims:
        return
    there: Counter[str] = Counter()
    listed: dict[str, list[Address]] = {}
    for address in sorted({statement.by for statement in facts}):
        named = address.as_terraform()
        type = named.path.rpartition(".")[0].rpartition(".")[2] if named else ""
        if type and not address.is_outside:
            there[type] += 1
            listed.setdefault(type, []).append(address)
    for claim in claims:
        found = there[claim.measure]
        numbers = [each.number for of in listed.get(claim.measure, ()) for each in facts.where(Repeated, of=of)]
        # What is not known only adds to what is there for certain.
        certain = found - len(numbers)
        more = [*numbers, *(unread(facts) if found else ())]
        if certain <= claim.value and (numbers or (found < claim.value and more)):
            yield RULE.unknown(
                f"{claim.value} of {claim.measure} {'is' if claim.value == 1 else 'are'} counted, and how many there "
                f"are is not known",
                more,
                *written(claim),
                *listed[claim.measure],
            )
            continue
        # Of a type that nothing of the input is of, its resources may be somewhere that was not given.
        if found and found != claim.value:
            yield RULE.refuted(
                f"{claim.value} of {claim.measure} {'is' if claim.value == 1 else 'are'} counted, and there "
                f"{'is' if found == 1 else 'are'} {f'{certain} at least' if more else found}",
                *written(claim),
                *listed[claim.measure],
            )
