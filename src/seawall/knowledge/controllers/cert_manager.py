"""cert-manager: certificates, proven to an authority by records of Route 53 where an issuer says so.

Read in cert-manager/website at 776e5dba5651: content/docs/configuration/acme/dns01/route53.md. Zones are looked up by
name only where an issuer does not name its zone's id; an issuer may have a role of its own taken on.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need

_TXT: Final = (("route53:changeresourcerecordsetsrecordtypes", ("TXT",)),)
_NO_TYPE: Final = (("route53:changeresourcerecordsetsrecordtypes", ()),)

CONTROLLER = Controller(
    name="cert-manager",
    version="1.20",
    source="https://github.com/cert-manager/website/blob/776e5dba5651/content/docs/configuration/acme/dns01/route53.md",
    read="2026-11-22",
    images=("jetstack/cert-manager-controller", "cert-manager-controller"),
    charts=("cert-manager",),
    account="cert-manager",
    namespace="cert-manager",
    needs=(
        Need(("route53:GetChange",), ("arn:{partition}:route53:::change/*",), when="solves", region="us-east-1"),
        Need(("route53:ChangeResourceRecordSets",), ("{zone}",), _TXT, region="us-east-1"),
        Need(("route53:ListResourceRecordSets",), ("{zone}",), _NO_TYPE, region="us-east-1"),
        Need(("route53:ListHostedZonesByName",), when="looks-for-zones", region="us-east-1"),
        Need(("sts:AssumeRole",), ("{role}",)),
    ),
)
