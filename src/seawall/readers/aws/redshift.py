"""Redshift: clusters, as far as it matters where they are in the network and who reaches them."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Interface, Listens, Member
from seawall.graph.resource import Resource
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import link, reads

link("aws_redshift_cluster", "cluster_subnet_group_name", to="aws_redshift_subnet_group", by="name")


@reads("aws_redshift_cluster")
def cluster(resource: Resource) -> Iterator[Fact]:
    """A cluster; provider 5 makes it public unless it is told otherwise, provider 6 does not.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
    """
    body, address = Arguments(resource), resource.address
    subnets: Known[tuple[Link, ...]] = body.unknown("cluster_subnet_group_name")
    if body.has("cluster_subnet_group_name"):
        subnets = (body.required_link("cluster_subnet_group_name"),)
    name = "publicly_accessible"
    public = body.flag(name) if body.has(name) else body.unknown(name)
    yield Interface(address, subnets, body.links("vpc_security_group_ids"), public)
    port = body.count("port", 5439)
    yield Listens(address, "tcp", port if isinstance(port, Unknown) else Ports.one(port), "optional")


@reads("aws_redshift_subnet_group")
def subnet_group(resource: Resource) -> Iterator[Fact]:
    """Subnets in which clusters are."""
    subnets = Arguments(resource).links("subnet_ids")
    for subnet in (subnets,) if isinstance(subnets, Unknown) else subnets:
        yield Member(resource.address, subnet)


@reads("aws_redshiftserverless_workgroup")
def workgroup(resource: Resource) -> Iterator[Fact]:
    """Redshift without servers: where it answers, and whether it is public, which it is not unless it says so."""
    body, address = Arguments(resource), resource.address
    subnets, groups = body.links("subnet_ids"), body.links("security_group_ids")
    public = body.flag("publicly_accessible")
    where = body.unknown("subnet_ids") if subnets == () else subnets
    yield Interface(address, where, body.unknown("security_group_ids") if groups == () else groups, public)
    port = body.count("port", 5439)
    yield Listens(address, "tcp", port if isinstance(port, Unknown) else Ports.one(port), "optional")
