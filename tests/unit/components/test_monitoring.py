"""The monitoring section: which alerts there are, what a description changes of them, and what the chart is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import descriptions
from platforms import shipped
from seawall.components.expand import expand
from seawall.components.monitoring.objectives import BURNS, micrometer
from seawall.components.monitoring.stack import values
from seawall.components.scope import Scope
from seawall.facts.resilience import Claim
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration

RULE = "monitoring.coreos.com/v1/PrometheusRule"
API = """\
components:
  api:
    kind: service
    image: api
    framework: spring
    expose: {host: www.shop.example, paths: [/api]}
edge: {}
"""
OWN = """\
    NothingSold:
      severity: critical
      expr: increase(orders_total[1h]) == 0
      for: 30 min
      says: Nobody has bought anything for an hour and a half.
      first: [Buy something yourself and see where it ends.]
      fires: {'orders_total': 7x120}
      quiet: {'orders_total': 0+1x120}
      after: 100
"""


def monitored(alerts: str = "", rest: str = "") -> Graph:
    """A shop with a Prometheus; ``alerts`` stands below the key of that name."""
    stated = f"  alerts:\n{alerts}" if alerts else ""
    return descriptions.graph(f"monitoring:\n  every: 15 s\n{stated}{rest}")


def rules(found: Graph, name: str = "") -> list[dict[str, Any]]:
    """The rules that raise alerts, of that name or of any."""
    return [
        rule
        for resource in found.of_type(RULE)
        for group in resource.body["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule and name in ("", rule["alert"])
    ]


@pytest.mark.parametrize(
    ("name", "severity", "holds", "says"),
    [
        ("PodDown", "critical", "5m", "kube_pod_status_ready"),
        ("HighCPUUsage", "critical", "10m", "> 80"),
        ("HighMemoryUsage", "critical", "5m", "> 85"),
        ("RDSDown", "critical", None, "aws_rds"),
        ("ALBUnhealthyTarget", "critical", None, "un_healthy_host_count"),
        ("HighRequestRate", "warning", None, "> 500"),
        ("SlowResponse", "warning", None, "> 2"),
        ("RedisDown", None, None, "redis_up"),
        ("SessionLeakage", "warning", None, "> 1000"),
        ("DiskSpaceWarning", "warning", "5m", "> 80"),
        ("Route53HealthCheckFailed", None, None, "aws_route53"),
        ("CanaryRollbackDetected", "warning", None, "rollout"),
    ],
)
def test_petclinic_has_the_twelve_alerts_of_its_document(
    name: str, severity: str | None, holds: str | None, says: str
) -> None:
    """Each by its name, asking for what it is called for."""
    found = rules(shipped("petclinic")[1], name)
    assert found
    assert all(says in rule["expr"] for rule in found)
    if severity is not None:
        assert {rule["labels"]["severity"] for rule in found} == {severity}
    if holds is not None:
        assert {rule["for"] for rule in found} == {holds}


def test_an_alert_is_raised_for_what_grows_not_for_what_once_grew() -> None:
    """A counter that never falls would alert for ever: each is asked for its growth, or for whether it is there."""
    counter = re.compile(r"(?<![\w:])(?<!\bcount\()(\w+_total)(?:\{[^}]*\})?(?!\s*[\[{\w])")
    for name in ("petclinic", "pingvas"):
        for rule in rules(shipped(name)[1]):
            bare = counter.findall(rule["expr"])
            assert not bare, (rule["alert"], bare)


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    """Summary, description, steps and the page's address, and what messages are routed and grouped by."""
    for name in ("petclinic", "pingvas"):
        for rule in rules(shipped(name)[1]):
            notes = rule["annotations"]
            assert notes["runbook_url"].endswith(f"runbooks/{rule['alert']}.md")
            assert notes["summary"]
            assert notes["description"]
            assert notes["runbook"].strip()
            assert rule["labels"]["severity"] in ("critical", "warning")


def test_a_description_changes_what_it_names() -> None:
    """Threshold, severity and how long; what is not named stays."""
    before = rules(monitored(), "NodeHighCPU")[0]
    series = "fires: {'busy': 99x40}, quiet: {'busy': 94x40}"
    said = f"    NodeHighCPU: {{above: 95, severity: critical, for: 20 min, {series}}}\n"
    [after] = rules(monitored(said), "NodeHighCPU")
    assert after["expr"] == before["expr"].replace("> 90", "> 95")
    assert (after["for"], after["labels"]["severity"]) == ("20m", "critical")
    assert after["annotations"] == before["annotations"]


def test_an_alert_can_be_left_out() -> None:
    """Null takes away an alert and its tests, and no other."""
    with_it, without = monitored(), monitored("    JobFailed: null\n")
    assert {rule["alert"] for rule in rules(with_it)} - {rule["alert"] for rule in rules(without)} == {"JobFailed"}
    tests = json.dumps([one.body for one in without.of_type("file/promtool-test")], default=str)
    assert "JobFailed" not in tests


def test_an_alert_can_be_left_out_of_one_environment() -> None:
    """Also one that the description adds; the others keep it."""
    text = descriptions.FRAME.replace(
        "production: {region: ap-northeast-2}",
        "production: {region: ap-northeast-2, default: true}, development: {region: ap-northeast-2, "
        "monitoring: {alerts: {JobFailed: {wanted: false}, NothingSold: {wanted: false}}}}",
    )
    text += f"monitoring:\n  alerts:\n{OWN}"
    names = [
        {rule["alert"] for rule in rules(expand(descriptions.platform(text, environment)))}
        for environment in ("production", "development")
    ]
    assert names[0] - names[1] == {"JobFailed", "NothingSold"}


def test_a_description_has_alerts_of_its_own() -> None:
    """With expression, words, steps and both tests, as those of components have."""
    found = monitored(OWN)
    [rule] = rules(found, "NothingSold")
    assert (rule["expr"], rule["for"]) == ("increase(orders_total[1h]) == 0", "30m")
    [test] = [one for one in found.of_type("file/promtool-test") if one.address.endswith("/own.yaml")]
    assert [each["name"] for each in test.body["tests"]] == ["NothingSold is raised", "NothingSold is quiet"]


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ("    NodeHighCpu: {above: 95}\n", "did you mean NodeHighCPU?"),
        ("    Unheard: null\n", "there is no alert of that name"),
        ("    PodDown: {above: 3}\n", "does not end in a threshold"),
        ("    NodeHighCPU: {above: 95}\n", "the series that test it were made for 90"),
        ("    PodDown: {expr: up == 0}\n", "there is an alert of that name"),
        (OWN.replace("      severity: critical\n", ""), "lacks severity"),
        (OWN.replace("[1h]) ==", "[1h) =="), "is no PromQL"),
        ("    JobFailed: {after: 0}\n", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(alerts: str, said: str) -> None:
    """Each mistake with file and line, and with what could have been meant."""
    with pytest.raises(InputError, match=re.escape(said)) as error:
        monitored(alerts)
    assert re.search(r"platform\.yaml:\d+", str(error.value))


def test_a_budget_has_no_threshold_of_its_own() -> None:
    """Both windows of a budget are compared, so that one number alone would change half of the alert."""
    text = "monitoring:\n  alerts: {AvailabilityBudgetBurns: {above: 1}}\n" + API + "claims: {availability: 99 %}\n"
    with pytest.raises(InputError, match="does not end in a threshold"):
        descriptions.graph(text)


def test_nobody_is_told_where_nobody_is_named() -> None:
    """Without receivers there is no secret, and every route ends at nobody."""
    found = monitored()
    assert not [one for one in found if "receivers" in one.address]
    config = values(_scope("monitoring: {}\n"))["alertmanager"]["config"]
    assert [receiver for receiver in config["receivers"] if set(receiver) != {"name"}] == []
    assert {route["receiver"] for route in config["route"]["routes"]} == {"watchdog"}


def test_what_receivers_are_known_by_comes_from_secrets_manager() -> None:
    """One secret with a key for each, read by External Secrets alone, and mounted where Alertmanager looks."""
    text = "monitoring:\n  notify: {critical: [pagerduty, slack], warning: [slack]}\n"
    found = descriptions.graph(text)
    follower = descriptions.named(found, "external-secrets.io/v1/ExternalSecret", "alertmanager-receivers")
    assert follower.body["metadata"]["namespace"] == "monitoring"
    assert [item["secretKey"] for item in follower.body["spec"]["data"]] == ["pagerduty-key", "slack-url"]
    store = descriptions.named(found, "external-secrets.io/v1/ClusterSecretStore", "aws-secrets-manager")
    assert store.body["spec"]["conditions"] == [{"namespaces": ["monitoring", "shop"]}]
    role = descriptions.named(found, "aws_iam_role_policy", "external_secrets")
    assert "aws_secretsmanager_secret.monitoring" in str(role.body)
    stack = values(_scope(text))["alertmanager"]
    assert stack["alertmanagerSpec"]["secrets"] == ["alertmanager-receivers"]
    assert "/etc/alertmanager/secrets/alertmanager-receivers/slack-url" in json.dumps(stack["config"])


def test_prometheus_keeps_what_the_document_says() -> None:
    """petclinic: 30 days, every 15 s, 500m to 1000m and 2 to 4 GiB; on a volume that it cannot fill."""
    platform, _ = shipped("petclinic")
    assert platform is not None
    spec = values(Scope(platform, "cluster", platform.region))["prometheus"]["prometheusSpec"]
    assert (spec["retention"], spec["scrapeInterval"], spec["evaluationInterval"]) == ("30d", "15s", "15s")
    assert spec["resources"]["requests"] == {"cpu": "500m", "memory": "2Gi"}
    assert spec["resources"]["limits"] == {"cpu": "1", "memory": "4Gi"}
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == "gp3-encrypted"
    assert int(spec["retentionSize"].removesuffix("MiB")) < 0.8 * 50 * 1024
    assert spec["podMonitorSelectorNilUsesHelmValues"] is False
    assert spec["externalLabels"]["cluster"] == "petclinic-production"


def test_a_budget_is_watched_over_four_pairs_of_windows() -> None:
    """99.9 % leaves 0.1 %: 14.4 times that over an hour and five minutes, and so on down to once over three days."""
    found = monitored(rest=API + "claims: {availability: 99.9 %}\n")
    said = [(rule["labels"]["window"], rule["labels"]["severity"], rule["expr"]) for rule in rules(found, BURN)]
    record = "service:http_requests_failed:ratio_rate"
    assert said == [
        (
            burn.long,
            burn.severity,
            f'{record}{burn.long}{{service="api"}} > {limit} and {record}{burn.short}{{service="api"}} > {limit}',
        )
        for burn, limit in zip(BURNS, ("0.0144", "0.006", "0.003", "0.001"), strict=True)
    ]


BURN = "AvailabilityBudgetBurns"


def test_every_recorded_series_that_is_asked_for_is_recorded() -> None:
    """An expression over a name with colons has a rule that makes it."""
    for name in ("petclinic", "pingvas"):
        groups = [group for one in shipped(name)[1].of_type(RULE) for group in one.body["spec"]["groups"]]
        recorded = {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}
        asked = {
            series
            for group in groups
            for rule in group["rules"]
            for series in re.findall(r"\bservice:\w+:\w+", rule["expr"])
        }
        assert asked <= recorded
        assert all(re.fullmatch(r"service:[a-z0-9_]+:[a-z0-9_]+", series) for series in recorded)


def test_a_budget_that_nobody_can_overspend_is_not_watched_for_it() -> None:
    """Of a claim of 90 % a tenth may fail: 14.4 times as much is more than all requests, so nothing asks for that."""
    found = monitored(rest=API + "claims: {availability: 90 %}\n")
    assert [rule["labels"]["window"] for rule in rules(found, BURN)] == ["6h", "1d", "3d"]


def test_what_is_slow_is_never_counted_as_fast() -> None:
    """A promise of 300 ms is judged by the largest bucket that is not above it."""
    found = monitored(rest=API + "claims: {latency: {p95: 300 ms}}\n")
    records = {
        rule["record"]: rule["expr"]
        for one in found.of_type(RULE)
        for group in one.body["spec"]["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    assert 'le="0.268435456"' in records["service:http_requests_slow_p95:ratio_rate1h"]
    assert "0.268435456" in micrometer()
    assert [rule["labels"]["window"] for rule in rules(found, "LatencyBudgetBurns")] == ["1h", "6h", "1d", "3d"]


def test_nothing_is_promised_of_what_gives_way() -> None:
    """pingvas: budgets are watched of services of the namespace that goes first, not of developers'."""
    found = rules(shipped("pingvas")[1])
    services = {rule["labels"]["service"] for rule in found if rule["alert"].endswith("BudgetBurns")}
    assert services
    assert all(service.startswith("prod-") for service in services)


def test_a_claim_of_latency_is_a_claim() -> None:
    """One a quantile, so that each is proved, refuted or unknown by itself."""
    platform = descriptions.platform(descriptions.FRAME + "claims: {latency: {p95: 300 ms, p99: 1 s}}\n")
    found = [(claim.subject, claim.measure, claim.value) for claim in platform.claims]
    assert found == [("latency", "p95", Duration(0.3)), ("latency", "p99", Duration(1))]
    assert [each for each in expand(platform).claims if isinstance(each, Claim)] == list(platform.claims)


def _scope(text: str) -> Scope:
    platform = descriptions.platform(descriptions.FRAME + text)
    return Scope(platform, "cluster", platform.region)
