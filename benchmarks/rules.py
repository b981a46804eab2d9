"""``python -m benchmarks.rules``: what all rules take on estates of 15,000 resources.

Two of them. One platform of a thousand services, four of which share a store; and the reference platforms copied until
there are as many, each copy under names of its own, which is what an organisation with a platform a team has in one
account. Reading is measured apart from the rules, and the slowest rules are named. Seconds are the processor's, for
other programs take their share of a machine's time; the garbage collector is paused as in the command.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.synthetic import description
from seawall.check.engine import Report, examine
from seawall.cli.input import load_graph, reference_platforms
from seawall.facts.fact import Demand
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, map_leaves, text
from seawall.readers.read import facts_of

RESOURCES = 15_000
SERVICES = 1_000
"""Of the synthetic platform: about 15 resources each."""
AS_OF = date(2026, 11, 22)
SHOWN = 8


def main() -> int:
    """Measure, print, and write the figures as JSON if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--resources", type=int, default=RESOURCES, help=f"about how many (default: {RESOURCES})")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"python": platform.python_version(), "machine": platform.machine()}
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "platform.yaml"
        source.write_text(description(SERVICES * chosen.resources // RESOURCES), encoding="utf-8")
        results["one platform"] = _measured("one platform", load_graph([str(source)], None)[1])
    results["many platforms"] = _measured("many platforms", copies(chosen.resources))
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _measured(name: str, graph: Graph) -> dict[str, Any]:
    started = time.process_time()
    facts = facts_of(graph)
    read = time.process_time() - started
    started = time.process_time()
    report: Report = examine(graph, facts, as_of=AS_OF)
    took = time.process_time() - started
    slowest = sorted(report.timings.items(), key=lambda item: -item[1])[:SHOWN]
    print(
        f"{name}: {len(graph)} resources, {len(facts)} facts read in {read:.2f} s; {len(report.rules)} rules in "
        f"{took:.2f} s, {len(report.findings)} findings"
    )
    for id, seconds in slowest:
        print(f"  {seconds:6.2f} s  {id}")
    return {
        "resources": len(graph),
        "facts": len(facts),
        "read": read,
        "rules": took,
        "findings": len(report.findings),
        "slowest": dict(slowest),
    }


def copies(resources: int) -> Graph:
    """The reference platforms, so many times over that there are that many resources or a few more."""
    originals = [(name, load_graph([name], None)[1]) for name in reference_platforms()]
    found: list[Resource] = []
    demands: list[Demand] = []
    for number, (name, graph) in enumerate(cycle(originals)):
        if len(found) >= resources:
            break
        copy = _Copy(name, number)
        found += copy.resources(graph)
        demands += copy.demands(graph)
    return Graph(found, demands)


class _Copy:
    """A platform under names of its own: its name with a number, and stacks with the same number."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.to, self.number = name, f"{name}{number}", number

    def resources(self, graph: Graph) -> Iterator[Resource]:
        """Every resource of it."""
        for each in graph:
            meta = dict(each.meta)
            if "depends_on" in meta:
                meta["depends_on"] = tuple(self.address(other) for other in meta["depends_on"])
            body = map_leaves(each.body, self.value)
            yield Resource(self.address(each.address), each.type, body, each.origin, each.region, meta)

    def demands(self, graph: Graph) -> Iterator[Demand]:
        """Every demand of it."""
        for demand in graph.demands:
            yield replace(demand, **{part.name: self.value(getattr(demand, part.name)) for part in fields(demand)})

    def address(self, address: Address) -> Address:
        """An address of the original in the copy."""
        if address.startswith("file:"):
            return Address.file(f"{self.to}/{address.removeprefix('file:')}")
        spelled = Address(address.replace(self.name, self.to))
        place, colon, path = spelled.partition(":")
        return Address(f"{place}-{self.name}{self.number}:{path}") if spelled.as_terraform() and colon else spelled

    def value(self, value: Any) -> Any:
        """A leaf of the original in the copy."""
        match value:
            case Address():
                return self.address(value)
            case Ref():
                return Ref(self.address(value.to), value.attr)
            case Text():
                return text(*(self.value(part) for part in value.parts))
            case Unknown():
                return Unknown(value.what.replace(self.name, self.to), (), value.why, value.length)
            case str():
                return value.replace(self.name, self.to)
            case _:
                return value


if __name__ == "__main__":
    sys.exit(main())
