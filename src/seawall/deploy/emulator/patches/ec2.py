"""EC2: moto loses descriptions of rules and details of flow logs, launch templates and deleted attachments.

Seen from the provider: the description of an aws_vpc_security_group_ingress_rule or egress_rule that names a
group or a prefix list plans a change for ever, and changing a rule for all protocols is refused; the tags of
an aws_launch_template appear among those it gives to instances, so that it and its node groups change with
every apply; an aws_flow_log to a folder of a bucket is refused because the bucket "does not exist", and its
destination_options are lost; destroying an aws_ec2_transit_gateway_vpc_attachment hangs, because the
attachment is gone where AWS shows it as deleted for a while; a NAT gateway keeps its Elastic IP when it is
deleted, so that none can be made anew with it; the list of the addresses of Route 53's health checkers is
missing among those that AWS keeps; rules of an aws_network_acl for ICMP lose its type and code, and so plan a
change for ever.

Seen from whoever asks DescribeTags what carries some tags: several kinds have names that AWS does not know, so an
Elastic IP is never found by its kind; the tags of DHCP options are lost, and those of what has been deleted stay
for ever.
"""

from __future__ import annotations

import inspect
from typing import Any

from seawall.deploy.emulator.grafting import PatchDoesNotFit, after_init, around, replaced_property

# What the API reference says under TagDescription, for the prefixes of ids to which moto gives other names.
_KINDS_OF_TAGGED = {
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "h": "dedicated-host",
    "nat": "natgateway",
    "pl": "prefix-list",
    "sir": "spot-instances-request",
}

# The operations after which a thing is no longer shown, and the argument that names it or them.
_DELETIONS = {
    "delete_dhcp_options_set": "options_id",
    "delete_egress_only_internet_gateway": "gateway_id",
    "delete_flow_logs": "flow_log_ids",
    "delete_internet_gateway": "internet_gateway_id",
    "delete_launch_template": "tid",
    "delete_network_acl": "network_acl_id",
    "delete_route_table": "route_table_id",
    "delete_security_group": "group_id",
    "delete_subnet": "subnet_id",
    "delete_volume": "volume_id",
    "delete_vpc": "vpc_id",
    "release_address": "allocation_id",
    "revoke_security_group_egress": "security_rule_ids",
    "revoke_security_group_ingress": "security_rule_ids",
}


def apply() -> None:
    """Keep what rules, templates, flow logs and attachments were given, and tags as long as what carries them."""
    _security_group_rules()
    _launch_templates()
    _flow_logs()
    _transit_gateway_attachments()
    _nat_gateways()
    _prefix_lists()
    _network_acls()
    _tags()


def _network_acls() -> None:
    from moto.ec2.responses.network_acls import NetworkACLs

    for action in ("create_network_acl_entry", "replace_network_acl_entry"):

        @around(NetworkACLs, action)
        def keep_icmp(original: Any, response: Any) -> Any:
            answer = original(response)
            # moto looks for these under names that requests of today do not have.
            icmp = response._get_param("IcmpTypeCode") or {}
            number = int(response._get_param("RuleNumber"))
            egress = str(response._get_param("Egress")).lower() == "true"
            acl = response.ec2_backend.network_acls[response._get_param("NetworkAclId")]
            for entry in acl.network_acl_entries:
                if int(entry.rule_number) == number and (str(entry.egress).lower() == "true") is egress:
                    entry.icmp_code, entry.icmp_type = icmp.get("Code"), icmp.get("Type")
            return answer


def _security_group_rules() -> None:
    from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.security_groups import SecurityGroupRule

    @after_init(SecurityGroupRule)
    def keep_description(rule: Any, arguments: dict[str, Any]) -> None:
        peers = (arguments.get(name) or {} for name in ("ip_range", "source_group", "prefix_list_id"))
        rule.seawall_description = next((peer["Description"] for peer in peers if peer.get("Description")), None)

    @replaced_property(SecurityGroupRule, "description")
    def description(original: Any, rule: Any) -> str | None:
        own: str | None = rule.seawall_description or original(rule)
        return own

    @around(EC2Backend, "modify_security_group_rules")
    def modify_security_group_rules(original: Any, backend: Any, group_id: str, rules: dict[str, Any]) -> None:
        # Replaced whole: moto's own handles IPv4 peers only and demands ports of every protocol.
        group = backend.get_security_group_by_name_or_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        for rule_id, wanted in rules.items():
            rule = group.get_rule(rule_id)
            if rule is None:
                raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
            rule.ip_protocol = wanted["IpProtocol"]
            rule.from_port, rule.to_port = wanted.get("FromPort"), wanted.get("ToPort")
            rule.seawall_description = wanted.get("Description")
            _set_peer(backend, rule, wanted)


def _set_peer(backend: Any, rule: Any, wanted: dict[str, Any]) -> None:
    """Make the one peer that is named the peer of a rule: a range, a group or a prefix list."""
    rule.ip_range, rule.source_group, rule.prefix_list_id = {}, {}, wanted.get("PrefixListId")
    if wanted.get("CidrIpv4"):
        rule.ip_range = {"CidrIp": wanted["CidrIpv4"]}
    elif wanted.get("CidrIpv6"):
        rule.ip_range = {"CidrIpv6": wanted["CidrIpv6"]}
    elif wanted.get("ReferencedGroupId"):
        rule.source_group = {
            "GroupId": wanted["ReferencedGroupId"],
            "OwnerId": backend.account_id,
            "UserId": backend.account_id,
        }
    if rule.seawall_description:
        for peer in (rule.ip_range, rule.source_group):
            if peer:
                peer["Description"] = rule.seawall_description


def _launch_templates() -> None:
    from moto.ec2.models.launch_templates import LaunchTemplate

    @around(LaunchTemplate, "create_version")
    def create_version(original: Any, template: Any, data: dict[str, Any], description: str) -> Any:
        specifications = data.get("TagSpecifications", [])
        kept = [each for each in specifications if each["ResourceType"] != "launch-template"]
        without = {name: value for name, value in data.items() if name != "TagSpecifications"}
        return original(template, without | {"TagSpecifications": kept} if kept else without, description)


def _flow_logs() -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.responses import EC2Response

    @around(EC2Backend, "create_flow_logs")
    def create_flow_logs(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        destination: str = kwargs.get("log_destination") or ""
        if kwargs.get("log_destination_type") == "cloud-watch-logs":
            # moto looks for the group by the older argument alone, and reports a delivery that failed.
            created, refused = original(backend, *args, **kwargs)
            for flow_log in created:
                if _is_log_group(backend, destination):
                    flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
            return created, refused
        if kwargs.get("log_destination_type") != "s3" or "/" not in destination:
            return original(backend, *args, **kwargs)
        kwargs["log_destination"] = destination.split("/", 1)[0]
        created, refused = original(backend, *args, **kwargs)
        for flow_log in created:
            flow_log.log_destination = destination
        return created, refused

    @around(EC2Response, "create_flow_logs")
    def keep_destination_options(original: Any, response: Any) -> Any:
        answer = original(response)
        for identifier in answer.result["FlowLogIds"]:
            flow_log = response.ec2_backend.flow_logs[identifier]
            flow_log.destination_options = response._get_param("DestinationOptions")
        return answer


def _is_log_group(backend: Any, arn: str) -> bool:
    from moto.logs.models import logs_backends

    parts = arn.split(":")
    if len(parts) < 7:
        return False
    return parts[6] in logs_backends[backend.account_id][parts[3]].groups


def _transit_gateway_attachments() -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.responses import EC2Response

    @around(EC2Response, "create_transit_gateway_vpc_attachment")
    def keep_tags(original: Any, response: Any) -> Any:
        answer = original(response)
        tags = response._parse_tag_specification().get("transit-gateway-attachment", {})
        attachment = answer.result["TransitGatewayVpcAttachment"]
        attachment.add_tags(tags)
        return answer

    @around(EC2Backend, "delete_transit_gateway_vpc_attachment")
    def delete_transit_gateway_vpc_attachment(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        attachment = original(backend, *args, **kwargs)
        backend.transit_gateway_attachments[attachment.id] = attachment  # its state is "deleted" by now
        return attachment


def _nat_gateways() -> None:
    from moto.ec2.models import EC2Backend

    @around(EC2Backend, "delete_nat_gateway")
    def delete_nat_gateway(original: Any, backend: Any, nat_gateway_id: str) -> Any:
        gateway = original(backend, nat_gateway_id)
        for each in gateway.address_set:
            if "allocationId" in each and backend.address_by_ip([each["publicIp"]], fail_if_not_found=False):
                backend.disassociate_address(address=each["publicIp"])
        return gateway


def _prefix_lists() -> None:
    from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend

    @around(ManagedPrefixListBackend, "create_default_pls")
    def create_default_pls(original: Any, backend: Any) -> None:
        original(backend)
        # Two of the ranges that AWS publishes as ROUTE53_HEALTHCHECKS; here only the list's existence matters.
        entries = [{"Cidr": cidr, "Description": "default"} for cidr in ("15.177.0.0/18", "54.183.255.128/26")]
        backend._create_aws_managed_prefix_list(
            name=f"com.amazonaws.{backend.region_name}.route53-healthchecks",
            address_family="IPv4",
            entries=entries,
        )


def _tags() -> None:
    from moto.ec2.models import EC2Backend
    from moto.ec2.responses import EC2Response
    from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE

    @around(EC2Response, "create_dhcp_options")
    def keep_tags(original: Any, response: Any) -> Any:
        answer = original(response)
        answer.result["DhcpOptions"].add_tags(response._parse_tag_specification().get("dhcp-options", {}))
        return answer

    if not _KINDS_OF_TAGGED.keys() <= EC2_PREFIX_TO_RESOURCE.keys():
        raise PatchDoesNotFit("moto.ec2.utils gives its ids other prefixes")
    EC2_PREFIX_TO_RESOURCE.update(_KINDS_OF_TAGGED)
    for name, argument in _DELETIONS.items():
        _forget_tags_after(EC2Backend, name, argument)


def _forget_tags_after(backend_class: type, name: str, argument: str) -> None:
    signature = inspect.signature(getattr(backend_class, name))
    if argument not in signature.parameters:
        raise PatchDoesNotFit(f"{name} has no argument {argument}")

    @around(backend_class, name)
    def delete(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        answer = original(backend, *args, **kwargs)
        named = signature.bind(backend, *args, **kwargs).arguments.get(argument) or ()
        for identifier in [named] if isinstance(named, str) else named:
            backend.tags.pop(identifier, None)
        return answer
