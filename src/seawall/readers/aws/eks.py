"""EKS: clusters, node groups, add-ons, access entries, pod identities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from seawall.facts.compute import Addon, Cluster, FargateProfile, NodeGroup
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Assumes, ClusterAccess, Identifier
from seawall.facts.network import Interface, Listens, Permit
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Ports
from seawall.kernel.value import Body, Ref, Text, Textual, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.aws.policy import parsed
from seawall.readers.registry import answers, implies, link, reads

for _type in ("node_group", "fargate_profile", "addon", "access_entry", "access_policy_association"):
    link(f"aws_eks_{_type}", "cluster_name", to="aws_eks_cluster", by="name")
link("aws_eks_node_group", "launch_template.*.name", to="aws_launch_template", by="name")

GROUP = "cluster-group"
"""The security group that EKS makes for a cluster, and gives to nodes that have no other."""
implies("vpc_config.0.cluster_security_group_id", GROUP)


@answers("aws_eks_cluster", "id")
def cluster_id(body: Body, _region: str | Unknown) -> Value:
    """A cluster's id is its name."""
    return body.get("name")


@reads("aws_eks_cluster")
def cluster(resource: Resource) -> Iterator[Fact]:
    """A cluster with its API, and the security group that EKS makes for it."""
    body, address = Arguments(resource), resource.address
    network = body.block("vpc_config")
    name = body.known_text("name")
    logs = body.known_texts("enabled_cluster_log_types")
    made = body.block("identity").block("oidc").text("issuer")  # in the state of a cluster that has been made
    known = isinstance(made, str) and made != ""
    # A dynamic block may come to none or to one.
    encrypted = body.unknown_blocks("encryption_config")
    yield Cluster(
        address,
        name,
        body.known_text("version") if body.has("version") else body.unknown("version"),
        resource.region,
        made if known else Ref(address, "identity.0.oidc.0.issuer"),
        network.flag("endpoint_private_access"),
        _api_cidrs(network),
        logs,
        body.block("encryption_config").block("provider").link("key_arn") if encrypted is None else encrypted,
        body.block("access_config").known_text("authentication_mode", "CONFIG_MAP"),
    )
    issuer = text("https://oidc.eks.", resource.region, ".amazonaws.com/id/", made_up(resource, "oidc_id"))
    yield Identifier(address, "identity.0.oidc.0.issuer", made if known else issuer)
    yield Identifier(address, "arn", arn(resource, "eks", "cluster/", name))
    group = address.implied(GROUP)
    groups = network.links("security_group_ids")
    yield Interface(
        address,
        network.links("subnet_ids"),
        groups if isinstance(groups, Unknown) else tuple(sorted((*groups, group), key=str)),
    )
    yield Listens(address, "tcp", Ports.one(443), "required")
    yield Permit(group, "ingress", "any", ALL_PORTS, group)
    yield Permit(group, "egress", "any", ALL_PORTS, ANYWHERE)
    if isinstance(logs, Unknown) or logs:
        yield Logs(address, text("/aws/eks/", name, "/cluster"), () if isinstance(logs, Unknown) else logs)
    access = body.block("access_config")
    yield Setting(address, "creator-admin", access.flag("bootstrap_cluster_creator_admin_permissions", True))
    yield Assumes(address, _role(body, "role_arn"), "service")


def _api_cidrs(network: Arguments) -> Known[tuple[str, ...]] | None:
    public = network.flag("endpoint_public_access", True)
    if isinstance(public, Unknown):
        return public
    if not public:
        return None
    stated = network.known_texts("public_access_cidrs")
    return ("0.0.0.0/0",) if stated == () else stated


def _role(body: Arguments, name: str) -> Link | Textual:
    role = body.link_or_text(name)
    return body.unknown(name) if role is None else role


@reads("aws_eks_node_group")
def node_group(resource: Resource) -> Iterator[Fact]:
    """Nodes; without a launch template they carry the cluster's own group and a plain disk of 20 GiB.

    With one, groups and disk are what the template says: the Interface of the node group then names no group, and
    a template without groups means the cluster's own.
    """
    body, address = Arguments(resource), resource.address
    cluster = body.required_link("cluster_name")
    template = body.block("launch_template")
    has_template = body.has("launch_template")
    launch = (template.link("id") if template.has("id") else template.link("name")) if has_template else None
    scaling = body.block("scaling_config")
    types = body.known_texts("instance_types")
    if types == ():
        types = body.unknown("instance_types") if has_template else ("t3.medium",)
    yield NodeGroup(
        address,
        cluster,
        types,
        scaling.count("min_size"),
        scaling.count("desired_size"),
        scaling.count("max_size"),
        _capacity(body),
        body.known_text("ami_type") if body.has("ami_type") else body.unknown("ami_type"),
        _labels(body),
        tuple(sorted(_taints(body))),
        launch,
        body.link("node_role_arn"),
    )
    groups: tuple[Link, ...] = ()
    if not has_template:
        groups = (cluster if isinstance(cluster, Unknown) else cluster.implied(GROUP),)
        yield Setting(address, "disk-size", body.count("disk_size", 20))
        yield Setting(address, "disk-encrypted", False)
    yield Interface(address, body.links("subnet_ids"), groups, None)
    yield Assumes(address, _role(body, "node_role_arn"), "instance-profile")


@reads("aws_eks_fargate_profile")
def fargate_profile(resource: Resource) -> Iterator[Fact]:
    """Pods that run on Fargate, and as whom their nodes fetch images and write logs."""
    body, address = Arguments(resource), resource.address
    selectors = tuple((str(each.text("namespace")), _labels(each)) for each in body.blocks("selector"))
    yield FargateProfile(
        address,
        body.required_link("cluster_name"),
        body.known_text("fargate_profile_name"),
        selectors,
        body.links("subnet_ids"),
    )
    yield Assumes(address, _role(body, "pod_execution_role_arn"), "service")


def _capacity(body: Arguments) -> Known[Literal["on-demand", "spot", "fargate"]]:
    match body.known_text("capacity_type", "ON_DEMAND"):
        case Unknown() as unknown:
            return unknown
        case "SPOT":
            return "spot"
        case _:
            return "on-demand"


def _labels(body: Arguments) -> tuple[tuple[str, str], ...]:
    labels = body.raw("labels")
    if not isinstance(labels, Mapping):
        return ()
    return tuple(sorted((key, value) for key, value in labels.items() if isinstance(value, str)))


_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}


def _taints(body: Arguments) -> Iterator[tuple[str, str, str]]:
    for taint in body.blocks("taint"):
        key, value, effect = (str(taint.text(name)) for name in ("key", "value", "effect"))
        yield key, value, _EFFECTS.get(effect, effect)


@reads("aws_eks_addon")
def addon(resource: Resource) -> Iterator[Fact]:
    """An add-on; the configuration of the network plug-in decides whether NetworkPolicies do anything."""
    body, address = Arguments(resource), resource.address
    cluster = body.required_link("cluster_name")
    name = str(body.text("addon_name"))
    version = body.known_text("addon_version") if body.has("addon_version") else body.unknown("addon_version")
    yield Addon(address, cluster, name, version)
    if name == "vpc-cni":
        for key, value in _network_plugin(body):
            yield Setting(cluster, key, value)
    if body.has("service_account_role_arn"):
        account = address.implied("service-account")
        yield Assumes(account, _role(body, "service_account_role_arn"), "irsa")
    for association in body.blocks("pod_identity_association"):
        account = address.implied(str(association.text("service_account")))
        yield Assumes(account, _role(association, "role_arn"), "pod-identity")


# Switches of the network plug-in in its environment, what each is without a word, and what it is called here.
# Source: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md
_SWITCHES: Final = (
    ("prefix-delegation", "ENABLE_PREFIX_DELEGATION"),
    ("pod-groups", "ENABLE_POD_ENI"),
    ("pods-external-snat", "AWS_VPC_K8S_CNI_EXTERNALSNAT"),
    ("pods-in-own-subnets", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"),
)
_MODES: Final = (
    ("policy-mode", "NETWORK_POLICY_ENFORCING_MODE", "standard"),
    ("pod-groups-mode", "POD_SECURITY_GROUP_ENFORCING_MODE", "strict"),
)


def _network_plugin(body: Arguments) -> Iterator[tuple[str, Known[bool | str]]]:
    name = "configuration_values"
    configuration = parsed(body.raw(name), f"{body.address}.{name}") if body.has(name) else {}
    if not isinstance(configuration, Mapping):
        hole = configuration if isinstance(configuration, Unknown) else body.unknown(name, configuration)
        for key in ("network-policy-enforced", *(each[0] for each in (*_SWITCHES, *_MODES))):
            yield key, hole
        return
    found = configuration.get("env")
    variables = found if isinstance(found, Mapping) else {}
    yield "network-policy-enforced", _truth(body, configuration.get("enableNetworkPolicy"))
    for key, variable in _SWITCHES:
        yield key, _truth(body, variables.get(variable))
    for key, variable, usual in _MODES:
        value = variables.get(variable, usual)
        yield key, body.unknown(name, value) if isinstance(value, Ref | Text | Unknown) else str(value).lower()


def _truth(body: Arguments, value: Value) -> Known[bool]:
    if isinstance(value, Ref | Text | Unknown):
        return body.unknown("configuration_values", value)
    return str(value).lower() == "true"


@reads("aws_eks_access_entry")
def access_entry(resource: Resource) -> Iterator[Fact]:
    """A principal may sign in to a cluster, as a member of these groups; nodes have an entry of a type of their own."""
    body = Arguments(resource)
    cluster, principal = body.required_link("cluster_name"), _role(body, "principal_arn")
    kind = body.known_text("type", "STANDARD")
    groups = body.texts("kubernetes_groups")
    policies = (groups,) if isinstance(groups, Unknown) else tuple(text("group/", group) for group in groups)
    if kind != "STANDARD":
        policies = (text("type/", kind),)
    for policy in policies or ("",):
        yield ClusterAccess(cluster, principal, policy)


@reads("aws_eks_access_policy_association")
def access_policy_association(resource: Resource) -> Iterator[Fact]:
    """A principal has an access policy of EKS, in the whole cluster or in some namespaces."""
    body = Arguments(resource)
    scope = body.block("access_scope")
    yield ClusterAccess(
        body.required_link("cluster_name"),
        _role(body, "principal_arn"),
        body.text("policy_arn"),
        scope.known_texts("namespaces") if scope.known_text("type") != "cluster" else (),
    )


@reads("aws_eks_pod_identity_association")
def pod_identity_association(resource: Resource) -> Iterator[Fact]:
    """A service account takes on a role; the cluster's name is the first part of the account's address."""
    body = Arguments(resource)
    names = [body.known_text(name) for name in ("cluster_name", "namespace", "service_account")]
    known = [name for name in names if isinstance(name, str)]
    account: Link
    if len(known) == 3:
        account = Address.kubernetes(known[0], "ServiceAccount", known[1], known[2])
    else:
        account = next(name for name in names if isinstance(name, Unknown))
    yield Assumes(account, _role(body, "role_arn"), "pod-identity")
