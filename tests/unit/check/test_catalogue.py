"""What the reference list asks for is a rule, or is on the page that says why it is none."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from seawall.check.registry import modules

PAGE = Path(__file__).parents[3] / "docs" / "rules-not-shipped.md"


def left_out() -> list[str]:
    """The ids of the page's first table, in its order."""
    first, _, _ = PAGE.read_text("utf-8").partition("\nNarrower than the list")
    return re.findall(r"^\| ([A-Z0-9]+-\d{3}) \|", first, re.M)


def test_nothing_that_is_left_out_is_shipped() -> None:
    """The page does not excuse the absence of a rule that is there, and names each once."""
    found = left_out()
    assert found
    assert len(found) == len(set(found))
    assert not set(found) & set(modules())


def test_the_list_is_shipped_or_accounted_for(reference: Path) -> None:
    """Every mistake of the reference list is a rule or on the page, and the page knows no other."""
    with (reference / "knowledge" / "rules.csv").open(encoding="utf-8") as lines:
        listed = {row["id"]: row["severity"] for row in csv.DictReader(lines)}
    assert set(left_out()) == set(listed) - set(modules())
    assert f"has {len(listed)} entries" in PAGE.read_text("utf-8")


def test_no_critical_one_is_left_out(reference: Path) -> None:
    """What the reference list calls critical is a rule, all of it."""
    with (reference / "knowledge" / "rules.csv").open(encoding="utf-8") as lines:
        critical = {row["id"] for row in csv.DictReader(lines) if row["severity"] == "critical"}
    assert critical <= set(modules())
