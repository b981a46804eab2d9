"""A line of a bill that is not what it is said to be worked out from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.cost import Bill
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Money

RULE = Rule(
    id="DOC-101",
    severity=Severity.MEDIUM,
    summary="A line of a bill is not what it is worked out from",
    why="whoever compares designs by such a sheet compares a slip of the pen; the invoice works it out anew",
    fix="multiply again: how many, times what each costs an hour, times the hours of a month (730 on average)",
    layers=("documents", "cost"),
    source="https://docs.aws.amazon.com/pricing-calculator/latest/userguide/faq.html",
    read=None,
)

_CENT: Final = Decimal("0.01")
LEAST, MOST = 28 * 24, 31 * 24
"""The hours of the shortest and of the longest month."""


def check(facts: Facts) -> Iterator[Finding]:
    """Each line that says how many and how much an hour, against any month; and all such lines against one month."""
    for claim in facts.where(Claim, subject="bill"):
        if not isinstance(claim.value, Bill):
            continue
        lines = dict(claim.value.lines)
        possible: dict[str, tuple[int, int]] = {}
        for name, units, hourly in claim.value.rates:
            amount = lines.get(name)
            if amount is None or amount.currency != hourly.currency:
                continue
            hours = _hours(amount, units, hourly)
            if hours is not None:
                possible[name] = hours
                continue
            each = hourly.amount * Decimal(str(units))
            yield RULE.refuted(
                f"{name} is said to cost {amount}, and {units:g} at {hourly.amount} {hourly.currency} an hour come to "
                f"{each * LEAST:,.2f} to {each * MOST:,.2f} a month",
                claim.by,
                evidence=(f"{amount.amount} / {each} = {amount.amount / each:,.0f} hours",),
            )
        if possible and max(least for least, _ in possible.values()) > min(most for _, most in possible.values()):
            yield RULE.refuted(
                f"no month has as many hours as all lines of {claim.measure} count",
                claim.by,
                evidence=[f"{name}: {_spelled(least, most)} hours" for name, (least, most) in sorted(possible.items())],
                severity=Severity.LOW,
            )


def _hours(amount: Money, units: float, hourly: Money) -> tuple[int, int] | None:
    """The fewest and the most hours, of a month's, that come to this amount as it is rounded; None if none do."""
    each = hourly.amount * Decimal(str(units))
    # A figure written without cents is taken as rounded to the whole.
    step = _CENT if amount.amount != amount.amount.to_integral_value() or _has_cents(amount) else Decimal(1)
    fits = [
        hours
        for hours in range(LEAST, MOST + 1)
        if (each * hours).quantize(step, ROUND_HALF_UP) == amount.amount.quantize(step)
        or abs(each * hours - amount.amount) < each
    ]
    return (fits[0], fits[-1]) if fits else None


def _has_cents(amount: Money) -> bool:
    exponent = amount.amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent <= -2


def _spelled(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}"
