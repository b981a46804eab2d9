"""A sum that its lines do not make."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.cost import Bill
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-120",
    severity=Severity.MEDIUM,
    summary="The lines of a bill do not make the sum that stands below them",
    why="one of the figures is wrong, and nobody can tell which from the document; a budget set by it is too low or "
    "too high from then on",
    fix="add up again, and say which line was left out or counted twice",
    layers=("claims", "cost"),
    source="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each bill: its lines against its total, with room for amounts that were rounded."""
    for claim in facts.where(Claim, subject="bill"):
        bill = claim.value
        if not isinstance(bill, Bill) or any(money.currency != bill.total.currency for _, money in bill.lines):
            continue
        amounts = [money.amount for _, money in bill.lines]
        total = sum(amounts, Decimal(0))
        if abs(total - bill.total.amount) <= _rounding([*amounts, bill.total.amount]):
            continue
        yield RULE.refuted(
            f"the lines of {claim.measure} make {total} {bill.total.currency}, and {bill.total} is stated",
            *written(claim),
            evidence=(" + ".join(str(amount) for amount in amounts) + f" = {total}",),
        )


def _rounding(amounts: list[Decimal]) -> Decimal:
    """By how much a sum may be off where every amount was rounded to the last place that any of them has."""
    places = min(int(amount.normalize().as_tuple().exponent) for amount in amounts)
    return Decimal(len(amounts)).scaleb(min(places, 0)) / 2
