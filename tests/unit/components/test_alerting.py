"""What components say is worth an alert: that each alert means what it says, and is about its own series alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import descriptions
import promtool
from seawall.components.alert import Alert, Series
from seawall.components.alerting import cloudwatch
from seawall.components.component import Expandable
from seawall.components.scope import Scope
from seawall.model.platform import Platform

PLATFORM = """
edge: {}
monitoring: {}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small, name: orders, storage: 20 GiB}
  sessions: {kind: cache}
  api:
    kind: service
    image: api
    framework: spring
    needs: [orders, sessions]
    scale: {replicas: 2..10, cpu: 70 %}
    session: {timeout: 30 min}
    release: {canary: [10, 50], pause: 30 s}
    expose: {host: www.shop.example, paths: [/api]}
  pages: {kind: service, image: pages, framework: nginx, expose: {host: www.shop.example}}
"""
TWO = """
edge: {}
monitoring: {}
components:
  live-cache: {kind: cache, place: managed, class: cache.t4g.small, replicas: 1}
  try-cache: {kind: cache, place: managed, class: cache.t4g.small, replicas: 0}
  ledger: {kind: aurora, serverless: {min: 0, max: 4}}
  live: &service
    kind: service
    namespace: live
    image: shop
    needs: [live-cache, ledger]
    metrics: {exporter: http, exports: {redis_queue_length: [queue]}}
    expose: {host: www.shop.example, paths: [/]}
  try:
    <<: *service
    namespace: try
    needs: [try-cache]
    expose: {host: try.shop.example, paths: [/]}
  packer:
    kind: worker
    namespace: live
    image: packer
    needs: [live-cache]
    queue: {from: live-cache, list: parcels}
    scale: {replicas: 0..5}
    metrics: {port: 9100, histograms: {packing_duration_seconds: []}}
"""
NAMESPACES = "  namespaces: {live: {priority: 1000}, try: {priority: 10}}\nenvironments:"


def _platform(text: str) -> Platform:
    frame = descriptions.FRAME.replace("environments:", NAMESPACES) if "namespace: live" in text else descriptions.FRAME
    return descriptions.platform(frame + text)


def _alerts(platform: Platform) -> Iterator[Alert]:
    for name, component in platform.components.items():
        assert isinstance(component, Expandable)
        if component.kind != "monitoring":
            yield from component.alerts(Scope(platform, name, platform.region))


def _of(text: str) -> dict[str, Alert]:
    found = list(_alerts(_platform(text)))
    assert len({alert.name for alert in found}) == len(found)
    return {alert.name: alert for alert in found}


@pytest.mark.needs("promtool")
@pytest.mark.parametrize("text", [PLATFORM, TWO], ids=["one namespace", "two namespaces"])
def test_each_alert_fires_and_keeps_quiet(text: str, tmp_path: Path) -> None:
    """Under the series that an alert gives for it it is raised, and under those that look alike it is not."""
    for alert in _of(text).values():
        promtool.fires_and_keeps_quiet(tmp_path, alert)


def test_what_documents_name_is_there() -> None:
    """A platform with a database, a cache, an edge and a release has an alert for each of their troubles."""
    wanted = {
        "RDSDown", "ALBUnhealthyTarget", "HighRequestRate", "SlowResponse", "RedisDown", "SessionLeakage",
        "Route53HealthCheckFailed", "CanaryRollbackDetected",
    }  # fmt: skip
    assert wanted <= set(_of(PLATFORM))
    assert {"AuroraHighCPU", "ApiErrorRate", "QueueTooLong"} <= set(_of(TWO))


def test_nobody_is_woken_for_a_namespace_that_goes_last() -> None:
    """What is critical asks for no series of a namespace whose pods make way for others."""
    found = _of(TWO)
    assert found["ApiErrorRate"].severity == "critical"
    assert found["ApiErrorRateInTry"].severity == "warning"
    assert found["ALBUnhealthyTargetInTry"].severity == "warning"
    assert found["CacheNodeDownInTry"].severity == "warning"
    for alert in found.values():
        if alert.severity == "critical":
            assert "try" not in alert.expr


def test_an_error_rate_is_a_share_of_requests() -> None:
    """Five in a hundred, whatever their number a second; a rate alone would be read as one."""
    expr = _of(TWO)["ApiErrorRate"].expr
    assert expr.count("/ sum by (namespace, job)") == 1
    assert expr.endswith(" > 5")


@pytest.mark.needs("promtool")
def test_one_failed_request_at_night_is_no_share(tmp_path: Path) -> None:
    """One of two requests in five minutes is half of them, and no reason to wake anybody."""
    alert = _of(TWO)["ApiErrorRate"]
    labels = 'namespace="live",job="live",pod="live-1",handler="/"'
    served = (
        Series(f'http_requests_total{{{labels},status="500"}}', "0x9 1x30"),
        Series(f'http_requests_total{{{labels},status="200"}}', "0x9 1x30"),
    )
    promtool.values(tmp_path, f"count({alert.expr}) or vector(0)", served, 11, [0])


@pytest.mark.needs("promtool")
def test_a_database_is_away_if_pods_say_so_or_aws_is_silent_and_not_if_the_exporter_is(tmp_path: Path) -> None:
    """What is not heard of is away only while somebody listens."""
    expr = f"count({_of(PLATFORM)['RDSDown'].expr}) or vector(0)"
    told = Series(
        'aws_rds_database_connections_average{dimension_DBInstanceIdentifier="shop-production-orders"}', "5x9"
    )
    pool = 'hikaricp_connections{namespace="shop",job="api",pod="api-1",pool="HikariPool-1"}'
    asked = Series(f'{cloudwatch.ASKING}{{api_name="GetMetricData"}}', "0+10x60")
    refused = Series(f'{cloudwatch.FAILING}{{api_name="GetMetricData"}}', "0+5x60")
    promtool.values(tmp_path, expr, [told, asked, Series(pool, "5x60")], 30, [1])
    promtool.values(tmp_path, expr, [told, asked, refused, Series(pool, "5x60")], 30, [0])
    promtool.values(tmp_path, expr, [told, Series(pool, "5x60")], 30, [0])
    promtool.values(tmp_path, expr, [Series(pool, "5x9 0x50")], 30, [1])


def test_a_database_that_pauses_is_not_away_while_it_does() -> None:
    """One that scales to nothing tells CloudWatch nothing while nobody asks it, so its silence is not asked for."""
    assert "AuroraDown" not in _of(TWO)
    assert "AuroraDown" in _of(TWO.replace("min: 0, max: 4", "min: 0.5, max: 4"))


@pytest.mark.needs("promtool")
def test_a_cache_has_no_majority_when_all_its_exporters_are_gone(tmp_path: Path) -> None:
    """Nobody is left to say that a server is down, and that is not the same as nobody being down."""
    expr = f"count({_of(PLATFORM)['RedisWithoutMajority'].expr}) or vector(0)"
    promtool.values(tmp_path, expr, [Series('redis_up{namespace="other",job="sessions"}', "1x60")], 30, [1])


def test_words_lead_somewhere() -> None:
    """Every alert says what to do, and reads no label that its expression has summed away."""
    for text in (PLATFORM, TWO):
        for alert in _of(text).values():
            assert alert.first
            for label in ("namespace", "job", "queue", "name", "nodepool"):
                if f"$labels.{label} " in alert.says:
                    assert label in alert.expr
