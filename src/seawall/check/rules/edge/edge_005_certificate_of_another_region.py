"""A load balancer whose certificate is in another region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.certificates import region_of
from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, Presents
from seawall.facts.resilience import Located
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-005",
    severity=Severity.HIGH,
    summary="A load balancer's certificate is in another region",
    why="a listener takes certificates of its own region only; the second region of a recovery plan needs its own",
    fix="request a certificate for the same name in the load balancer's region",
    layers=("terraform", "kubernetes"),
    source="https://github.com/hashicorp/terraform/issues/20587",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """What each listener presents, against the regions of both."""
    for presents in facts.all(Presents):
        if not isinstance(presents.of, Address) or facts.one(Origin, of=presents.of) is not None:
            continue
        if isinstance(presents.certificate, Unknown):
            # The controller then looks in its own region, which is the right one by construction.
            continue
        here, there = _region(facts, presents.of), region_of(facts, presents.certificate)
        missing = [region for region in (here, there) if isinstance(region, Unknown)]
        if missing:
            what = f"whether {presents.of} and its certificate are in one region is not known"
            yield RULE.unknown(what, missing, presents.of)
        elif here and there and here != there:
            yield RULE.refuted(
                f"{presents.of} in {here} presents {presents.certificate} of {there}", presents.of, presents.certificate
            )


def _region(facts: Facts, of: Address) -> Known[str]:
    located = facts.one(Located, of=of) or facts.one(Located, of=of.owner)
    if located is not None:
        return located.region
    cluster = cluster_of(facts, of)
    return cluster.region if cluster is not None else ""
