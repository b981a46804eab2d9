"""Whom Alertmanager tells of an alert, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from seawall.analyze import alert_routes
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Routes
from seawall.kernel.value import Unknown

_SAID: Final = {"slack": "Slack", "pagerduty": "PagerDuty", "webhook": "a webhook"}


def told(facts: Facts, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Who hears of an alert with these labels; nothing where no routes are known, or decide by other labels."""
    heard: dict[str, None] = {}
    for routes in facts.all(Routes):
        means = dict(routes.means)
        ends = alert_routes.told(routes.root, labels)
        for end in () if isinstance(ends, Unknown) else ends:
            for kind, where in means.get(end.receiver, ()):
                heard[f"{_SAID.get(kind, kind)} {where}".strip()] = None
    return tuple(heard)
