"""An alert that calls so many events a second a share of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from math import isclose
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Compares
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-114",
    severity=Severity.HIGH,
    summary="An alert says percent and compares events a second",
    why="rate() gives events a second, not a part of all: with little traffic the alert stays silent while everything "
    "fails, with much it fires while hardly anything does",
    fix="divide by the rate of all events: sum(rate(failed[5m])) / sum(rate(all[5m])) > 0.05",
    layers=("kubernetes",),
    source="https://gitlab.com/gitlab-com/gl-infra/infrastructure/issues/6398",
    read=date(2026, 11, 22),
)

_SHARE: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)", re.IGNORECASE)
_OF_TIME: Final = frozenset({"seconds", "milliseconds", "microseconds", "nanoseconds", "time", "ms", "us", "ns"})
"""Words of names whose growth a second is a share: of time."""


def check(facts: Facts) -> Iterator[Finding]:
    """Alerts over the growth of one counter of events, whose words say the very threshold in percent."""
    for one in facts.all(Compares):
        if not one.growth or _OF_TIME & set(one.metric.split("_")):
            continue
        for words in one.words:
            said = [float(match["number"]) for match in _SHARE.finditer(words)]
            if any(isclose(one.number, number / 100) or isclose(one.number, number) for number in said):
                much = "a second" if one.growth != "increase" else "within its window"
                yield RULE.refuted(
                    f'{one.of} says "{words}", and fires above {one.number:g} of {one.metric} {much}',
                    one.of,
                    evidence=(one.query,),
                )
                break
