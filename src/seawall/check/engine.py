"""The use case ``check``: run rules over the facts of a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date
from time import perf_counter

from seawall.check import waivers as waiving
from seawall.check.doubts import doubted
from seawall.check.registry import check_of, selected
from seawall.check.waivers import Waive
from seawall.facts.facts import Facts
from seawall.facts.resilience import Today
from seawall.graph.graph import Graph
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.origin import NOWHERE, Origin
from seawall.kernel.verdict import Answer


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check: findings in their order, the rules that ran, and the seconds each of them took."""

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    as_of: date
    timings: dict[str, float] = dataclasses.field(default_factory=dict, compare=False)

    def reaching(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that are not waived and matter at least that much; unknown ones count."""
        return tuple(finding for finding in self.findings if finding.waived is None and finding.severity >= severity)

    def count(self, answer: Answer) -> int:
        """How many findings, not waived, have that answer."""
        return sum(finding.waived is None and finding.answer is answer for finding in self.findings)


def check(
    graph: Graph,
    facts: Facts,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    waivers: Sequence[Waive] = (),
    as_of: date,
) -> list[Finding]:
    """The findings of the chosen rules, most severe first; see ``examine`` for the whole report."""
    return list(examine(graph, facts, select=select, ignore=ignore, waivers=waivers, as_of=as_of).findings)


def examine(
    graph: Graph,
    facts: Facts,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    waivers: Sequence[Waive] = (),
    as_of: date,
) -> Report:
    """Run the chosen rules over the facts; ``graph`` only says where a finding's resource is written.

    Raises InputError for a pattern that means no rule and for a waiver without a reason.
    """
    ids = selected(select, ignore)
    dated = facts.and_also([Today(as_of)])
    found: dict[Finding, None] = {}
    timings: dict[str, float] = {}
    for id in ids:
        run = check_of(id)
        if run is None:
            continue
        started = perf_counter()
        for finding in run(dated):
            finding = doubted(dated, finding)
            found[dataclasses.replace(finding, origin=_origin(graph, finding))] = None
        timings[id] = perf_counter() - started
    waived = waiving.waive(found, waivers, as_of, ids)
    return Report(tuple(sorted(waived, key=_order)), ids, as_of, timings)


def _origin(graph: Graph, finding: Finding) -> Origin:
    if finding.origin != NOWHERE:
        return finding.origin
    for address in finding.addresses:
        resource = graph.get(address) or graph.get(address.owner)
        if resource is not None and resource.origin != NOWHERE:
            return resource.origin
    return NOWHERE


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        -finding.severity,
        finding.rule,
        finding.answer.value,
        finding.addresses,
        finding.detail,
        finding.evidence,
        finding.origin,
    )
