"""Route 53: moto makes a zone private only where the request says so in words.

Seen from the provider: an aws_route53_zone with a vpc block becomes a public zone and its vpc plans a change
for ever. AWS goes by the VPC in the request (API reference, CreateHostedZone); the provider sends nothing
else.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Take a VPC in the request for what it is."""
    from moto.route53.responses import Route53

    @around(Route53, "_get_bool_param")
    def get_bool_param(original: Any, response: Any, name: str, if_none: Any = None) -> Any:
        if name == "HostedZoneConfig.PrivateZone" and response._get_param("VPC.VPCId"):
            return True
        return original(response, name, if_none)
