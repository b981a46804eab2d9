"""A count of sessions where none are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.applications import configured
from seawall.analyze.sessions import sessions
from seawall.check.rule import Rule
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-122",
    severity=Severity.MEDIUM,
    summary="An alert or panel counts Tomcat's sessions, and the sessions are kept in Redis",
    why="Spring Session takes the sessions out of Tomcat's hands: its counters stay at nought, the alert never fires "
    "and the panel shows an idle service",
    fix="count the keys in Redis (the exporter's check-keys, or the size of its database)",
    layers=("app", "dashboards"),
    source="https://docs.spring.io/spring-session/reference/http-session.html",
    read=None,
)


_SPRING: Final = (
    "spring.datasource.url",
    "spring.application.name",
    "management.endpoints.web.exposure.include",
    "server.port",
)
"""Any of these says that something is a Spring application with settings of its own."""


def check(facts: Facts) -> Iterator[Finding]:
    """Queries for Tomcat's counters where every Spring application of the input keeps its sessions in Redis."""
    kept = {each.source for each in sessions(facts)}
    springs = {source for source, properties in configured(facts) if properties.get(*_SPRING) is not None}
    if not kept or springs - kept:
        return
    said: dict[object, str] = {}
    for observe in facts.all(Observe):
        if observe.metric.startswith("tomcat_sessions_") and observe.source not in said:
            said[observe.source] = observe.metric
            yield RULE.refuted(
                f"{observe.source} asks for {observe.metric}, and {', '.join(sorted(kept))} keeps sessions in Redis",
                observe.source,
                *sorted(kept),
            )
