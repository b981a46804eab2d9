"""The edge: everything a visitor's request passes before it reaches a pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, model_validator

from seawall.components.alert import Alert
from seawall.components.alerting import balancers
from seawall.components.alerting.urgency import by_urgency
from seawall.components.component import Expandable
from seawall.components.edge import balancer, distribution, failover, maintenance, names
from seawall.components.edge.firewall import firewall, metric, web_acl
from seawall.components.edge.names import GLOBAL_REGION, Names, alias
from seawall.components.front import Front
from seawall.components.network import Network
from seawall.components.offer import Pods
from seawall.components.plot import Curve, Plot
from seawall.components.scope import Scope
from seawall.components.steps import fetch, logs, look, undo
from seawall.components.takeover.action import Action, Approval, Move, Question
from seawall.components.takeover.evidence import raised
from seawall.components.takeover.pages import when_lost
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.value import Ref, text
from seawall.model.fields import Duration, Frame, Line, UrlPath

ALIAS_TTL = 60
"""Seconds for which an alias to a load balancer or a distribution may be remembered; nobody can change it.

Source: Amazon Route 53 Developer Guide, "Choosing between alias and non-alias records", read 2026-11-21.
"""


class Check(Frame):
    """How Route 53 finds out whether the service behind the load balancer is well."""

    path: UrlPath = "/"
    expects: Annotated[Line, Field(max_length=255)] = ""
    """Text that the answer has to hold, so that a page served in the service's place does not count as well."""
    every: Duration = units.Duration(10)
    """How long a checker waits between two questions: 10 s or 30 s."""
    failures: Annotated[int, Field(ge=1, le=10)] = 3
    """Failures in a row after which the service counts as away."""

    @model_validator(mode="after")
    def _possible(self) -> Check:
        if self.every.seconds not in (10, 30):
            raise ValueError(f"Route 53 asks every 10 s or every 30 s, not every {self.every}")
        return self


class Cdn(Frame):
    """CloudFront before the load balancer."""

    static: tuple[UrlPath, ...] = ()
    """Paths that are the same for every visitor, such as /css/*."""
    static_for: Duration = units.Duration(86400)
    """How long static paths are kept unless the service says otherwise."""
    dynamic: tuple[UrlPath, ...] = ()
    """Paths that are never cached, even where they fit a static one."""
    price_class: Literal["100", "200", "all"] = "200"
    """Which of CloudFront's places serve: 100 North America and Europe, 200 most others too."""


class Firewall(Frame):
    """AWS WAF: core rules, known bad inputs, and a limit."""

    rate: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Requests that one address may send in five minutes."""
    reputation: bool = False
    """Whether addresses that AWS has seen attack others are refused; visitors who share one with them are, too."""


class Maintenance(Frame):
    """The page that visitors see while the platform is away."""

    contact: Line = ""
    """Whom the page names."""


class Edge(Expandable):
    """Names, certificates, load balancer, CloudFront, firewall, and what answers when the load balancer does not."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "edge"
    parts: ClassVar[tuple[str, ...]] = (names.PART,)

    kind: Literal["edge"]
    zone: Literal["new", "existing"] = "new"
    """Whether the domain's hosted zone is made here or already there."""
    cdn: Cdn | None = Cdn()
    """CloudFront before the load balancer; null puts the load balancer before the world."""
    firewall: Firewall | None = Firewall()
    health: Check = Check()
    maintenance: Maintenance = Maintenance()
    idle_timeout: Duration = units.Duration(60)
    """After how long a silent connection to the load balancer is closed; an application's own must be longer."""
    logs: Duration = units.Duration(90 * 86400)
    """How long access logs and the firewall's are kept."""
    protected: bool = True
    """Whether the load balancer, and logs and zone that hold something, refuse to be deleted."""

    # -- what others may know --------------------------------------------------------------------------------------

    def hosts(self, scope: Scope) -> list[Names]:
        """The names of every host that a component exposes, each host once, in the order of the description."""
        exposed: dict[str, Names] = {}
        for name, component in scope.platform.components.items():
            for host in cast(Expandable, component).exposes(scope.at(name)):
                exposed.setdefault(host, Names.of(scope, host))
        return list(exposed.values())

    def front(self, scope: Scope) -> Front:
        """What the services' Ingresses have to say."""
        behind = self.cdn is not None
        groups = balancer.groups(scope, behind_cdn=behind)
        called = balancer.name_of(scope)
        return Front(
            component=scope.name,
            of=scope.address("aws_lb", "main"),
            stack=scope.platform.stacks[scope.name],
            ingress_group=balancer.ingress_group(scope),
            load_balancer=called,
            group=groups[0],
            certificate=names.certificate(scope, "regional"),
            firewall=web_acl(scope, "load_balancer") if self.firewall is not None else None,
            ranges=scope.the(Network).tier_ranges("public"),
            tags=scope.tags(called),
            groups=tuple(groups),
            names={
                host.public: (host.origin, host.site) if behind else (host.public, host.site)
                for host in self.hosts(scope)
            },
            ports=(443,) if behind else (80, 443),
        )

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """What visitors feel: health as the world sees it, errors, slowness; and what the firewall refuses."""
        balanced = (("LoadBalancer", scope.ref("aws_lb", "main", "arn_suffix")),)
        target = "AWS/ApplicationELB"
        here, lb = f"--region {scope.region}", balancer.name_of(scope)
        served = self._served(scope)
        healthy = (
            f"Which targets are unwell, and why: `for group in $(aws elbv2 describe-target-groups {here} "
            f"--load-balancer-arn $(aws elbv2 describe-load-balancers --names {lb} {here} --query "
            "'LoadBalancers[0].LoadBalancerArn' --output text) --query 'TargetGroups[].TargetGroupArn' --output text); "
            f"do aws elbv2 describe-target-health --target-group-arn $group {here} --output table; done`."
        )
        looking = tuple(f"Its pods: {look(pods)}." for pods in served)
        taking_back = tuple(f"It began with a release: {undo(pods)}." for pods in served)
        reading = tuple(f"What they say: {logs(pods)}." for pods in served)
        yield Watch(
            "load-balancer-errors",
            "The load balancer itself answers 5xx: it finds no healthy target, or none in time. Look at the targets.",
            "HTTPCode_ELB_5XX_Count", target, balanced, "Sum", ">", 10, "notBreaching", critical=True,
            layer="load-balancer",
            first=(
                healthy,
                *looking,
                "504 among them means that pods take longer than the idle timeout: look at what they wait for, "
                "mostly the database, whose alarms then ring as well.",
                *taking_back,
            ),
        )  # fmt: skip
        yield Watch(
            "service-errors",
            "Services behind the load balancer answer 5xx. Look at the logs of the newest release first.",
            "HTTPCode_Target_5XX_Count", target, balanced, "Sum", ">", 10, "notBreaching", critical=True,
            layer="load-balancer",
            first=(
                *reading,
                *taking_back,
                "What the pods need may be away: look for an alarm of the database or the cache beside this one, and "
                "follow that.",
            ),
        )  # fmt: skip
        yield Watch(
            "slow-answers",
            "One answer in a hundred takes more than 2 s. Look at the database's load and at pods near their limits.",
            "TargetResponseTime", target, balanced, "p99", ">", 2, "notBreaching", bad=5, of=5,
            layer="load-balancer",
            first=(
                "Whether the database is what is slow: its alarms of processor, connections and disk.",
                *(f"Whether pods lack processor: `kubectl -n {pods.namespace} top pods`." for pods in served[:1]),
                "Which path is slow: the load balancer's log in its bucket, field target_processing_time, or traces "
                "of more than two seconds in X-Ray where the platform has them.",
                *taking_back,
            ),
        )  # fmt: skip
        yield Watch(
            "rejected-connections",
            "The load balancer turns connections away: it is at its own limit.",
            "RejectedConnectionCount", target, balanced, "Sum", ">", 0, "notBreaching", bad=1, of=1,
            layer="load-balancer",
            first=(
                "Whether it is an attack: `aws wafv2 get-sampled-requests` or the firewall's metrics, who asks most "
                "in the load balancer's log.",
                "How many connections there are: `aws cloudwatch get-metric-statistics --namespace "
                f"AWS/ApplicationELB --metric-name ActiveConnectionCount --statistics Sum --period 60 {here} "
                f"--dimensions Name=LoadBalancer,Value=$(aws elbv2 describe-load-balancers --names {lb} {here} "
                "--query 'LoadBalancers[0].LoadBalancerArn' --output text | cut -d/ -f2-) --start-time $(date -u -d "
                "'1 hour ago' +%FT%TZ) --end-time $(date -u +%FT%TZ)`.",
                "It grows by itself within minutes. If it does not, or before an expected rush: ask AWS to make it "
                f"ready (`aws elbv2 modify-capacity-reservation {here} --load-balancer-arn ARN "
                "--minimum-load-balancer-capacity CapacityUnits=N`).",
            ),
        )  # fmt: skip
        yield Watch(
            "refused-connections",
            "Pods refuse connections of the load balancer, or do not answer in time: they are full, or just gone.",
            "TargetConnectionErrorCount", target, balanced, "Sum", ">", 10, "notBreaching",
            layer="load-balancer",
            first=(
                *looking,
                *(f"Whether there may be more of them: `kubectl -n {pods.namespace} get hpa`." for pods in served[:1]),
                healthy,
                "Nothing is full, and pods come and go: what ends leaves its target group too late. Look at "
                "`preStop` and the deregistration delay of the newest release.",
                *taking_back,
            ),
        )  # fmt: skip
        # The controller makes the target groups, under names that nobody knows before; all of them are asked at once.
        yield Watch(
            "unhealthy-targets",
            "Pods behind the load balancer do not answer its health check well. Look at their readiness, then at them.",
            "UnHealthyHostCount", target, balanced, "Maximum", ">", 0, "notBreaching", bad=5, of=5,
            query=text(
                'SELECT MAX(UnHealthyHostCount) FROM SCHEMA("AWS/ApplicationELB", LoadBalancer, TargetGroup) '
                "WHERE LoadBalancer = '", scope.ref("aws_lb", "main", "arn_suffix"), "'",
            ),
            layer="load-balancer",
            first=(healthy, *looking, *reading, *taking_back),
        )  # fmt: skip
        yield Watch(
            "certificate-expiry",
            "The load balancer's certificate ends within 30 days: ACM could not renew it. Is its record still there?",
            "DaysToExpiry", "AWS/CertificateManager",
            (("CertificateArn", scope.ref("aws_acm_certificate", "regional", "arn", stack=scope.stack(names.PART))),),
            "Minimum", "<", 30, "ignore", period=86400, bad=1, of=1,
            layer="load-balancer",
            first=(
                f"What ACM waits for: `aws acm describe-certificate {here} --certificate-arn ARN --query "
                "'Certificate.[RenewalSummary,DomainValidationOptions]'`; the ARN is in `aws acm list-certificates`.",
                "Whether its record is there: `dig +short CNAME NAME` of the ResourceRecord above, asked from "
                "outside.",
                "Not there: apply the edge's stack, which makes it. There, and the domain is not delegated to us: "
                f"compare `dig +short NS {scope.platform.domain}` with the zone's name servers.",
            ),
        )  # fmt: skip
        for host in self.hosts(scope):
            yield Watch(
                f"{host.identifier.replace('_', '-')}-health",
                f"{host.public} does not answer well from outside; DNS is failing over to {self._next(scope, host)}.",
                "HealthCheckStatus", "AWS/Route53",
                (("HealthCheckId", scope.ref("aws_route53_health_check", host.identifier, "id")),),
                "Minimum", "<", 1, "breaching", bad=1, of=1, critical=True, region=GLOBAL_REGION,
                layer="health",
                first=(
                    "What each checker got: `aws route53 get-health-check-status --health-check-id $(aws route53 "
                    "list-health-checks --query "
                    f"\"HealthChecks[?HealthCheckConfig.FullyQualifiedDomainName=='{host.site}'].Id\" --output text)`.",
                    healthy,
                    *looking,
                    *(f"What a pod itself answers: {fetch(pods, self.health.path)}." for pods in served),
                    f"Where visitors are led meanwhile: `dig +short {host.public}` and `curl -sSI "
                    f"https://{host.public}/`.",
                    "The region itself is ill (https://health.aws.amazon.com): leave it so; "
                    f"{self._next(scope, host)} answers. "
                    + ((scope.is_home and when_lost(scope))
                       or "Recovery of what is written is in the platform's README."),
                ),
            )  # fmt: skip
            if self.cdn is not None and scope.is_home:
                yield Watch(
                    f"{host.identifier.replace('_', '-')}-errors",
                    f"More than one request in twenty to {host.public} ends in 5xx, as CloudFront counts them.",
                    "5xxErrorRate", "AWS/CloudFront",
                    (
                        ("DistributionId", scope.ref("aws_cloudfront_distribution", host.identifier, "id")),
                        ("Region", "Global"),
                    ),
                    "Average", ">", 5, "notBreaching", critical=True, region=GLOBAL_REGION,
                    layer="health",
                    first=(
                        f"What visitors get: `curl -sSI https://{host.public}/`, the headers x-cache and x-amz-cf-id.",
                        "Whether it is CloudFront or behind it: an alarm of the load balancer's 5xx is up as well if "
                        "it is behind; otherwise it cannot reach the load balancer, whose certificate or security "
                        "group has changed.",
                        "Which path: the distribution's log in its bucket, fields sc-status and cs-uri-stem.",
                        *taking_back,
                    ),
                )  # fmt: skip
        if self.firewall is not None and scope.is_home:
            outer = "cdn" if self.cdn is not None else "load_balancer"
            called = metric(scope, cast(Literal["cdn", "load_balancer"], outer))
            dimensions = (("WebACL", called), ("Rule", "ALL"))
            yield Watch(
                "refused-requests",
                "The firewall refuses more than 1,000 requests in five minutes: an attack, or a rule that is wrong.",
                "BlockedRequests", "AWS/WAFV2",
                dimensions if outer == "cdn" else (*dimensions, ("Region", scope.region)),
                "Sum", ">", 1000, "notBreaching", period=300, bad=1, of=1,
                region=GLOBAL_REGION if outer == "cdn" else "",
                first=(
                    f"Which rule refuses whom: `aws logs tail aws-waf-logs-{called} --since 10m "
                    f"--region {GLOBAL_REGION if outer == 'cdn' else scope.region}`.",
                    "One address or a few: an attack, and the firewall does its work; nothing is to be done.",
                    "Many addresses, one rule, paths of ours: the rule is wrong. Lay it over with `count` in the "
                    "description and apply; until then `aws wafv2 get-web-acl` and its override in the console.",
                ),
            )  # fmt: skip

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How much is asked and answered, and how well the world finds each host."""
        balanced = (("LoadBalancer", scope.ref("aws_lb", "main", "arn_suffix")),)
        space = "AWS/ApplicationELB"
        answers = tuple(
            Curve(f"HTTPCode_Target_{kind}XX_Count", space, balanced, label=f"{kind}xx") for kind in (2, 3, 4, 5)
        )
        yield Plot("requests", (Curve("RequestCount", space, balanced),), "load-balancer")
        yield Plot("answers of services", answers, "load-balancer")
        yield Plot(
            "connections",
            (
                Curve("ActiveConnectionCount", space, balanced, label="open"),
                Curve("NewConnectionCount", space, balanced, label="new"),
                Curve("TargetConnectionErrorCount", space, balanced, label="refused by targets"),
            ),
            "load-balancer",
        )
        checks = tuple(
            Curve(
                "HealthCheckPercentageHealthy",
                "AWS/Route53",
                (("HealthCheckId", scope.ref("aws_route53_health_check", host.identifier, "id")),),
                "Average",
                host.site,
            )
            for host in self.hosts(scope)
        )
        if checks:
            yield Plot("checkers that get an answer, %", checks, "health", region=GLOBAL_REGION)

    def _served(self, scope: Scope) -> tuple[Pods, ...]:
        """The pods that it leads visitors to."""
        components = ((scope.at(name), cast(Expandable, one)) for name, one in scope.platform.components.items())
        found = (one.pods(at) for at, one in components if one.exposes(at))
        return tuple(pods for pods in found if pods is not None)

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of targets, of health as the world sees it, and of certificates."""
        called = balancer.name_of(scope)
        behind = by_urgency(scope, [pods.namespace for pods in self._served(scope)])
        yield from balancers.alerts(
            load_balancer=called,
            urgent=behind.get(True, ()),
            others=behind.get(False, ()),
            health_checks=bool(self.hosts(scope)),
        )

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """Names lead to the site and stay there, though home answers again, until they are let go.

        They fail over by themselves when home's health check does, and would go back by themselves as well, to stores
        that only read. A check that is neither carried out nor right side up is never well.
        """
        if scope.is_home:
            return
        theirs = self._home(scope)
        here = {host.public for host in self.hosts(scope)}
        hosts = [host for host in theirs.hosts(scope.home) if host.public in here]
        ill = tuple(f"{host.identifier.replace('_', '-')}-health" for host in hosts)
        evidence = raised(scope.home, theirs.watches(scope.home), ill) if move == "failover" else ()
        if hosts:
            says = f"{', '.join(host.public for host in hosts)} will be answered in "
            says += f"{scope.home.region if move == 'failback' else scope.region} alone."
            yield Action("names", says, "ask", scope.region, approval=Approval(says, evidence))
        for host in hosts:
            yield _held(scope, host, back=move == "failback")
        if move != "failback":
            yield from self._answering(scope, hosts)

    def _answering(self, scope: Scope, hosts: list[Names]) -> Iterator[Action]:
        """That the pods behind the site's load balancer are well, as its alarm says; none where it has no alarms."""
        for question in raised(scope, self.watches(scope), ("unhealthy-targets",), is_raised=False, within=900):
            yield Action(
                f"{scope.name}-answers",
                f"See that what {', '.join(host.public for host in hosts)} leads to in {scope.region} is well.",
                "check",
                scope.region,
                after=question,
            )

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Zone, certificates, load balancer, firewall, distributions, records and health checks."""
        behind = self.cdn is not None
        zone = names.zone_id(scope, self._home(scope).zone)
        hosts = self.hosts(scope)
        if scope.is_home:
            yield names.zone(scope, self.zone, protected=self.protected)
        yield from names.certificates(scope, zone)
        yield from balancer.security_groups(scope, behind_cdn=behind)
        yield from balancer.load_balancer(
            scope,
            behind_cdn=behind,
            protected=self.protected,
            idle_timeout=self.idle_timeout,
            logs_kept=self.logs,
        )
        yield from self._firewalls(scope)
        if hosts and scope.is_home:
            yield from self._distributions(scope, hosts)
        for host in hosts:
            yield from self._records(scope, zone, host)

    def _home(self, scope: Scope) -> Edge:
        """The edge at home, which has what there is one of: zone, distributions, page."""
        return scope.home.the(Edge)

    def _next(self, scope: Scope, host: Names) -> str:
        order = failover.places(scope, host.public)
        after = order.index(scope.platform.site or scope.name) + 1
        return order[after] if after < len(order) else "the maintenance page"

    def _firewalls(self, scope: Scope) -> Iterator[Resource]:
        if self.firewall is None:
            return
        rate, known = self.firewall.rate, self.firewall.reputation
        # The load balancer has one of its own even behind CloudFront: CloudFront's addresses are every customer's, so
        # somebody else's distribution could come past ours. There the limit would count CloudFront, not visitors.
        if self.cdn is not None:
            yield from firewall(scope, "load_balancer", rate=None, reputation=False, logs_kept=self.logs)
        else:
            yield from firewall(scope, "load_balancer", rate=rate, reputation=known, logs_kept=self.logs)
        association = {
            "resource_arn": scope.ref("aws_lb", "main", "arn"),
            "web_acl_arn": web_acl(scope, "load_balancer"),
        }
        yield scope.aws("aws_wafv2_web_acl_association", "load_balancer", association)
        if scope.is_home:
            yield from firewall(scope, "cdn", rate=rate, reputation=known, logs_kept=self.logs)

    def _distributions(self, scope: Scope, hosts: list[Names]) -> Iterator[Resource | Demand]:
        acl = web_acl(scope, "cdn") if self.firewall is not None else None
        price_class = _PRICE_CLASSES[self.cdn.price_class if self.cdn is not None else "200"]
        serving = [host.identifier for host in hosts] if self.cdn is not None else []
        readers = [scope.ref("aws_cloudfront_distribution", name, "arn") for name in (*serving, "maintenance")]
        yield from distribution.logs(scope, self.logs, protected=self.protected)
        yield from maintenance.content(scope, self.maintenance.contact, readers=readers)
        if elsewhere := maintenance.kept_elsewhere(scope):
            yield from maintenance.function(scope, elsewhere)
        else:
            yield from maintenance.refusal(scope, self.maintenance.contact)
        failing = [host.origin if self.cdn is not None else host.public for host in hosts]
        yield distribution.headers(scope)
        yield distribution.fallback(scope, failing, price_class=price_class, web_acl=acl)
        if self.cdn is None:
            return
        if self.cdn.static:
            yield distribution.static_cache(scope, self.cdn.static_for)
        yield from distribution.bucket_access(scope)
        for host in hosts:
            yield distribution.distribution(
                scope,
                host,
                dynamic=self.cdn.dynamic,
                static=self.cdn.static,
                price_class=price_class,
                web_acl=acl,
            )

    def _records(self, scope: Scope, zone: Ref, host: Names) -> Iterator[Resource]:
        balanced = (scope.ref("aws_lb", "main", "dns_name"), scope.ref("aws_lb", "main", "zone_id"))
        checked: dict[str, Any] = {
            "type": "HTTPS_STR_MATCH" if self.health.expects else "HTTPS",
            "fqdn": host.site,
            "port": 443,
            "resource_path": self.health.path,
            "search_string": self.health.expects or None,
            "request_interval": round(self.health.every.seconds),
            "failure_threshold": self.health.failures,
            "enable_sni": True,
        }
        # Who takes over turns home's check round, which is not to be undone in passing.
        lifecycle = {"ignore_changes": ["disabled", "invert_healthcheck"]} if scope.is_home and scope.sites else None
        yield scope.aws("aws_route53_health_check", host.identifier, checked, lifecycle=lifecycle, called=host.site)
        yield scope.aws(
            "aws_route53_record", f"{host.identifier}_site", alias(zone, host.site, *balanced, healthy=True)
        )
        primary = {
            **alias(zone, host.public, *balanced, healthy=True),
            "health_check_id": scope.ref("aws_route53_health_check", host.identifier, "id"),
        }
        yield from failover.records(
            scope,
            zone,
            host,
            primary,
            place=scope.platform.site or scope.name,
            behind_cdn=self.cdn is not None,
            page=_answered_by(scope.home, "maintenance"),
        )
        if self.cdn is not None and scope.is_home:
            for type, suffix in (("A", ""), ("AAAA", "_ipv6")):
                body = alias(zone, host.public, *_answered_by(scope, host.identifier), type=type, healthy=False)
                yield scope.aws("aws_route53_record", f"{host.identifier}{suffix}", body)


def _held(scope: Scope, host: Names, *, back: bool) -> Action:
    """Hold the names of a host away from home by its health check, or let them go."""
    check = scope.home.ref("aws_route53_health_check", host.identifier, "id")
    on = (text("arn:aws:route53:::healthcheck/", check),)
    says = f"{host.public} is held away from {scope.home.region}" if not back else f"{host.public} is let go"

    def held(within: int) -> Question:
        return Question(
            says, "route53", "get_health_check", {"HealthCheckId": check}, scope.region,
            "HealthCheck.HealthCheckConfig.Inverted", (not back,), on, every=10, within=within,
        )  # fmt: skip

    return Action(
        f"{host.identifier.replace('_', '-')}-{'let-go' if back else 'hold'}",
        f"Let {host.public} lead to {scope.home.region} again as soon as it answers."
        if back
        else f"Hold {host.public} away from {scope.home.region}: its health check is no longer carried out, and "
        "turned round, so that it is never well.",
        "open" if back else "close",
        scope.region,
        "route53",
        "update_health_check",
        {"HealthCheckId": check, "Disabled": not back, "Inverted": not back},
        on,
        already=held(0),
        after=held(60),
        tolerated=""
        if back
        else f"Route 53 is changed in us-east-1. The names have left {scope.home.region} by themselves, and would go "
        "back as soon as it answers: repeat this step before it does.",
    )


_PRICE_CLASSES = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}


def _answered_by(scope: Scope, name: str) -> tuple[Ref, Ref]:
    at = scope.address("aws_cloudfront_distribution", name)
    return Ref(at, "domain_name"), Ref(at, "hosted_zone_id")
