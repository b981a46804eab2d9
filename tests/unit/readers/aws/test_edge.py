"""What load balancers, names, certificates, distributions and web firewalls say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seawall.facts.network import (
    Certificate,
    FirewallRule,
    Forwards,
    Guards,
    HealthCheck,
    Hostname,
    Interface,
    Listens,
    Member,
    Origin,
    OriginGroup,
    Presents,
    Record,
)
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Unknown, text

Says = Callable[..., list[Any]]


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("ap-northeast-2", "test", path)


def of(kind: type[Any], facts: list[Any]) -> list[Any]:
    """The facts of a kind."""
    return [fact for fact in facts if isinstance(fact, kind)]


def test_a_load_balancer_is_public_unless_internal(says: Says) -> None:
    """A load balancer's place and the shape of its name follow from whether it is internal."""
    it = at("aws_lb.it")
    body = {"name": "web", "subnets": ["subnet-2", "subnet-1"], "security_groups": ["sg-1"]}
    facts = says("aws_lb", body | {"access_logs": [{"bucket": "${aws_s3_bucket.b.id}", "enabled": True}]})
    subnets = (Address.outside("subnet-1"), Address.outside("subnet-2"))
    assert of(Interface, facts) == [Interface(it, subnets, (Address.outside("sg-1"),), True)]
    assert {(setting.key, setting.value) for setting in of(Setting, facts)} == {
        ("deletion-protection", False),
        ("drop-invalid-headers", False),
        ("idle-timeout", 60),
    }
    assert of(Logs, facts) == [Logs(it, at("aws_s3_bucket.b"), ("access",))]
    internal = says("aws_lb", body | {"internal": True})
    assert of(Interface, internal)[0].public is False
    assert str(of(Hostname, internal)[0].pattern).startswith("internal-web-")
    assert of(Logs, internal) == []


@pytest.mark.parametrize(
    ("protocol", "port", "tls"), [(None, 80, "none"), ("HTTPS", 443, "required"), ("TCP", 3306, "none")]
)
def test_a_listener_listens_on_its_load_balancer(says: Says, protocol: str | None, port: int, tls: str) -> None:
    """A listener is a port of its load balancer, encrypted or not."""
    balancer, it = at("aws_lb.main"), at("aws_lb_listener.it")
    body = {"load_balancer_arn": "${aws_lb.main.arn}", "port": port, "protocol": protocol}
    assert says("aws_lb_listener", body) == [
        Member(balancer, it),
        Listens(balancer, "tcp", Ports.one(port), tls),  # type: ignore[arg-type]
    ]


def test_where_a_listener_sends_requests(says: Says) -> None:
    """A target group named directly, alone in a forward, or by weight; a redirect and an answer in one word."""
    it, one, two = at("aws_lb_listener.it"), at("aws_lb_target_group.one"), at("aws_lb_target_group.two")
    arns = ["${aws_lb_target_group.one.arn}", "${aws_lb_target_group.two.arn}"]
    weighted = [{"arn": arns[0], "weight": 90}, {"arn": arns[1], "weight": 10}]
    redirect = {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
    cases: list[tuple[dict[str, Any], list[Forwards]]] = [
        ({"type": "forward", "target_group_arn": arns[0]}, [Forwards(it, one)]),
        ({"type": "forward", "forward": [{"target_group": [{"arn": arns[0]}]}]}, [Forwards(it, one)]),
        (
            {"type": "forward", "forward": [{"target_group": weighted}]},
            [Forwards(it, one, weight=90), Forwards(it, two, weight=10)],
        ),
        ({"type": "redirect", "redirect": [redirect]}, [Forwards(it, "redirect:HTTPS:443:HTTP_301")]),
        (
            {"type": "fixed-response", "fixed_response": [{"status_code": "404"}]},
            [Forwards(it, "fixed-response:404")],
        ),
    ]
    for action, expected in cases:
        body = {"load_balancer_arn": "${aws_lb.main.arn}", "port": 80, "default_action": [action]}
        assert of(Forwards, says("aws_lb_listener", body)) == expected


def test_a_rule_takes_hosts_and_paths_of_its_listener(says: Says) -> None:
    """A rule is one forward for each host and path; other conditions leave open what it takes."""
    listener, group = at("aws_lb_listener.l"), at("aws_lb_target_group.one")
    body = {
        "listener_arn": "${aws_lb_listener.l.arn}",
        "condition": [{"host_header": [{"values": ["b", "a"]}]}, {"path_pattern": [{"values": ["/api/*"]}]}],
        "action": [{"type": "forward", "target_group_arn": "${aws_lb_target_group.one.arn}"}],
    }
    assert says("aws_lb_listener_rule", body) == [
        Forwards(listener, group, "a", "/api/*"),
        Forwards(listener, group, "b", "/api/*"),
    ]
    body["condition"] = [{"source_ip": [{"values": ["10.0.0.0/8"]}]}]
    found = says("aws_lb_listener_rule", body)
    (fact,) = of(Forwards, found)
    assert isinstance(fact.host, Unknown)
    assert Setting(listener, "asks-for-header", True) in found


def test_a_certificate_is_shown_by_its_listener(says: Says) -> None:
    """A listener shows its certificate under its TLS policy, AWS's oldest where none is named."""
    it, certificate = at("aws_lb_listener.it"), at("aws_acm_certificate.c")
    body = {
        "load_balancer_arn": "x",
        "port": 443,
        "protocol": "HTTPS",
        "certificate_arn": "${aws_acm_certificate.c.arn}",
    }
    assert of(Presents, says("aws_lb_listener", body)) == [Presents(it, certificate, (), "ELBSecurityPolicy-2016-08")]


def test_a_target_group_asks_its_targets(says: Says) -> None:
    """A target group's check with the provider's defaults: every 30 s on the traffic's port, three failures."""
    it = at("aws_lb_target_group.it")
    assert says("aws_lb_target_group", {"port": 8080, "protocol": "HTTP"}) == [
        HealthCheck(it, it, "HTTP", None, "/", 30, 3),
        Setting(it, "deregistration-delay", 300),
        Setting(it, "target-type", "instance"),
        Setting(it, "target-port", 8080),
    ]


def test_a_certificate_is_for_all_of_its_names(says: Says) -> None:
    """The names are a set, whether the first is repeated among the others or not."""
    it = at("aws_acm_certificate.it")
    names = {"subject_alternative_names": ["*.petclinic.example", "petclinic.example"]}
    for body in (names, {"subject_alternative_names": ["*.petclinic.example"]}):
        assert says("aws_acm_certificate", {"domain_name": "petclinic.example", **body}) == [
            Certificate(it, ("*.petclinic.example", "petclinic.example"), "ap-northeast-2", "amazon")
        ]


def test_a_record_leads_somewhere(says: Says) -> None:
    """An alias leads to a thing and follows its health; a plain record to texts, for its time to live."""
    it, zone = at("aws_route53_record.it"), at("aws_route53_zone.z")
    body = {
        "zone_id": "${aws_route53_zone.z.zone_id}",
        "name": "WWW.petclinic.example.",
        "type": "A",
        "set_identifier": "primary",
        "health_check_id": "${aws_route53_health_check.h.id}",
        "failover_routing_policy": [{"type": "PRIMARY"}],
        "alias": [{"name": "${aws_lb.l.dns_name}", "zone_id": "${aws_lb.l.zone_id}", "evaluate_target_health": True}],
    }
    health = at("aws_route53_health_check.h")
    assert says("aws_route53_record", body) == [
        Record(it, zone, "www.petclinic.example", "A", (at("aws_lb.l"),), None, "failover", "PRIMARY", health, True)
    ]
    plain = {"zone_id": "Z1", "name": "a.example", "type": "CNAME", "ttl": 60, "records": ["b.example"]}
    assert says("aws_route53_record", plain) == [
        Record(it, Address.outside("Z1"), "a.example", "CNAME", ("b.example",), 60)
    ]
    weighted = plain | {"weighted_routing_policy": [{"weight": 0}], "set_identifier": "x"}
    (record,) = says("aws_route53_record", weighted)
    assert (record.routing, record.part) == ("weighted", "0")


def test_a_health_check_with_the_provider_s_defaults(says: Says) -> None:
    """A check asks every 30 s and believes three failures, on the port of its protocol."""
    it = at("aws_route53_health_check.it")
    (check,) = says("aws_route53_health_check", {"type": "HTTPS", "fqdn": "www.petclinic.example"})
    assert check == HealthCheck(it, "www.petclinic.example", "HTTPS", 443, "", 30, 3, True)
    (check,) = says("aws_route53_health_check", {"type": "HTTP", "fqdn": "${aws_lb.l.dns_name}"})
    assert check == HealthCheck(it, at("aws_lb.l"), "HTTP", 80, "", 30, 3, False)


def test_a_distribution(says: Says) -> None:
    """Origins, their order in a group, behaviours with methods and caching, the certificate and the firewall."""
    it, bucket, firewall = at("aws_cloudfront_distribution.it"), at("aws_s3_bucket.b"), at("aws_wafv2_web_acl.w")
    behaviour = {"target_origin_id": "both", "viewer_protocol_policy": "redirect-to-https"}
    body = {
        "aliases": ["www.petclinic.example"],
        "web_acl_id": "${aws_wafv2_web_acl.w.arn}",
        "origin": [
            {
                "origin_id": "alb",
                "domain_name": "origin.petclinic.example",
                "custom_origin_config": [{"origin_protocol_policy": "https-only"}],
            },
            {"origin_id": "static", "domain_name": "${aws_s3_bucket.b.bucket_regional_domain_name}"},
        ],
        "origin_group": [
            {
                "origin_id": "both",
                "failover_criteria": [{"status_codes": [503, 500]}],
                "member": [{"origin_id": "static"}, {"origin_id": "alb"}],
            }
        ],
        "default_cache_behavior": [behaviour | {"allowed_methods": ["HEAD", "GET"], "forwarded_values": [{}]}],
        "ordered_cache_behavior": [
            behaviour
            | {
                "path_pattern": "/api/*",
                "allowed_methods": ["POST"],
                "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            }
        ],
        "viewer_certificate": [
            {"acm_certificate_arn": "${aws_acm_certificate.c.arn}", "minimum_protocol_version": "TLSv1.2_2021"}
        ],
    }
    facts = says("aws_cloudfront_distribution", body)
    assert of(Origin, facts) == [
        Origin(it, "alb", "origin.petclinic.example", None, "https-only"),
        Origin(it, "static", Ref(bucket, "bucket_regional_domain_name"), bucket, "s3"),
    ]
    assert of(OriginGroup, facts) == [OriginGroup(it, "both", ("static", "alb"), (500, 503))]
    assert of(Forwards, facts) == [
        Forwards(it, "both", "*", "/*", ("GET", "HEAD")),
        Forwards(it, "both", "*", "/api/*", ("POST",)),
    ]
    api = it.implied("behaviour /api/*")
    assert [(setting.of, setting.key, setting.value) for setting in of(Setting, facts)] == [
        (it, "viewer-protocol", "redirect-to-https"),
        (it, "cache-default-ttl", 86400),
        (api, "viewer-protocol", "redirect-to-https"),
        (api, "cache-default-ttl", 0),
    ]
    certificate = at("aws_acm_certificate.c")
    assert of(Presents, facts) == [Presents(it, certificate, ("www.petclinic.example",), "TLSv1.2_2021")]
    assert of(Guards, facts) == [Guards(firewall, it, "global", "")]


def test_cloudfront_s_own_certificate_allows_old_tls(says: Says) -> None:
    """Without a certificate of its own a distribution shows CloudFront's, from TLS 1.0 on."""
    (fact,) = of(
        Presents,
        says("aws_cloudfront_distribution", {"viewer_certificate": [{"cloudfront_default_certificate": True}]}),
    )
    assert (fact.names, fact.policy) == ((), "TLSv1")


@pytest.mark.parametrize("nothing", [{}, [{}]], ids=["an object", "a list of one"])
def test_a_web_firewall(says: Says, nothing: Any) -> None:
    """Managed sets with or without effect, a rate with its window, the default; empty blocks count."""
    it = at("aws_wafv2_web_acl.it")
    managed = {"managed_rule_group_statement": [{"vendor_name": "AWS", "name": "AWSManagedRulesCommonRuleSet"}]}
    body = {
        "name": "edge",
        "scope": "CLOUDFRONT",
        "default_action": [{"allow": nothing}],
        "rule": [
            {"name": "a", "priority": 1, "override_action": [{"none": nothing, "count": []}], "statement": [managed]},
            {"name": "b", "priority": 2, "override_action": [{"count": nothing}], "statement": [managed]},
            {
                "name": "c",
                "priority": 3,
                "action": [{"block": nothing}],
                "statement": [{"rate_based_statement": [{"limit": 2000}]}],
            },
            {
                "name": "d",
                "priority": 4,
                "action": [{"allow": nothing}],
                "statement": [{"geo_match_statement": [{"country_codes": ["KR"]}]}],
            },
        ],
    }
    facts = says("aws_wafv2_web_acl", body)
    common = "AWS/AWSManagedRulesCommonRuleSet"
    assert of(FirewallRule, facts) == [
        FirewallRule(it, 1, common, "managed"),
        FirewallRule(it, 2, common, "count"),
        FirewallRule(it, 3, "rate", "block", 2000, 300),
        FirewallRule(it, 4, "geo-match", "allow"),
        FirewallRule(it, 2**31 - 1, "default", "allow"),
    ]
    assert of(Setting, facts) == [Setting(it, "firewall-scope", "global")]


def test_a_firewall_in_front_of_a_load_balancer(says: Says) -> None:
    """An association guards a regional thing in its region."""
    body = {"web_acl_arn": "${aws_wafv2_web_acl.w.arn}", "resource_arn": "${aws_lb.l.arn}"}
    assert says("aws_wafv2_web_acl_association", body) == [
        Guards(at("aws_wafv2_web_acl.w"), at("aws_lb.l"), "regional", "ap-northeast-2")
    ]


def test_the_shape_of_a_name(says: Says) -> None:
    """The name of a load balancer is known but for the part that AWS makes up."""
    it = at("aws_lb.it")
    made_up = Unknown(f"{it}.host", why="AWS makes it up when the resource is created")
    (host,) = of(Hostname, says("aws_lb", {"name": "web"}))
    assert host == Hostname(it, "dns_name", text("web-", made_up, ".ap-northeast-2.elb.amazonaws.com"))
