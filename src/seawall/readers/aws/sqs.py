"""SQS: queues."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import ACCOUNT, arn
from seawall.readers.aws.policy import policy_facts
from seawall.readers.registry import reads


@reads("aws_sqs_queue")
def queue(resource: Resource) -> Iterator[Fact]:
    """A queue, its key and its policy."""
    body, address = Arguments(resource), resource.address
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "sqs", name))
    url = text("https://sqs.", resource.region, ".amazonaws.com/", ACCOUNT, "/", name)
    yield Identifier(address, "url", url)
    key = body.link("kms_master_key_id")
    if key is not None:
        yield Setting(address, "key", key)
    if body.has("policy"):
        yield from policy_facts(body.raw("policy"), address, "resource", f"{address}.policy")


@reads("aws_sqs_queue_policy")
def queue_policy(resource: Resource) -> Iterator[Fact]:
    """Who else may send to a queue, or receive from it."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("queue_url"), "resource", what)
