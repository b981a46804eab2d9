"""A platform of two stacks whose types are made in a second, for tests that bring something up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seawall.deploy.rendered import Rendered
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref
from seawall.render.terraform import files as terraform_files

REGION = "eu-west-1"


@dataclass(frozen=True, slots=True)
class Described:
    name: str = "tiny"
    environment: str = "test"
    prefix: str | None = None


def resource(stack: str, type: str, name: str, body: dict[str, Any], line: int = 1) -> Resource:
    """A resource of the platform, as if it had been described on that line."""
    address = Address.terraform(REGION, stack, f"{type}.{name}")
    return Resource(address, type, body, Origin("platform.yaml", line), REGION)


def graph(
    platform: str = "tiny", *, parameters: int = 3, version: str = "1", slow: bool = False, outside: bool = False
) -> Graph:
    """Stack `data` (bucket, topic, network with a group) and stack `application` (parameters that read the topic).

    With ``slow`` the first has a queue too, for which the provider waits about 25 seconds whatever it is told; with
    ``outside`` it has an Elastic IP and a route to the internet, which have no names that could be taken.
    """
    tags = {"Platform": platform}
    bucket = resource("data", "aws_s3_bucket", "files", {"bucket": f"{platform}-files", "tags": tags}, 3)
    topic = resource("data", "aws_sns_topic", "alarms", {"name": f"{platform}-alarms", "tags": tags}, 5)
    network = resource("data", "aws_vpc", "main", {"cidr_block": "10.0.0.0/16", "tags": {"Name": platform, **tags}}, 7)
    door = resource(
        "data",
        "aws_security_group",
        "door",
        {
            "name": f"{platform}-door",
            "vpc_id": Ref(network.address, "id"),
            "tags": {"Name": f"{platform}-door", **tags},
        },
        8,
    )
    web = resource(
        "data",
        "aws_vpc_security_group_ingress_rule",
        "web",
        {
            "security_group_id": Ref(door.address, "id"),
            "cidr_ipv4": "10.0.0.0/16",
            "ip_protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "tags": {"Name": f"{platform}-web", **tags},
        },
        8,
    )
    settings = [
        resource(
            "application",
            "aws_ssm_parameter",
            f"setting{number}",
            {
                "name": f"/{platform}/setting{number}",
                "type": "String",
                "value": Ref(topic.address, "arn") if number == 0 else version,
                "tags": tags,
            },
            10 + number,
        )
        for number in range(parameters)
    ]
    queue = resource("data", "aws_sqs_queue", "slow", {"name": f"{platform}-slow", "tags": tags}, 9)
    outlet = resource("data", "aws_eip", "outlet", {"domain": "vpc", "tags": {"Name": f"{platform}-outlet", **tags}}, 9)
    gateway = resource("data", "aws_internet_gateway", "main", {"vpc_id": Ref(network.address, "id"), "tags": tags}, 9)
    table = resource("data", "aws_route_table", "main", {"vpc_id": Ref(network.address, "id"), "tags": tags}, 9)
    route = resource(
        "data",
        "aws_route",
        "out",
        {
            "route_table_id": Ref(table.address, "id"),
            "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": Ref(gateway.address, "id"),
        },
        9,
    )
    further = [*([queue] if slow else []), *([outlet, gateway, table, route] if outside else [])]
    return Graph([bucket, topic, network, door, web, *further, *settings])


def rendered(platform: str = "tiny", **options: Any) -> Rendered:
    """The same, rendered."""
    made = graph(platform, **options)
    return Rendered.of_graph(terraform_files.files(Described(platform), made), made)
