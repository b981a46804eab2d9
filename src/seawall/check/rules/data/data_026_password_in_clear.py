"""A cache with a password and without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Listens
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-026",
    severity=Severity.CRITICAL,
    summary="A cache is to ask for a password and not to speak TLS",
    why="ElastiCache takes an AUTH token only together with encryption in transit, so the apply fails; and a "
    "password that travels in clear protects nothing",
    fix="set transit_encryption_enabled, and have clients speak TLS (rediss://, spring.data.redis.ssl.enabled)",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/auth.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Caches with an AUTH token against what they offer on the wire."""
    for setting in facts.where(Setting, key="auth-token"):
        if setting.value is not True or not isinstance(setting.of, Address):
            continue
        for listens in facts.where(Listens, of=setting.of):
            if isinstance(listens.tls, Unknown):
                yield RULE.unknown(f"whether {setting.of} speaks TLS is not known", [listens.tls], setting.of)
            elif listens.tls == "none":
                yield RULE.refuted(f"{setting.of} has an auth_token and no encryption in transit", setting.of)
