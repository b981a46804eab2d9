"""A distribution that serves plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-102",
    severity=Severity.MEDIUM,
    summary="A distribution answers plain HTTP",
    why="cookies and forms then travel in clear on the part of the way that is not yours",
    fix="set viewer_protocol_policy redirect-to-https, or https-only for an API",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Behaviours that allow everything."""
    for setting in facts.all(Setting):
        if setting.key != "viewer-protocol" or not isinstance(setting.of, Address):
            continue
        if isinstance(setting.value, Unknown):
            yield RULE.unknown(f"whether {setting.of} answers plain HTTP is not known", [setting.value], setting.of)
        elif setting.value == "allow-all":
            yield RULE.refuted(f"{setting.of} allows plain HTTP", setting.of)
