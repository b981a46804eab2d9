"""What CloudWatch is asked for: what the platform has, and nobody else's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import descriptions
from seawall.components.addons import yace
from seawall.components.expand import expand
from seawall.components.scope import Scope

SHOP = descriptions.FRAME.replace('version: "1.36"', 'version: "1.36"\n  addons: [prometheus]') + (
    "edge: {}\ncomponents:\n"
    "  orders: {kind: database, engine: mysql, class: db.t4g.small}\n"
    "  shop: {kind: service, image: shop, framework: nginx, needs: [orders], scale: {replicas: 2..4},\n"
    "    expose: {host: www.shop.example}}\n"
)


def _jobs(text: str) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    platform = descriptions.platform(text)
    found = yace.jobs(Scope(platform, "cluster", platform.region))
    return {(job["type"], region): job for job in found for region in job["regions"]}


def test_namespaces_follow_from_what_there_is() -> None:
    """A database brings RDS, hosts bring the load balancer and, where AWS keeps it, Route 53; without a cache none."""
    found = set(_jobs(SHOP))
    assert {("AWS/RDS", "ap-northeast-2"), ("AWS/ApplicationELB", "ap-northeast-2")} <= found
    assert ("AWS/Route53", "us-east-1") in found
    assert not any(namespace == "AWS/ElastiCache" for namespace, _ in found)


def test_only_the_platforms_own_is_asked_for() -> None:
    """Another platform of the account, or another environment, would be told of under the same names."""
    for job in _jobs(SHOP).values():
        tags = {tag["key"]: tag["value"] for tag in job["searchTags"]}
        assert re.search(tags["platform"], "shop")
        assert not re.search(tags["platform"], "workshop")
        assert not re.search(tags["environment"], "production-2")


def test_what_is_watched_is_exported() -> None:
    """Each metric that a component says is worth an alarm, with the statistic that it is judged by."""
    platform = descriptions.platform(SHOP)
    scope = Scope(platform, "orders", platform.region)
    metrics = {each["name"]: each for each in _jobs(SHOP)["AWS/RDS", "ap-northeast-2"]["metrics"]}
    watches = [watch for watch in scope.component("orders").watches(scope) if watch.namespace == "AWS/RDS"]
    assert watches
    for watch in watches:
        assert watch.statistic in metrics[watch.metric]["statistics"]


def test_no_minute_is_left_out() -> None:
    """What one answer stands for is at least as long as the pause until the next one."""
    for job in _jobs(SHOP).values():
        for metric in job["metrics"]:
            assert metric["period"] >= yace.EVERY
            assert metric["length"] >= metric["period"]
            assert metric["statistics"]


def test_it_may_read_in_the_regions_that_it_asks() -> None:
    """It changes nothing, and reads nothing elsewhere."""
    found = expand(descriptions.platform(SHOP))
    statements = descriptions.named(found, "aws_iam_role_policy", "yace").body["policy"]["Statement"]
    for statement in statements:
        assert all(re.fullmatch(r"(tag|cloudwatch):(Get|List)\w+", action) for action in statement["Action"])
    body = descriptions.named(found, "argoproj.io/v1alpha1/Application", "yace").body
    asked = json.loads(body["spec"]["source"]["helm"]["valuesObject"]["config"])["discovery"]["jobs"]
    regions = {region for job in asked for region in job["regions"]}
    for statement in statements:
        assert set(statement["Condition"]["StringEquals"]["aws:RequestedRegion"]) == regions


def test_it_asks_for_what_the_agent_tells_of_copies() -> None:
    """Copies in another cloud are told of under a namespace of our own: asked for by name, and as long as a day."""
    recovery = "components: {db: {kind: database, engine: mysql, class: db.m7g.large}}\n"
    recovery += "recovery: {site: {azure: koreacentral}, strategy: copies, needs: [db]}\n"
    platform = descriptions.platform(descriptions.FRAME + recovery)
    scope = Scope(platform, "cluster", platform.region)
    (job,) = yace.own(scope)
    assert (job["namespace"], job["dimensionNameRequirements"]) == ("Seawall/Recovery", ["Component", "Platform"])
    assert {"BackupSize", "BackupVerified"} <= {metric["name"] for metric in job["metrics"]}
    assert all(metric["length"] >= 86_400 for metric in job["metrics"])
    assert yace.own(Scope(descriptions.platform(descriptions.FRAME), "cluster", "ap-northeast-2")) == []
