"""A health check that the web server answers by itself."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.forwarding import answering
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Record
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.readers.application.nginx import FALLBACK

RULE = Rule(
    id="EDGE-018",
    severity=Severity.HIGH,
    summary="A failover health check is answered by the web server itself",
    why="the server has a page for every path, so the check sees 200 while the application behind is gone, and "
    "the name "
    "never fails over",
    fix="pass the path on to the application, or check for a string that only the application says",
    layers=("terraform", "kubernetes", "application"),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html",
    read=None,
)

BY_STATUS = ("HTTP", "HTTPS")
"""Checks that any status below 400 satisfies; those that search for a string are left out."""


def check(facts: Facts) -> Iterator[Finding]:
    """The checks that records name, followed through Ingress, Service and pods to the server's own configuration."""
    for health in facts.all(HealthCheck):
        if health.protocol not in BY_STATUS or not facts.where(Record, health=health.of):
            continue
        if isinstance(health.path, Unknown):
            yield RULE.unknown(f"which path {health.of} asks for is not known", [health.path], health.of)
            continue
        host = str(health.target).removeprefix("host:")
        found = answering(facts, host, health.path or "/")
        if isinstance(found, Unknown):
            yield RULE.unknown(f"who answers {health.of} is not known", [found], health.of)
        elif found is not None and isinstance(found.forwards.to, str):
            to = found.forwards.to
            page = to.removeprefix(FALLBACK) if to.startswith(FALLBACK) else ""
            if page or to.startswith("fixed-response:2"):
                how = f"with {page}, as it does whatever is asked" if page else f"by itself ({to})"
                yield RULE.refuted(
                    f"{health.of} asks https://{host}{health.path}, which {found.through[-1]} answers {how}",
                    health.of,
                    *found.through,
                    evidence=(
                        f"{health.of}: {health.protocol} {host}{health.path}",
                        *(f"through {thing}" for thing in found.through),
                        f"{found.forwards.of}: location {found.forwards.path} to {to}",
                    ),
                )
