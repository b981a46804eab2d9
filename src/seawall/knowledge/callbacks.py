"""Ports of well-known charts and add-ons that the API server itself calls: admission webhooks, aggregated APIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Called:
    """A port of a chart's pods that the API server calls; ``value`` is where the chart's values may name another."""

    what: str
    port: int
    value: str = ""


CHARTS: Final[dict[str, tuple[Called, ...]]] = {
    # https://github.com/aws/eks-charts/blob/master/stable/aws-load-balancer-controller/values.yaml
    "aws-load-balancer-controller": (Called("its webhook", 9443, "webhookBindPort"),),
    # https://github.com/cert-manager/cert-manager/blob/master/deploy/charts/cert-manager/values.yaml
    "cert-manager": (Called("its webhook", 10250, "webhook.securePort"),),
    # https://github.com/external-secrets/external-secrets/blob/main/deploy/charts/external-secrets/values.yaml
    "external-secrets": (Called("its webhook", 10250, "webhook.port"),),
    # https://github.com/kedacore/charts/blob/main/keda/values.yaml
    "keda": (
        Called("its API of metrics", 6443, "service.portHttpsTarget"),
        Called("its webhook", 9443, "webhooks.port"),
    ),
    # https://github.com/kubernetes-sigs/metrics-server/blob/master/charts/metrics-server/values.yaml
    "metrics-server": (Called("its API of metrics", 10250, "containerPort"),),
}
ADDONS: Final[dict[str, tuple[Called, ...]]] = {
    # https://docs.aws.amazon.com/eks/latest/userguide/metrics-server.html
    "metrics-server": (Called("its API of metrics", 10251, "containerPort"),),
}
