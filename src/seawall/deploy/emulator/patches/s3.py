"""S3: moto answers notifications and replication without parts that were put there, and trips over delete markers; the
configuration of intelligent tiering it takes for the making of a bucket.

Seen from the provider: eventbridge of an aws_s3_bucket_notification and delete_marker_replication of an
aws_s3_bucket_replication_configuration plan a change for ever; a versioned bucket with force_destroy in which
something was deleted cannot be emptied, because the last version of a key may be a marker; every
aws_s3_bucket_intelligent_tiering_configuration ends in an IllegalLocationConstraintException.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around, store


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
                "Destination": _counted(rule["Destination"]),
                **{name: rule[name] for name in ("SourceSelectionCriteria",) if name in rule},
            }
            for rule in kept["Rule"]
        ]
        configuration = {"Role": kept["Role"], "Rules": rules}
        response.data["Action"] = "GetBucketReplication"  # the serialiser looks the shape up by it
        return response.serialized(ActionResult({"ReplicationConfiguration": configuration}))

    @around(S3Response, "_bucket_response_put")
    def put(original: Any, response: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        if "intelligent-tiering" not in querystring:
            return original(response, request, bucket_name, querystring)
        tierings(response, bucket_name)[querystring["id"][0]] = response.body
        return 200, {}, ""

    @around(S3Response, "_bucket_response_get")
    def get(original: Any, response: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        if "intelligent-tiering" not in querystring:
            return original(response, bucket_name, querystring)
        found = tierings(response, bucket_name).get(querystring.get("id", [""])[0])
        if found is None:
            return 404, {}, _NO_TIERING
        return 200, {"Content-Type": "application/xml"}, found

    @around(S3Response, "_bucket_response_delete")
    def delete(original: Any, response: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        if "intelligent-tiering" not in querystring:
            return original(response, bucket_name, querystring)
        tierings(response, bucket_name).pop(querystring["id"][0], None)
        return 204, {}, ""

    def tierings(response: Any, bucket_name: str) -> dict[Any, Any]:
        """The configurations of a bucket by their ids, as they were put."""
        bucket = response.backend.get_bucket(bucket_name)
        return store(bucket, "tierings")


def _counted(part: Any) -> Any:
    """A part of a configuration with its minutes as numbers, which moto keeps as text."""
    if not isinstance(part, dict):
        return part
    return {name: int(value) if name == "Minutes" else _counted(value) for name, value in part.items()}


_NO_TIERING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchConfiguration</Code>'
    "<Message>The specified configuration does not exist.</Message></Error>"
)
