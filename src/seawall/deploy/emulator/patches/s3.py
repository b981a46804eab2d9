"""S3: moto answers notifications and replication without parts that were put there.

Seen from the provider: eventbridge of an aws_s3_bucket_notification and delete_marker_replication of an
aws_s3_bucket_replication_configuration plan a change for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Answer both configurations whole."""
    from moto.core.responses import ActionResult
    from moto.s3.responses import S3Response

    def answer(response: Any, action: str, body: dict[str, Any]) -> Any:
        response.data["Action"] = action  # the serialiser looks the shape up by it
        return response.serialized(ActionResult(body))

    @around(S3Response, "get_bucket_notification")
    def get_bucket_notification(original: Any, response: Any) -> Any:
        kept = response.backend.get_bucket_notification_configuration(response.bucket_name)
        only_events = kept and kept.event_bridge is not None and not (kept.topic or kept.queue or kept.cloud_function)
        if only_events:
            return answer(response, "GetBucketNotificationConfiguration", {"EventBridgeConfiguration": {}})
        return original(response)

    @around(S3Response, "get_bucket_replication")
    def get_bucket_replication(original: Any, response: Any) -> Any:
        kept = response.backend.get_bucket_replication(response.bucket_name)
        if not kept:
            return original(response)
        rules = [
            {
                "ID": rule["ID"],
                "Priority": int(rule.get("Priority", 0)),
                "Status": rule["Status"],
                "Filter": {"Prefix": (rule.get("Filter") or {}).get("Prefix") or ""},
                "DeleteMarkerReplication": rule.get("DeleteMarkerReplication") or {"Status": "Disabled"},
                "Destination": rule["Destination"],
            }
            for rule in kept["Rule"]
        ]
        configuration = {"Role": kept["Role"], "Rules": rules}
        return answer(response, "GetBucketReplication", {"ReplicationConfiguration": configuration})
