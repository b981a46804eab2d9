"""Whom Alertmanager tells of an alert, as far as the alert's labels are known beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seawall.facts.telemetry import Alarm, Route
from seawall.kernel.value import Unknown

ALERT = "prometheus/"
"""How the metric of an alarm that Prometheus raises begins; its name follows."""


def labels_of(alarm: Alarm) -> dict[str, str]:
    """The labels that the rule itself gives: its name, and those without a template."""
    stated = {key: str(value) for key, value in alarm.dimensions if key != "expr" and "{{" not in str(value)}
    return {**stated, "alertname": alarm.metric.removeprefix(ALERT)}


def told(root: Route, labels: Mapping[str, str]) -> tuple[Route, ...] | Unknown:
    """The routes at which an alert with these labels ends, in order.

    Unknown where a label decides that the alert may get from its series.
    """
    try:
        return tuple(_told(root, labels))
    except _UndecidedError as undecided:
        return Unknown(str(undecided), why="the alert may get that label from its series")


class _UndecidedError(Exception):
    """A label that is not known decides."""


def _told(route: Route, labels: Mapping[str, str]) -> Iterator[Route]:
    taken = False
    for inner in route.routes:
        if all(_fulfils(matcher, labels) for matcher in inner.matchers):
            taken = True
            yield from _told(inner, labels)
            if not inner.goes_on:
                return
    if not taken:
        yield route


def _fulfils(matcher: tuple[str, str, str], labels: Mapping[str, str]) -> bool:
    label, operator, value = matcher
    if label not in labels:
        raise _UndecidedError(f"{label}{operator}{value}")
    found = labels[label]
    same = found == value if operator in ("=", "!=") else re.fullmatch(value, found) is not None
    return same is (operator in ("=", "=~"))
