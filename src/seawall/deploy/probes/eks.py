"""Clusters: EKS and ECR."""

from __future__ import annotations

from typing import Any

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes


def _active(found: dict[str, Any], same: dict[str, tuple[Any, Any]] | None = None) -> Seen:
    state = str(found.get("status", ""))
    return Seen(same or {}, found.get("tags") or {}, state == "ACTIVE", f"status {state}")


@probes("aws_eks_cluster")
def cluster(standing: Standing) -> Seen:
    """A cluster and its version; healthy when ACTIVE."""
    found = standing.client("eks").describe_cluster(name=standing["name"])["cluster"]
    return _active(found, {"version": (standing["version"], found["version"])})


@probes("aws_eks_node_group")
def node_group(standing: Standing) -> Seen:
    """A node group; healthy when ACTIVE."""
    found = standing.client("eks").describe_nodegroup(
        clusterName=standing["cluster_name"], nodegroupName=standing["node_group_name"]
    )["nodegroup"]
    return _active(found)


@probes("aws_eks_addon")
def addon(standing: Standing) -> Seen:
    """An add-on; healthy when ACTIVE."""
    found = standing.client("eks").describe_addon(
        clusterName=standing["cluster_name"], addonName=standing["addon_name"]
    )["addon"]
    return _active(found, {"addon_version": (standing["addon_version"], found["addonVersion"])})


@probes("aws_eks_access_entry")
def access_entry(standing: Standing) -> Seen:
    """A principal that may enter the cluster."""
    found = standing.client("eks").describe_access_entry(
        clusterName=standing["cluster_name"], principalArn=standing["principal_arn"]
    )["accessEntry"]
    return Seen({"type": (standing["type"], found["type"])}, found.get("tags") or {})


@probes("aws_eks_access_policy_association")
def access_policy_association(standing: Standing) -> Seen:
    """What such a principal may do in it."""
    found = standing.client("eks").list_associated_access_policies(
        clusterName=standing["cluster_name"], principalArn=standing["principal_arn"]
    )["associatedAccessPolicies"]
    only([one for one in found if one["policyArn"] == standing["policy_arn"]])
    return Seen()


@probes("aws_eks_pod_identity_association")
def pod_identity_association(standing: Standing) -> Seen:
    """The role of a service account."""
    found = standing.client("eks").describe_pod_identity_association(
        clusterName=standing["cluster_name"], associationId=standing["association_id"]
    )["association"]
    same = {
        "role_arn": (standing["role_arn"], found["roleArn"]),
        "service_account": (standing["service_account"], found["serviceAccount"]),
    }
    return Seen(same, found.get("tags") or {})


@probes("aws_ecr_repository")
def repository(standing: Standing) -> Seen:
    """A repository of images."""
    client = standing.client("ecr")
    found = only(client.describe_repositories(repositoryNames=[standing["name"]])["repositories"])
    tags = client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    same = {"image_tag_mutability": (standing["image_tag_mutability"], found["imageTagMutability"])}
    return Seen(same, pairs(tags))


@probes("aws_ecr_lifecycle_policy")
def repository_lifecycle(standing: Standing) -> Seen:
    """What a repository throws away."""
    if (
        not standing.client("ecr")
        .get_lifecycle_policy(repositoryName=standing["repository"])
        .get("lifecyclePolicyText")
    ):
        raise Absent
    return Seen()


@probes("aws_ecr_repository_policy")
def repository_policy(standing: Standing) -> Seen:
    """Who may use a repository."""
    standing.client("ecr").get_repository_policy(repositoryName=standing["repository"])
    return Seen()
