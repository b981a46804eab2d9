"""Each rule's page is its test: what is fenced as firing fires, what is fenced as quiet does not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from seawall.check import page
from seawall.check.registry import check_of, modules, rule
from seawall.kernel.verdict import Answer
from unit.check import estate

CASES = [
    pytest.param(id, case, id=f"{id}-{case.expects}-{case.title.replace(' ', '-')}")
    for id in modules()
    for case in page.cases(id)
]


@pytest.mark.parametrize(("id", "case"), CASES)
def test_page_is_true(id: str, case: page.Case, tmp_path: Path) -> None:
    """A page's inputs do what the page says, so that documentation cannot drift from the rule."""
    found = estate.findings(case, id, tmp_path)
    answers = {finding.answer for finding in found}
    expected = {
        "fires": {Answer.REFUTED},
        "unknown": {Answer.UNKNOWN},
        "quiet": set(),
    }[case.expects]
    assert answers == expected, "\n".join(f"{finding.answer}: {finding.detail}" for finding in found)
    for finding in found:
        assert finding.addresses, "a finding names at least one resource"
        assert finding.origin.file, f"{finding.addresses[0]} is written somewhere, and the finding says where"


@pytest.mark.parametrize("id", list(modules()))
def test_rule_has_a_page_that_shows_both_sides(id: str) -> None:
    """Every rule explains itself and shows an input on which it fires and one on which it keeps quiet."""
    text = page.text(id)
    about = rule(id)
    assert text.startswith(f"# {id}: {about.summary}\n")
    assert re.search(r"^## Why$", text, re.M)
    assert re.search(r"^## How to fix$", text, re.M)
    if check_of(id) is not None:
        assert {"fires", "quiet"} <= {case.expects for case in page.cases(id)}


@pytest.mark.parametrize("id", list(modules()))
def test_rule_metadata_is_whole(id: str) -> None:
    """A rule's id is its file's name, and its source is a public address, with the day of the copy that was read."""
    about = rule(id)
    assert about.id == id
    assert about.source.startswith("https://")
    assert about.read is None or date(2023, 1, 1) <= about.read <= estate.AS_OF
    assert about.layers
    assert not about.summary.endswith(".")
    assert len(about.summary) <= 110
    assert about.why
    assert about.fix


def test_every_page_belongs_to_a_rule() -> None:
    """No page is left over from a rule that was renamed or removed."""
    folder = Path(page.__file__).parent / "rules"
    named = {name.rpartition(".")[2] for name in modules().values()}
    assert {file.stem for file in folder.rglob("*.md")} == named
    assert {file.stem for file in folder.rglob("*.py") if file.stem != "__init__"} == named
