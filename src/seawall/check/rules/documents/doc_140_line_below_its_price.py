"""A line of a bill that what it pays for cannot cost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from seawall.analyze.always_on import always_on
from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.cost import Bill
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-140",
    severity=Severity.MEDIUM,
    summary="A line of a bill is less than what it pays for costs at the least",
    why="the sum that is built on it, and the budget that is set by the sum, are too low from the first month on",
    fix="take the price of the region that it runs in, for every hour of the month, times how many there are",
    layers=("claims", "cost", "terraform"),
    source="https://calculator.aws/",
    read=None,
)

HOURS: Final = 720
"""Of a month of 30 days, by which lines of a bill are reckoned."""
NAMES: Final = {
    "control plane": ("eks", "control plane", "eks control plane", "eks cluster"),
    "gateway": ("nat", "nat gateway", "nat gateways"),
    "nodes": ("ec2", "nodes", "node group", "ec2 nodes", "eks nodes", "worker nodes"),
}
"""What lines are called that are for nothing less than one of these."""
_HALF: Final = Decimal("0.5")


def check(facts: Facts) -> Iterator[Finding]:
    """Lines in dollars by the names of what they pay for, against the least of any one such thing of the input."""
    for claim in facts.where(Claim, subject="bill"):
        bill = claim.value
        for name, amount in bill.lines if isinstance(bill, Bill) else ():
            meant = [each for each in always_on(facts) if name.lower() in NAMES.get(each.kind, ())]
            hours = [each.hour for each in meant if each.hour is not None]
            if not meant or len(hours) < len(meant) or amount.currency != "USD":
                continue
            least = min(hours) * HOURS
            # Amounts that are rounded to whole dollars may be half a dollar too low.
            if amount.amount + _HALF < least:
                cheapest = min(meant, key=lambda each: (each.hour or Decimal(0), each.of))
                yield RULE.refuted(
                    f"{name} is put at {amount} a month, and {cheapest.of}, {cheapest.what}, costs {least:,.2f} USD in "
                    "30 days at the least",
                    *(written(claim) or (cheapest.of,)),
                    evidence=[f"{claim.measure}: {name} {amount}"],
                )
