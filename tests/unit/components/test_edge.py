"""What the edge comes to: names, certificates, load balancer, firewall, distributions, failover."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import descriptions
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, refs

SERVICE = """
components:
  shop: {kind: service, image: shop, expose: {host: www.shop.example}}
"""
EDGE = """
edge:
  cdn: {static: [/css/*], static_for: 1 d, dynamic: [/api/*]}
  health: {path: /health, expects: '"status":"UP"'}
  maintenance: {contact: <ops@shop.example>}
"""
WITHOUT_CDN = "\nedge: {cdn: null}\n"
WRITES = {"DELETE", "PATCH", "POST", "PUT"}


@pytest.fixture(scope="module")
def edge() -> Graph:
    """The edge of one exposed service, behind CloudFront."""
    return descriptions.graph(EDGE + SERVICE)


def _body(found: Graph, type: str, name: str) -> Any:
    return descriptions.named(found, type, name).body


def _points_to(record: Any) -> str:
    return str(record["alias"][0]["name"].to).partition(":")[2]


# -- failing over ------------------------------------------------------------------------------------------------------


def test_the_name_visitors_type_does_not_fail_over(edge: Graph) -> None:
    """Behind CloudFront www is one distribution's, in both IP versions: a name can be the alias of only one."""
    for name, type in (("www", "A"), ("www_ipv6", "AAAA")):
        record = _body(edge, "aws_route53_record", name)
        assert (record["name"], record["type"]) == ("www.shop.example", type)
        assert "failover_routing_policy" not in record
        assert _points_to(record) == "aws_cloudfront_distribution.www"


def test_no_name_is_the_alias_of_two_distributions(edge: Graph) -> None:
    """CloudFront refuses a name that another distribution has; every distribution's names are its own."""
    aliases = [name for found in edge.of_type("aws_cloudfront_distribution") for name in found.body["aliases"]]
    assert sorted(aliases) == ["www-origin.shop.example", "www.shop.example"]


def test_the_origin_fails_over_from_load_balancer_to_maintenance(edge: Graph) -> None:
    """The name that CloudFront asks is a failover pair whose first has a health check and asks its target too."""
    first = _body(edge, "aws_route53_record", "www_primary")
    second = _body(edge, "aws_route53_record", "www_secondary")
    asked = _body(edge, "aws_cloudfront_distribution", "www")["origin"][0]["domain_name"]
    assert first["name"] == second["name"] == asked == "www-origin.shop.example"
    assert first["failover_routing_policy"] == [{"type": "PRIMARY"}]
    assert second["failover_routing_policy"] == [{"type": "SECONDARY"}]
    assert (_points_to(first), _points_to(second)) == ("aws_lb.main", "aws_cloudfront_distribution.maintenance")
    assert first["alias"][0]["evaluate_target_health"] is True
    assert first["health_check_id"].to == descriptions.named(edge, "aws_route53_health_check", "www").address


def test_the_health_check_asks_a_name_that_never_fails_over(edge: Graph) -> None:
    """What is checked is this region's load balancer, by TLS with its name, and the service's own answer."""
    check = _body(edge, "aws_route53_health_check", "www")
    site = _body(edge, "aws_route53_record", "www_site")
    assert check["fqdn"] == site["name"] == "www-ap-northeast-2.shop.example"
    assert "failover_routing_policy" not in site
    assert _points_to(site) == "aws_lb.main"
    assert (check["type"], check["search_string"], check["enable_sni"]) == ("HTTPS_STR_MATCH", '"status":"UP"', True)
    assert check["request_interval"] * check["failure_threshold"] + 60 == 90


def test_every_write_reaches_what_fails_over(edge: Graph) -> None:
    """No behavior that takes writes aims at an origin group, and every dynamic path takes writes and is not cached."""
    body = _body(edge, "aws_cloudfront_distribution", "www")
    assert "origin_group" not in body
    for behavior in (*body["default_cache_behavior"], *body["ordered_cache_behavior"][1:2]):
        assert set(behavior["allowed_methods"]) > WRITES
        assert behavior["target_origin_id"] == "service"
        assert behavior["cache_policy_id"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # Managed-CachingDisabled


def test_paths_are_matched_from_the_particular_to_the_general(edge: Graph) -> None:
    """CloudFront takes the first pattern that fits: the page, then what is dynamic, then what is static."""
    behaviors = _body(edge, "aws_cloudfront_distribution", "www")["ordered_cache_behavior"]
    assert [behavior["path_pattern"] for behavior in behaviors] == ["/maintenance/*", "/api/*", "/css/*"]
    assert behaviors[2]["cache_policy_id"].to.endswith("aws_cloudfront_cache_policy.static")
    assert _body(edge, "aws_cloudfront_cache_policy", "static")["default_ttl"] == 86_400


def test_an_absent_service_is_answered_with_the_page_and_503(edge: Graph) -> None:
    """Whatever CloudFront or the load balancer say of an absent service, the visitor gets the page and the truth."""
    errors = _body(edge, "aws_cloudfront_distribution", "www")["custom_error_response"]
    assert {error["error_code"] for error in errors} == {502, 503, 504}
    assert {(error["response_code"], error["response_page_path"]) for error in errors} == {
        (503, "/maintenance/index.html")
    }
    assert _body(edge, "aws_s3_object", "maintenance")["key"] == "maintenance/index.html"


def test_the_page_outlives_the_platforms_region(edge: Graph) -> None:
    """A lost region must not take the page along that says so: bucket and object lie where CloudFront is governed."""
    for kind in ("aws_s3_bucket", "aws_s3_bucket_policy", "aws_s3_object"):
        assert descriptions.named(edge, kind, "maintenance").region == "us-east-1"


def test_the_maintenance_distribution_answers_every_method_with_503(edge: Graph) -> None:
    """It takes every method, and a function answers before any origin is asked."""
    behavior = _body(edge, "aws_cloudfront_distribution", "maintenance")["default_cache_behavior"][0]
    assert set(behavior["allowed_methods"]) > WRITES
    assert behavior["function_association"][0]["event_type"] == "viewer-request"
    code = _body(edge, "aws_cloudfront_function", "maintenance")["code"]
    answer = json.loads(re.search(r"return (\{.*\});", code, re.DOTALL)[1])  # type: ignore[index]
    assert answer["statusCode"] == 503
    assert answer["headers"]["cache-control"]["value"] == "no-store"


def test_what_the_owner_writes_cannot_become_markup(edge: Graph) -> None:
    """The contact is text in the page, whatever it holds."""
    page = _body(edge, "aws_s3_object", "maintenance")["content"]
    assert "&lt;ops@shop.example&gt;" in page
    assert "<ops@" not in page


def test_without_cloudfront_the_visitors_name_fails_over() -> None:
    """cdn: null makes www itself the pair: the load balancer first, the maintenance distribution second."""
    found = descriptions.graph(WITHOUT_CDN + SERVICE)
    assert _body(found, "aws_route53_record", "www_primary")["name"] == "www.shop.example"
    [distribution] = found.of_type("aws_cloudfront_distribution")
    assert distribution.body["aliases"] == ["www.shop.example"]
    assert not [record for record in found.of_type("aws_route53_record") if record.body["type"] == "AAAA"]


# -- names and certificates --------------------------------------------------------------------------------------------


def test_there_is_a_certificate_where_each_is_looked_for(edge: Graph) -> None:
    """The load balancer's lies in the region, CloudFront's in us-east-1; both are proved before they are used."""
    certificates = {found.address.as_terraform().name: found for found in edge.of_type("aws_acm_certificate")}  # type: ignore[union-attr]
    assert {name: found.region for name, found in certificates.items()} == {
        "regional": "ap-northeast-2",
        "global": "us-east-1",
    }
    for found in edge.of_type("aws_cloudfront_distribution"):
        used = found.body["viewer_certificate"][0]["acm_certificate_arn"]
        assert str(used.to).endswith("aws_acm_certificate_validation.global")
        assert found.body["viewer_certificate"][0]["minimum_protocol_version"] == "TLSv1.2_2021"
    for name in ("regional", "global"):
        validation = descriptions.named(edge, "aws_acm_certificate_validation", name)
        assert validation.region == certificates[name].region
        assert validation.meta["depends_on"] == (descriptions.named(edge, "aws_route53_record", "validation").address,)


def test_an_existing_zone_is_looked_up() -> None:
    """zone: existing makes no zone, and every record lies in the one that was found."""
    found = descriptions.graph("\nedge: {zone: existing}\n" + SERVICE)
    assert not list(found.of_type("aws_route53_zone"))
    [zone] = found.of_type("data.aws_route53_zone")
    assert {record.body["zone_id"].to for record in found.of_type("aws_route53_record")} == {zone.address}


def test_an_edge_needs_a_domain() -> None:
    """Without a domain the message says what to add."""
    text = descriptions.FRAME.replace("domain: shop.example\n", "") + "\nedge: {}\n"
    with pytest.raises(InputError, match="needs the domain"):
        descriptions.expand(descriptions.platform(text))


@pytest.mark.parametrize("host", ["www.elsewhere.example", "a.b.shop.example", "wwwshop.example"])
def test_a_host_that_no_certificate_covers_is_refused(host: str) -> None:
    """A wildcard covers one label; anything else would fail in the visitor's browser."""
    with pytest.raises(InputError, match="no certificate covers"):
        descriptions.graph(EDGE + SERVICE.replace("www.shop.example", host))


def test_the_domain_itself_can_be_exposed() -> None:
    """The bare domain has names of its own for the origin and the region."""
    found = descriptions.graph(EDGE + SERVICE.replace("www.shop.example", "shop.example"))
    assert _body(found, "aws_route53_record", "apex_primary")["name"] == "origin.shop.example"
    assert _body(found, "aws_route53_health_check", "apex")["fqdn"] == "ap-northeast-2.shop.example"


# -- who gets in -------------------------------------------------------------------------------------------------------


def test_the_load_balancer_admits_cloudfront_and_health_checkers_only(edge: Graph) -> None:
    """Both come by AWS's own lists, over TLS; each list has a group of its own, since it counts in full."""
    rules = [
        rule.body
        for rule in edge.of_type("aws_vpc_security_group_ingress_rule")
        if str(rule.body["security_group_id"].to).endswith(("load_balancer", "health_checks"))
    ]
    assert len({rule["security_group_id"] for rule in rules}) == len(rules) == 2
    assert {rule["from_port"] for rule in rules} == {443}
    lists = {found.body["name"] for found in edge.of_type("data.aws_ec2_managed_prefix_list")}
    assert lists == {
        "com.amazonaws.global.cloudfront.origin-facing",
        "com.amazonaws.ap-northeast-2.route53-healthchecks",
    }
    assert all("prefix_list_id" in rule for rule in rules)


def test_without_cloudfront_the_world_gets_in_and_is_limited_there() -> None:
    """The load balancer before the world takes 443 and 80, and its own web ACL counts visitors."""
    found = descriptions.graph(WITHOUT_CDN + SERVICE)
    world = [
        rule.body["from_port"]
        for rule in found.of_type("aws_vpc_security_group_ingress_rule")
        if rule.body.get("cidr_ipv4") == "0.0.0.0/0"
    ]
    assert sorted(world) == [80, 443]
    assert "rate" in _rules(found, "load_balancer")


def _rules(found: Graph, name: str) -> list[str]:
    return [rule["name"] for rule in _body(found, "aws_wafv2_web_acl", name)["rule"]]


REPUTATION = """
components:
  web: {kind: service, image: web, expose: {host: www.shop.example}}
"""


def test_requests_are_limited_where_addresses_are_the_visitors(edge: Graph) -> None:
    """Behind CloudFront the limit is CloudFront's; the managed rules stand at both, for whoever comes past it."""
    assert _rules(edge, "cdn") == ["rate", "core", "known-bad-inputs"]
    assert _rules(edge, "load_balancer") == ["core", "known-bad-inputs"]
    outer = descriptions.named(edge, "aws_wafv2_web_acl", "cdn")
    assert (outer.region, outer.body["scope"]) == ("us-east-1", "CLOUDFRONT")
    limit = outer.body["rule"][0]["statement"][0]["rate_based_statement"][0]
    assert (limit["limit"], limit["evaluation_window_sec"]) == (2000, 300)
    for found in edge.of_type("aws_cloudfront_distribution"):
        assert found.body["web_acl_id"] == Ref(outer.address, "arn")


@pytest.mark.parametrize("cdn", ["{}", "null"])
def test_reputation_is_asked_for_where_addresses_are_the_visitors(cdn: str) -> None:
    """Addresses known for attacks are refused where they are seen: without CloudFront, at the load balancer."""
    found = descriptions.graph(f"edge: {{cdn: {cdn}, firewall: {{reputation: true}}}}\n" + REPUTATION)
    rules = {each.address: [rule["name"] for rule in each.body["rule"]] for each in found.of_type("aws_wafv2_web_acl")}
    asked = [address.rpartition(".")[2] for address, names in rules.items() if "reputation" in names]
    # The page is behind CloudFront in either case.
    assert sorted(asked) == (["cdn", "load_balancer"] if cdn == "null" else ["cdn"])


def test_refused_requests_are_logged_without_secrets(edge: Graph) -> None:
    """WAF writes to a group of its own region whose name it accepts, and neither cookies nor tokens."""
    for name, region in (("cdn", "us-east-1"), ("load_balancer", "ap-northeast-2")):
        group = descriptions.named(edge, "aws_cloudwatch_log_group", f"firewall_{name}")
        assert group.body["name"].startswith("aws-waf-logs-")
        assert group.region == region
        log = _body(edge, "aws_wafv2_web_acl_logging_configuration", name)
        assert {field["single_header"][0]["name"] for field in log["redacted_fields"]} == {"authorization", "cookie"}


def test_the_page_is_read_by_our_distributions_alone(edge: Graph) -> None:
    """The bucket is closed to the public, and its policy names the distributions that may read."""
    reading = _body(edge, "aws_s3_bucket_policy", "maintenance")["policy"]["Statement"][0]
    assert reading["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    allowed = {ref.to for ref in reading["Condition"]["StringEquals"]["aws:SourceArn"]}
    assert allowed == {found.address for found in edge.of_type("aws_cloudfront_distribution")}
    assert _body(edge, "aws_s3_bucket_public_access_block", "maintenance")["block_public_policy"] is True


# -- the load balancer -------------------------------------------------------------------------------------------------


def test_the_controller_adopts_the_load_balancer(edge: Graph) -> None:
    """It carries the three tags of ownership, and the Ingress asks for its group, its groups and its other tags."""
    body = _body(edge, "aws_lb", "main")
    [ingress] = edge.of_type("networking.k8s.io/v1/Ingress")
    asked = {
        key.removeprefix("alb.ingress.kubernetes.io/"): value
        for key, value in ingress.body["metadata"]["annotations"].items()
    }
    ownership = {
        "elbv2.k8s.aws/cluster": "shop-production",
        "ingress.k8s.aws/stack": asked["group.name"],
        "ingress.k8s.aws/resource": "LoadBalancer",
    }
    kept = dict(pair.split("=") for pair in asked["tags"].split(","))
    assert body["tags"] == ownership | kept
    assert asked["scheme"] == "internet-facing"
    assert list(refs(asked["security-groups"])) == body["security_groups"]


def test_the_ingress_answers_for_every_name_under_which_it_is_asked(edge: Graph) -> None:
    """CloudFront asks by the origin's name and the health check by the region's: the Ingress has a rule for each."""
    [ingress] = edge.of_type("networking.k8s.io/v1/Ingress")
    hosts = {rule["host"] for rule in ingress.body["spec"]["rules"]}
    assert hosts == {"www-origin.shop.example", "www-ap-northeast-2.shop.example"}
    origin = _body(edge, "aws_cloudfront_distribution", "www")["origin"][0]
    assert origin["custom_header"] == [{"name": "X-Forwarded-Host", "value": "www.shop.example"}]


def test_the_load_balancer_is_guarded_and_logged(edge: Graph) -> None:
    """It drops malformed headers, refuses to be deleted, and may write its log before it is told to."""
    load_balancer = descriptions.named(edge, "aws_lb", "main")
    assert load_balancer.body["drop_invalid_header_fields"] is True
    assert load_balancer.body["enable_deletion_protection"] is True
    policy = descriptions.named(edge, "aws_s3_bucket_policy", "load_balancer_logs")
    assert load_balancer.meta["depends_on"] == (policy.address,)
    writing = policy.body["policy"]["Statement"][0]
    assert writing["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}


def test_what_is_not_protected_goes_whole() -> None:
    """protected: false lets the load balancer be deleted, and logs and zone with whatever they hold."""
    found = descriptions.graph("\nedge: {protected: false}\n" + SERVICE)
    assert _body(found, "aws_lb", "main")["enable_deletion_protection"] is False
    for name in ("load_balancer_logs", "distribution_logs", "maintenance"):
        assert _body(found, "aws_s3_bucket", name)["force_destroy"] is True
    assert _body(found, "aws_route53_zone", "main")["force_destroy"] is True


def test_names_stay_within_what_aws_takes() -> None:
    """A long platform's load balancer has 32 characters at most and its buckets 63, each still its own."""
    long = "platform: a-shop-with-a-very-long-name-indeed"
    text = (descriptions.FRAME + EDGE + SERVICE).replace("platform: shop", long)
    found = descriptions.expand(descriptions.platform(text))
    assert len(_body(found, "aws_lb", "main")["name"]) <= 32
    buckets = [bucket.body["bucket"] for bucket in found.of_type("aws_s3_bucket")]
    assert len(set(buckets)) == len(buckets) == 3
    assert max(map(len, buckets)) <= 63


def test_only_certain_intervals_can_be_asked_for() -> None:
    """Route 53 asks every 10 or 30 seconds; the message says so."""
    with pytest.raises(InputError, match="every 10 s or every 30 s"):
        descriptions.graph("\nedge: {health: {every: 20 s}}\n")
