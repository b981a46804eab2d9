"""Whom Alertmanager tells of an alert, by the configuration that its chart is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.graph.graph import Graph

APPLICATION: Final = "argoproj.io/v1alpha1/Application"
_MATCHER: Final = re.compile(r'\s*(?P<label>\w+)\s*(?P<sign>=~|!~|!=|=)\s*"?(?P<value>[^"]*)"?\s*')
_MEANS: Final = {"slack_configs": "Slack", "pagerduty_configs": "PagerDuty", "email_configs": "email",
                 "webhook_configs": "a webhook"}  # fmt: skip


def told(graph: Graph, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Who hears of an alert with these labels; nothing where no Alertmanager's configuration is in the graph."""
    heard = [
        name
        for configuration in _configurations(graph)
        for receiver in _receivers(configuration.get("route", {}), labels)
        for name in _names(configuration, receiver)
    ]
    return tuple(dict.fromkeys(heard))


def _configurations(graph: Graph) -> Iterator[Mapping[str, Any]]:
    for application in graph.of_type(APPLICATION):
        spec = application.body.get("spec", {})
        for source in (spec.get("source", {}), *spec.get("sources", ())):
            values = source.get("helm", {}).get("valuesObject", {})
            found = values.get("alertmanager", {}).get("config") if isinstance(values, Mapping) else None
            if isinstance(found, Mapping):
                yield found


def _receivers(route: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """The receivers of the deepest routes that match; a matching route is the last one unless it says to go on."""
    found: list[str] = []
    for inner in route.get("routes", ()):
        if all(_matches(matcher, labels) for matcher in inner.get("matchers", ())):
            found += _receivers({"receiver": route.get("receiver"), **inner}, labels)
            if not inner.get("continue"):
                break
    return found or [str(route.get("receiver", ""))]


def _matches(matcher: str, labels: Mapping[str, str]) -> bool:
    said = _MATCHER.fullmatch(matcher)
    if said is None:
        return False
    value, wanted = labels.get(said["label"], ""), said["value"]
    is_so = re.fullmatch(wanted, value) is not None if "~" in said["sign"] else value == wanted
    return is_so != said["sign"].startswith("!")


def _names(configuration: Mapping[str, Any], receiver: str) -> Iterator[str]:
    for one in configuration.get("receivers", ()):
        if one.get("name") != receiver:
            continue
        for key, means in _MEANS.items():
            for config in one.get(key, ()):
                where = config.get("channel") or config.get("to") or ""
                yield f"{means} {where}".strip()
