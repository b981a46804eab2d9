"""Plain HTTP against the claim that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import promised, written
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Interface, Listens
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-030",
    severity=Severity.MEDIUM,
    summary="Something answers plain HTTP, and HTTPS alone is claimed",
    why="what is answered in clear can be read and changed on the way, cookies included; the document says that it "
    "cannot",
    fix="redirect (ssl-redirect, a redirect action, redirect-to-https), or close port 80",
    layers=("terraform", "kubernetes", "claims"),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/ingress/annotations.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Public load balancers and distributions, where HTTPS is claimed for everything."""
    claim = promised(facts, "https_only")
    if claim is None or claim.value is not True:
        return
    for listens in facts.where(Listens, tls="none"):
        if isinstance(listens.of, Address) and _public(facts, listens.of) and _answers(facts, listens):
            yield RULE.refuted(f"{listens.of} answers HTTP on {listens.ports}", listens.of, listens.by, *written(claim))
    for setting in facts.where(Setting, key="viewer-protocol"):
        if setting.value == "allow-all" and isinstance(setting.of, Address):
            yield RULE.refuted(f"{setting.of} answers HTTP", setting.of.owner, *written(claim))


def _public(facts: Facts, of: Address) -> bool:
    """Whether it is a load balancer for HTTP that the internet reaches by a public address."""
    keys = {setting.key for setting in facts.where(Setting, of=of)}
    return bool(keys & {"idle-timeout", "tls-required"}) and any(
        interface.public is True for interface in facts.where(Interface, of=of)
    )


def _answers(facts: Facts, listens: Listens) -> bool:
    """Whether anything but a redirect is behind a port: by the balancer's own setting, or its listener's rules."""
    said = [setting.value for setting in facts.where(Setting, of=listens.of) if setting.key == "tls-required"]
    if said:
        return said[0] is False
    rules = facts.where(Forwards, of=listens.by)
    return any(not str(rule.to).startswith("redirect:HTTPS") for rule in rules)
