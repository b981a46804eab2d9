"""A topic that talks to Slack as to a subscriber."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Notifies
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-121",
    severity=Severity.HIGH,
    summary="A topic is subscribed to a chat's webhook, which cannot hear it",
    why="SNS first asks an address to confirm the subscription, which a webhook does not do, and then posts a form of "
    "its own, which a webhook refuses: no alarm ever arrives",
    fix="subscribe a function that writes what the chat wants to read, or use aws_chatbot_slack_channel_configuration",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html",
    read=None,
)

_WEBHOOK: Final = re.compile(
    r"https?://(?:hooks\.slack\.com/|[\w.-]+\.webhook\.office\.com/|discord(?:app)?\.com/api/webhooks/)"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Subscriptions by HTTPS whose address is an incoming webhook of Slack, Teams or Discord."""
    for notifies in facts.all(Notifies):
        found = _WEBHOOK.match(str(notifies.endpoint))
        if found is not None:
            topic = (notifies.of,) if isinstance(notifies.of, Address) else ()
            yield RULE.refuted(f"{notifies.by} posts to {found[0]}...", notifies.by, *topic)
