"""KMS: keys, who may use them, and other names for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier, KeyGrant, Statement
from seawall.facts.network import Member
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import account_root, arn, made_up
from seawall.readers.aws.policy import policy_facts
from seawall.readers.registry import reads


@reads("aws_kms_key", "aws_kms_replica_key")
def key(resource: Resource) -> Iterator[Fact]:
    """A key; without a policy of its own it has AWS's, which leaves everything to the account's policies."""
    body, address = Arguments(resource), resource.address
    yield Identifier(address, "arn", arn(resource, "kms", "key/", made_up(resource, "key_id")))
    if body.has("policy"):
        yield from policy_facts(body.raw("policy"), address, "resource", f"{address}.policy")
    else:
        yield Statement(address, "resource", True, ("kms:*",), ("*",), (("AWS", account_root(resource)),))
    if resource.type == "aws_kms_replica_key":
        yield Setting(address, "copy-of", body.required_link("primary_key_arn"))
    if resource.type == "aws_kms_key":
        yield Setting(address, "key-rotation", body.flag("enable_key_rotation"))


@reads("aws_kms_key_policy")
def key_policy(resource: Resource) -> Iterator[Fact]:
    """A key's policy that stands apart."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("key_id"), "resource", what)


@reads("aws_kms_alias")
def alias(resource: Resource) -> Iterator[Fact]:
    """Another name for a key."""
    body, address = Arguments(resource), resource.address
    yield Member(address, body.required_link("target_key_id"))
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "kms", text(name)))


@reads("aws_kms_grant")
def grant(resource: Resource) -> Iterator[Fact]:
    """Somebody may use a key beside what its policy says."""
    body = Arguments(resource)
    grantee = body.link_or_text("grantee_principal")
    operations = body.known_texts("operations")
    constraints = body.block("constraints")
    whole = constraints.has("encryption_context_equals")
    pairs = constraints.raw("encryption_context_equals" if whole else "encryption_context_subset")
    found: list[tuple[str, Textual]] = []
    if isinstance(pairs, Mapping):
        found = [(str(name), constraints.as_text(str(name), value)) for name, value in sorted(pairs.items())]
    elif pairs is not None:
        found = [("", constraints.unknown("encryption_context_subset", pairs))]
    yield KeyGrant(
        body.required_link("key_id"),
        body.unknown("grantee_principal") if grantee is None else grantee,
        operations,
        tuple(found),
        whole,
    )
