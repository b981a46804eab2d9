"""Which alarms there are, what raises each, and whom it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm, Notifies
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.render.words import name, said, seconds, table

_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}


def section(facts: Facts, graph: Graph) -> Iterator[str]:
    """One line an alarm; what it says to whoever is woken stands in its description."""
    rows = (
        (
            said(alarm.region),
            name(alarm.of),
            alarm.metric,
            _condition(_body(graph, alarm.of)),
            seconds(alarm.detects_after),
            _told(facts, alarm),
            said(_body(graph, alarm.of).get("alarm_description", "")),
        )
        for alarm in facts.all(Alarm)
    )
    yield from table(("region", "alarm", "metric", "if", "after", "tells", "says"), sorted(rows))


def _body(graph: Graph, address: Address) -> Any:
    resource = graph.get(address.owner)
    return resource.body if resource is not None else {}


def _condition(body: Any) -> str:
    if "threshold" not in body:
        return said(body.get("alarm_rule", ""))
    statistic = body.get("statistic") or body.get("extended_statistic", "")
    return f"{said(statistic)} {_SIGNS.get(body.get('comparison_operator'), '?')} {said(body['threshold'])}"


def _told(facts: Facts, alarm: Alarm) -> str:
    if isinstance(alarm.notifies, Unknown):
        return "?"
    told = []
    for topic in alarm.notifies:
        means = [fact.protocol for fact in facts.where(Notifies, of=topic)] if isinstance(topic, Address) else []
        told.append(f"{said(name(topic) if isinstance(topic, Address) else topic)} ({', '.join(sorted(set(means)))})")
    return ", ".join(told) or "nobody"
