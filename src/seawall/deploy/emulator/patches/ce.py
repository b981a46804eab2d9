"""Cost Explorer: moto has no detection of cost anomalies.

Seen from the provider: aws_ce_anomaly_monitor and aws_ce_anomaly_subscription end in a 500.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, store

# Kind -> the member of a request that lists ARNs, the one that names one, and the members that can change.
KINDS = {
    "Monitor": ("MonitorArnList", "MonitorArn", ("MonitorName",)),
    "Subscription": (
        "SubscriptionArnList",
        "SubscriptionArn",
        ("SubscriptionName", "Frequency", "MonitorArnList", "Subscribers", "ThresholdExpression"),
    ),
}


def apply() -> None:
    """Add monitors and subscriptions, which differ in their names only; moto keeps the tags of any ARN."""
    for kind in KINDS:
        _keep(kind)


def _keep(kind: str) -> None:
    from moto.ce.responses import CostExplorerResponse
    from moto.core.exceptions import JsonRESTError

    arn_list, arn_name, changeable = KINDS[kind]
    snake = kind.lower()

    def known(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.ce_backend, f"anomaly_{snake}s")

    def asked_for(response: Any) -> dict[str, Any]:
        arn = response._get_param(arn_name)
        if arn not in known(response):
            raise JsonRESTError(f"Unknown{kind}Exception", f"No anomaly {snake} {arn}")
        return known(response)[arn]

    def create(response: Any) -> str:
        arn = f"arn:aws:ce::{response.current_account}:anomaly{snake}/{uuid.uuid4()}"
        made = response._get_param(f"Anomaly{kind}") | {arn_name: arn}
        if kind == "Subscription":
            made["AccountId"] = response.current_account
        known(response)[arn] = made
        response.ce_backend.tag_resource(arn, response._get_param("ResourceTags") or [])
        return json.dumps({arn_name: arn})

    def get(response: Any) -> str:
        wanted = response._get_param(arn_list) or list(known(response))
        return json.dumps({f"Anomaly{kind}s": [each for arn, each in known(response).items() if arn in wanted]})

    def update(response: Any) -> str:
        thing = asked_for(response)
        for name in changeable:
            given = response._get_param(name)
            if given is not None:
                thing[name] = given
        return json.dumps({arn_name: thing[arn_name]})

    def delete(response: Any) -> str:
        del known(response)[asked_for(response)[arn_name]]
        return "{}"

    for name, operation in (
        (f"create_anomaly_{snake}", create),
        (f"get_anomaly_{snake}s", get),
        (f"update_anomaly_{snake}", update),
        (f"delete_anomaly_{snake}", delete),
    ):
        operation.__name__ = name
        add_operations(CostExplorerResponse, operation)
