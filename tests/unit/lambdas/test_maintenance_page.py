"""The function at the edge, run as it ships: unpacked from its package, with CloudFront's own events."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile

import pytest

import descriptions
from descriptions import named
from seawall.components.edge.maintenance import function
from seawall.components.scope import Scope
from seawall.graph.resource import Resource

URL = "https://shoppage.blob.core.windows.net/page/index.html"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The module, imported from the zip that lies beside the root module."""
    platform = descriptions.platform(descriptions.FRAME)
    made = list(function(Scope(platform, "network", platform.region), URL))
    lambda_function = next(one for one in made if isinstance(one, Resource) and one.type == "aws_lambda_function")
    content = lambda_function.meta["files"][lambda_function.body["filename"]]
    folder = tmp_path_factory.mktemp("function")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    module, _, _ = lambda_function.body["handler"].partition(".")
    found = importlib.util.spec_from_file_location("maintenance_page", folder / f"{module}.py")
    loaded = importlib.util.module_from_spec(found)
    found.loader.exec_module(loaded)
    return loaded


def event(kind, **record):
    """An event as CloudFront sends it."""
    return {"Records": [{"cf": {"config": {"eventType": kind, "distributionId": "E1"}, **record}}]}


def request(method="GET", uri="/api/owners", **headers):
    """A request on its way to the origin."""
    return {
        "method": method,
        "uri": uri,
        "querystring": "page=2",
        "headers": {name: [{"key": name, "value": value}] for name, value in headers.items()},
    }


def test_every_read_becomes_one_for_the_page(shipped):
    """Whatever path was asked, the blob is, under its own host, and not on conditions that would answer 304."""
    headers = {"host": "www-origin.shop.example", "if-none-match": '"1"', "range": "bytes=0-1", "accept": "*/*"}
    asked = shipped.handler(event("origin-request", request=request(**headers)), None)
    assert asked["uri"] == "/page/index.html"
    assert asked["querystring"] == ""
    assert asked["headers"]["host"] == [{"key": "Host", "value": "shoppage.blob.core.windows.net"}]
    assert set(asked["headers"]) == {"host", "accept"}
    assert asked["method"] == "GET"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_write_is_answered_without_asking_the_blob(shipped, method):
    """A blob would refuse it with 405, which clients take for their own mistake; they get 503 and when to come back."""
    answer = shipped.handler(event("origin-request", request=request(method)), None)
    assert answer["status"] == "503"
    assert answer["headers"]["retry-after"] == [{"key": "Retry-After", "value": "30"}]
    assert "<h1>" in answer["body"]
    assert "uri" not in answer


def test_the_page_is_passed_on_as_503(shipped):
    """The body stays the blob's; the status says that the platform is away, and nobody keeps the answer."""
    response = {
        "status": "200",
        "statusDescription": "OK",
        "headers": {
            "content-type": [{"key": "Content-Type", "value": "text/html; charset=utf-8"}],
            "etag": [{"key": "ETag", "value": '"1"'}],
            "x-ms-version": [{"key": "x-ms-version", "value": "2009-09-19"}],
        },
    }
    answer = shipped.handler(event("origin-response", response=response, request=request()), None)
    assert (answer["status"], answer["statusDescription"]) == ("503", "Service Unavailable")
    assert "body" not in answer
    assert set(answer["headers"]) == {"content-type", "retry-after", "cache-control"}
    assert answer["headers"]["cache-control"] == [{"key": "Cache-Control", "value": "no-store"}]


@pytest.mark.parametrize("status", ["304", "403", "404", "500"])
def test_without_the_blob_there_is_still_a_page(shipped, status):
    """Where the blob is gone or closed the visitor gets words of ours, never Azure's error."""
    response = {"status": status, "statusDescription": "?", "headers": {}}
    answer = shipped.handler(event("origin-response", response=response, request=request()), None)
    assert answer["status"] == "503"
    assert answer["bodyEncoding"] == "text"
    assert "Please come back" in answer["body"]


def test_the_answer_is_within_what_the_edge_allows(shipped):
    """Lambda@Edge takes 1 MB of a made-up response and JSON alone."""
    answer = shipped.handler(event("origin-request", request=request("POST")), None)
    assert len(json.dumps(answer)) < 40_000


def test_the_distribution_asks_a_version_in_us_east_1():
    """CloudFront takes only published versions of functions in us-east-1 whose role the edge may take on."""
    found = descriptions.graph(
        """\
edge: {}
recovery: {site: {azure: koreacentral}, strategy: copies, page: true}
components:
  api: {kind: service, image: shop-api, tag: v7, expose: {host: www.shop.example}}
"""
    )
    made = named(found, "aws_lambda_function", "maintenance_page")
    assert made.region == "us-east-1"
    assert made.body["publish"] is True
    role = named(found, "aws_iam_role", "maintenance_page").body["assume_role_policy"]["Statement"][0]
    assert set(role["Principal"]["Service"]) == {"lambda.amazonaws.com", "edgelambda.amazonaws.com"}
    distribution = named(found, "aws_cloudfront_distribution", "maintenance").body
    events = distribution["default_cache_behavior"][0]["lambda_function_association"]
    assert {one["event_type"] for one in events} == {"origin-request", "origin-response"}
    assert {one["lambda_arn"].attr for one in events} == {"qualified_arn"}
    assert {error["error_code"] for error in distribution["custom_error_response"]} == {502, 504}
    assert not list(found.of_type("aws_cloudfront_function"))
