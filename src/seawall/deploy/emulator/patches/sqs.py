"""SQS: moto answers the policy of a dead-letter queue with other white space than AWS.

Seen from the provider: redrive_policy of an aws_sqs_queue plans a change for ever.
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import replaced_property


def apply() -> None:
    """Answer the policy as compact JSON, as AWS does."""
    from moto.sqs.models import Queue

    @replaced_property(Queue, "attributes")
    def attributes(original: Any, queue: Any) -> dict[str, Any]:
        answered: dict[str, Any] = original(queue)
        if queue.redrive_policy:
            answered["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"), sort_keys=True)
        return answered
