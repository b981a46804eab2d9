"""A channel of Slack that hears what topics say, by Amazon Q Developer in chat applications (AWS Chatbot)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from seawall.components.policy import trust
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref
from seawall.model.fields import Frame

Identity = Annotated[str, Field(pattern=r"^[TCG][0-9A-Z]{8,12}$")]


class Channel(Frame):
    """A Slack channel; somebody has to let Amazon Q Developer into the workspace once, in AWS's console."""

    workspace: Identity
    channel: Identity

    def is_same(self, other: Channel | None) -> bool:
        """Whether both are one channel: then one configuration has to hear for both."""
        return other is not None and (self.workspace, self.channel) == (other.workspace, other.channel)


def hears(scope: Scope, slack: Channel, name: str, called: str, topics: Sequence[Ref]) -> Iterator[Resource]:
    """The channel's configuration and its role, made in a stack that has looked up ``scope.identifier``'s account.

    It may do nothing: the channel is written to, and AWS is not commanded from it.
    """
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    trusted = trust("chatbot.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account}})
    role = {"name": f"{called}-slack", "assume_role_policy": trusted}
    yield scope.aws("aws_iam_role", f"{name}_slack", role, called=f"{called}-slack")
    body = {
        "configuration_name": called,
        "slack_team_id": slack.workspace,
        "slack_channel_id": slack.channel,
        "iam_role_arn": scope.ref("aws_iam_role", f"{name}_slack", "arn"),
        "guardrail_policy_arns": ["arn:aws:iam::aws:policy/AWSDenyAll"],
        "logging_level": "ERROR",
        "sns_topic_arns": list(topics),
    }
    yield scope.aws("aws_chatbot_slack_channel_configuration", name, body, called=called)
