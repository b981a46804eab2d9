"""Networks and machines: everything of EC2."""

from __future__ import annotations

from typing import Any

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes


def _one(standing: Standing, operation: str, parameter: str, path: str, id: str = "") -> dict[str, Any]:
    answer = getattr(standing.client("ec2"), operation)(**{parameter: [id or standing["id"]]})
    found: dict[str, Any] = only(answer[path])
    return found


def _state(found: dict[str, Any], good: str, key: str = "State") -> Seen:
    state = str(found.get(key, ""))
    return Seen(tags=pairs(found.get("Tags")), healthy=state.lower() == good, health=f"state {state}")


@probes("aws_vpc")
def vpc(standing: Standing) -> Seen:
    """A VPC and its range."""
    found = _one(standing, "describe_vpcs", "VpcIds", "Vpcs")
    return Seen({"cidr_block": (standing["cidr_block"], found["CidrBlock"])}, pairs(found.get("Tags")))


@probes("aws_autoscaling_group")
def autoscaling_group(standing: Standing) -> Seen:
    """A group and its bounds; healthy when as many instances as it must have are in service."""
    answer = standing.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[standing["name"]])
    found = only(answer["AutoScalingGroups"])
    same = {
        "min_size": (standing["min_size"], found["MinSize"]),
        "max_size": (standing["max_size"], found["MaxSize"]),
    }
    serving = sum(one["LifecycleState"] == "InService" for one in found["Instances"])
    return Seen(same, pairs(found.get("Tags")), serving >= found["MinSize"], f"{serving} instances in service")


@probes("aws_subnet")
def subnet(standing: Standing) -> Seen:
    """A subnet, its range and its zone."""
    found = _one(standing, "describe_subnets", "SubnetIds", "Subnets")
    same = {
        "cidr_block": (standing["cidr_block"], found["CidrBlock"]),
        "availability_zone": (standing["availability_zone"], found["AvailabilityZone"]),
    }
    return Seen(same, pairs(found.get("Tags")), found.get("State") == "available", f"state {found.get('State')}")


@probes("aws_internet_gateway")
def internet_gateway(standing: Standing) -> Seen:
    """An internet gateway and the VPC it is attached to."""
    found = _one(standing, "describe_internet_gateways", "InternetGatewayIds", "InternetGateways")
    attached = [attachment["VpcId"] for attachment in found.get("Attachments", ())]
    return Seen({"vpc_id": (standing["vpc_id"], attached[0] if attached else "")}, pairs(found.get("Tags")))


@probes("aws_nat_gateway")
def nat_gateway(standing: Standing) -> Seen:
    """A NAT gateway; healthy when available."""
    return _state(_one(standing, "describe_nat_gateways", "NatGatewayIds", "NatGateways"), "available")


@probes("aws_eip")
def elastic_ip(standing: Standing) -> Seen:
    """An Elastic IP address."""
    found = _one(standing, "describe_addresses", "AllocationIds", "Addresses")
    return Seen({"public_ip": (standing["public_ip"], found["PublicIp"])}, pairs(found.get("Tags")))


@probes("aws_route_table", "aws_default_route_table")
def route_table(standing: Standing) -> Seen:
    """A route table and its network."""
    found = _one(standing, "describe_route_tables", "RouteTableIds", "RouteTables")
    return Seen({"vpc_id": (standing["vpc_id"], found["VpcId"])}, pairs(found.get("Tags")))


@probes("aws_route")
def route(standing: Standing) -> Seen:
    """A route: it is in its table and leads somewhere that exists."""
    table = _one(standing, "describe_route_tables", "RouteTableIds", "RouteTables", standing["route_table_id"])
    wanted = {
        standing.values.get(name)
        for name in ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
    } - {None, ""}
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    found = only([one for one in table["Routes"] if any(one.get(name) in wanted for name in names)])
    state = found.get("State", "active")
    return Seen(healthy=state == "active", health=f"state {state}")


@probes("aws_route_table_association")
def route_table_association(standing: Standing) -> Seen:
    """The tie between a subnet and its table."""
    table = _one(standing, "describe_route_tables", "RouteTableIds", "RouteTables", standing["route_table_id"])
    only([one for one in table["Associations"] if one.get("SubnetId") == standing["subnet_id"]])
    return Seen()


@probes("aws_security_group", "aws_default_security_group")
def security_group(standing: Standing) -> Seen:
    """A security group and its name."""
    found = _one(standing, "describe_security_groups", "GroupIds", "SecurityGroups")
    return Seen({"name": (standing["name"], found["GroupName"])}, pairs(found.get("Tags")))


@probes("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
def security_group_rule(standing: Standing) -> Seen:
    """A rule of a group: its protocol and ports."""
    found = _one(standing, "describe_security_group_rules", "SecurityGroupRuleIds", "SecurityGroupRules")
    same: dict[str, tuple[Any, Any]] = {
        "ip_protocol": (standing["ip_protocol"], found["IpProtocol"]),
    }
    if standing["ip_protocol"] != "-1":
        same["from_port"] = (standing["from_port"], found.get("FromPort"))
        same["to_port"] = (standing["to_port"], found.get("ToPort"))
    return Seen(same, pairs(found.get("Tags")))


@probes("aws_network_acl", "aws_default_network_acl")
def network_acl(standing: Standing) -> Seen:
    """A network ACL."""
    found = _one(standing, "describe_network_acls", "NetworkAclIds", "NetworkAcls")
    return Seen(tags=pairs(found.get("Tags")))


@probes("aws_vpc_endpoint")
def vpc_endpoint(standing: Standing) -> Seen:
    """An endpoint and the service it leads to; healthy when available."""
    found = _one(standing, "describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints")
    same = {"service_name": (standing["service_name"], found["ServiceName"])}
    state = str(found.get("State", ""))
    return Seen(same, pairs(found.get("Tags")), state.lower() == "available", f"state {state}")


@probes("aws_vpc_endpoint_route_table_association")
def vpc_endpoint_route_table_association(standing: Standing) -> Seen:
    """The tie between a gateway endpoint and a table."""
    found = _one(standing, "describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints", standing["vpc_endpoint_id"])
    if standing["route_table_id"] not in found.get("RouteTableIds", ()):
        raise Absent
    return Seen()


@probes("aws_flow_log")
def flow_log(standing: Standing) -> Seen:
    """A flow log; healthy when active and delivering."""
    found = only(standing.client("ec2").describe_flow_logs(FlowLogIds=[standing["id"]])["FlowLogs"])
    state, delivery = str(found.get("FlowLogStatus", "")), found.get("DeliverLogsStatus", "SUCCESS")
    healthy = state == "ACTIVE" and delivery == "SUCCESS"
    return Seen({}, pairs(found.get("Tags")), healthy, f"status {state}, delivery {delivery}")


@probes("aws_launch_template")
def launch_template(standing: Standing) -> Seen:
    """A launch template and its name."""
    found = _one(standing, "describe_launch_templates", "LaunchTemplateIds", "LaunchTemplates")
    return Seen({"name": (standing["name"], found["LaunchTemplateName"])}, pairs(found.get("Tags")))


@probes("aws_instance")
def instance(standing: Standing) -> Seen:
    """A machine; healthy when running."""
    reservations = standing.client("ec2").describe_instances(InstanceIds=[standing["id"]])["Reservations"]
    found = only([one for reservation in reservations for one in reservation["Instances"]])
    state = found["State"]["Name"]
    if state == "terminated":
        raise Absent
    same = {"instance_type": (standing["instance_type"], found["InstanceType"])}
    return Seen(same, pairs(found.get("Tags")), state == "running", f"state {state}")


@probes("aws_ebs_volume")
def volume(standing: Standing) -> Seen:
    """A volume and its size."""
    found = _one(standing, "describe_volumes", "VolumeIds", "Volumes")
    healthy = found["State"] in ("available", "in-use")
    return Seen({"size": (standing["size"], found["Size"])}, pairs(found.get("Tags")), healthy, found["State"])
