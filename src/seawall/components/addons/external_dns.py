"""ExternalDNS: writes records for names that Ingresses and Services of the cluster ask for.

Actions: docs/tutorials/aws.md of kubernetes-sigs/external-dns at 2bf1bf8af2b7, narrowed to names below the platform's
domain. The names that visitors type are Terraform's; ExternalDNS leaves alone what it did not write itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon
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


ADDON = Addon(
    name="external-dns",
    namespace="external-dns",
    account="external-dns",
    purpose="writes records for names that the cluster's Ingresses and Services ask for",
    rights=_rights,
    pod_security="restricted",
)
