"""Prices for lower bounds."""

from __future__ import annotations

from decimal import Decimal

from seawall.knowledge.least_prices import HOURS, RESERVED, hourly


def test_a_price_is_of_its_region() -> None:
    """The same thing costs what it costs in its region, and nothing is made up where the table has none."""
    assert hourly("ap-east-2", "nat") == Decimal("0.0558")
    assert hourly("us-east-1", "nat") == Decimal("0.045")
    assert hourly("ap-east-2", "kafka.m5.large") is None
    assert hourly("eu-west-1", "nat") is None


def test_the_bound_is_low() -> None:
    """The month is the shortest, and what a commitment leaves is less than a third."""
    assert HOURS == 28 * 24
    assert Decimal(0) < RESERVED < Decimal(1) / 3
