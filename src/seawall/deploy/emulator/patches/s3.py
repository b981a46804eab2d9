"""S3: moto answers notifications and replication without parts that were put there, and trips over delete markers.

Seen from the provider: eventbridge of an aws_s3_bucket_notification and delete_marker_replication of an
aws_s3_bucket_replication_configuration plan a change for ever; a versioned bucket with force_destroy in which
something was deleted cannot be emptied, because the last version of a key may be a marker.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Answer both configurations whole, and let a marker go as a version does."""
    from moto.core.responses import ActionResult
    from moto.s3.models import FakeDeleteMarker
    from moto.s3.responses import S3Response

    def dispose(self: FakeDeleteMarker, garbage: bool = False) -> None:
        """Let go of its content, of which it has none."""

    FakeDeleteMarker.dispose = dispose  # type: ignore[attr-defined]

    @around(S3Response, "get_bucket_notification")
    def get_bucket_notification(original: Any, response: Any) -> Any:
        kept = response.backend.get_bucket_notification_configuration(response.bucket_name)
        if kept is not None and kept.event_bridge is not None:
            serialise = response.serialized

            def with_events(answer: Any) -> Any:
                return serialise(ActionResult(answer.result | {"EventBridgeConfiguration": {}}))

            response.serialized = with_events  # a response object answers one request
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
        response.data["Action"] = "GetBucketReplication"  # the serialiser looks the shape up by it
        return response.serialized(ActionResult({"ReplicationConfiguration": configuration}))
