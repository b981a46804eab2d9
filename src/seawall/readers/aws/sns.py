"""SNS: topics and who listens to them."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Notifies
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.aws.policy import policy_facts
from seawall.readers.registry import reads


@reads("aws_sns_topic")
def topic(resource: Resource) -> Iterator[Fact]:
    """A topic, its key and its policy."""
    body, address = Arguments(resource), resource.address
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "sns", name))
    key = body.link("kms_master_key_id")
    if key is not None:
        yield Setting(address, "key", key)
    if body.has("policy"):
        yield from policy_facts(body.raw("policy"), address, "resource", f"{address}.policy")


@reads("aws_sns_topic_policy")
def topic_policy(resource: Resource) -> Iterator[Fact]:
    """Who else may publish to a topic, or listen to it."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("arn"), "resource", what)


@reads("aws_sns_topic_subscription")
def topic_subscription(resource: Resource) -> Iterator[Fact]:
    """A topic passes on what it is told."""
    body = Arguments(resource)
    protocol = str(body.text("protocol"))
    # What else a topic tells (functions, queues) is a thing of the input, and is not told by its name.
    endpoint = body.text("endpoint") if protocol in ("http", "https") and body.has("endpoint") else ""
    yield Notifies(body.required_link("topic_arn"), protocol, endpoint)


@reads("aws_chatbot_slack_channel_configuration")
def slack_channel(resource: Resource) -> Iterator[Fact]:
    """A Slack channel hears what topics say."""
    body = Arguments(resource)
    topics = body.texts("sns_topic_arns")
    if isinstance(topics, Unknown):
        yield Notifies(topics, "slack")
        return
    for topic in topics:
        yield Notifies(body.as_link("sns_topic_arns", topic), "slack")
