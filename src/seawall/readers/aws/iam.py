"""IAM: roles, policies, who carries which, identity providers."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Link
from seawall.facts.identity import Assumes, Attaches, Identifier, Issuer, PolicyDocument, Principal
from seawall.facts.network import Member
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Body, Textual, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import WHOLE_ARN, arn, partition
from seawall.readers.aws.policy import document_of, policy_facts
from seawall.readers.registry import answers, link, reads

for _type in ("aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_instance_profile"):
    link(_type, "role", to="aws_iam_role", by="name")
for _type in ("aws_iam_user_policy", "aws_iam_user_policy_attachment"):
    link(_type, "user", to="aws_iam_user", by="name")
for _type in ("aws_iam_group_policy", "aws_iam_group_policy_attachment"):
    link(_type, "group", to="aws_iam_group", by="name")
link("aws_iam_user_group_membership", "user", to="aws_iam_user", by="name")
link("aws_iam_user_group_membership", "groups.*", to="aws_iam_group", by="name")
link("aws_iam_group_membership", "group", to="aws_iam_group", by="name")
link("aws_iam_group_membership", "users.*", to="aws_iam_user", by="name")
for _type in ("role", "user", "group"):
    link("file/arn", _type, to=f"aws_iam_{_type}", by="name")
link("aws_iam_role_policies_exclusive", "role_name", to="aws_iam_role", by="name")
link("aws_iam_policy_attachment", "roles.*", to="aws_iam_role", by="name")
link("aws_iam_policy_attachment", "users.*", to="aws_iam_user", by="name")
link("aws_iam_policy_attachment", "groups.*", to="aws_iam_group", by="name")


@answers("aws_iam_role", "id")
@answers("aws_iam_user", "id")
@answers("aws_iam_group", "id")
@answers("aws_iam_instance_profile", "id")
def named(body: Body, _region: str | Unknown) -> Value:
    """The id of a principal is its name."""
    return body.get("name")


@answers("data.aws_iam_policy_document", "json")
@answers("data.aws_iam_policy_document", "minified_json")
def policy_document(body: Body, _region: str | Unknown) -> Value:
    """The document that the blocks of the data source spell, so that whoever carries it states its statements."""
    return document_of(body)


@answers("data.aws_region", "name")
@answers("data.aws_region", "id")
@answers("data.aws_region", "region")
def region_name(_body: Body, region: str | Unknown) -> Value:
    """The region that the provider was given."""
    return region or None if isinstance(region, str) else region


@answers("data.aws_partition", "partition")
@answers("data.aws_partition", "id")
def partition_name(_body: Body, region: str | Unknown) -> Value:
    """The partition of the provider's region."""
    if isinstance(region, Unknown):
        return region
    return partition(region)


@answers("data.aws_partition", "dns_suffix")
def partition_domain(_body: Body, region: str | Unknown) -> Value:
    """The domain of the partition's services."""
    if isinstance(region, Unknown):
        return region
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _name(body: Arguments) -> Textual:
    return body.text("name") if body.has("name") else body.unknown("name")


def _path(body: Arguments) -> Textual:
    return body.text("path", "/")


@reads("aws_iam_role")
def role(resource: Resource) -> Iterator[Fact]:
    """A role with those who may take it on, and what it may do by its inline policies."""
    body, address = Arguments(resource), resource.address
    yield Principal(address, "role", _name(body), body.link_or_text("permissions_boundary"))
    yield Identifier(address, "arn", arn(resource, "iam", "role", _path(body), _name(body), everywhere=True))
    trusted = body.raw("assume_role_policy")
    yield from policy_facts(trusted, address, "trust", f"{address}.assume_role_policy")
    for inline in body.blocks("inline_policy"):
        what = f"{address}.{inline.path('policy')}"
        yield from policy_facts(inline.raw("policy"), address, "identity", what)
    yield from _attached(body, (address,), "managed_policy_arns")


@reads("aws_iam_user", "aws_iam_group")
def user(resource: Resource) -> Iterator[Fact]:
    """A user or a group."""
    body = Arguments(resource)
    kind = "user" if resource.type == "aws_iam_user" else "group"
    yield Principal(
        resource.address,
        "user" if kind == "user" else "group",
        _name(body),
        body.link_or_text("permissions_boundary"),
    )
    name = arn(resource, "iam", kind, _path(body), _name(body), everywhere=True)
    yield Identifier(resource.address, "arn", name)


@reads("aws_iam_policy")
def policy(resource: Resource) -> Iterator[Fact]:
    """A policy of the account's own, which principals may carry."""
    body, address = Arguments(resource), resource.address
    yield Identifier(address, "arn", arn(resource, "iam", "policy", _path(body), _name(body), everywhere=True))
    yield from policy_facts(body.raw("policy"), address, "identity", f"{address}.policy")


@reads("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")
def inline_policy(resource: Resource) -> Iterator[Fact]:
    """A policy that is part of its principal."""
    body = Arguments(resource)
    holder = body.required_link(resource.type.removeprefix("aws_iam_").removesuffix("_policy"))
    yield from policy_facts(body.raw("policy"), holder, "identity", f"{resource.address}.policy")


@reads(
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
)
def policy_attachment(resource: Resource) -> Iterator[Fact]:
    """A principal carries a policy."""
    body = Arguments(resource)
    principal = resource.type.removeprefix("aws_iam_").removesuffix("_policy_attachment")
    yield from _attached(body, (body.required_link(principal),), "policy_arn")


@reads("aws_iam_policy_attachment")
def policy_attachments(resource: Resource) -> Iterator[Fact]:
    """A policy is carried by these principals."""
    body = Arguments(resource)
    for name in ("roles", "users", "groups"):
        principals = body.links(name)
        yield from _attached(body, (principals,) if isinstance(principals, Unknown) else principals, "policy_arn")


def _attached(body: Arguments, principals: tuple[Link, ...], name: str) -> Iterator[Attaches]:
    value = body.raw(name)
    policies = value if isinstance(value, list | tuple) else () if value is None else (value,)
    carried = sorted({body.as_link_or_text(name, policy) for policy in policies}, key=str)
    for principal in principals:
        for policy in carried:
            yield Attaches(principal, policy)


@reads("aws_iam_user_group_membership")
def user_in_groups(resource: Resource) -> Iterator[Fact]:
    """A user has what these groups carry."""
    body = Arguments(resource)
    groups = body.links("groups")
    for group in (groups,) if isinstance(groups, Unknown) else groups:
        yield Member(group, body.required_link("user"))


@reads("aws_iam_group_membership")
def group_of_users(resource: Resource) -> Iterator[Fact]:
    """These users have what a group carries."""
    body = Arguments(resource)
    users = body.links("users")
    for user in (users,) if isinstance(users, Unknown) else users:
        yield Member(body.required_link("group"), user)


@reads("aws_iam_instance_profile")
def instance_profile(resource: Resource) -> Iterator[Fact]:
    """What an instance is given so that it can take on a role."""
    body, address = Arguments(resource), resource.address
    taken = body.link_or_text("role")
    if taken is not None:
        yield Assumes(address, taken, "instance-profile")
    name = arn(resource, "iam", "instance-profile", _path(body), _name(body), everywhere=True)
    yield Identifier(address, "arn", name)


@reads("aws_iam_openid_connect_provider")
def openid_connect_provider(resource: Resource) -> Iterator[Fact]:
    """The account believes the tokens of an issuer."""
    body, address = Arguments(resource), resource.address
    url = body.text("url")
    audiences = body.texts("client_id_list")
    yield Issuer(address, url, (audiences,) if isinstance(audiences, Unknown) else audiences)
    bare = url.removeprefix("https://") if isinstance(url, str) else url
    yield Identifier(address, "arn", arn(resource, "iam", "oidc-provider/", text(bare), everywhere=True))


@reads("file/policy")
def document_of_nobody(resource: Resource) -> Iterator[Fact]:
    """A document that is attached to nothing decides nothing; what it says is looked at as a document only."""
    body, address = Arguments(resource), resource.address
    for fact in policy_facts(body.raw("document"), address, "resource", address):
        if isinstance(fact, PolicyDocument):
            yield fact


@reads("file/bucket")
def bucket_of_a_file(resource: Resource) -> Iterator[Fact]:
    """A bucket of which the input holds nothing but its policy; its name is all of its ARN."""
    yield Identifier(resource.address, "arn", text("arn:aws:s3:::", Arguments(resource).text("bucket")))


@reads("file/arn")
def whole_arn(resource: Resource) -> Iterator[Fact]:
    """The whole ARN of a principal, with the number of its account, as whoever lists an account is told it."""
    body = Arguments(resource)
    for kind in ("role", "user", "group"):
        of = body.link(kind)
        if isinstance(of, Address) and not of.is_outside:
            yield Identifier(of, WHOLE_ARN, body.text("arn"))
