"""Each document's own list of mistakes, written before anything was run, against what the rules find in its files.

The list is ``as_documented/expected.yaml``: ``defects`` told by hand, and ``beyond``, what is found besides and was
looked at by hand afterwards. What is found is kept as ``FINDINGS.md`` of the platform; ``make findings`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from seawall.check.engine import Report, examine
from seawall.check.formats.findings import places, render
from seawall.check.registry import modules
from seawall.graph.graph import Graph
from seawall.ingest.estate import ingest
from seawall.kernel.finding import Finding
from seawall.readers.read import facts_of

PLATFORMS = Path(str(files("seawall.platforms")))
NAMES = sorted(found.parent.parent.name for found in PLATFORMS.glob("*/as_documented/expected.yaml"))
NONE_YET = "none yet"


@dataclass(frozen=True)
class Documented:
    """One document: its list, and what is found in its files on the day of the list."""

    folder: Path
    said: dict[str, Any]
    graph: Graph
    report: Report

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings


@cache
def documented(name: str) -> Documented:
    """Read and checked once, on the day of its list."""
    folder = PLATFORMS / name / "as_documented"
    said = yaml.safe_load((folder / "expected.yaml").read_text())
    if "defects" not in said:
        pytest.skip(f"the list of {name} is of permissions only")
    graph = ingest([folder])
    report = examine(graph, facts_of(graph), as_of=said["as_of"])
    return Documented(folder, said, graph, report)


def rules_of(item: dict[str, Any]) -> list[str]:
    """The rules by any of which an item has to be found; none where there is no rule yet."""
    named = item["rule"]
    return [name for name in (named if isinstance(named, list) else [named]) if name != NONE_YET]


def meant(item: dict[str, Any], findings: tuple[Finding, ...], folder: Path) -> Iterator[Finding]:
    """The findings that an item of the list speaks of."""
    for finding in findings:
        places = [str(address).replace(f"{folder.as_posix()}/", "") for address in finding.addresses]
        places.append(finding.origin.file)
        if finding.rule in rules_of(item) and any(fnmatchcase(place, item.get("at", "*")) for place in places):
            yield finding


@pytest.mark.parametrize("name", NAMES)
def test_every_item_is_whole(name: str) -> None:
    """Each defect says where the document has it and what is wrong; each rule that it names exists."""
    for item in documented(name).said["defects"]:
        assert isinstance(item["line"], int)
        assert item["fact"]
        assert item["defect"]
        assert set(rules_of(item)) <= set(modules()), item
    for item in documented(name).said.get("beyond", ()):
        assert isinstance(item["right"], bool)
        assert item["because"]


@pytest.mark.parametrize("name", NAMES)
def test_what_has_a_rule_is_found(name: str) -> None:
    """Of the defects told by hand, every one for which the list names a rule is found by it, where it was expected."""
    here = documented(name)
    missed = [
        (item["rule"], item["defect"])
        for item in here.said["defects"]
        if rules_of(item) and not any(meant(item, here.findings, here.folder))
    ]
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_recall_and_precision(name: str, record_property: Any) -> None:
    """Nothing is found that nobody has looked at, and both shares are no smaller than the list states."""
    here = documented(name)
    defects, beyond = here.said["defects"], here.said.get("beyond", ())
    expected = {finding for item in defects for finding in meant(item, here.findings, here.folder)}
    looked_at = {finding: item for item in beyond for finding in meant(item, here.findings, here.folder)}
    new = [
        f"{found.rule} {found.addresses[:1]}" for found in here.findings if not {found} & (expected | set(looked_at))
    ]
    assert new == [], "found, and neither expected nor looked at"
    gone = [item for item in beyond if not any(meant(item, here.findings, here.folder))]
    assert gone == [], "looked at, and not found any more"
    told = sum(any(meant(item, here.findings, here.folder)) for item in defects)
    right = sum(found in expected or looked_at[found]["right"] for found in here.findings)
    recall, precision = told / len(defects), right / len(here.findings)
    record_property("recall", recall)
    record_property("precision", precision)
    least = here.said["measured"]
    assert recall >= least["recall"], f"{told} of {len(defects)}"
    assert precision >= least["precision"], f"{right} of {len(here.findings)}"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_what_is_found(name: str) -> None:
    """The platform's FINDINGS.md is, byte for byte, what is found today."""
    here = documented(name)
    page = render(here.report, title=f"{name}/as_documented", root=here.folder, place=places(here.graph))
    assert page == (here.folder.parent / "FINDINGS.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names_no_machine(name: str) -> None:
    """Whoever wrote the page, no path of theirs is in it."""
    here = documented(name)
    page = render(here.report, title=name, root=here.folder, place=places(here.graph))
    assert str(PLATFORMS) not in page
    assert isinstance(here.report.as_of, date)
