"""ExternalDNS: records for names that objects of a cluster ask for.

Read in kubernetes-sigs/external-dns at 2bf1bf8af2b7: docs/tutorials/aws.md. Zones are those below the domains that it
is told of, or those that it is told by their ids; without either every zone of the account.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="external-dns",
    version="0.21.0",
    source="https://github.com/kubernetes-sigs/external-dns/blob/2bf1bf8af2b7/docs/tutorials/aws.md",
    read="2026-11-22",
    images=("external-dns/external-dns", "external-dns"),
    charts=("external-dns",),
    account="external-dns",
    namespace="external-dns",
    told=(
        Told("provider", ("provider.name", "provider"), ("--provider",), ("EXTERNAL_DNS_PROVIDER",)),
        Told("domain", ("domainFilters",), ("--domain-filter",), ("EXTERNAL_DNS_DOMAIN_FILTER",)),
        Told("zone-id", ("zoneIdFilters",), ("--zone-id-filter",), ("EXTERNAL_DNS_ZONE_ID_FILTER",)),
        Told("owner", ("txtOwnerId",), ("--txt-owner-id",), ("EXTERNAL_DNS_TXT_OWNER_ID",), default="default"),
        Told("registry", ("registry",), ("--registry",), ("EXTERNAL_DNS_REGISTRY",), default="txt"),
        Told(
            "zone-type",
            ("extraArgs.*", "extraArgs.aws-zone-type"),
            ("--aws-zone-type",),
            ("EXTERNAL_DNS_AWS_ZONE_TYPE",),
        ),
        Told("policy", ("policy",), ("--policy",), ("EXTERNAL_DNS_POLICY",)),
    ),
    needs=(
        Need(
            each("route53", "ChangeResourceRecordSets", "ListResourceRecordSets", "ListTagsForResources"),
            ("{zone}",),
            (
                ("route53:changeresourcerecordsetsactions", ("CREATE", "DELETE", "UPSERT")),
                ("route53:changeresourcerecordsetsnormalizedrecordnames", ("{records}",)),
            ),
            when="aws",
        ),
        Need(("route53:ListHostedZones",), when="aws"),
    ),
)
