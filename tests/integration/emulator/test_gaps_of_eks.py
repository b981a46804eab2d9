"""Each test here passes with the patch of EKS and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


@pytest.fixture
def network(aws: Clients) -> dict[str, Any]:
    """A VPC with one subnet, as a cluster needs it."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return {"vpc": vpc, "subnet": subnet}


@pytest.fixture
def cluster(aws: Clients, network: dict[str, Any]) -> dict[str, Any]:
    """A cluster with arguments that moto forgets."""
    name = f"c-{uuid.uuid4().hex[:8]}"
    created = aws("eks").create_cluster(
        name=name,
        version="1.36",
        roleArn="arn:aws:iam::123456789012:role/cluster",
        resourcesVpcConfig={"subnetIds": [network["subnet"]]},
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        upgradePolicy={"supportType": "STANDARD"},
    )
    return created["cluster"]


@pytest.fixture
def node_group(aws: Clients, cluster: dict[str, Any], network: dict[str, Any]) -> dict[str, Any]:
    """A node group that asks for no remote access."""
    created = aws("eks").create_nodegroup(
        clusterName=cluster["name"],
        nodegroupName="workload",
        subnets=[network["subnet"]],
        nodeRole="arn:aws:iam::123456789012:role/node",
        updateConfig={"maxUnavailablePercentage": 50},
    )
    return created["nodegroup"]


def test_a_cluster_keeps_its_access_and_upgrade_settings(aws: Clients, cluster: dict[str, Any]) -> None:
    """A cluster answers with the authentication mode and support type it was made with, so no plan replaces it."""
    described = aws("eks").describe_cluster(name=cluster["name"])["cluster"]
    assert described["accessConfig"]["authenticationMode"] == "API"
    assert described["upgradePolicy"] == {"supportType": "STANDARD"}


def test_clusters_have_issuers_of_their_own(aws: Clients, cluster: dict[str, Any], network: dict[str, Any]) -> None:
    """Two clusters of a region can both have an identity provider, because their issuers differ."""
    other = aws("eks").create_cluster(
        name=f"other-{uuid.uuid4().hex[:8]}",
        roleArn="arn:aws:iam::123456789012:role/cluster",
        resourcesVpcConfig={"subnetIds": [network["subnet"]]},
    )["cluster"]
    assert other["identity"]["oidc"]["issuer"] != cluster["identity"]["oidc"]["issuer"]


def test_a_cluster_has_a_security_group_that_lives_as_long_as_it(
    aws: Clients, cluster: dict[str, Any], network: dict[str, Any]
) -> None:
    """Rules can name the cluster security group, and the VPC can be deleted once the cluster is gone."""
    group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    found = aws("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert [each["VpcId"] for each in found] == [network["vpc"]]
    aws("eks").delete_cluster(name=cluster["name"])
    named = aws("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [network["vpc"]]}])
    assert [each["GroupName"] for each in named["SecurityGroups"]] == ["default"]


def test_changing_a_cluster_is_an_update_that_ends(aws: Clients, cluster: dict[str, Any]) -> None:
    """The provider can wait for a change of a cluster, and what the change does not name stays."""
    eks = aws("eks")
    update = eks.update_cluster_config(name=cluster["name"], resourcesVpcConfig={"endpointPrivateAccess": True})[
        "update"
    ]
    assert eks.describe_update(name=cluster["name"], updateId=update["id"])["update"]["status"] == "Successful"
    placement = eks.describe_cluster(name=cluster["name"])["cluster"]["resourcesVpcConfig"]
    assert placement["endpointPrivateAccess"] is True
    assert placement["subnetIds"] == cluster["resourcesVpcConfig"]["subnetIds"]


def test_a_cluster_can_be_upgraded(aws: Clients, cluster: dict[str, Any]) -> None:
    """A new version of Kubernetes is an update that ends."""
    eks = aws("eks")
    update = eks.update_cluster_version(name=cluster["name"], version="1.37")["update"]
    assert eks.describe_update(name=cluster["name"], updateId=update["id"])["update"]["type"] == "VersionUpdate"
    assert eks.describe_cluster(name=cluster["name"])["cluster"]["version"] == "1.37"


def test_a_node_group_invents_nothing_and_forgets_nothing(aws: Clients, node_group: dict[str, Any]) -> None:
    """A node group has no remote access that nobody asked for, its cluster's version, and its update settings."""
    described = aws("eks").describe_nodegroup(
        clusterName=node_group["clusterName"], nodegroupName=node_group["nodegroupName"]
    )["nodegroup"]
    assert "remoteAccess" not in described
    assert described["version"] == "1.36"
    assert described["updateConfig"] == {"maxUnavailablePercentage": 50}


def test_changing_a_node_group_is_an_update_that_ends(aws: Clients, node_group: dict[str, Any]) -> None:
    """The provider can wait for a change of a node group's size and version."""
    eks = aws("eks")
    names = {"clusterName": node_group["clusterName"], "nodegroupName": node_group["nodegroupName"]}
    sizes = {"minSize": 1, "maxSize": 9, "desiredSize": 4}
    resized = eks.update_nodegroup_config(**names, scalingConfig=sizes)["update"]
    eks.update_nodegroup_version(**names, version="1.37")
    update = eks.describe_update(name=names["clusterName"], nodegroupName="workload", updateId=resized["id"])
    described = eks.describe_nodegroup(**names)["nodegroup"]
    assert update["update"]["status"] == "Successful"
    assert (described["scalingConfig"], described["version"]) == (sizes, "1.37")


def test_tags_of_a_node_group_can_change(aws: Clients, node_group: dict[str, Any]) -> None:
    """Tags are read and written on every EKS resource, not only on clusters."""
    eks = aws("eks")
    eks.tag_resource(resourceArn=node_group["nodegroupArn"], tags={"a": "1", "b": "2"})
    eks.untag_resource(resourceArn=node_group["nodegroupArn"], tagKeys=["a"])
    assert eks.list_tags_for_resource(resourceArn=node_group["nodegroupArn"])["tags"] == {"b": "2"}


def test_an_add_on_lives(aws: Clients, cluster: dict[str, Any]) -> None:
    """An add-on is made, found, changed and deleted, and brings the Pod Identity association it was given."""
    eks, name = aws("eks"), cluster["name"]
    offered = eks.describe_addon_versions(addonName="vpc-cni", kubernetesVersion="1.36")["addons"][0]
    eks.create_addon(
        clusterName=name,
        addonName="vpc-cni",
        addonVersion=offered["addonVersions"][0]["addonVersion"],
        podIdentityAssociations=[{"serviceAccount": "aws-node", "roleArn": "arn:aws:iam::123456789012:role/cni"}],
    )
    update = eks.update_addon(clusterName=name, addonName="vpc-cni", configurationValues="{}")["update"]
    assert eks.describe_update(name=name, addonName="vpc-cni", updateId=update["id"])["update"]["id"] == update["id"]
    described = eks.describe_addon(clusterName=name, addonName="vpc-cni")["addon"]
    assert described["configurationValues"] == "{}"
    assert len(described["podIdentityAssociations"]) == 1
    assert eks.list_addons(clusterName=name)["addons"] == ["vpc-cni"]
    eks.delete_addon(clusterName=name, addonName="vpc-cni")
    assert eks.list_pod_identity_associations(clusterName=name)["associations"] == []
    with pytest.raises(eks.exceptions.ResourceNotFoundException):
        eks.describe_addon(clusterName=name, addonName="vpc-cni")


def test_an_access_entry_lives(aws: Clients, cluster: dict[str, Any]) -> None:
    """An access entry is found by its ARN, gets its Kubernetes user name, policies come and go with it."""
    eks, name = aws("eks"), cluster["name"]
    principal = "arn:aws:iam::123456789012:role/team/developer"
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    eks.create_access_entry(clusterName=name, principalArn=principal)
    eks.update_access_entry(clusterName=name, principalArn=principal, kubernetesGroups=["developers"])
    eks.associate_access_policy(
        clusterName=name,
        principalArn=principal,
        policyArn=policy,
        accessScope={"type": "namespace", "namespaces": ["petclinic"]},
    )
    entry = eks.describe_access_entry(clusterName=name, principalArn=principal)["accessEntry"]
    assert entry["kubernetesGroups"] == ["developers"]
    assert entry["username"] == "arn:aws:sts::123456789012:assumed-role/developer/{{SessionName}}"
    policies = eks.list_associated_access_policies(clusterName=name, principalArn=principal)
    assert [each["accessScope"]["namespaces"] for each in policies["associatedAccessPolicies"]] == [["petclinic"]]
    eks.disassociate_access_policy(clusterName=name, principalArn=principal, policyArn=policy)
    policies = eks.list_associated_access_policies(clusterName=name, principalArn=principal)
    assert policies["associatedAccessPolicies"] == []
    eks.delete_access_entry(clusterName=name, principalArn=principal)
    assert eks.list_access_entries(clusterName=name)["accessEntries"] == []


def test_a_pod_identity_association_lives(aws: Clients, cluster: dict[str, Any]) -> None:
    """A service account has one association, which can change its role and be deleted."""
    eks, name = aws("eks"), cluster["name"]
    wanted = {"clusterName": name, "namespace": "petclinic", "serviceAccount": "was"}
    created = eks.create_pod_identity_association(**wanted, roleArn="arn:aws:iam::123456789012:role/was")
    identifier = created["association"]["associationId"]
    with pytest.raises(eks.exceptions.ResourceInUseException):
        eks.create_pod_identity_association(**wanted, roleArn="arn:aws:iam::123456789012:role/other")
    eks.update_pod_identity_association(
        clusterName=name, associationId=identifier, roleArn="arn:aws:iam::123456789012:role/new"
    )
    described = eks.describe_pod_identity_association(clusterName=name, associationId=identifier)["association"]
    assert described["roleArn"] == "arn:aws:iam::123456789012:role/new"
    eks.delete_pod_identity_association(clusterName=name, associationId=identifier)
    assert eks.list_pod_identity_associations(clusterName=name)["associations"] == []
