"""A certificate of an expired authority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-023",
    severity=Severity.HIGH,
    summary="A database's certificate is of an authority that has expired",
    why="rds-ca-2019 expired in 2024: AWS takes it for no new instance, and clients that verify the certificate do "
    "not connect",
    fix="set ca_cert_identifier to rds-ca-rsa2048-g1 (or rsa4096, ecc384), and put the current bundle into the image",
    layers=("terraform", "application"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
    read=date(2023, 6, 1),
)


EXPIRED = ("rds-ca-2015", "rds-ca-2019")
"""Authorities of RDS whose certificates have ended, in 2020 and 2024."""


def check(facts: Facts) -> Iterator[Finding]:
    """Servers whose authority is chosen."""
    for setting in facts.where(Setting, key="certificate-authority"):
        if not isinstance(setting.of, Address):
            continue
        if isinstance(setting.value, Unknown):
            yield RULE.unknown(f"the authority of {setting.of} is not known", [setting.value], setting.of)
        elif setting.value in EXPIRED:
            yield RULE.refuted(f"the certificate of {setting.of} is of {setting.value}", setting.of)
