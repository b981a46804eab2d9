"""S3: buckets and what is configured of them, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.data import Archives, Replicates, Store
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.identity import Identifier
from seawall.facts.network import Hostname
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.units import Estimate
from seawall.kernel.value import Body, Ref, Textual, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import partition
from seawall.readers.aws.policy import policy_facts
from seawall.readers.registry import answers, link, reads

_PIECES = (
    "versioning", "server_side_encryption_configuration", "public_access_block", "policy", "acl",
    "lifecycle_configuration", "logging", "ownership_controls", "replication_configuration", "notification",
    "cors_configuration", "website_configuration", "object_lock_configuration",
)  # fmt: skip
for _piece in _PIECES:
    link(f"aws_s3_bucket_{_piece}", "bucket", to="aws_s3_bucket", by="bucket")
link("aws_s3_bucket_logging", "target_bucket", to="aws_s3_bucket", by="bucket")
link("aws_s3_bucket", "logging.*.target_bucket", to="aws_s3_bucket", by="bucket")
link("aws_s3_object", "bucket", to="aws_s3_bucket", by="bucket")

# A copy is read where it lies: nothing is promoted, but somebody has to point readers at it.
COPY_IN_ANOTHER_REGION: Final = Estimate(0, 900, 3600, "s")


@answers("aws_s3_bucket", "id")
def bucket_id(body: Body, _region: str | Unknown) -> Value:
    """A bucket's id is its name."""
    return body.get("bucket")


@reads("aws_s3_bucket")
def bucket(resource: Resource) -> Iterator[Fact]:
    """A bucket; S3 encrypts every object, with a key of its own unless another is named."""
    body, address = Arguments(resource), resource.address
    name = body.text("bucket") if body.has("bucket") else body.unknown("bucket")
    versioned = body.block("versioning").flag("enabled")
    rule = body.block("server_side_encryption_configuration").block("rule")
    key = rule.block("apply_server_side_encryption_by_default").link("kms_master_key_id")
    yield Store(address, "bucket", "s3", "", resource.region, encrypted=True, key=key, versioned=versioned)
    yield Identifier(address, "arn", text("arn:", partition(resource.region), ":s3:::", name))
    yield Hostname(address, "bucket_domain_name", text(name, ".s3.amazonaws.com"))
    regional = text(name, ".s3.", resource.region, ".amazonaws.com")
    yield Hostname(address, "bucket_regional_domain_name", regional)
    if body.has("policy"):
        yield from policy_facts(body.raw("policy"), address, "resource", f"{address}.policy")
    if body.has("logging"):
        yield Logs(address, body.block("logging").required_link("target_bucket"), ("access",))
    if body.has("lifecycle_rule"):
        expires = [
            rule.has("expiration") or rule.has("noncurrent_version_expiration")
            for rule in body.blocks("lifecycle_rule")
            if rule.flag("enabled") is not False
        ]
        yield Setting(address, "expires-old", any(expires))


def _bucket(resource: Resource) -> tuple[Arguments, Link]:
    body = Arguments(resource)
    return body, body.required_link("bucket")


@reads("aws_s3_bucket_versioning")
def bucket_versioning(resource: Resource) -> Iterator[Fact]:
    """Earlier versions of a bucket's objects are kept, or no longer."""
    body, of = _bucket(resource)
    status = body.block("versioning_configuration").known_text("status")
    yield Setting(of, "versioned", status if isinstance(status, Unknown) else status == "Enabled")


@reads("aws_s3_bucket_server_side_encryption_configuration")
def bucket_encryption(resource: Resource) -> Iterator[Fact]:
    """What a bucket's objects are encrypted with, where that is a key of KMS."""
    body, of = _bucket(resource)
    for rule in body.blocks("rule"):
        key = rule.block("apply_server_side_encryption_by_default").link("kms_master_key_id")
        if key is not None:
            yield Setting(of, "key", key)


_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@reads("aws_s3_bucket_public_access_block")
def bucket_public_access_block(resource: Resource) -> Iterator[Fact]:
    """Public access is blocked if all four switches are on; each is off by default."""
    body, of = _bucket(resource)
    flags = [body.flag(name) for name in _BLOCKS]
    answer: Known[bool] = all(flag is True for flag in flags)
    if False not in flags:
        answer = next((flag for flag in flags if isinstance(flag, Unknown)), answer)
    yield Setting(of, "block-public", answer)
    yield from _switches(of, body)


@reads("aws_s3_account_public_access_block")
def account_public_access_block(resource: Resource) -> Iterator[Fact]:
    """What holds for every bucket of an account, whatever the bucket says."""
    yield from _switches(resource.address, Arguments(resource))


def _switches(of: Link, body: Arguments) -> Iterator[Setting]:
    yield Setting(of, "refuses-public-policy", body.flag("block_public_policy"))
    yield Setting(of, "ignores-public-acls", body.flag("ignore_public_acls"))
    yield Setting(of, "restricts-public-policy", body.flag("restrict_public_buckets"))


_PUBLIC_LISTS: Final = ("public-read", "public-read-write")


@reads("aws_s3_bucket_acl")
def bucket_acl(resource: Resource) -> Iterator[Fact]:
    """The list by which a bucket is for its owner alone, or for everybody."""
    body, of = _bucket(resource)
    if body.has("acl"):
        acl = body.known_text("acl")
        yield Setting(of, "public-acl", acl if isinstance(acl, Unknown) else acl in _PUBLIC_LISTS)


@reads("aws_s3_bucket_policy")
def bucket_policy(resource: Resource) -> Iterator[Fact]:
    """Who else may use a bucket, and under which conditions."""
    body, of = _bucket(resource)
    yield from policy_facts(body.raw("policy"), of, "resource", f"{resource.address}.policy")


@reads("aws_s3_bucket_lifecycle_configuration")
def bucket_lifecycle(resource: Resource) -> Iterator[Fact]:
    """Old objects or versions are removed, if a rule that is on says so."""
    body, of = _bucket(resource)
    unknown = body.unknown_blocks("rule")
    expires = [
        rule.has("expiration") or rule.has("noncurrent_version_expiration")
        for rule in body.blocks("rule")
        if rule.text("status") != "Disabled"
    ]
    yield Setting(of, "expires-old", any(expires) if unknown is None else unknown)
    for rule in body.blocks("rule"):
        if rule.text("status") == "Disabled":
            continue
        for move in rule.blocks("transition"):
            if move.text("storage_class") in _ARCHIVES:
                yield Archives(of, move.count("days"), _prefix(rule))


_ARCHIVES: Final = ("GLACIER", "DEEP_ARCHIVE")
"""Classes whose objects are restored before they can be read; GLACIER_IR is none of them."""


def _prefix(rule: Arguments) -> Textual | None:
    """What a rule's objects begin with; None where it chooses by tags or sizes, too."""
    chosen = rule.block("filter")
    if any(chosen.has(name) for name in ("and", "tag", "object_size_greater_than", "object_size_less_than")):
        return None
    prefix = chosen.text("prefix") if chosen.has("prefix") else rule.text("prefix") if rule.has("prefix") else ""
    return "" if prefix is None else prefix


@reads("aws_s3_bucket_logging")
def bucket_logging(resource: Resource) -> Iterator[Fact]:
    """Requests to a bucket are logged in another."""
    body, of = _bucket(resource)
    yield Logs(of, body.required_link("target_bucket"), ("access",))


@reads("aws_s3_bucket_replication_configuration")
def bucket_replication(resource: Resource) -> Iterator[Fact]:
    """A bucket's objects are copied to another, most often in another region."""
    body, of = _bucket(resource)
    for rule in body.blocks("rule"):
        if rule.text("status") != "Disabled":
            target = rule.block("destination").required_link("bucket")
            yield Replicates(of, target, "asynchronous", "region", "manual", COPY_IN_ANOTHER_REGION)


@reads("aws_s3_object")
def bucket_object(resource: Resource) -> Iterator[Fact]:
    """A file in a bucket; policies name it by the bucket and its key."""
    body = Arguments(resource)
    bucket = body.text("bucket")
    there: Textual = Ref(bucket.to, "arn") if isinstance(bucket, Ref) else text("arn:aws:s3:::", bucket)
    yield Identifier(resource.address, "arn", text(there, "/", body.text("key")))
