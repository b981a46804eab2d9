"""A claimed cost that is less than what stands there day and night."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seawall.analyze.always_on import always_on
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Money
from seawall.knowledge.least_prices import HOURS

RULE = Rule(
    id="DOC-103",
    severity=Severity.HIGH,
    summary="The claimed cost is less than what stands there costs at the least",
    why="what runs day and night is paid for, used or not: no discount, no tuning and no quiet month brings the bill "
    "below it, and a budget that stops things at that sum stops the platform",
    fix="claim what it costs, or take away what the sum does not pay for: a region, a stream, two sizes",
    layers=("documents", "cost"),
    source="https://calculator.aws/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """The claim of a monthly cost in dollars against the least of what is always on: the shortest month, discounted."""
    for claim in facts.where(Claim, measure="monthly_cost"):
        if not isinstance(claim.value, Money) or claim.value.currency != "USD":
            continue
        lines = [(each.of, each.hour * HOURS, each.what) for each in always_on(facts) if each.hour is not None]
        least = sum((amount for _, amount, _ in lines), Decimal(0))
        if least > claim.value.amount:
            dearest = sorted(lines, key=lambda line: (-line[1], line[0]))
            yield RULE.refuted(
                f"{claim.value} a month are claimed, and what is always on costs {least:,.0f} USD in the shortest "
                "month at the greatest discount",
                *((claim.by,) if claim.by else ()),
                dearest[0][0],
                evidence=[f"{of}: {what}, {amount:,.2f} USD" for of, amount, what in dearest],
            )
