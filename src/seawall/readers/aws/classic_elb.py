"""Elastic Load Balancing's first generation: balancers that name their instances themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Forwards, Hostname, Interface, Listens, Member, Presents
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import made_up
from seawall.readers.registry import link, reads

INSTANCES: Final = "instances"
"""What a balancer of the first generation shares requests among, all of its instances together."""
link("aws_elb_attachment", "elb", to="aws_elb", by="name")
link("aws_autoscaling_attachment", "elb", to="aws_elb", by="name")
link("aws_autoscaling_group", "load_balancers.*", to="aws_elb", by="name")


@reads("aws_elb")
def classic_load_balancer(resource: Resource) -> Iterator[Fact]:
    """A balancer that names its instances itself, each port of its own with one of theirs.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/introduction.html
    """
    body, address = Arguments(resource), resource.address
    internal = body.flag("internal")
    public: Known[bool] = internal if isinstance(internal, Unknown) else not internal
    groups = body.links("security_groups")
    if groups == ():
        groups = body.unknown("security_groups")  # the default group of a network that only its subnets name
    yield Interface(address, body.links("subnets"), groups, public)
    name = body.text("name") if body.has("name") else body.unknown("name")
    prefix = "internal-" if internal is True else ""
    host = text(prefix, name, "-", made_up(resource, "host"), ".", resource.region, ".elb.amazonaws.com")
    yield Hostname(address, "dns_name", host)
    asked: dict[str, Known[int]] = {}
    for listener in body.blocks("listener"):
        port, back = listener.count("lb_port"), listener.count("instance_port")
        said = listener.known_text("lb_protocol")
        tls: Known[Literal["none", "optional", "required"]]
        tls = said if isinstance(said, Unknown) else "required" if said.upper() in ("HTTPS", "SSL") else "none"
        yield Listens(address, "tcp", port if isinstance(port, Unknown) else Ports.one(port), tls)
        asked[str(back)] = back
        certificate = listener.link("ssl_certificate_id")
        if certificate is not None:
            yield Presents(address, certificate)
    instances = address.implied(INSTANCES)
    yield Forwards(address, instances)
    several = Unknown(f"{address}.listener", why="its listeners ask several ports")
    yield Setting(instances, "target-port", next(iter(asked.values())) if len(asked) == 1 else several)
    named = body.links("instances")
    for instance in (named,) if isinstance(named, Unknown) else named:
        yield Member(instances, instance)


@reads("aws_elb_attachment")
def classic_attachment(resource: Resource) -> Iterator[Fact]:
    """An instance is one of a balancer's."""
    body = Arguments(resource)
    yield Member(instances_of(body.required_link("elb")), body.required_link("instance"))


@reads("aws_autoscaling_group")
def instances_of_groups(resource: Resource) -> Iterator[Fact]:
    """The instances of a group are those of the balancers of the first generation that it names."""
    balancers = Arguments(resource).links("load_balancers")
    for each in (balancers,) if isinstance(balancers, Unknown) else balancers:
        yield Member(instances_of(each), resource.address)


@reads("aws_autoscaling_attachment")
def instances_attached(resource: Resource) -> Iterator[Fact]:
    """The instances of a group are a balancer's."""
    body = Arguments(resource)
    if body.has("elb"):
        yield Member(instances_of(body.required_link("elb")), body.required_link("autoscaling_group_name"))


def instances_of(balancer: Link) -> Link:
    """The instances of a balancer of the first generation, taken together."""
    return balancer.implied(INSTANCES) if isinstance(balancer, Address) else balancer
