"""A certificate that is issued and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.ingress import Issues, TlsSecret
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-006",
    severity=Severity.HIGH,
    summary="A load balancer is to show a certificate that lies in a secret",
    why="the AWS Load Balancer Controller does not read spec.tls.secretName: the balancer has no certificate, or "
    "another one that ACM happens to have for the name",
    fix="request the certificate in ACM and name it in alb.ingress.kubernetes.io/certificate-arn, or end TLS in a "
    "proxy that reads secrets",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3178",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Secrets that are filled with a certificate for an entrance whose controller does not look into them."""
    for named in facts.all(TlsSecret):
        issued = sorted(facts.where(Issues, secret=named.secret), key=lambda issues: issues.of)
        if not named.read and issued:
            yield RULE.refuted(
                f"{issued[0].of} puts a certificate into {named.secret}, and the load balancer of {named.of} "
                "does not read it",
                named.of,
                *(each.of for each in issued),
            )
