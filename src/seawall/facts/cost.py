"""Cost: what is billed, and what caps it."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Fact, Known
from seawall.kernel.address import Address
from seawall.kernel.units import Estimate, Money
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Billed(Fact):
    """A quantity of something that is charged for, a month, before any price is known."""

    of: Address
    sku: str
    quantity: Estimate
    region: Known[str]
    term: str = "on-demand"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpendLimit(Fact):
    """Spending is watched, and capped if ``stops``; amount as written, in ``currency`` a month."""

    of: Address
    amount: Textual
    currency: str
    thresholds: tuple[str, ...]
    stops: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """What one provider is said to cost a month, as the value of a claim: its lines, and the sum that is stated.

    ``rates`` says of some lines how many of a thing they are for, and what each costs an hour.
    """

    lines: tuple[tuple[str, Money], ...]
    total: Money
    rates: tuple[tuple[str, float, Money], ...] = ()

    def __str__(self) -> str:
        return f"{self.total} in {len(self.lines)} lines"
