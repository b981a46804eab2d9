"""Answers for services that moto has no backend for, before it looks for one.

A patch registers the signing name of its service and a handler. State lives in the handler's own dictionaries and ends
with the process, as moto's does.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

ACCOUNT = "123456789012"
"""The account number of everything in the emulator; moto's default."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its HTTP method, decoded path and query, its operation where a header names one, region and body."""

    method: str
    path: str
    query: dict[str, list[str]]
    operation: str
    region: str
    body: dict[str, Any]


class Refusal(Exception):
    """An error of the service: the code AWS documents, a message, the HTTP status and further members of the body."""

    def __init__(self, code: str, message: str, status: int = 400, **members: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body = {"__type": code, "message": message} | members


Handler = Callable[[Call], "dict[str, Any] | None"]
"""Returns the body of the answer, or None where moto itself knows the operation."""

_handlers: dict[str, Handler] = {}


def answer_for_tags(tags: dict[str, dict[str, str]], operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Answer the three operations on tags, kept by ARN, that most JSON services share; None for any other."""
    arn = body.get("ResourceArn") or body.get("ResourceARN") or ""
    if operation == "ListTagsForResource":
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.get(arn, {}).items()]}
    if operation == "TagResource":
        tags.setdefault(arn, {}).update(as_mapping(body["Tags"]))
        return {}
    if operation == "UntagResource":
        for key in body["TagKeys"]:
            tags.get(arn, {}).pop(key, None)
        return {}
    return None


def as_mapping(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Return a list of ``{Key, Value}`` as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def serve(signing_name: str, handler: Handler) -> None:
    """Answer the requests signed for a service by a handler; the name is the fourth part of the credential's scope."""
    if not _handlers:
        _intercept()
    _handlers[signing_name] = handler


def _intercept() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    from seawall.deploy.emulator.grafting import around

    @around(DomainDispatcherApplication, "__call__")
    def call(original: Any, application: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        region, service = _scope(environ.get("HTTP_AUTHORIZATION", ""))
        handler = _handlers.get(service)
        answer = None if handler is None else _answer(handler, region, environ)
        if answer is None:
            passed_on: Iterable[bytes] = original(application, environ, start_response)
            return passed_on
        status, headers, body = answer
        start_response(status, headers)
        return [body]


def _scope(authorization: str) -> tuple[str, str]:
    """Return region and service of ``AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...``."""
    _, _, credential = authorization.partition("Credential=")
    parts = credential.split(",")[0].split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else ("", "")


def _answer(handler: Handler, region: str, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes] | None:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(raw)  # moto reads it again where the handler passes
    call = Call(
        method=environ["REQUEST_METHOD"],
        path=unquote(environ["PATH_INFO"]),
        query=parse_qs(environ.get("QUERY_STRING", "")),
        operation=environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2],
        region=region,
        body=json.loads(raw) if raw.startswith(b"{") else {},
    )
    headers = [("Content-Type", "application/x-amz-json-1.1")]
    status = "200 OK"
    try:
        answer = handler(call)
    except Refusal as refusal:
        status, answer = f"{refusal.status} Refused", refusal.body
        headers.append(("x-amzn-ErrorType", refusal.code))
    if answer is None:
        return None
    body = json.dumps(answer).encode()
    return status, [*headers, ("Content-Length", str(len(body)))], body
