"""An HTTPS check that does not say which name it wants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-017",
    severity=Severity.MEDIUM,
    summary="An HTTPS health check does not send the name it asks for",
    why="a load balancer with several certificates then shows its default one, or breaks the handshake, and the check "
    "fails while the site is well",
    fix="set enable_sni true and give the fqdn",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """HTTPS checks with SNI switched off."""
    for health in facts.all(HealthCheck):
        if not health.protocol.startswith("HTTPS"):
            continue
        if isinstance(health.sni, Unknown):
            yield RULE.unknown(f"whether {health.of} sends the name is not known", [health.sni], health.of)
        elif not health.sni:
            yield RULE.refuted(f"{health.of} asks over HTTPS without SNI", health.of)
