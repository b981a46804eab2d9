"""What a document promises, read from claims.yaml: each claim with its line, every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.facts.cost import Bill
from seawall.facts.resilience import Claim
from seawall.ingest.estate import ingest
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration, Money
from seawall.readers.read import facts_of

TEXT = """\
claims:
  monthly_cost: 250 USD
  region_loss: {rto: 3 min, rpo: 24 h}
  zones:
    - a
    - b
  bill:
    AWS:
      lines: {nodes: 50 USD}
      total: 60 USD
"""


def written(folder: Path, text: str) -> Path:
    """The file of that text."""
    file = folder / "claims.yaml"
    file.write_text(text)
    return file


def test_each_claim_is_a_fact_with_its_line(tmp_path: Path) -> None:
    """A claim is what a description's would be, and a finding about it can say where it is written."""
    graph = ingest([written(tmp_path, TEXT)])
    claims = {(claim.subject, claim.measure): claim for claim in facts_of(graph).all(Claim)}
    assert claims["platform", "monthly_cost"].value == Money.parse("250 USD")
    assert claims["region_loss", "rpo"].value == Duration.parse("24 h")
    assert claims["bill", "AWS"].value == Bill((("nodes", Money.parse("50 USD")),), Money.parse("60 USD"))
    lines = {key: graph[claim.by].origin.line for key, claim in claims.items()}
    assert lines["platform", "monthly_cost"] == 2
    assert lines["region_loss", "rto"] == 3
    assert lines["zones", "b"] == 6
    assert lines["bill", "AWS"] == 8


def test_a_folder_is_looked_through(tmp_path: Path) -> None:
    """The file is found beside the others of an estate, at any depth."""
    (tmp_path / "docs").mkdir()
    written(tmp_path / "docs", TEXT)
    assert facts_of(ingest([tmp_path])).where(Claim, subject="zones")


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    """A key that there is not and an amount that is none are two problems, each where it stands."""
    with pytest.raises(InputError) as raised:
        ingest([written(tmp_path, "claims:\n  monthly_cost: many\n  regio_loss: {rto: 1 min, rpo: 0 s}\n")])
    assert sorted(problem.origin.line for problem in raised.value.problems) == [2, 3]


def test_no_claims_is_no_input(tmp_path: Path) -> None:
    """A claims.yaml without claims is a mistake and not an empty list."""
    with pytest.raises(InputError):
        ingest([written(tmp_path, "promises: {}\n")])
