"""EC2: launch templates, instances and groups of them, volumes."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import Fleet
from seawall.facts.data import Store
from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Assumes
from seawall.facts.network import Interface
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import link, reads

link("aws_launch_template", "iam_instance_profile.*.name", to="aws_iam_instance_profile", by="name")
link("aws_autoscaling_group", "launch_template.*.name", to="aws_launch_template", by="name")
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
        card.flag("associate_public_ip_address"),
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
    subnet = body.required_link("subnet_id")
    yield Interface(
        address,
        (subnet,),
        body.links("vpc_security_group_ids"),
        body.flag("associate_public_ip_address")
        if body.has("associate_public_ip_address")
        else body.unknown("associate_public_ip_address"),
    )
    yield from _metadata(address, body)
    yield from _disks(address, [body.block("root_block_device"), *body.blocks("ebs_block_device")])
    role = body.link_or_text("iam_instance_profile")
    if role is not None:
        yield Assumes(address, role, "instance-profile")


@reads("aws_autoscaling_group")
def autoscaling_group(resource: Resource) -> Iterator[Fact]:
    """Instances kept running in these subnets; which groups they carry, their template says."""
    body, address = Arguments(resource), resource.address
    template = body.block("launch_template")
    launch = template.link("id") if template.has("id") else template.link("name")
    yield Fleet(address, launch, body.count("min_size"), body.count("max_size"))
    yield Interface(address, body.links("vpc_zone_identifier"), ())


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
