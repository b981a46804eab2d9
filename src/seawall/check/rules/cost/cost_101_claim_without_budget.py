"""A monthly cost that nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.cost import SpendLimit
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Money
from seawall.kernel.value import Ref, Text, Unknown

RULE = Rule(
    id="COST-101",
    severity=Severity.MEDIUM,
    summary="A monthly cost is claimed that no budget watches",
    why="nothing tells anybody before the invoice does",
    fix="add aws_budgets_budget with the claimed amount and notifications",
    layers=("terraform", "claims", "cost"),
    source="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """The claim against the budgets: there is one, it tells somebody, and it is not larger than the claim."""
    for claim in facts.all(Claim):
        if claim.measure != "monthly_cost" or not isinstance(claim.value, Money):
            continue
        limits = sorted(
            (limit for limit in facts.all(SpendLimit) if limit.currency == claim.value.currency),
            key=lambda limit: limit.of,
        )
        if not limits:
            # A description's claim has no address; the finding is about the description as a whole.
            yield RULE.refuted(f"{claim.value} a month is claimed, and there is no budget", *written(claim))
            continue
        telling = [limit for limit in limits if limit.thresholds or limit.stops]
        if not telling:
            yield RULE.refuted(f"{limits[0].of} tells nobody", *(limit.of for limit in limits))
            continue
        missing = [limit.amount for limit in telling if isinstance(limit.amount, Unknown | Ref | Text)]
        amounts = {limit.of: _amount(limit) for limit in telling}
        known = [amount for amount in amounts.values() if amount is not None]
        if known and min(known) > claim.value.amount and not missing:
            yield RULE.refuted(
                f"{claim.value} a month is claimed, and the smallest budget is {min(known)} {claim.value.currency}",
                *amounts,
            )
        elif not known and missing:
            holes = [hole if isinstance(hole, Unknown) else Unknown(f"{hole}") for hole in missing]
            yield RULE.unknown("the amount of the budget is not known", holes, *amounts)


def _amount(limit: SpendLimit) -> Decimal | None:
    try:
        return Decimal(limit.amount) if isinstance(limit.amount, str) else None
    except InvalidOperation:
        return None
