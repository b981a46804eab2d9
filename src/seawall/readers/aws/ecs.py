"""ECS: where the tasks of a service are in the network, and the balancers behind which they are."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.network import Interface, Member
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_ecs_service")
def service(resource: Resource) -> Iterator[Fact]:
    """Tasks that have interfaces of their own, with a public address only if they are told to have one.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
    """
    body, address = Arguments(resource), resource.address
    network = body.block("network_configuration")
    if body.has("network_configuration"):
        public = network.flag("assign_public_ip")
        yield Interface(address, network.links("subnets"), network.links("security_groups"), public)
    asked = set()
    for behind in body.blocks("load_balancer"):
        if behind.has("target_group_arn"):
            yield Member(behind.required_link("target_group_arn"), address)
            asked.add(behind.count("container_port"))
    if len(asked) == 1:
        yield Setting(address, "target-port", asked.pop())
    elif asked:
        yield Setting(address, "target-port", body.unknown("load_balancer"))
