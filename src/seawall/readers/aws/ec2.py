"""EC2: launch templates, instances and groups of them, volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.compute import Fleet, Joins
from seawall.facts.data import Store
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Assumes
from seawall.facts.network import Carries, Interface, Member, Seen, Wears
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Text, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.registry import link, reads

link("aws_launch_template", "iam_instance_profile.*.name", to="aws_iam_instance_profile", by="name")
link("aws_autoscaling_group", "launch_template.*.name", to="aws_launch_template", by="name")
link("aws_autoscaling_group", "launch_configuration", to="aws_launch_configuration", by="name")
link("aws_launch_configuration", "iam_instance_profile", to="aws_iam_instance_profile", by="name")
_MIXED: Final = "mixed_instances_policy.*.launch_template.*.launch_template_specification.*.launch_template_name"
link("aws_autoscaling_group", _MIXED, to="aws_launch_template", by="name")
link("aws_autoscaling_attachment", "autoscaling_group_name", to="aws_autoscaling_group", by="name")
link("aws_instance", "iam_instance_profile", to="aws_iam_instance_profile", by="name")

GIB = 2**30


@reads("aws_launch_template")
def launch_template(resource: Resource) -> Iterator[Fact]:
    """What instances made from it carry: groups, metadata options, disks, a profile."""
    body, address = Arguments(resource), resource.address
    card = body.block("network_interfaces")
    groups = card.links("security_groups") if card.has("security_groups") else body.links("vpc_security_group_ids")
    yield Interface(
        address,
        (card.required_link("subnet_id"),) if card.has("subnet_id") else (),
        groups,
        _public(card),
    )
    yield from _metadata(address, body)
    disks = [mapping.block("ebs") for mapping in body.blocks("block_device_mappings") if mapping.has("ebs")]
    yield from _disks(address, disks)
    profile = body.block("iam_instance_profile")
    for name in ("arn", "name"):
        role = profile.link_or_text(name)
        if role is not None:
            yield Assumes(address, role, "instance-profile")
            break


@reads("aws_instance")
def instance(resource: Resource) -> Iterator[Fact]:
    """A server: where it is in the network, its metadata options, disks and profile."""
    body, address = Arguments(resource), resource.address
    yield from _own_interface(body) if not _cards(body) else _carried(body)
    yield from _metadata(address, body)
    yield from _disks(address, [body.block("root_block_device"), *body.blocks("ebs_block_device")])
    role = body.link_or_text("iam_instance_profile")
    if role is not None:
        yield Assumes(address, role, "instance-profile")


_CARDS = ("network_interface", "primary_network_interface")


def _cards(body: Arguments) -> list[Arguments]:
    """The blocks that give a server interfaces which are things of their own."""
    return [card for name in _CARDS for card in body.blocks(name)]


def _carried(body: Arguments) -> Iterator[Fact]:
    for card in _cards(body):
        yield Carries(body.address, card.required_link("network_interface_id"))


def _own_interface(body: Arguments) -> Iterator[Interface]:
    yield Interface(
        body.address,
        (body.required_link("subnet_id"),),
        body.links("vpc_security_group_ids"),
        _public(body),
        stated_addresses(body, "private_ip", "secondary_private_ips"),
        _six(body),
    )


def _public(body: Arguments) -> Known[bool] | None:
    name = "associate_public_ip_address"
    return body.flag(name) if body.has(name) else None


def stated_addresses(body: Arguments, *names: str) -> tuple[Cidr, ...]:
    """Stated private addresses; none if one of them is not known, since a thing may be at any then."""
    found: list[Cidr] = []
    for name in names:
        listed = body.texts(name)
        for spelled in (listed,) if isinstance(listed, Unknown) else listed:
            if not isinstance(spelled, str):
                return ()
            try:
                found.append(Cidr.parse(spelled))
            except ValueError:
                return ()
    return tuple(found)


def _six(body: Arguments) -> Known[bool]:
    """Whether an interface has an address of IPv6; its subnet may give it one unasked."""
    if body.has("ipv6_addresses"):
        return True
    count = body.number("ipv6_address_count")
    if isinstance(count, int):
        return count > 0
    return body.unknown("ipv6_address_count") if count is None else count


@reads("aws_network_interface")
def network_interface(resource: Resource) -> Iterator[Fact]:
    """An interface that is a thing of its own, and the server that it is plugged into."""
    body = Arguments(resource)
    yield Interface(
        resource.address,
        (body.required_link("subnet_id"),),
        body.links("security_groups"),
        addresses=stated_addresses(body, "private_ips" if body.has("private_ips") else "private_ip"),
        ipv6=_six(body),
    )
    for attached in body.blocks("attachment"):
        if attached.has("instance"):
            yield Carries(attached.required_link("instance"), resource.address)


@reads("aws_network_interface_attachment")
def network_interface_attachment(resource: Resource) -> Iterator[Fact]:
    """A server has one more interface."""
    body = Arguments(resource)
    yield Carries(body.required_link("instance_id"), body.required_link("network_interface_id"))


@reads("aws_network_interface_sg_attachment")
def network_interface_group(resource: Resource) -> Iterator[Fact]:
    """An interface has one more group."""
    body = Arguments(resource)
    group = body.required_link("security_group_id")
    yield Wears(body.required_link("network_interface_id"), group)


@reads("aws_eip", "aws_eip_association")
def public_address(resource: Resource) -> Iterator[Fact]:
    """A public address of a server or of an interface."""
    body = Arguments(resource)
    for name in ("instance", "instance_id", "network_interface", "network_interface_id"):
        if body.has(name):
            yield Seen(body.required_link(name))


@reads("aws_autoscaling_group")
def autoscaling_group(resource: Resource) -> Iterator[Fact]:
    """Instances kept running in these subnets; which groups they carry, their template says."""
    body, address = Arguments(resource), resource.address
    yield Fleet(address, _launched(body), body.count("min_size"), body.count("max_size"))
    yield Interface(address, body.links("vpc_zone_identifier"), (), None)
    groups = body.links("target_group_arns")
    for group in (groups,) if isinstance(groups, Unknown) else groups:
        yield Member(group, address)
    for tag in body.blocks("tag"):
        key = tag.text("key")
        first, *rest = key.parts if isinstance(key, Text) else (key,)
        if isinstance(first, str) and first.startswith(_OF_CLUSTER):
            yield Joins(address, text(first.removeprefix(_OF_CLUSTER), *rest))


_OF_CLUSTER: Final = "kubernetes.io/cluster/"
"""Before the name of the cluster whose nodes instances are, in a tag of theirs.

Source: https://docs.aws.amazon.com/eks/latest/userguide/launch-workers.html
"""


def _launched(body: Arguments) -> Link | None:
    """What each instance is made from: a template, one of several kinds of instance, or an older configuration."""
    if body.has("launch_configuration"):
        return body.link("launch_configuration")
    mixed = body.block("mixed_instances_policy").block("launch_template").block("launch_template_specification")
    for template, id, name in (
        (body.block("launch_template"), "id", "name"),
        (mixed, "launch_template_id", "launch_template_name"),
    ):
        for which in (id, name):
            if template.has(which):
                return template.link(which)
    return body.unknown_blocks("launch_template")


@reads("aws_autoscaling_attachment")
def attachment(resource: Resource) -> Iterator[Fact]:
    """The instances of a group are targets of a load balancer."""
    body = Arguments(resource)
    if body.has("lb_target_group_arn"):
        yield Member(body.required_link("lb_target_group_arn"), body.required_link("autoscaling_group_name"))


@reads("aws_launch_configuration")
def launch_configuration(resource: Resource) -> Iterator[Fact]:
    """What instances were made from before there were templates."""
    body, address = Arguments(resource), resource.address
    yield Interface(address, (), body.links("security_groups"), _public(body))
    yield from _metadata(address, body)
    yield from _disks(address, [body.block("root_block_device"), *body.blocks("ebs_block_device")])
    role = body.link_or_text("iam_instance_profile")
    if role is not None:
        yield Assumes(address, role, "instance-profile")


def _metadata(address: Address, body: Arguments) -> Iterator[Setting]:
    options = body.block("metadata_options")
    tokens = options.known_text("http_tokens", "optional")
    yield Setting(address, "metadata-tokens-required", tokens if isinstance(tokens, Unknown) else tokens == "required")
    yield Setting(address, "metadata-hops", options.count("http_put_response_hop_limit", 1))


def _disks(address: Address, disks: list[Arguments]) -> Iterator[Setting]:
    encrypted = [disk.flag("encrypted") for disk in disks] or [False]
    answer: Known[bool] = all(flag is True for flag in encrypted)
    if False not in encrypted:
        answer = next((flag for flag in encrypted if isinstance(flag, Unknown)), answer)
    yield Setting(address, "disk-encrypted", answer)
    for key in dict.fromkeys(key for disk in disks if (key := disk.link("kms_key_id")) is not None):
        yield Setting(address, "key", key)
    if disks and disks[0].has("volume_size"):
        yield Setting(address, "disk-size", disks[0].count("volume_size"))


@reads("aws_ebs_volume")
def ebs_volume(resource: Resource) -> Iterator[Fact]:
    """A disk in one zone."""
    body = Arguments(resource)
    size = body.number("size")
    yield Store(
        resource.address,
        "volume",
        str(body.text("type", "gp2")),
        "",
        resource.region,
        body.known_text("availability_zone"),
        size=size * GIB if isinstance(size, int) else size,
        encrypted=body.flag("encrypted"),
        key=body.link("kms_key_id"),
        final_snapshot=body.flag("final_snapshot"),
    )
