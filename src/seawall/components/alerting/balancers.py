"""What visitors arrive through: targets of the load balancer, health as the world sees it, certificates."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert
from seawall.components.alerting import cloudwatch
from seawall.components.alerting.promql import series
from seawall.components.alerting.urgency import where

_BALANCED = "aws_applicationelb_un_healthy_host_count_maximum"


def alerts(
    *, load_balancer: str, urgent: tuple[str, ...], others: tuple[str, ...], health_checks: bool
) -> Iterator[Alert]:
    """What is worth an alert of the load balancer of that name, and of the health checks of its hosts.

    ``urgent`` and ``others`` are the namespaces of the pods behind it.
    """
    if not others:
        yield _unhealthy(load_balancer, (), "")
    else:
        yield from (
            _unhealthy(load_balancer, each, end) for each, end in ((urgent, ""), (others, where(others))) if each
        )
    if health_checks:
        yield _health()
    yield _certificates()


def _unhealthy(load_balancer: str, namespaces: tuple[str, ...], place: str) -> Alert:
    # A load balancer is known by app/NAME/ID, of which AWS chooses the last part.
    ours = f'dimension_LoadBalancer=~"app/{load_balancer}/.+"'
    if namespaces:
        ours += f',dimension_TargetGroup=~"targetgroup/k8s-({"|".join(map(_shortened, namespaces))})-.+"'
    unhealthy = cloudwatch.selected("AWS/ApplicationELB", "UnHealthyHostCount", "Maximum", ours)
    namespace = _shortened(namespaces[0]) if namespaces else "shop"
    group = {"dimension_TargetGroup": f"targetgroup/k8s-{namespace}-web-1a2b/9c8d"}
    here = {"dimension_LoadBalancer": f"app/{load_balancer}/50dc6c495c0c9188", **group}
    there = {"dimension_LoadBalancer": "app/somebody-elses/70ab6c495c0c9188", **group}
    return Alert(
        name=f"ALBUnhealthyTarget{place}",
        severity="warning" if place else "critical",
        # Three times in a row, not three at once: of two pods there would never be three.  CloudWatch is asked every
        # five minutes, so three times are ten minutes.
        expr=f"max by (dimension_TargetGroup) ({unhealthy}) > 0",
        lasts=600,
        says="{{ $value | printf `%.0f` }} pods of {{ $labels.dimension_TargetGroup }} do not answer the load "
        "balancer's health check, three times in a row; visitors are served by the others.",
        first=(
            "Which service: the target group's name holds namespace and service; its targets, `aws elbv2 "
            "describe-target-health --target-group-arn ARN`, `Reason` and `Description`.",
            "`Target.ResponseCodeMismatch`: the pod answers that it is not well; what it says: `kubectl logs -n "
            "NAMESPACE POD`. Its stores' alerts come first.",
            "`Target.Timeout`: it does not answer in time, or its port is closed to the load balancer's subnets by a "
            "NetworkPolicy or security group that was changed.",
            "All targets of all groups: the load balancer answers 503 and DNS fails over; see "
            "Route53HealthCheckFailed.",
        ),
        fires=(series(_BALANCED, "0x5 1x40", here),),
        # One that comes up, and another load balancer's.
        quiet=(series(_BALANCED, "0x5 1x4 0x40", here), series(_BALANCED, "1x60", there)),
    )


def _shortened(namespace: str) -> str:
    """A namespace as it stands in the name of a target group: its first eight letters and digits.

    Source: pkg/ingress/model_build_target_group.go of kubernetes-sigs/aws-load-balancer-controller.
    """
    return "".join(letter for letter in namespace if letter.isalnum())[:8]


def _health() -> Alert:
    checked = cloudwatch.selected("AWS/Route53", "HealthCheckStatus", "Minimum")
    metric = checked.partition("{")[0]
    one = {"dimension_HealthCheckId": "0a1b2c3d", "tag_Name": "www.shop.example", "region": "us-east-1"}
    return Alert(
        name="Route53HealthCheckFailed",
        severity="warning",
        expr=f"min by (tag_Name, dimension_HealthCheckId) ({checked}) < 1",
        lasts=0,
        says="{{ $labels.tag_Name }} fails as seen from outside: DNS leads visitors on to what stands in.",
        first=(
            "Which host and why: `aws route53 get-health-check-status --health-check-id ID`, what each checker saw.",
            "Whether it answers you: `curl -sSi https://HOST/PATH` with the path of `edge.health`; 503 is the load "
            "balancer without healthy targets, see ALBUnhealthyTarget.",
            "It answers 200 and the check fails: the answer does not hold what `edge.health.expects` says.",
            "Nothing answers: the certificate, the firewall's rules, or the load balancer itself; `aws elbv2 "
            "describe-load-balancers`.",
            "It is well again: DNS goes back by itself within its time to live.",
        ),
        fires=(series(metric, "1x5 0x40", one),),
        # Nobody has told anything: that is no failure.
        quiet=(series(metric, "1x5 stale", one),),
    )


def _certificates() -> Alert:
    left = cloudwatch.selected("AWS/CertificateManager", "DaysToExpiry", "Minimum")
    metric = left.partition("{")[0]
    one = {"dimension_CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1a2b"}
    return Alert(
        name="CertificateEnds",
        severity="warning",
        # ACM renews 60 days before the end.
        expr=f"min by (dimension_CertificateArn) ({left}) < 30",
        lasts=3600,
        says="The certificate {{ $labels.dimension_CertificateArn }} ends in {{ $value | printf `%.0f` }} days, and "
        "ACM has not renewed it.",
        first=(
            "What ACM waits for: `aws acm describe-certificate --certificate-arn ARN`, `RenewalSummary`.",
            "Its record for validation is gone: apply the platform again, which writes it.",
            "The zone is no longer asked: `dig NS DOMAIN` must name the zone's servers; the registrar keeps them.",
        ),
        fires=(series(metric, "20x200", one),),
        quiet=(series(metric, "60x200", one),),
        after=120,
    )
