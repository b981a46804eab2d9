"""Manifests of Karpenter in versions that it no longer knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import ApiVersion
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-013",
    severity=Severity.CRITICAL,
    summary="A manifest of Karpenter is in an API version that Karpenter has dropped",
    why="alpha versions went with 0.33 and v1beta1 with 1.1; a Karpenter that runs on a supported Kubernetes knows "
    "neither, and makes no node",
    fix="write a NodePool of karpenter.sh/v1 and an EC2NodeClass of karpenter.k8s.aws/v1",
    layers=("kubernetes",),
    source="https://karpenter.sh/docs/upgrading/upgrade-guide/",
    read=date(2026, 8, 1),
)

_GONE = {
    ("karpenter.sh/v1alpha5", "Provisioner"): "a NodePool of karpenter.sh/v1",
    ("karpenter.sh/v1alpha5", "Machine"): "nothing; Karpenter makes NodeClaims by itself",
    ("karpenter.sh/v1beta1", "NodePool"): "a NodePool of karpenter.sh/v1",
    ("karpenter.sh/v1beta1", "NodeClaim"): "nothing; Karpenter makes NodeClaims by itself",
    ("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate"): "an EC2NodeClass of karpenter.k8s.aws/v1",
    ("karpenter.k8s.aws/v1beta1", "EC2NodeClass"): "an EC2NodeClass of karpenter.k8s.aws/v1",
}


def check(facts: Facts) -> Iterator[Finding]:
    """Objects of Karpenter's whose version and kind are gone."""
    for api in facts.all(ApiVersion):
        instead = _GONE.get((api.version, api.kind))
        if instead is not None:
            yield RULE.refuted(
                f"{api.of} is a {api.kind} of {api.version}, which no maintained Karpenter knows",
                api.of,
                evidence=(f"{api.of}: {api.version} {api.kind}",),
                fix=f"write {instead}",
            )
