"""The page that says we are away, kept where the platform's own failure cannot reach it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from typing import cast

from seawall.components.buckets import bucket
from seawall.components.component import Expandable
from seawall.components.edge.names import GLOBAL_REGION
from seawall.components.offer import Right
from seawall.components.packages import package
from seawall.components.policy import allow, calls, document
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Textual, text

PATH = "/maintenance/index.html"
_RETRY_AFTER = 30
"""Seconds after which a client may ask again."""


def page(scope: Scope, contact: str) -> str:
    """The page, whole in itself: no style sheet or picture that might be away too."""
    name = html.escape(scope.platform.name)
    whom = f"<p>If it stays away, write to {html.escape(contact)}.</p>" if contact else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="robots" content="noindex"><title>{name} is away</title></head>'
        f"<body><h1>{name} is away for a moment</h1>"
        f"<p>We know, and are at it. Nothing that was saved is lost; please come back in a few minutes.</p>{whom}"
        "</body></html>\n"
    )


def content(scope: Scope, contact: str, *, readers: Sequence[Ref]) -> Iterator[Resource]:
    """The bucket with the page; ``readers`` are the distributions that may read it, and nobody else may.

    It lies where CloudFront itself is governed from, so that the loss of the platform's region leaves the page there.
    """
    reading = {
        "Sid": "ReadByDistributions",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": text(scope.ref("aws_s3_bucket", "maintenance", "arn"), "/*"),
        "Condition": {"StringEquals": {"aws:SourceArn": list(readers)}},
    }
    # The page is Terraform's own: whenever the bucket goes, nothing is lost with it.
    yield from bucket(
        scope,
        "maintenance",
        purpose="maintenance",
        region=GLOBAL_REGION,
        statements=[reading],
        versions=90,
        emptied=True,
    )
    body = {
        "bucket": scope.ref("aws_s3_bucket", "maintenance", "id"),
        "key": PATH.removeprefix("/"),
        "content": page(scope, contact),
        "content_type": "text/html; charset=utf-8",
        "cache_control": "no-store",
    }
    # An object from before the bucket kept versions has none, and would not be found when it is to be deleted.
    kept = scope.address("aws_s3_bucket_versioning", "maintenance")
    yield scope.aws("aws_s3_object", "maintenance", body, region=GLOBAL_REGION, depends_on=[kept])
    yield access(scope, "maintenance", "Reads the maintenance page")


def access(scope: Scope, name: str, purpose: str) -> Resource:
    """Who CloudFront is when it asks a bucket: somebody who signs each request, so that no bucket is public."""
    body = {
        "name": f"{scope.title}-{name}",
        "description": purpose,
        "origin_access_control_origin_type": "s3",
        "signing_behavior": "always",
        "signing_protocol": "sigv4",
    }
    return scope.aws("aws_cloudfront_origin_access_control", name, body)


def kept_elsewhere(scope: Scope) -> str:
    """The URL under which a component keeps the page outside AWS; empty where none does."""
    components = scope.platform.components.items()
    return next(filter(None, (cast(Expandable, one).keeps_page(scope.at(name)) for name, one in components)), "")


def function(scope: Scope, url: str) -> Iterator[Resource | Demand]:
    """The function at the edge that makes the blob at ``url`` the answer to every request, with 503.

    It asks nothing of AWS but to write its log, in us-east-1 and at home, where most visitors are; elsewhere it writes
    none, since a group that it made there would keep its lines for ever.
    """
    host, _, path = url.removeprefix("https://").partition("/")
    told = {"host": host, "path": f"/{path}", "retry_after": _RETRY_AFTER}
    code = package("maintenance_page", {"settings.json": json.dumps(told, indent=2, sort_keys=True) + "\n"})
    called = f"{scope.title}-maintenance-page"
    trusting = document(
        {
            "Effect": "Allow",
            "Principal": {"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    )
    role = {
        "name": called,
        "description": "What the maintenance page's function may do",
        "assume_role_policy": trusting,
    }
    yield scope.aws("aws_iam_role", "maintenance_page", role, called=called)
    groups: list[Textual] = []
    for region in dict.fromkeys((GLOBAL_REGION, scope.region)):
        name = f"maintenance_page_{region.replace('-', '_')}"
        # Its copies elsewhere write under the name that it has where it was made.
        before = "" if region == GLOBAL_REGION else f"{GLOBAL_REGION}."
        group = {"name": f"/aws/lambda/{before}{called}", "retention_in_days": 30}
        yield scope.aws("aws_cloudwatch_log_group", name, group, region=region)
        groups.append(text(scope.ref("aws_cloudwatch_log_group", name, "arn"), ":*"))
    writing = document(allow(["logs:CreateLogStream", "logs:PutLogEvents"], groups))
    policy = {"name": called, "role": scope.ref("aws_iam_role", "maintenance_page", "name"), "policy": writing}
    yield scope.aws("aws_iam_role_policy", "maintenance_page", policy)
    it = scope.address("aws_lambda_function", "maintenance_page")
    rights = (Right(("logs:CreateLogStream", "logs:PutLogEvents"), tuple(groups)),)
    yield from calls(it, rights, f"{scope.origin} the maintenance page answers near its visitors")
    body = {
        "function_name": called,
        "description": "Answers with the page that is kept elsewhere, and 503",
        "role": scope.ref("aws_iam_role", "maintenance_page", "arn"),
        "runtime": "python3.13",
        "handler": "handler.handler",
        "filename": code.name,
        "source_code_hash": code.hash,
        "memory_size": 128,
        "timeout": 5,
        # A distribution names a version, never what is newest.
        "publish": True,
    }
    files = {code.name: code.content}
    yield scope.aws("aws_lambda_function", "maintenance_page", body, region=GLOBAL_REGION, called=called, files=files)


def refusal(scope: Scope, contact: str) -> Iterator[Resource]:
    """A CloudFront function that answers every request, whatever its method, with 503 and the page.

    An origin could only answer reads: a write would get an error that says nothing, and a page with status 200 would
    tell monitors and crawlers that all is well.
    """
    answer = {
        "statusCode": 503,
        "statusDescription": "Service Unavailable",
        "headers": {
            "content-type": {"value": "text/html; charset=utf-8"},
            "cache-control": {"value": "no-store"},
            "retry-after": {"value": str(_RETRY_AFTER)},
        },
        "body": {"encoding": "text", "data": page(scope, contact)},
    }
    body = {
        "name": f"{scope.title}-maintenance",
        "comment": "Answers every request with 503 and the maintenance page",
        "runtime": "cloudfront-js-2.0",
        "publish": True,
        "code": f"function handler(event) {{\n  return {json.dumps(answer, indent=2)};\n}}\n",
    }
    yield scope.aws("aws_cloudfront_function", "maintenance", body)
