"""Monitors, rules, dashboards and charts: what they say of metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Selector
from seawall.facts.telemetry import Alarm, Emits, Exports, Misread, Scraped
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.kubernetes.prometheus import POD, SERVICE
from seawall.readers.read import read

MONITOR = Address.kubernetes(CLUSTER, "PodMonitor", "petclinic", "web")
RULE = Address.kubernetes(CLUSTER, "PrometheusRule", "petclinic", "web")
BOARD = Address.kubernetes(CLUSTER, "ConfigMap", "petclinic", "board")
CHART = Address.kubernetes(CLUSTER, "Application", "argocd", "chart")
SPACE = Address.kubernetes(CLUSTER, "Namespace", "", "petclinic")


def facts(*resources: Resource) -> Facts:
    """The facts of these objects."""
    return read(Graph(resources))


def monitor(said: Any = None, *, kind: str = "PodMonitor", **spec: Any) -> Resource:
    """A monitor of pods labelled app=web on the port http."""
    ends = "podMetricsEndpoints" if kind == "PodMonitor" else "endpoints"
    body = {"selector": {"matchLabels": {"app": "web"}}, ends: [{"port": "http"}], **spec}
    more = (
        {}
        if said is None
        else {"annotations": {"seawall/exports": said if isinstance(said, str) else json.dumps(said)}}
    )
    return thing("monitoring.coreos.com/v1", kind, "web", spec=body, **more)


def rules(*said: dict[str, Any], **group: Any) -> Resource:
    """A PrometheusRule of one group."""
    return thing(
        "monitoring.coreos.com/v1", "PrometheusRule", "web", spec={"groups": [{"name": "a", **group, "rules": [*said]}]}
    )


def board(*panels: dict[str, Any]) -> Resource:
    """A ConfigMap with one dashboard."""
    data = {"board.json": json.dumps({"panels": panels}), "notes.txt": "no dashboard"}
    return thing("v1", "ConfigMap", "board", labels={"grafana_dashboard": "1"}, data=data)


def chart(name: str, values: Any) -> Resource:
    """An application of Argo CD that installs a chart."""
    source = {
        "repoURL": "https://charts.example",
        "chart": name,
        "targetRevision": "1.0.0",
        "helm": {"valuesObject": values},
    }
    return thing("argoproj.io/v1alpha1", "Application", "chart", namespace="argocd", spec={"source": source})


def test_a_monitor_tells_whom_it_asks_and_what_is_exported() -> None:
    """Selector, namespace, port and path; exporters and own metrics with the labels that a scrape attaches."""
    said = {"exporters": ["redis"], "own": {"jobs": ["queue", "pod"]}}
    found = facts(monitor(said, podTargetLabels=["rollouts-pod-template-hash"]))
    selector = Selector((("app", "web"),))
    assert found.all(Scraped) == (Scraped(MONITOR, "pods", (SPACE,), selector, "http", "/metrics"),)
    attached = tuple(sorted((*POD, "rollouts_pod_template_hash")))
    always = (("namespace", "petclinic"),)
    assert found.all(Exports) == (Exports(MONITOR, "redis", attached, always=always),)
    # The scrape's own label of the pod goes before the metric's.
    labels = tuple(sorted((*attached, "queue", "exported_pod")))
    assert found.all(Emits) == (Emits(MONITOR, "jobs", labels, always=always),)


def test_a_job_is_called_as_all_its_pods_are() -> None:
    """Where the monitor selects by the label that names it. Namespaces are many where any is meant."""
    (exports,) = facts(monitor({"exporters": ["redis"]}, jobLabel="app")).all(Exports)
    assert exports.always == (("job", "web"), ("namespace", "petclinic"))
    everywhere = {"namespaceSelector": {"any": True}, "jobLabel": "version"}
    (exports,) = facts(monitor({"exporters": ["redis"]}, **everywhere)).all(Exports)
    assert exports.always == ()


def test_a_monitor_that_honours_the_metrics_own_labels() -> None:
    """Nothing is renamed then; labels of relabelling are attached too."""
    end = {"port": "http", "honorLabels": True, "relabelings": [{"targetLabel": "zone"}, {"action": "labeldrop"}]}
    (emitted,) = facts(monitor({"own": {"jobs": ["pod"]}}, podMetricsEndpoints=[end])).all(Emits)
    assert emitted.labels == tuple(sorted((*POD, "zone")))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"any": True}, ()),
        ({"matchNames": ["b", "a"]}, tuple(Address.kubernetes(CLUSTER, "Namespace", "", name) for name in "ab")),
    ],
)
def test_the_namespaces_of_a_monitor(chosen: dict[str, Any], expected: tuple[Address, ...]) -> None:
    """Every one, those that are named, or its own."""
    (scraped,) = facts(monitor(namespaceSelector=chosen)).all(Scraped)
    assert scraped.namespaces == expected


def test_a_monitor_of_services() -> None:
    """Series have the service's name as well."""
    found = facts(monitor({"exporters": ["http"]}, kind="ServiceMonitor"))
    assert [scraped.kind for scraped in found.all(Scraped)] == ["services"]
    assert [exports.labels for exports in found.all(Exports)] == [tuple(sorted(SERVICE))]


@pytest.mark.parametrize("said", ["no JSON", "[1]"])
def test_an_annotation_that_is_none_says_nothing(said: str) -> None:
    """What is exported is then not known, which a rule tells."""
    found = facts(monitor(said))
    assert found.all(Exports) == ()
    assert found.all(Emits) == ()


def test_an_alert_asks_for_metrics_and_what_its_message_reads() -> None:
    """It is noticed after its `for` and one evaluation; labels in its words must come from the metric."""
    said = {
        "alert": "Down",
        "expr": 'up{job="web"} == 0',
        "for": "5m",
        "labels": {"severity": "critical"},
        "annotations": {"summary": "{{ $labels.pod }} is down: {{ $value }}"},
    }
    found = facts(rules(said, interval="1m"))
    (alarm,) = found.all(Alarm)
    assert (alarm.of, alarm.metric, alarm.detects_after) == (RULE.implied("Down"), "prometheus/Down", 360)
    its = Observe(RULE, "up", ("job",), (("job", "web"),))
    assert set(found.all(Observe)) == {Observe(RULE, "up", ("job", "pod")), its}


def test_a_record_exports_what_its_expression_leaves() -> None:
    """Summed by labels, with its own; else with whatever the metrics have."""
    summed = {"record": "job:x:sum", "expr": "sum by (job) (x)", "labels": {"site": "a"}}
    found = facts(rules(summed, {"record": "x:rate", "expr": "rate(x[5m])"}))
    assert {(emits.metric, emits.labels, emits.like, emits.always) for emits in found.all(Emits)} == {
        ("job:x:sum", ("job", "site"), (), (("site", "a"),)),
        ("x:rate", (), ("x",), ()),
    }


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"alert": "A", "expr": "sum(x"}, "it is no PromQL: unclosed left parenthesis"),
        ({"alert": "A", "expr": "sum(x)", "annotations": {"a": "{{ $labels.pod }}"}}, "its result has no label pod"),
        ({"record": "a", "expr": "x[5m"}, None),
    ],
)
def test_a_query_that_is_not_understood(said: dict[str, Any], why: str | None) -> None:
    """It is told rather than passed over, and the rest of the input is read."""
    (misread,) = facts(rules(said)).all(Misread)
    assert why is None or misread.why == why


def test_panels_ask_for_metrics() -> None:
    """Those within rows too, with variables filled and the labels of legends; other languages are left alone."""
    prometheus, loki = {"type": "prometheus", "uid": "a"}, {"type": "loki", "uid": "b"}
    found = facts(
        board(
            {
                "datasource": prometheus,
                "targets": [{"expr": 'rate(x{a="$b"}[$__rate_interval])', "legendFormat": "{{pod}}"}],
            },
            {"type": "row", "panels": [{"targets": [{"expr": "y"}, {"expr": "", "refId": "B"}]}]},
            {"datasource": loki, "targets": [{"expr": '{app="web"} |= "error"'}]},
            {"datasource": prometheus, "targets": [{"datasource": loki, "expr": '{app="web"} |= "error"'}]},
        )
    )
    assert set(found.all(Observe)) == {Observe(BOARD, "x", ("a", "pod")), Observe(BOARD, "y")}
    assert found.all(Misread) == ()


def test_what_is_no_dashboard_asks_for_nothing() -> None:
    """Of other ConfigMaps nothing is read, and of one that should be a dashboard it is told that it is none."""
    assert facts(thing("v1", "ConfigMap", "board", data={"a.json": "{"})).all(Misread) == ()
    broken = thing("v1", "ConfigMap", "board", labels={"grafana_dashboard": "1"}, data={"a.json": "{"})
    assert "no JSON" in facts(broken).all(Misread)[0].why


def test_analyses_of_releases_ask_for_metrics() -> None:
    """Their arguments are filled in when a release begins."""
    provider = {"prometheus": {"query": 'sum(x{hash=~"{{args.version}}-.+"})'}}
    spec = {"metrics": [{"name": "errors", "provider": provider}, {"name": "job", "provider": {"job": {}}}]}
    found = facts(thing("argoproj.io/v1alpha1", "AnalysisTemplate", "web", spec=spec))
    of = Address.kubernetes(CLUSTER, "AnalysisTemplate", "petclinic", "web")
    assert found.all(Observe) == (Observe(of, "x", ("hash",)),)


def exported(name: str, values: Any) -> dict[str, Exports]:
    """Exporter -> what a chart with these values has of it."""
    return {each.exporter: each for each in facts(chart(name, values)).all(Exports)}


def test_the_stack_brings_its_exporters_unless_it_is_told_not_to() -> None:
    """Each by its own switch; kube-state-metrics and the kubelet speak of other pods than their own."""
    relabelled = {"prometheus-node-exporter": {"prometheus": {"monitor": {"relabelings": [{"targetLabel": "node"}]}}}}
    found = exported(
        "kube-prometheus-stack", {"grafana": {"enabled": False}, "kubeEtcd": {"enabled": False}, **relabelled}
    )
    assert {"prometheus", "alertmanager", "kube-state-metrics", "node-exporter", "cadvisor"} <= found.keys()
    assert not {"grafana", "kube-etcd"} & found.keys()
    assert {name for name, each in found.items() if each.honoured} == {"kube-state-metrics", "kubelet", "cadvisor"}
    assert "node" in found["node-exporter"].labels
    assert "container_memory_swap" in found["cadvisor"].without


def test_a_chart_is_asked_only_where_its_values_say_so() -> None:
    """A controller's metrics that no monitor asks for are in no Prometheus."""
    assert exported("argo-rollouts", {}) == {}
    metrics = {"controller": {"metrics": {"enabled": True, "serviceMonitor": {"enabled": True}}}}
    assert exported("argo-rollouts", metrics).keys() == {"argo-rollouts"}
    assert exported("my-own", {"deep": {"serviceMonitor": {"enabled": True}}}).keys() == {"my-own"}
    assert exported("my-own", {"serviceMonitor": {"enabled": False}}) == {}


def test_cloudwatch_is_exported_as_its_exporter_is_configured() -> None:
    """Each statistic of each metric, with the namespace's dimensions and the tags that are exported."""
    job = {
        "type": "AWS/RDS",
        "regions": ["eu-west-1"],
        "metrics": [{"name": "CPUUtilization", "statistics": ["Average", "Maximum"]}],
    }
    discovery = {"exportedTagsOnMetrics": {"AWS/RDS": ["Name"]}, "jobs": [job]}
    for config in (json.dumps({"discovery": discovery}), f"discovery: {json.dumps(discovery)}\n"):
        values = {"serviceMonitor": {"enabled": True}, "config": config}
        found = {
            each.metric: each.labels
            for each in facts(chart("prometheus-yet-another-cloudwatch-exporter", values)).all(Emits)
        }
        assert found.keys() == {"aws_rds_cpuutilization_average", "aws_rds_cpuutilization_maximum", "aws_rds_info"}
        assert {"dimension_DBInstanceIdentifier", "tag_Name", "region"} <= set(found["aws_rds_cpuutilization_average"])
    assert (
        facts(
            chart("prometheus-yet-another-cloudwatch-exporter", {"serviceMonitor": {"enabled": True}, "config": "{"})
        ).all(Emits)
        == ()
    )
