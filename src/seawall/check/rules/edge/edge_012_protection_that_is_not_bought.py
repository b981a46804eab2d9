"""Shield Advanced without a subscription or a protection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import promised, written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Origin
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-012",
    severity=Severity.MEDIUM,
    summary="Shield Advanced is relied on and not there",
    why="every account has Shield Standard; Advanced, with its response team and cost protection, needs a "
    "subscription and a protection of each resource",
    fix="subscribe and protect each entrance (aws_shield_protection), or write Shield Standard",
    layers=("terraform", "kubernetes", "claims"),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """A claim of Shield Advanced against what is protected, and protections against the account's subscription."""
    protected = [setting for setting in facts.where(Setting, key="shield-advanced") if setting.value is True]
    claim = promised(facts, "shield")
    if claim is not None and claim.value == "advanced" and not protected:
        balancers = [setting.of for setting in facts.where(Setting, key="idle-timeout")]
        entrances = sorted(
            {origin.of for origin in facts.all(Origin)} | {of for of in balancers if isinstance(of, Address)}
        )
        if entrances:
            yield RULE.refuted(
                "Shield Advanced is claimed, and protects none of the entrances",
                *entrances,
                *written(claim),
            )
    if protected and not facts.where(Setting, key="shield-subscription"):
        for setting in protected:
            if isinstance(setting.of, Address):
                why = Unknown("aws_shield_subscription", why="no input says whether the account has subscribed")
                yield RULE.unknown(f"whether {setting.of} can be protected is not known", [why], setting.of, setting.by)
