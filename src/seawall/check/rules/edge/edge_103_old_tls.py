"""A listener that still speaks TLS 1.0 or 1.1."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Presents
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-103",
    severity=Severity.MEDIUM,
    summary="TLS older than 1.2 is accepted",
    why="TLS 1.0 and 1.1 are broken and forbidden by RFC 8996; a listener that names no policy gets one that "
    "allows them",
    fix="ELBSecurityPolicy-TLS13-1-2-2021-06 for a listener, TLSv1.2_2021 for a distribution",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    read=None,
)

OLD = {
    "SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-TLS-1-0-2015-04", "ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-FS-2018-06",
    "ELBSecurityPolicy-FS-1-1-2019-08", "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06",
}  # fmt: skip


def check(facts: Facts) -> Iterator[Finding]:
    """The policy of everything that presents a certificate of its own."""
    for presents in facts.all(Presents):
        if not isinstance(presents.of, Address):
            continue
        if isinstance(presents.certificate, Address) and presents.certificate.owner == presents.of:
            # CloudFront's own certificate, for its own name: the policy cannot be chosen with it.
            continue
        if isinstance(presents.policy, Unknown):
            yield RULE.unknown(f"which TLS {presents.of} accepts is not known", [presents.policy], presents.of)
        elif presents.policy in OLD:
            yield RULE.refuted(f"{presents.of} uses {presents.policy}, which allows TLS before 1.2", presents.of)
