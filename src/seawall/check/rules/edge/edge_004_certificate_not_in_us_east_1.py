"""A distribution whose certificate is in the wrong region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.certificates import region_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, Presents
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-004",
    severity=Severity.HIGH,
    summary="A distribution's certificate is not in us-east-1",
    why="CloudFront takes its certificates from us-east-1 whatever region everything else is in, and refuses any other",
    fix="request the certificate with a provider for us-east-1",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html",
    read=date(2023, 6, 1),
)

HOME = "us-east-1"


def check(facts: Facts) -> Iterator[Finding]:
    """What each distribution presents, against the region of that certificate."""
    for presents in facts.all(Presents):
        if not isinstance(presents.of, Address) or facts.one(Origin, of=presents.of) is None:
            continue
        region = region_of(facts, presents.certificate)
        if isinstance(region, Unknown):
            yield RULE.unknown(
                f"in which region the certificate of {presents.of} is is not known", [region], presents.of
            )
        elif region not in (HOME, ""):
            named = [presents.certificate] if isinstance(presents.certificate, Address) else []
            yield RULE.refuted(
                f"{presents.of} presents {presents.certificate}, which is in {region}", presents.of, *named
            )
