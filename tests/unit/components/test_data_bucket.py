"""What a bucket of an application comes to: closed, its own key, tiers, copies, and CloudFront before it."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs

EDGE = "edge: {cdn: {static: [/css/*]}}\n"
SERVED = """\
components:
  images:
    kind: bucket
    lifecycle: {to_infrequent_access: 90 d, to_glacier_instant: 180 d}
    readers: [gallery]
    serve: {host: www.shop.example, path: /images/*, cached_for: 7 d}
    logs_to: logs
  logs: {kind: bucket, lifecycle: {delete_after: 30 d}, versions: null}
  gallery: {kind: service, image: gallery, needs: [images], expose: {host: www.shop.example}}
  maker: {kind: service, image: maker, needs: [images]}
"""
SITES = "sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}\n"


@pytest.fixture(scope="module")
def served() -> Graph:
    """Images behind CloudFront, a bucket for logs, one consumer that reads and one that writes."""
    return descriptions.graph(EDGE + SERVED)


def _body(found: Graph, type: str, name: str) -> Any:
    return descriptions.named(found, type, name).body


def _granted(found: Graph, name: str) -> dict[str, set[str]]:
    """What a consumer's role may do: the last part of what is named -> the actions."""
    statements = _body(found, "aws_iam_role_policy", name)["policy"]["Statement"]
    return {str(statement["Resource"]): set(statement["Action"]) for statement in statements}


def test_it_is_closed_encrypted_and_versioned_by_default() -> None:
    """A bucket that says nothing of it has its own key, keeps versions for 30 days, and can be read by no public."""
    found = descriptions.graph("components:\n  files: {kind: bucket}\n")
    assert _body(found, "aws_s3_bucket", "files")["force_destroy"] is False
    rule = _body(found, "aws_s3_bucket_server_side_encryption_configuration", "files")["rule"][0]
    assert rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "aws:kms"
    assert rule["bucket_key_enabled"] is True
    assert all(
        value is True
        for name, value in _body(found, "aws_s3_bucket_public_access_block", "files").items()
        if name != "bucket"
    )
    assert _body(found, "aws_s3_bucket_versioning", "files")["versioning_configuration"] == [{"status": "Enabled"}]
    kept = _body(found, "aws_s3_bucket_lifecycle_configuration", "files")["rule"][0]
    assert kept["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]
    assert "expiration" not in kept
    sids = [statement["Sid"] for statement in _body(found, "aws_s3_bucket_policy", "files")["policy"]["Statement"]]
    assert sids == ["RefusePlainHttp"]


def test_objects_move_and_go_as_they_grow_old(served: Graph) -> None:
    """The ages of the description are the days of the rule, in order."""
    rule = _body(served, "aws_s3_bucket_lifecycle_configuration", "images")["rule"][0]
    assert rule["transition"] == [
        {"days": 90, "storage_class": "STANDARD_IA"},
        {"days": 180, "storage_class": "GLACIER_IR"},
    ]
    assert _body(served, "aws_s3_bucket_lifecycle_configuration", "logs")["rule"][0]["expiration"] == [{"days": 30}]


def test_intelligent_tiering_takes_everything_at_once() -> None:
    """Objects go there on their first day; only what is said is archived."""
    text = "components:\n  models: {kind: bucket, lifecycle: {intelligent_tiering: true%s}}\n"
    found = descriptions.graph(text % "")
    rule = _body(found, "aws_s3_bucket_lifecycle_configuration", "models")["rule"][0]
    assert rule["transition"] == [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]
    assert found.of_type("aws_s3_bucket_intelligent_tiering_configuration") == ()
    archived = descriptions.graph(text % ", archive_after: 120 d")
    tiers = _body(archived, "aws_s3_bucket_intelligent_tiering_configuration", "models")["tiering"]
    assert tiers == [{"access_tier": "ARCHIVE_ACCESS", "days": 120}]


@pytest.mark.parametrize(
    ("lifecycle", "says"),
    [
        ("to_infrequent_access: 7 d", "30 days at the soonest"),
        ("to_infrequent_access: 90 d, to_glacier: 100 d", "comes too soon after"),
        ("to_infrequent_access: 90 d, to_glacier_instant: 110 d", "comes too soon after"),
        ("to_glacier_instant: 200 d, to_glacier: 180 d", "comes too soon after"),
        ("to_glacier: 90 d, delete_after: 30 d", "comes too soon after"),
        ("to_glacier: 90 d, delete_after: 90 d", "comes too soon after"),
        ("intelligent_tiering: true, to_glacier: 90 d", "moves objects itself"),
        ("archive_after: 90 d", "a part of intelligent_tiering"),
        ("intelligent_tiering: true, archive_after: 30 d", "90 to 730 days"),
    ],
)
def test_ages_that_s3_refuses_are_refused_first(lifecycle: str, says: str) -> None:
    """A description that S3 would refuse while it is applied is refused while it is read."""
    with pytest.raises(InputError, match=says):
        descriptions.graph(f"components:\n  files: {{kind: bucket, lifecycle: {{{lifecycle}}}}}\n")


# -- who may what ------------------------------------------------------------------------------------------------------


def test_a_reader_only_reads(served: Graph) -> None:
    """Who is named a reader can neither write nor delete, nor encrypt with the bucket's key."""
    read = set().union(*_granted(served, "gallery").values())
    assert read == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}
    write = set().union(*_granted(served, "maker").values())
    assert write - read == {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "kms:GenerateDataKey"}


def test_rights_name_the_one_bucket_and_its_key(served: Graph) -> None:
    """No right reaches another bucket, and the key is good through S3 of the region alone."""
    for name in ("gallery", "maker"):
        statements = _body(served, "aws_iam_role_policy", name)["policy"]["Statement"]
        named = {ref.to.partition(":")[2] for statement in statements for ref in refs(statement["Resource"])}
        assert named == {"aws_s3_bucket.images", "aws_kms_key.images"}
        (keyed,) = [statement for statement in statements if "kms:Decrypt" in statement["Action"]]
        assert keyed["Condition"] == {"StringEquals": {"kms:ViaService": ["s3.ap-northeast-2.amazonaws.com"]}}


def test_pods_reach_s3_and_their_credentials_and_nothing_more(served: Graph) -> None:
    """Pods with a right get out to AWS over HTTPS, but not into the network by it, and to the agent of their node."""
    policy = _body(served, "networking.k8s.io/v1/NetworkPolicy", "maker")
    assert policy["spec"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"protocol": "TCP", "port": 80}]},
        {
            "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/16"]}}],
            "ports": [{"protocol": "TCP", "port": 443}],
        },
    ]


def test_pods_are_told_the_name_and_region(served: Graph) -> None:
    """The application finds the bucket by its variables."""
    (container,) = _body(served, "apps/v1/Deployment", "maker")["spec"]["template"]["spec"]["containers"]
    told = {item["name"]: item["value"] for item in container["env"]}
    assert told["IMAGES_NAME"] == _body(served, "aws_s3_bucket", "images")["bucket"] == "shop-production-images"
    assert told["IMAGES_REGION"] == "ap-northeast-2"


def test_who_does_not_need_it_cannot_be_its_reader() -> None:
    """A reader that needs nothing of it is a mistake of the description."""
    with pytest.raises(InputError, match="which it does not need"):
        descriptions.graph("components:\n  app: {kind: service, image: app}\n  it: {kind: bucket, readers: [app]}\n")


# -- logs --------------------------------------------------------------------------------------------------------------


def test_what_takes_logs_is_encrypted_by_s3_itself(served: Graph) -> None:
    """S3 cannot write its logs to a bucket under another's key; it may write for the buckets that are named."""
    rule = _body(served, "aws_s3_bucket_server_side_encryption_configuration", "logs")["rule"][0]
    assert rule == {"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}
    taking = _body(served, "aws_s3_bucket_policy", "logs")["policy"]["Statement"][0]
    assert taking["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert taking["Condition"]["ArnLike"] == {"aws:SourceArn": ["arn:aws:s3:::shop-production-images"]}
    assert _body(served, "aws_s3_bucket_logging", "images")["target_prefix"] == "images/"


def test_logs_go_to_another_bucket_of_the_platform() -> None:
    """A bucket can log neither to itself nor to what is no bucket."""
    for target in ("it", "nobody"):
        with pytest.raises(InputError, match="no other bucket"):
            descriptions.graph(f"components:\n  it: {{kind: bucket, logs_to: {target}}}\n")


# -- served ------------------------------------------------------------------------------------------------------------


def test_cloudfront_serves_reads_of_its_path(served: Graph) -> None:
    """The path of the host is answered by the bucket, for GET and HEAD alone, kept as long as is said."""
    body = _body(served, "aws_cloudfront_distribution", "www")
    (behavior,) = [one for one in body["ordered_cache_behavior"] if one["path_pattern"] == "/images/*"]
    assert behavior["allowed_methods"] == ["GET", "HEAD"]
    (origin,) = [one for one in body["origin"] if one["origin_id"] == behavior["target_origin_id"]]
    assert str(origin["domain_name"]).endswith("aws_s3_bucket.images.bucket_regional_domain_name}")
    assert str(origin["origin_access_control_id"]).endswith("aws_cloudfront_origin_access_control.objects.id}")
    assert "origin_group" not in body
    cache = _body(served, "aws_cloudfront_cache_policy", "objects_images")
    assert cache["default_ttl"] == 7 * 86_400
    keyed = cache["parameters_in_cache_key_and_forwarded_to_origin"][0]
    assert keyed["query_strings_config"] == [{"query_string_behavior": "none"}]


def test_only_that_distribution_reads_the_bucket_and_its_key(served: Graph) -> None:
    """Bucket and key name the one distribution; nobody else can ask as CloudFront."""
    for type, action in (("aws_s3_bucket_policy", "s3:GetObject"), ("aws_kms_key_policy", "kms:Decrypt")):
        statements = _body(served, type, "images")["policy"]["Statement"]
        (reading,) = [one for one in statements if one["Principal"] == {"Service": "cloudfront.amazonaws.com"}]
        assert reading["Action"] == action
        source = reading["Condition"]["StringEquals"]["aws:SourceArn"]
        assert str(source).endswith("aws_cloudfront_distribution.www.arn}")


def test_the_bucket_does_not_wait_for_the_distribution(served: Graph) -> None:
    """What names the distribution lies in its stack: of data and edge, one comes after the other."""
    for resource in served:
        parts = resource.address.as_terraform()
        if parts is not None and parts.stack == "data":
            assert {ref.to.as_terraform().stack for ref in refs(resource.body)} <= {"data", "network"}, resource.address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SERVED.replace("host: www.shop.example, path", "host: img.shop.example, path"), "which no service exposes"),
        (SERVED.replace("/images/*", "/*"), "everything that the host serves"),
    ],
)
def test_it_is_served_under_a_host_that_exists(text: str, says: str) -> None:
    """A bucket is served beside a service, under a folder of its host."""
    with pytest.raises(InputError, match=says):
        descriptions.graph(EDGE + text)


@pytest.mark.parametrize("lifecycle", ["to_glacier: 180 d", "intelligent_tiering: true, archive_after: 90 d"])
def test_what_is_served_is_at_hand(lifecycle: str) -> None:
    """A visitor cannot wait for hours: what is archived must not be served."""
    with pytest.raises(InputError, match="say to_glacier_instant"):
        descriptions.graph(EDGE + SERVED.replace("to_infrequent_access: 90 d, to_glacier_instant: 180 d", lifecycle))


def test_without_cloudfront_nothing_is_served() -> None:
    """A bucket is never opened to the public instead."""
    with pytest.raises(InputError, match="no CloudFront"):
        descriptions.graph("edge: {cdn: null}\n" + SERVED)


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copied() -> Graph:
    """The same at a further site, with copies."""
    return descriptions.graph(EDGE + SITES + SERVED.replace("logs_to: logs", "copy_to_sites: true"))


def test_every_object_is_copied_to_the_site(copied: Graph) -> None:
    """Home's bucket copies everything, deletions too, under the key of where it goes, and says how long it takes."""
    (made,) = copied.of_type("aws_s3_bucket_replication_configuration")
    assert made.region == "ap-northeast-2"
    assert str(made.body["bucket"]).startswith("${ap-northeast-2/data:aws_s3_bucket.images")
    (rule,) = made.body["rule"]
    assert rule["delete_marker_replication"] == [{"status": "Enabled"}]
    (target,) = rule["destination"]
    assert str(target["bucket"]).startswith("${us-west-2/data:aws_s3_bucket.images")
    assert str(target["encryption_configuration"][0]["replica_kms_key_id"]).startswith("${us-west-2/data:aws_kms_key")
    assert target["metrics"] == [{"status": "Enabled", "event_threshold": [{"minutes": 15}]}]
    assert len(copied.of_type("aws_s3_bucket_versioning")) >= 2


def test_home_never_waits_for_the_site(copied: Graph) -> None:
    """Stacks of home refer to none of the site's: home comes up first, and alone if it must."""
    for resource in copied:
        parts = resource.address.as_terraform()
        if parts is not None and parts.region == "ap-northeast-2":
            assert all(ref.to.as_terraform().region == parts.region for ref in refs(resource.body)), resource.address


def test_cloudfront_asks_the_copy_where_home_fails(copied: Graph) -> None:
    """The distribution has both buckets in a group, and the site's bucket lets it in."""
    body = _body(copied, "aws_cloudfront_distribution", "www")
    (group,) = body["origin_group"]
    origins = {one["origin_id"]: str(one["domain_name"]) for one in body["origin"]}
    second = origins[group["member"][1]["origin_id"]]
    assert second == "shop-production-west-images.s3.us-west-2.amazonaws.com"
    (behavior,) = [one for one in body["ordered_cache_behavior"] if one["path_pattern"] == "/images/*"]
    assert behavior["target_origin_id"] == group["origin_id"]
    policies = [one for one in copied.of_type("aws_s3_bucket_policy") if one.address.endswith(".images")]
    assert {one.address.split("/")[0] for one in policies} == {"ap-northeast-2", "us-west-2"}
    for policy in policies:
        assert any(ref.to.endswith("aws_cloudfront_distribution.www") for ref in refs(policy.body))


def test_copies_need_versions() -> None:
    """S3 copies versions; without them there is nothing to copy."""
    with pytest.raises(InputError, match="there have to be `versions`"):
        descriptions.graph(SITES + "components:\n  it: {kind: bucket, copy_to_sites: true, versions: null}\n")


def test_two_sites_get_one_configuration() -> None:
    """A bucket has one configuration of its copies, whose rules have priorities of their own."""
    text = descriptions.FRAME + SITES.replace("}}}", "}}, east: {region: eu-west-1, network: {cidr: 10.2.0.0/16}}}")
    found = expand(descriptions.platform(text + "components:\n  it: {kind: bucket, copy_to_sites: true}\n"))
    (made,) = found.of_type("aws_s3_bucket_replication_configuration")
    assert [(rule["id"], rule["priority"]) for rule in made.body["rule"]] == [("west", 1), ("east", 2)]
