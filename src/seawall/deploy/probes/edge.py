"""The edge: load balancers, DNS, certificates, CloudFront, WAF."""

from __future__ import annotations

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes

_CLOUDFRONT_REGION = "us-east-1"


def _elb_tags(standing: Standing) -> dict[str, str]:
    found = standing.client("elbv2").describe_tags(ResourceArns=[standing["arn"]])["TagDescriptions"]
    return pairs(only(found)["Tags"])


@probes("aws_lb")
def load_balancer(standing: Standing) -> Seen:
    """A load balancer; healthy when active."""
    found = only(standing.client("elbv2").describe_load_balancers(LoadBalancerArns=[standing["arn"]])["LoadBalancers"])
    state = found["State"]["Code"]
    same = {"name": (standing["name"], found["LoadBalancerName"])}
    return Seen(same, _elb_tags(standing), state == "active", f"state {state}")


@probes("aws_lb_target_group")
def target_group(standing: Standing) -> Seen:
    """A target group; healthy when none of its targets is unhealthy, and nothing to ask where it has none."""
    client = standing.client("elbv2")
    only(client.describe_target_groups(TargetGroupArns=[standing["arn"]])["TargetGroups"])
    targets = client.describe_target_health(TargetGroupArn=standing["arn"])["TargetHealthDescriptions"]
    states = [target["TargetHealth"]["State"] for target in targets]
    healthy = None if not states else all(state == "healthy" for state in states)
    return Seen({}, _elb_tags(standing), healthy, f"targets {', '.join(sorted(states)) or 'none'}")


@probes("aws_lb_listener")
def listener(standing: Standing) -> Seen:
    """A listener and its port."""
    found = only(standing.client("elbv2").describe_listeners(ListenerArns=[standing["arn"]])["Listeners"])
    return Seen({"port": (standing["port"], found.get("Port"))}, _elb_tags(standing))


@probes("aws_lb_listener_rule")
def listener_rule(standing: Standing) -> Seen:
    """A rule of a listener."""
    found = only(standing.client("elbv2").describe_rules(RuleArns=[standing["arn"]])["Rules"])
    return Seen({"priority": (str(standing["priority"]), found["Priority"])})


@probes("aws_route53_zone")
def zone(standing: Standing) -> Seen:
    """A zone and its name."""
    client = standing.client("route53")
    found = client.get_hosted_zone(Id=standing["zone_id"])["HostedZone"]
    tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=standing["zone_id"])
    same = {"name": (standing["name"].rstrip("."), found["Name"].rstrip("."))}
    return Seen(same, pairs(tags["ResourceTagSet"]["Tags"]))


@probes("aws_route53_record")
def record(standing: Standing) -> Seen:
    """A record: name, type and set."""
    name = standing["fqdn"].rstrip(".").replace("*", "\\052")
    pages = standing.client("route53").get_paginator("list_resource_record_sets")
    found = [
        one
        for page in pages.paginate(HostedZoneId=standing["zone_id"])
        for one in page["ResourceRecordSets"]
        if one["Name"].rstrip(".").replace("*", "\\052") == name
        and one["Type"] == standing["type"]
        and one.get("SetIdentifier", "") == (standing.values.get("set_identifier") or "")
    ]
    only(found)
    return Seen()


@probes("aws_route53_health_check")
def health_check(standing: Standing) -> Seen:
    """A health check; healthy when the checkers that answer report success."""
    from botocore.exceptions import ClientError

    client = standing.client("route53")
    client.get_health_check(HealthCheckId=standing["id"])
    tags = client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=standing["id"])
    found = pairs(tags["ResourceTagSet"]["Tags"])
    try:
        checkers = client.get_health_check_status(HealthCheckId=standing["id"])["HealthCheckObservations"]
    except ClientError as error:
        return Seen(tags=found, health=f"its status could not be asked: {error.response['Error']['Code']}")
    reports = [one["StatusReport"]["Status"] for one in checkers]
    good = sum(report.startswith("Success") for report in reports)
    # Route 53 itself takes a check for healthy above 18 % of its checkers (its developer guide).
    healthy = None if not reports else good / len(reports) > 0.18
    return Seen({}, found, healthy, f"{good} of {len(reports)} checkers report success")


@probes("aws_acm_certificate")
def certificate(standing: Standing) -> Seen:
    """A certificate; healthy when issued."""
    client = standing.client("acm")
    found = client.describe_certificate(CertificateArn=standing["arn"])["Certificate"]
    tags = pairs(client.list_tags_for_certificate(CertificateArn=standing["arn"])["Tags"])
    same = {"domain_name": (standing["domain_name"], found["DomainName"])}
    return Seen(same, tags, found["Status"] == "ISSUED", f"status {found['Status']}")


@probes("aws_acm_certificate_validation")
def certificate_validation(standing: Standing) -> Seen:
    """That a certificate was validated."""
    found = standing.client("acm").describe_certificate(CertificateArn=standing["certificate_arn"])["Certificate"]
    return Seen(healthy=found["Status"] == "ISSUED", health=f"status {found['Status']}")


@probes("aws_cloudfront_distribution")
def distribution(standing: Standing) -> Seen:
    """A distribution; healthy when deployed and enabled."""
    client = standing.client("cloudfront", _CLOUDFRONT_REGION)
    found = client.get_distribution(Id=standing["id"])["Distribution"]
    tags = pairs(client.list_tags_for_resource(Resource=standing["arn"])["Tags"]["Items"])
    same = {"enabled": (standing["enabled"], found["DistributionConfig"]["Enabled"])}
    return Seen(same, tags, found["Status"] == "Deployed", f"status {found['Status']}")


@probes("aws_cloudfront_origin_access_control")
def origin_access_control(standing: Standing) -> Seen:
    """How a distribution signs its requests to a bucket."""
    found = standing.client("cloudfront", _CLOUDFRONT_REGION).get_origin_access_control(Id=standing["id"])
    name = found["OriginAccessControl"]["OriginAccessControlConfig"]["Name"]
    return Seen({"name": (standing["name"], name)})


@probes("aws_cloudfront_response_headers_policy")
def response_headers(standing: Standing) -> Seen:
    """The headers a distribution adds."""
    found = standing.client("cloudfront", _CLOUDFRONT_REGION).get_response_headers_policy(Id=standing["id"])
    return Seen({"name": (standing["name"], found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["Name"])})


@probes("aws_cloudfront_cache_policy")
def cache_policy(standing: Standing) -> Seen:
    """What a distribution keeps and for how long."""
    found = standing.client("cloudfront", _CLOUDFRONT_REGION).get_cache_policy(Id=standing["id"])
    return Seen({"name": (standing["name"], found["CachePolicy"]["CachePolicyConfig"]["Name"])})


@probes("aws_cloudfront_function")
def edge_function(standing: Standing) -> Seen:
    """A function at the edge."""
    standing.client("cloudfront", _CLOUDFRONT_REGION).describe_function(Name=standing["name"])
    return Seen()


def _waf_region(standing: Standing) -> str:
    return _CLOUDFRONT_REGION if standing["scope"] == "CLOUDFRONT" else standing.region


@probes("aws_wafv2_web_acl")
def web_acl(standing: Standing) -> Seen:
    """A web ACL and how many rules it has."""
    client = standing.client("wafv2", _waf_region(standing))
    found = client.get_web_acl(Name=standing["name"], Scope=standing["scope"], Id=standing["id"])["WebACL"]
    tags = client.list_tags_for_resource(ResourceARN=standing["arn"])["TagInfoForResource"]["TagList"]
    return Seen({"rules": (len(standing["rule"]), len(found.get("Rules", ())))}, pairs(tags))


@probes("aws_wafv2_ip_set")
def ip_set(standing: Standing) -> Seen:
    """A set of addresses."""
    client = standing.client("wafv2", _waf_region(standing))
    found = client.get_ip_set(Name=standing["name"], Scope=standing["scope"], Id=standing["id"])["IPSet"]
    return Seen({"addresses": (sorted(standing["addresses"]), sorted(found["Addresses"]))})


@probes("aws_wafv2_web_acl_association")
def web_acl_association(standing: Standing) -> Seen:
    """That a web ACL stands before a load balancer."""
    found = standing.client("wafv2").get_web_acl_for_resource(ResourceArn=standing["resource_arn"]).get("WebACL")
    if not found:
        raise Absent
    return Seen({"web_acl_arn": (standing["web_acl_arn"], found["ARN"])})


@probes("aws_wafv2_web_acl_logging_configuration")
def web_acl_logging(standing: Standing) -> Seen:
    """Where a web ACL writes down what it saw."""
    arn = standing["resource_arn"]
    found = standing.client("wafv2", arn.split(":")[3]).get_logging_configuration(ResourceArn=arn)
    wanted, there = (
        sorted(standing["log_destination_configs"]),
        sorted(found["LoggingConfiguration"]["LogDestinationConfigs"]),
    )
    return Seen({"log_destination_configs": (wanted, there)})
