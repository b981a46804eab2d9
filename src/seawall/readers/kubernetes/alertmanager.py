"""Alertmanager's routes, as the application says that installs the chart kube-prometheus-stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.facts.fact import Fact
from seawall.facts.telemetry import Notifies, Route, Routes
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.registry import reads

CHART: Final = "kube-prometheus-stack"
_MATCHER: Final = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*')
_MEANS: Final = "_configs"


@reads("argoproj.io/v1alpha1/Application")
def routes(resource: Resource) -> Iterator[Fact]:
    """The routes and receivers of the chart's values; of a configuration that comes as one text nothing is said."""
    body = Manifest(resource)
    for source in (*body.spec.blocks("source"), *body.spec.blocks("sources")):
        if source.string("chart") != CHART:
            continue
        config = source.within("helm", "valuesObject", "alertmanager", "config")
        if not config.has("route"):
            continue
        receivers = {each.string("name"): _means(each) for each in config.blocks("receivers")}
        yield Routes(resource.address, _route(config.block("route"), ""), tuple(sorted(receivers.items())))
        for name, means in receivers.items():
            for protocol in dict.fromkeys(protocol for protocol, _ in means):
                yield Notifies(resource.address.implied(name), protocol)


def _means(receiver: Fields) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.removesuffix(_MEANS), each.string("channel") or each.string("to"))
        for name in sorted(receiver.body)
        if name.endswith(_MEANS)
        for each in receiver.blocks(name)
    )


def _route(route: Fields, above: str) -> Route:
    """A route; one that names no receiver has that of the route around it."""
    receiver = route.string("receiver", above)
    return Route(
        receiver,
        tuple(_matchers(route)),
        route.flag("continue") is True,
        tuple(_route(each, receiver) for each in route.blocks("routes")),
    )


def _matchers(route: Fields) -> Iterator[tuple[str, str, str]]:
    for spelled in route.strings("matchers"):
        match = _MATCHER.fullmatch(spelled)
        # What is not understood asks for a label without a name, which no alert is known to have or to lack.
        yield (match[1], match[2], match[3]) if match is not None else ("", "=~", spelled)
    for key, operator in (("match", "="), ("match_re", "=~")):
        for label, value in route.labels(key):
            yield label, operator, str(value)
