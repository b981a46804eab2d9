"""Each test here passes with the patch of CloudFront and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
POLICIES = {
    "cache_policy": ("CachePolicy", {"MinTTL": 1}),
    "origin_request_policy": (
        "OriginRequestPolicy",
        {
            "HeadersConfig": {"HeaderBehavior": "allViewer"},
            "CookiesConfig": {"CookieBehavior": "all"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    ),
    "response_headers_policy": (
        "ResponseHeadersPolicy",
        {"SecurityHeadersConfig": {"FrameOptions": {"Override": True, "FrameOption": "DENY"}}},
    ),
}


@pytest.fixture
def cloudfront(aws: Clients) -> Any:
    """The client of CloudFront."""
    return aws("cloudfront", "us-east-1")


@pytest.mark.parametrize("snake", POLICIES)
def test_a_policy_lives(cloudfront: Any, snake: str) -> None:
    """A policy is made, read, changed and deleted."""
    kind, settings = POLICIES[snake]
    wanted = {"Name": f"p-{uuid.uuid4().hex[:8]}", **settings}
    made = getattr(cloudfront, f"create_{snake}")(**{f"{kind}Config": wanted})
    identifier = made[kind]["Id"]
    read = getattr(cloudfront, f"get_{snake}")(Id=identifier)[kind][f"{kind}Config"]
    assert {name: read[name] for name in wanted} == wanted
    changed = wanted | {"Comment": "changed"}
    getattr(cloudfront, f"update_{snake}")(**{f"{kind}Config": changed}, Id=identifier, IfMatch=made["ETag"])
    read = getattr(cloudfront, f"get_{snake}_config")(Id=identifier)[f"{kind}Config"]
    assert read["Comment"] == "changed"
    getattr(cloudfront, f"delete_{snake}")(Id=identifier, IfMatch=made["ETag"])
    with pytest.raises(cloudfront.exceptions.ClientError, match=f"NoSuch{kind}"):
        getattr(cloudfront, f"get_{snake}")(Id=identifier)


def test_managed_policies_are_there(cloudfront: Any) -> None:
    """A managed policy is found by its name, with the id that AWS documents."""
    listed = cloudfront.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
    names = {each["CachePolicy"]["Id"]: each["CachePolicy"]["CachePolicyConfig"]["Name"] for each in listed}
    assert names[CACHING_DISABLED] == "Managed-CachingDisabled"


def test_a_function_is_published_and_changed(cloudfront: Any) -> None:
    """A function is live once it is published, and its code can be changed."""
    name = f"f-{uuid.uuid4().hex[:8]}"
    settings = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    made = cloudfront.create_function(Name=name, FunctionConfig=settings, FunctionCode=b"one")
    published = cloudfront.publish_function(Name=name, IfMatch=made["ETag"])["FunctionSummary"]
    assert published["FunctionMetadata"]["Stage"] == "LIVE"
    cloudfront.update_function(Name=name, IfMatch=made["ETag"], FunctionConfig=settings, FunctionCode=b"two")
    assert cloudfront.get_function(Name=name)["FunctionCode"].read() == b"two"


def _distribution(cloudfront: Any, **changes: Any) -> dict[str, Any]:
    """Make a distribution of two origins with failover between them, and read its settings back."""
    origins = [
        {
            "Id": name,
            "DomainName": f"{name}.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": f"oac-{name}",
        }
        for name in ("first", "second")
    ]
    members = {"Quantity": 2, "Items": [{"OriginId": "first"}, {"OriginId": "second"}]}
    criteria = {"StatusCodes": {"Quantity": 1, "Items": [503]}}
    function = {"FunctionARN": "arn:aws:cloudfront::123456789012:function/f", "EventType": "viewer-request"}
    wanted = {
        "CallerReference": uuid.uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {
            "Quantity": 1,
            "Items": [{"Id": "failover", "FailoverCriteria": criteria, "Members": members}],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "first",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": CACHING_DISABLED,
            "FunctionAssociations": {"Quantity": 1, "Items": [function]},
        },
    }
    made = cloudfront.create_distribution(DistributionConfig=wanted | changes)["Distribution"]
    return cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]


def test_a_distribution_may_target_an_origin_group(cloudfront: Any) -> None:
    """The default behaviour may go to an origin group, and says so afterwards."""
    behaviour = {
        "TargetOriginId": "failover",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": CACHING_DISABLED,
    }
    kept = _distribution(cloudfront, DefaultCacheBehavior=behaviour)
    assert kept["DefaultCacheBehavior"]["TargetOriginId"] == "failover"
    assert kept["OriginGroups"]["Items"][0]["Members"]["Quantity"] == 2


def test_a_distribution_keeps_functions_and_access_controls(cloudfront: Any) -> None:
    """Functions and origin access controls are answered as given; a cache policy forwards nothing by itself."""
    kept = _distribution(cloudfront)
    behaviour = kept["DefaultCacheBehavior"]
    assert behaviour["FunctionAssociations"]["Items"][0]["EventType"] == "viewer-request"
    assert "ForwardedValues" not in behaviour
    assert [each["OriginAccessControlId"] for each in kept["Origins"]["Items"]] == ["oac-first", "oac-second"]


def test_a_distribution_with_a_certificate_does_not_use_the_default_one(cloudfront: Any) -> None:
    """A certificate of ACM replaces that of CloudFront."""
    certificate = {
        "ACMCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c",
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    kept = _distribution(cloudfront, ViewerCertificate=certificate)
    assert kept["ViewerCertificate"]["CloudFrontDefaultCertificate"] is False
