"""ExternalDNS: writes records for names that Ingresses and Services of the cluster ask for.

Actions: docs/tutorials/aws.md of kubernetes-sigs/external-dns at 2bf1bf8af2b7, narrowed to names below the platform's
domain. The names that visitors type are Terraform's; ExternalDNS leaves alone what it did not write itself.

Chart: charts/external-dns of the same (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import Chart
from seawall.components.edge.names import domain_of
from seawall.components.offer import Right
from seawall.components.scope import Scope

_NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"


def _rights(scope: Scope) -> Iterator[Right]:
    zones = ("arn:aws:route53:::hostedzone/*",)
    ours = ("ForAllValues:StringLike", _NAMES, (f"*.{domain_of(scope)}",))
    # For all values of none would be true as well.
    named = ("Null", _NAMES, ("false",))
    yield Right(("route53:ChangeResourceRecordSets",), zones, (ours, named))
    yield Right(("route53:ListResourceRecordSets", "route53:ListTagsForResources"), zones)
    yield Right(("route53:ListHostedZones",), ("*",))


def _values(scope: Scope) -> Mapping[str, Any]:
    return {
        "provider": {"name": "aws"},
        "serviceAccount": {"name": "external-dns"},
        "env": [{"name": "AWS_DEFAULT_REGION", "value": scope.region}],
        "sources": ["service", "ingress"],
        "domainFilters": [domain_of(scope)],
        # Each record has a twin that says whose it is: this cluster's, and no other's.
        "registry": "txt",
        "txtOwnerId": scope.cluster_name,
        "policy": "sync",
        "resources": values.resources("20m", "64Mi", "128Mi"),
        "serviceMonitor": {"enabled": values.monitored(scope)},
        **values.placed(scope, {"app.kubernetes.io/name": "external-dns"}),
    }


ADDON = Addon(
    name="external-dns",
    namespace="external-dns",
    account="external-dns",
    purpose="writes records for names that the cluster's Ingresses and Services ask for",
    rights=_rights,
    pod_security="restricted",
    chart=Chart(
        repository="https://kubernetes-sigs.github.io/external-dns",
        name="external-dns",
        version="1.21.1",
        app_version="0.21.0",
        source="kubernetes-sigs/external-dns@2bf1bf8af2b7",
        values=_values,
        defines=("externaldns.k8s.io",),
    ),
)
