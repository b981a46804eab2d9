"""Turns a page kept as a blob into what a visitor of a platform that is away should get: 503, whatever was asked.

CloudFront calls it twice.  On the way to the origin every read becomes one for the page, with the blob's own host, and
a write is answered here, since a blob could only refuse it.  On the way back, 200 becomes 503 with a time to come back:
a page that answers 200 tells monitors and crawlers that all is well.  What the origin cannot give is answered here.

``settings.json`` beside this file holds ``host`` and ``path`` of the page and ``retry_after`` in seconds: a function at
the edge has no environment variables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SETTINGS = json.loads((Path(__file__).parent / "settings.json").read_text(encoding="utf-8"))
READS = ("GET", "HEAD")
_CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range")
_WORDS = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Away</title></head>'
    "<body><h1>Away for a moment</h1><p>Please come back in a few minutes.</p></body></html>\n"
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The request as the origin is asked, or the response as the visitor gets it."""
    record = event["Records"][0]["cf"]
    if record["config"]["eventType"] == "origin-request":
        return asked(record["request"])
    return answered(record["response"])


def asked(request: dict[str, Any]) -> dict[str, Any]:
    """The same request for the page; a response where it was no read."""
    if request["method"] not in READS:
        return answered({"status": "405", "headers": {}})
    request["uri"] = SETTINGS["path"]
    request["querystring"] = ""
    headers = {name: value for name, value in request["headers"].items() if name not in _CONDITIONS}
    headers["host"] = [{"key": "Host", "value": SETTINGS["host"]}]
    request["headers"] = headers
    return request


def answered(response: dict[str, Any]) -> dict[str, Any]:
    """The response with 503; with a page of its own where the origin had none."""
    found = str(response["status"]) == "200"
    headers = {name: value for name, value in response.get("headers", {}).items() if not _is_about_the_blob(name)}
    headers["retry-after"] = [{"key": "Retry-After", "value": str(SETTINGS["retry_after"])}]
    headers["cache-control"] = [{"key": "Cache-Control", "value": "no-store"}]
    if not found:
        headers["content-type"] = [{"key": "Content-Type", "value": "text/html; charset=utf-8"}]
        response["body"] = _WORDS
        response["bodyEncoding"] = "text"
    response["headers"] = headers
    response["status"] = "503"
    response["statusDescription"] = "Service Unavailable"
    return response


def _is_about_the_blob(header: str) -> bool:
    """Headers that describe the blob: by them a browser would keep the page, or learn whose blob it is."""
    return header.startswith("x-ms-") or header in ("accept-ranges", "content-md5", "etag", "last-modified", "server")
