"""Pages of Prometheus' alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.render.runbooks.page import Page, Surroundings
from seawall.render.runbooks.routes import told
from seawall.render.words import titled

RULES = "monitoring.coreos.com/v1/PrometheusRule"
_FILLED_IN: Final = re.compile(r"\{\{\s*\$(?:labels\.(?:dimension_|tag_)?(?P<label>\w+)|value)[^}]*\}\}")


def pages(around: Surroundings) -> Iterator[Page]:
    """One page an alert: further regions raise the same ones, and say so in a label."""
    seen: set[str] = set()
    for resource in around.graph.of_type(RULES):
        for group in resource.body.get("spec", {}).get("groups", ()):
            for rule in group.get("rules", ()):
                if "alert" in rule and rule["alert"] not in seen:
                    seen.add(rule["alert"])
                    yield _page(around, resource, group, rule)


def _page(around: Surroundings, resource: Resource, group: Mapping[str, Any], rule: Mapping[str, Any]) -> Page:
    labels, notes = dict(rule.get("labels", {})), rule.get("annotations", {})
    severity = str(labels.pop("severity", "warning"))
    name = str(rule["alert"])
    return Page(
        name=name,
        title=name,
        severity=severity,
        says=in_words(str(notes.get("description") or notes.get("summary", ""))),
        expression=str(rule["expr"]),
        when=(
            ("holds for", str(rule.get("for", "an instant"))),
            ("judged every", str(group.get("interval", "time that Prometheus judges its rules"))),
            ("silence is", "good, unless the expression asks for it by `absent`: without a series there is no alert"),
            ("labels", in_words(around.joined(labels))),
        ),
        told=told(around.facts, {**labels, "severity": severity, "alertname": name}),
        about=(f"the rule in {titled(resource.address)} (`{resource.address}`)",),
        first=tuple(step for step in str(notes.get("runbook", "")).splitlines() if step),
        over=(
            "The expression has no result any more, and Alertmanager says that it is resolved: `kubectl -n monitoring "
            "port-forward svc/alertmanager-operated 9093` and, beside it, `amtool alert query "
            f"{name} --alertmanager.url http://localhost:9093` shows nothing.",
        ),
        links=(("every page", "README.md"),),
    )


def in_words(message: str) -> str:
    """A message with the names of what Prometheus fills in: a page is written before anything is wrong."""
    return _FILLED_IN.sub(lambda found: f"*{found['label'] or 'N'}*", message)
