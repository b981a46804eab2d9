"""A keep-alive shorter than the balancer's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.analyze.applications import configured
from seawall.analyze.reachability.targets import behind
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, HealthCheck
from seawall.facts.pod_network import Service
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-028",
    severity=Severity.MEDIUM,
    summary="A server closes connections before its load balancer does",
    why="the balancer keeps connections to its targets and sends the next request into one that the server is "
    "closing: now and then a 502 that nobody can repeat",
    fix="make the server's keep-alive longer than the balancer's idle timeout (60 s unless set)",
    layers=("application", "kubernetes"),
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    read=None,
)


_NEVER = re.compile(r"0+\s*[a-z]*")
"""No length of time: nothing is closed."""

_KEYS = (
    "server.tomcat.keep-alive-timeout",
    "server.jetty.connection-idle-timeout",
    "server.netty.idle-timeout",
    "server.undertow.no-request-timeout",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Servers that say how long they keep a silent connection, against every balancer that sends to them."""
    kept = {}
    for source, properties in configured(facts):
        seconds = properties.seconds(*_KEYS, bare="ms")
        if isinstance(seconds, int) and not _NEVER.fullmatch(str(properties.get(*_KEYS)).strip()):
            kept[source] = (seconds, properties.said(*_KEYS))
    if not kept:
        return
    for group in sorted(facts.all(HealthCheck), key=lambda group: group.of):
        service = facts.one(Service, of=group.target)
        for workload in behind(facts, service) if service is not None else ():
            if workload.of not in kept:
                continue
            seconds, said = kept[workload.of]
            idle = _idle(facts, group.of.owner)
            if idle is not None and seconds <= idle:
                after = f"after {seconds} s" if seconds else "within a second"
                yield RULE.refuted(
                    f"{workload.of} closes a silent connection {after}, and the balancer of {group.of.owner} "
                    f"keeps it for {idle} s",
                    workload.of,
                    group.of.owner,
                    evidence=(said,),
                )


def _idle(facts: Facts, ingress: Address) -> int | None:
    for forwards in facts.where(Forwards, to=ingress):
        for setting in facts.where(Setting, of=forwards.of):
            if setting.key == "idle-timeout" and isinstance(setting.value, int):
                return setting.value
    return None
