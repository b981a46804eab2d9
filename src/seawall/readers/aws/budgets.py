"""Budgets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from seawall.facts.cost import SpendLimit
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_budgets_budget")
def budget(resource: Resource) -> Iterator[Fact]:
    """Spending is watched; a budget tells somebody and stops nothing."""
    body = Arguments(resource)
    if body.text("budget_type") != "COST":
        return
    thresholds = []
    for notification in body.blocks("notification"):
        unit = " %" if notification.text("threshold_type") == "PERCENTAGE" else ""
        kind = str(notification.text("notification_type")).lower()
        thresholds.append(f"{_plain(notification.text('threshold'))}{unit} {kind}")
    yield SpendLimit(
        resource.address,
        _plain(body.text("limit_amount") if body.has("limit_amount") else body.unknown("limit_amount")),
        str(body.text("limit_unit", "USD")),
        tuple(sorted(thresholds)),
        False,
    )


def _plain(amount: Textual) -> Textual:
    """``550.0``, which the provider makes of ``550``, in the spelling of the source."""
    if not isinstance(amount, str):
        return amount
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return amount
    return str(number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize())
