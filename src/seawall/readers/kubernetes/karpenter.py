"""Karpenter: pools of nodes that are made as pods need them, and how their nodes are made.

Versions before v1 named the same things otherwise and are gone from Karpenter; of the oldest, the Provisioner, as much
is read as says what nodes there may be.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import NodeClass, NodePool
from seawall.facts.data import Limit
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Assumes
from seawall.facts.pod_network import Labels
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.durations import seconds
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.kubernetes.quantities import quantity
from seawall.readers.registry import link, reads

link("karpenter.k8s.aws/v1/EC2NodeClass", "spec.instanceProfile", to="aws_iam_instance_profile", by="name")
link("karpenter.k8s.aws/v1/EC2NodeClass", "spec.role", to="aws_iam_role", by="name")

LASTS = 720 * 3600
"""Seconds after which Karpenter replaces a node unless a pool says otherwise (Karpenter, "Disruption")."""

_TYPE, _CAPACITY = "node.kubernetes.io/instance-type", "karpenter.sh/capacity-type"


@reads("karpenter.sh/v1/NodePool")
def node_pool(resource: Resource) -> Iterator[Fact]:
    """A pool, on demand unless it says otherwise, and its limits in base units, as quotas have them."""
    body = Manifest(resource)
    template = body.spec.block("template")
    spec = template.block("spec")
    wanted = {
        each.string("key"): tuple(sorted(each.strings("values")))
        for each in spec.blocks("requirements")
        if each.string("operator") == "In"
    }
    yield NodePool(
        body.address,
        body.sibling("EC2NodeClass", spec.block("nodeClassRef").string("name")),
        wanted.get(_TYPE, ()),
        wanted.get(_CAPACITY, ("on-demand",)),
        template.block("metadata").labels("labels"),
        tuple(
            sorted((each.string("key"), each.string("value"), each.string("effect")) for each in spec.blocks("taints"))
        ),
        _lasts(spec, "expireAfter", LASTS),
        _lasts(spec, "terminationGracePeriod", None),
        body.spec.block("disruption").string("consolidationPolicy", "WhenEmptyOrUnderutilized"),
    )
    for name, spelling in body.spec.pairs("limits"):
        yield Limit(body.address, name, _base(body, name, spelling), f"NodePool {body.name}")


@reads("karpenter.sh/v1alpha5/Provisioner")
def provisioner(resource: Resource) -> Iterator[Fact]:
    """A pool as Karpenter had it before 0.32: its limits lie one level deeper, its nodes' labels and taints higher."""
    body = Manifest(resource)
    wanted = {
        each.string("key"): tuple(sorted(each.strings("values")))
        for each in body.spec.blocks("requirements")
        if each.string("operator") == "In"
    }
    taints = sorted(
        (each.string("key"), each.string("value"), each.string("effect")) for each in body.spec.blocks("taints")
    )
    yield NodePool(
        body.address,
        body.sibling("AWSNodeTemplate", body.spec.block("providerRef").string("name") or body.name),
        wanted.get(_TYPE, ()),
        wanted.get(_CAPACITY, ("on-demand",)),
        body.spec.labels("labels"),
        tuple(taints),
        body.spec.count("ttlSecondsUntilExpired", 0) or None,
        None,
        "WhenEmpty" if body.spec.has("ttlSecondsAfterEmpty") else "",
    )
    for name, spelling in body.spec.block("limits").pairs("resources"):
        yield Limit(body.address, name, _base(body, name, spelling), f"Provisioner {body.name}")


@reads("karpenter.k8s.aws/v1alpha1/AWSNodeTemplate")
def node_template(resource: Resource) -> Iterator[Fact]:
    """How nodes of a Provisioner are made, as far as it says where: each selector is one term, of tags or of ids."""
    body = Manifest(resource)
    places, groups = (tuple(_selected(body.spec, name)) for name in ("subnetSelector", "securityGroupSelector"))
    yield NodeClass(body.address, places, groups, body.spec.link_or_text("instanceProfile") or "")


def _selected(spec: Fields, name: str) -> Iterator[Labels | Link]:
    tags = spec.labels(name)
    if any(key in ("aws-ids", "aws::ids") for key, _ in tags):
        yield spec.unknown(name, "it names ids")
    elif tags:
        yield tags


@reads("karpenter.k8s.aws/v1/EC2NodeClass")
def node_class(resource: Resource) -> Iterator[Fact]:
    """How nodes are made; without a word metadata takes one hop and a token, as Karpenter has it."""
    body = Manifest(resource)
    named = "instanceProfile" if body.spec.has("instanceProfile") else "role"
    given = "associatePublicIPAddress"
    profile = body.spec.link_or_text(named) or body.spec.unknown(named)
    yield NodeClass(
        body.address,
        tuple(_terms(body.spec, "subnetSelectorTerms")),
        tuple(_terms(body.spec, "securityGroupSelectorTerms")),
        profile,
        tuple(sorted(term.string("alias") for term in body.spec.blocks("amiSelectorTerms") if term.has("alias"))),
        body.spec.flag(given, False) if body.spec.has(given) else None,
    )
    yield Assumes(body.address, profile, "instance-profile")
    options = body.spec.block("metadataOptions")
    tokens = options.known_text("httpTokens", "required")
    yield Setting(
        body.address, "metadata-tokens-required", tokens if isinstance(tokens, Unknown) else tokens == "required"
    )
    yield Setting(body.address, "metadata-hops", options.count("httpPutResponseHopLimit", 1))
    for disk in body.spec.blocks("blockDeviceMappings"):
        yield Setting(body.address, "disk-encrypted", disk.block("ebs").flag("encrypted", False))
        if (key := disk.block("ebs").link("kmsKeyID")) is not None:
            yield Setting(body.address, "key", key)


def _lasts(spec: Fields, name: str, absent: int | None) -> Known[int] | None:
    said = spec.string(name)
    if not said:
        return absent
    lasts = seconds(said)
    return None if said == "Never" else spec.unknown(name, said) if lasts is None else lasts


def _terms(spec: Fields, name: str) -> Iterator[Labels | Link]:
    for term in spec.blocks(name):
        if term.has("id"):
            yield term.required_link("id")
        elif term.has("name"):
            yield (("Name", term.string("name")),)
        else:
            yield term.labels("tags")


def _base(body: Manifest, name: str, spelling: str) -> Known[int]:
    try:
        value = quantity(spelling)
    except ValueError as error:
        return Unknown(f"{body.address}.spec.limits.{name}", why=str(error))
    return round(value * 1000) if name == "cpu" else round(value)
