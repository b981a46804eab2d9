"""ECR: repositories, their scanning, lifecycle and policies."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import CopiesImages, Store
from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Body, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import ACCOUNT, arn, partition
from seawall.readers.aws.policy import policy_facts
from seawall.readers.registry import answers, link, reads

link("aws_ecr_lifecycle_policy", "repository", to="aws_ecr_repository", by="name")
link("aws_ecr_repository_policy", "repository", to="aws_ecr_repository", by="name")


@answers("aws_ecr_repository", "id")
def repository_id(body: Body, _region: str | Unknown) -> Value:
    """A repository's id is its name."""
    return body.get("name")


@reads("aws_ecr_repository")
def repository(resource: Resource) -> Iterator[Fact]:
    """A repository of images; ECR encrypts every one, with a key of its own unless another is named."""
    body, address = Arguments(resource), resource.address
    name = body.text("name")
    encryption = body.block("encryption_configuration")
    yield Store(address, "registry", "ecr", "", resource.region, encrypted=True, key=encryption.link("kms_key"))
    yield Setting(address, "scan-on-push", body.block("image_scanning_configuration").flag("scan_on_push"))
    mutability = body.known_text("image_tag_mutability", "MUTABLE")
    yield Setting(address, "immutable-tags", mutability if isinstance(mutability, Unknown) else mutability != "MUTABLE")
    suffix = ".amazonaws.com.cn/" if partition(resource.region) == "aws-cn" else ".amazonaws.com/"
    url = text(ACCOUNT, ".dkr.ecr.", resource.region, suffix, name)
    yield Identifier(address, "repository_url", url)
    yield Identifier(address, "arn", arn(resource, "ecr", "repository/", name))


@reads("aws_ecr_replication_configuration")
def replication_configuration(resource: Resource) -> Iterator[Fact]:
    """What the registry of a region copies, and to where; without a filter everything."""
    for rule in Arguments(resource).block("replication_configuration").blocks("rule"):
        prefixes = tuple(sorted(str(each.text("filter")) for each in rule.blocks("repository_filter")))
        for destination in rule.blocks("destination"):
            account = destination.known_text("registry_id")
            target = destination.known_text("region")
            yield CopiesImages(resource.address, resource.region, target, prefixes, account)


@reads("aws_ecr_repository_policy")
def repository_policy(resource: Resource) -> Iterator[Fact]:
    """Who else may use a repository."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("repository"), "resource", what)


@reads("aws_ecr_lifecycle_policy")
def lifecycle_policy(resource: Resource) -> Iterator[Fact]:
    """Old images of a repository are removed: removing is all that a rule can do."""
    yield Setting(Arguments(resource).required_link("repository"), "expires-old", True)
