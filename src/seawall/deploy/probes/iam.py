"""Identities and keys: IAM and KMS."""

from __future__ import annotations

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes


@probes("aws_iam_role")
def role(standing: Standing) -> Seen:
    """A role and its ARN."""
    found = standing.client("iam").get_role(RoleName=standing["name"])["Role"]
    return Seen({"arn": (standing["arn"], found["Arn"])}, pairs(found.get("Tags")))


@probes("aws_iam_policy")
def policy(standing: Standing) -> Seen:
    """A managed policy of ours."""
    found = standing.client("iam").get_policy(PolicyArn=standing["arn"])["Policy"]
    return Seen({"name": (standing["name"], found["PolicyName"])}, pairs(found.get("Tags")))


@probes("aws_iam_role_policy")
def role_policy(standing: Standing) -> Seen:
    """A policy written into a role."""
    standing.client("iam").get_role_policy(RoleName=standing["role"], PolicyName=standing["name"])
    return Seen()


@probes("aws_iam_role_policy_attachment")
def role_policy_attachment(standing: Standing) -> Seen:
    """A policy attached to a role."""
    pages = standing.client("iam").get_paginator("list_attached_role_policies")
    attached = [
        one["PolicyArn"] for page in pages.paginate(RoleName=standing["role"]) for one in page["AttachedPolicies"]
    ]
    if standing["policy_arn"] not in attached:
        raise Absent
    return Seen()


@probes("aws_iam_instance_profile")
def instance_profile(standing: Standing) -> Seen:
    """An instance profile and the role in it."""
    found = standing.client("iam").get_instance_profile(InstanceProfileName=standing["name"])["InstanceProfile"]
    roles = [one["RoleName"] for one in found["Roles"]]
    return Seen({"role": (standing["role"], roles[0] if roles else "")}, pairs(found.get("Tags")))


@probes("aws_iam_openid_connect_provider")
def openid_connect_provider(standing: Standing) -> Seen:
    """A trusted issuer and its audiences."""
    found = standing.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=standing["arn"])
    same = {"client_id_list": (sorted(standing["client_id_list"]), sorted(found["ClientIDList"]))}
    return Seen(same, pairs(found.get("Tags")))


@probes("aws_iam_user")
def user(standing: Standing) -> Seen:
    """A user."""
    found = standing.client("iam").get_user(UserName=standing["name"])["User"]
    return Seen({"arn": (standing["arn"], found["Arn"])}, pairs(found.get("Tags")))


@probes("aws_iam_group")
def group(standing: Standing) -> Seen:
    """A group of users."""
    found = standing.client("iam").get_group(GroupName=standing["name"])["Group"]
    return Seen({"arn": (standing["arn"], found["Arn"])})


@probes("aws_kms_key")
def key(standing: Standing) -> Seen:
    """A key; healthy when enabled."""
    client = standing.client("kms")
    found = client.describe_key(KeyId=standing["key_id"])["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise Absent
    tags = client.list_resource_tags(KeyId=standing["key_id"]).get("Tags")
    state = found["KeyState"]
    return Seen({}, pairs(tags, "TagKey", "TagValue"), state == "Enabled", f"state {state}")


@probes("aws_kms_key_policy")
def key_policy(standing: Standing) -> Seen:
    """Who may use a key."""
    standing.client("kms").get_key_policy(KeyId=standing["key_id"], PolicyName="default")
    return Seen()


@probes("aws_kms_alias")
def alias(standing: Standing) -> Seen:
    """An alias and the key behind it."""
    pages = standing.client("kms").get_paginator("list_aliases").paginate()
    found = only([one for page in pages for one in page["Aliases"] if one["AliasName"] == standing["name"]])
    return Seen({"target_key_id": (standing["target_key_id"], found.get("TargetKeyId"))})
