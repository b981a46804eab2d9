"""MSK: managed Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from seawall.facts.data import Parameter, Replicates, Store
from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import Interface, Listens, Member
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import Estimate, Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.aws.policy import policy_facts
from seawall.readers.aws.quantities import GIB, times
from seawall.readers.registry import reads

# AWS, "Port information": where brokers listen, by how clients sign in.
PLAIN, TLS, SCRAM, IAM = 9092, 9094, 9096, 9098
_PUBLIC: Final = 100
"""How much higher each is where brokers are public; there is none without encryption."""
# Both clusters take records at any time: nothing has to be promoted, clients have to be told.
NOTHING_TO_PROMOTE: Final = Estimate(0, 0, 0, "s")


@reads("aws_msk_cluster")
def msk_cluster(resource: Resource) -> Iterator[Fact]:
    """A cluster of brokers; between clients and brokers it insists on TLS unless told otherwise."""
    body, address = Arguments(resource), resource.address
    nodes = body.block("broker_node_group_info")
    encryption = body.block("encryption_info")
    volume = nodes.block("storage_info").block("ebs_storage_info").number("volume_size")
    access = nodes.block("connectivity_info").block("public_access").known_text("type", "DISABLED")
    shown: Known[bool] = access if isinstance(access, Unknown) else access != "DISABLED"
    yield Store(
        address,
        "stream",
        "kafka",
        body.known_text("kafka_version"),
        resource.region,
        None,
        body.count("number_of_broker_nodes"),
        nodes.known_text("instance_type"),
        volume if volume is None else times(volume, GIB),
        True,
        encryption.link("encryption_at_rest_kms_key_arn"),
        public=shown,
    )
    yield Interface(address, nodes.links("client_subnets"), nodes.links("security_groups"), shown)
    offered = encryption.block("encryption_in_transit").known_text("client_broker", "TLS")
    authentication = body.block("client_authentication")
    sasl = authentication.block("sasl")
    iam, scram = sasl.flag("iam"), sasl.flag("scram")
    ports: dict[int, Known[Literal["none", "optional", "required"]]] = {}
    if iam is not False:
        ports[IAM] = iam if isinstance(iam, Unknown) else "required"
    if scram is not False:
        ports[SCRAM] = scram if isinstance(scram, Unknown) else "required"
    anybody = authentication.flag("unauthenticated", iam is False and scram is False)
    if authentication.has("tls") or anybody is not False:
        if offered != "PLAINTEXT":
            ports[TLS] = "required"
        if offered != "TLS":
            ports[PLAIN] = offered if isinstance(offered, Unknown) else "none"
    for port in sorted(ports):
        yield Listens(address, "tcp", Ports.one(port), ports[port])
        if shown is not False and port != PLAIN:
            yield Listens(address, "tcp", Ports.one(port + _PUBLIC), ports[port])
    yield Setting(address, "iam-authentication", iam)
    nobody_asks = iam is False and scram is False and not authentication.has("tls")
    yield Setting(address, "anonymous", authentication.flag("unauthenticated", nobody_asks))
    configuration = body.block("configuration_info").link("arn")
    if configuration is not None:
        yield Member(configuration, address)
    name = body.text("cluster_name")
    yield Identifier(address, "arn", arn(resource, "kafka", "cluster/", name, "/", made_up(resource, "id")))


@reads("aws_msk_configuration")
def msk_configuration(resource: Resource) -> Iterator[Fact]:
    """Settings of brokers, written as Java properties; every cluster that names it has them."""
    body = Arguments(resource)
    properties = body.text("server_properties")
    for line in properties.splitlines() if isinstance(properties, str) else ():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith(("#", "!")):
            yield Parameter(resource.address, name.strip(), value.strip())


@reads("aws_msk_cluster_policy")
def msk_cluster_policy(resource: Resource) -> Iterator[Fact]:
    """Who else may connect to a cluster's network, or ask for its brokers."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("cluster_arn"), "resource", what)


@reads("aws_msk_replicator")
def msk_replicator(resource: Resource) -> Iterator[Fact]:
    """Records of one cluster arrive at another, some time later."""
    for info in Arguments(resource).blocks("replication_info_list"):
        source, target = info.required_link("source_kafka_cluster_arn"), info.required_link("target_kafka_cluster_arn")
        yield Replicates(source, target, "asynchronous", "region", "manual", NOTHING_TO_PROMOTE)
