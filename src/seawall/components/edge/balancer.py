"""The load balancer: made by Terraform, adopted and filled by the AWS Load Balancer Controller."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from seawall.components.buckets import LOG_VERSIONS, bucket
from seawall.components.network import Network
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, text

LONGEST_NAME = 32
_CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"


def name_of(scope: Scope) -> str:
    """Its name, of at most 32 characters: the platform's and environment's, cut short with a hash where it must be."""
    if len(scope.title) <= LONGEST_NAME:
        return scope.title
    digest = hashlib.sha256(scope.title.encode()).hexdigest()[:7]
    return f"{scope.title[: LONGEST_NAME - 8].rstrip('-')}-{digest}"


def ownership(scope: Scope) -> dict[str, str]:
    """The tags by which the controller of this cluster takes the load balancer for its own."""
    return {
        "elbv2.k8s.aws/cluster": scope.cluster_name,
        "ingress.k8s.aws/stack": ingress_group(scope),
        "ingress.k8s.aws/resource": "LoadBalancer",
    }


def ingress_group(scope: Scope) -> str:
    """The group whose Ingresses share the load balancer."""
    return scope.platform.name


def groups(scope: Scope, *, behind_cdn: bool) -> list[Ref]:
    """The ids of the security groups that it carries; the first is the one that pods let in."""
    names = ("load_balancer", "health_checks") if behind_cdn else ("load_balancer",)
    return [scope.ref("aws_security_group", name, "id") for name in names]


def security_groups(scope: Scope, *, behind_cdn: bool) -> Iterator[Resource]:
    """Who may speak to it: CloudFront and Route 53's health checkers, or the world where no CloudFront stands before.

    Out it may go nowhere until a service is exposed, whose pods' port is then opened.
    """
    vpc = scope.the(Network).vpc(scope)
    purposes = {"load_balancer": "Carried by the load balancer: visitors in, exposed pods out"}
    if behind_cdn:
        # An AWS prefix list counts in full against a group's 60 rules: CloudFront's is 55, the checkers' 25.
        purposes["health_checks"] = "Carried by the load balancer: Route 53's health checkers in"
    for name, purpose in purposes.items():
        called = f"{scope.title}-{name.replace('_', '-')}"
        body = {"name": called, "description": purpose, "vpc_id": vpc}
        yield scope.aws("aws_security_group", name, body)
    if not behind_cdn:
        for port, why in ((443, "HTTPS from anywhere"), (80, "HTTP from anywhere, only to be sent to HTTPS")):
            rule = {**_tcp(port, why), "security_group_id": groups(scope, behind_cdn=False)[0]}
            yield scope.aws("aws_vpc_security_group_ingress_rule", f"from_anywhere_{port}", rule | _ANYWHERE)
        return
    lists = {
        "load_balancer": ("cloudfront", _CLOUDFRONT, "HTTPS from CloudFront"),
        "health_checks": (
            "health_checkers",
            f"com.amazonaws.{scope.region}.route53-healthchecks",
            "HTTPS from Route 53's health checkers",
        ),
    }
    for group, (name, called, why) in lists.items():
        yield scope.lookup("aws_ec2_managed_prefix_list", name, {"name": called})
        rule = {
            **_tcp(443, why),
            "security_group_id": scope.ref("aws_security_group", group, "id"),
            "prefix_list_id": scope.ref("data.aws_ec2_managed_prefix_list", name, "id"),
        }
        yield scope.aws("aws_vpc_security_group_ingress_rule", f"from_{name}", rule)


_ANYWHERE = {"cidr_ipv4": "0.0.0.0/0"}


def _tcp(port: int, why: str) -> dict[str, object]:
    return {"description": why, "ip_protocol": "tcp", "from_port": port, "to_port": port}


def load_balancer(
    scope: Scope, *, behind_cdn: bool, protected: bool, idle_timeout: Duration, logs_kept: Duration
) -> Iterator[Resource | Demand]:
    """The load balancer and the bucket of its access log; listeners and target groups are the controller's."""
    yield scope.lookup("aws_caller_identity", scope.identifier, {})
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    # Any load balancer of this account and region may write, and none of anybody else's.
    writing = {
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": text(scope.ref("aws_s3_bucket", "load_balancer_logs", "arn"), "/AWSLogs/", account, "/*"),
        "Condition": {
            "ArnLike": {
                "aws:SourceArn": text(f"arn:aws:elasticloadbalancing:{scope.region}:", account, ":loadbalancer/*"),
            },
        },
    }
    yield from bucket(
        scope,
        "load_balancer_logs",
        purpose="load-balancer-logs",
        statements=[writing],
        expires_after=round(logs_kept.days),
        versions=LOG_VERSIONS,
        emptied=not protected,
    )
    called = name_of(scope)
    body = {
        "name": called,
        "load_balancer_type": "application",
        "internal": False,
        "subnets": scope.the(Network).subnet_ids(scope, "public"),
        "security_groups": groups(scope, behind_cdn=behind_cdn),
        "drop_invalid_header_fields": True,
        "desync_mitigation_mode": "defensive",
        "enable_deletion_protection": protected,
        "idle_timeout": round(idle_timeout.seconds),
        "access_logs": [{"bucket": scope.ref("aws_s3_bucket", "load_balancer_logs", "id"), "enabled": True}],
        "tags": ownership(scope),
    }
    allowed = scope.address("aws_s3_bucket_policy", "load_balancer_logs")
    yield scope.aws("aws_lb", "main", body, depends_on=[allowed], called=called)
