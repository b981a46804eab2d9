"""Each document's own list of mistakes, written before anything was run, against what the rules find in its files.

The list is ``as_documented/expected.yaml``: ``defects`` told by hand; ``beyond``, what is found besides and was looked
at by hand afterwards; ``left_out``, what is found because the document is silent. What is found is kept as
``FINDINGS.md`` of the platform; ``make findings`` writes it.
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
from seawall.kernel.verdict import Answer
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

    @property
    def defects(self) -> list[dict[str, Any]]:
        defects: list[dict[str, Any]] = self.said["defects"]
        return defects

    @property
    def expected(self) -> set[Finding]:
        """What tells one of the defects."""
        return {finding for item in self.defects for finding in self.meant(item)}

    @property
    def rest(self) -> list[dict[str, Any]]:
        """What was looked at by hand afterwards: ``beyond`` and ``left_out``."""
        return [*self.said.get("beyond", ()), *self.said.get("left_out", ())]

    def meant(self, item: dict[str, Any]) -> list[Finding]:
        """The findings that an item of the list speaks of: of its rule, at its place, with its answer and its words."""
        at = item.get("at", "*")
        patterns = at if isinstance(at, list) else [at]
        return [
            finding
            for finding in self.findings
            if finding.rule in rules_of(item)
            and finding.answer is Answer[item.get("answer", "refuted").upper()]
            and any(fnmatchcase(place, pattern) for place in self.places(finding) for pattern in patterns)
            and item.get("says", "") in "\n".join((finding.detail, *finding.evidence))
        ]

    def places(self, finding: Finding) -> Iterator[str]:
        """The addresses of a finding, without this machine's folder, and the file in which it is written."""
        for address in finding.addresses:
            yield str(address).replace(f"{self.folder.as_posix()}/", "")
        yield finding.origin.file

    def measured(self) -> dict[str, int]:
        """How many defects are told, of the first list and of those added later, and of what kind the findings are.

        ``right`` and ``wrong`` are of what the document says; ``left_out`` of what it says nothing about; ``unknown``
        are questions that the files do not answer, which tell no defect and are not counted as right.
        """
        expected, first = self.expected, [item for item in self.defects if "added" not in item]
        silent = {found for item in self.defects if item.get("left_out") for found in self.meant(item)}
        silent |= {found for item in self.said.get("left_out", ()) for found in self.meant(item)}
        beyond = {found: item["right"] for item in self.said.get("beyond", ()) for found in self.meant(item)}
        kinds = dict.fromkeys(("right", "wrong", "left_out", "unknown"), 0)
        for found in self.findings:
            if found.answer is Answer.UNKNOWN:
                kinds["unknown"] += 1
            elif found in silent:
                kinds["left_out"] += 1
            else:
                kinds["right" if found in expected or beyond.get(found) else "wrong"] += 1
        return {
            "first_list": len(first),
            "told_of_it": sum(bool(self.meant(item)) for item in first),
            "added": len(self.defects) - len(first),
            "told_of_them": sum(bool(self.meant(item)) for item in self.defects if "added" in item),
            "findings": len(self.findings),
            **kinds,
        }


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


def stated(name: str, measured: dict[str, int]) -> str:
    """What is measured, as a row of a table."""
    told = measured["told_of_it"] + measured["told_of_them"]
    defects = measured["first_list"] + measured["added"]
    judged = measured["right"] + measured["wrong"]
    return (
        f"| {name} | {measured['told_of_it']} of {measured['first_list']} | {measured['told_of_them']} of "
        f"{measured['added']} | {told / defects:.2f} | {measured['right']} of {judged} | "
        f"{measured['right'] / judged:.2f} | {measured['left_out']} | {measured['unknown']} |"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_item_is_whole(name: str) -> None:
    """Each defect says where the document has it and what is wrong; each rule that it names exists."""
    here = documented(name)
    for item in here.defects:
        assert isinstance(item["line"], int)
        assert item["fact"]
        assert item["defect"]
        assert set(rules_of(item)) <= set(modules()), item
        assert rules_of(item) or "says" not in item, "nobody finds it, and words are asked for"
    for item in here.rest:
        assert item["because"]
        assert isinstance(item["count"], int)
    assert all(isinstance(item["right"], bool) for item in here.said.get("beyond", ()))


@pytest.mark.parametrize("name", NAMES)
def test_what_has_a_rule_is_found(name: str) -> None:
    """Of the defects told by hand, each for which the list names a rule is told by as many findings as it says."""
    here = documented(name)
    other = [
        (item["line"], item["rule"], item["defect"], len(here.meant(item)))
        for item in here.defects
        if rules_of(item) and len(here.meant(item)) != item.get("count", 1)
    ]
    assert other == []


@pytest.mark.parametrize("name", NAMES)
def test_each_defect_has_findings_of_its_own(name: str) -> None:
    """A finding tells one defect; another that lies in the same finding says so (``with``, its line)."""
    here = documented(name)
    for finding in here.findings:
        tells = [item for item in here.defects if finding in here.meant(item)]
        assert sum("with" not in item for item in tells) <= 1, [item["defect"] for item in tells]


@pytest.mark.parametrize("name", NAMES)
def test_no_item_takes_all_of_a_rule(name: str) -> None:
    """Where a rule finds several things, an item of the list says which of them it means: by place or by words."""
    here = documented(name)
    blanket = [
        (item["rule"], item.get("at"))
        for item in (*here.defects, *here.rest)
        if item.get("at", "*") == "*"
        and "says" not in item
        and sum(finding.rule in rules_of(item) for finding in here.findings) > 1
    ]
    assert blanket == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_found_was_looked_at(name: str) -> None:
    """What is found is expected, or stands in exactly one entry, and each entry is of as many findings as it counts."""
    here = documented(name)
    others = [finding for finding in here.findings if finding not in here.expected]
    entries = {id(item): [found for found in here.meant(item) if found in others] for item in here.rest}
    counted = [(item["rule"], item.get("at"), len(entries[id(item)]), item["count"]) for item in here.rest]
    assert [each for each in counted if each[2] != each[3]] == [], "counts differ"
    looked_at = [sum(finding in found for found in entries.values()) for finding in others]
    new = [
        f"{found.rule} {found.answer} {found.addresses[:1]} {found.detail.splitlines()[0]}"
        for found, times in zip(others, looked_at, strict=True)
        if times != 1
    ]
    assert new == [], "found, and neither expected nor looked at, or looked at twice"


@pytest.mark.parametrize("name", NAMES)
def test_recall_and_precision(name: str, record_property: Any) -> None:
    """What the list, the documentation and the changelog's page say was measured is what is measured."""
    here = documented(name)
    measured = here.measured()
    for key, value in measured.items():
        record_property(key, value)
    assert measured == here.said["measured"]
    page = Path(__file__).parents[3] / "docs/documents.md"
    assert stated(name, measured) in page.read_text(encoding="utf-8").splitlines()


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
