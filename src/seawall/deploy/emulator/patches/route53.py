"""Route 53: moto makes a zone private only where the request says so in words.

Seen from the provider: an aws_route53_zone with a vpc block becomes a public zone and its vpc plans a change
for ever. AWS goes by the VPC in the request (API reference, CreateHostedZone); the provider sends nothing
else. To delete one of the records that fail over deletes every record of the zone with its set identifier.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Take a VPC in the request for what it is, and delete one record at a time."""
    from moto.route53.models import Route53Backend
    from moto.route53.responses import Route53

    @around(Route53, "_get_bool_param")
    def get_bool_param(original: Any, response: Any, name: str, if_none: Any = None) -> Any:
        if name == "HostedZoneConfig.PrivateZone" and response._get_param("VPC.VPCId"):
            return True
        return original(response, name, if_none)

    @around(Route53Backend, "change_resource_record_sets")
    def change_resource_record_sets(original: Any, backend: Any, zoneid: str, change_list: list[Any]) -> Any:
        zone = backend.get_hosted_zone(zoneid)
        deleted = [_record(each["ResourceRecordSet"]) for each in change_list if each["Action"] == "DELETE"]
        identifiers = {identifier for _, _, identifier in deleted if identifier}
        others = [
            each
            for each in zone.rrsets
            if each.set_identifier in identifiers
            and (each.name.rstrip("."), each.type, each.set_identifier) not in deleted
        ]
        answer = original(backend, zoneid, change_list)
        zone.rrsets += [each for each in others if each not in zone.rrsets]
        return answer


def _record(given: dict[str, Any]) -> tuple[str, str, str | None]:
    return given["Name"].rstrip("."), given["Type"], given.get("SetIdentifier")
