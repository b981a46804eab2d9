"""What components export, who may ask for it, and what asks."""

from __future__ import annotations

import json
from typing import Any

import pytest

import descriptions
from seawall.components.metrics import Metrics
from seawall.components.requests import of_service
from seawall.facts.telemetry import Emits, Exports
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import render_text
from seawall.readers.read import facts_of

SHOP = """
edge: {cdn: {static: [/static/*]}}
%s
components:
  sessions: {kind: cache}
  shop:
    kind: service
    image: shop
    framework: spring
    needs: [sessions]
    release: {canary: [10, 50], pause: 60 s}
    session: {timeout: 30 min}
    expose: {host: www.shop.example, paths: [%s]}
  web: {kind: service, image: web, framework: nginx, expose: {host: www.shop.example}}
  orders:
    kind: service
    image: orders
    metrics:
      port: 9100
      exporter: http
      exports: {orders_open: [state]}
      histograms: {orders_seconds: [state]}
  mailer: {kind: worker, image: mailer, metrics: {port: 9101, exports: {mails_total: []}}}
  quiet: {kind: service, image: quiet}
"""
MONITORED = "monitoring: {every: 20 s}"


def shop(section: str = MONITORED, paths: str = "/api") -> Graph:
    """A shop with all sorts of what can be asked."""
    return descriptions.graph(SHOP % (section, paths))


def pod(found: Graph, type: str, name: str) -> Any:
    """The specification of a component's pods."""
    return descriptions.named(found, type, name).body["spec"]["template"]["spec"]


def variables(container: Any) -> dict[str, Any]:
    """Name -> value or where it comes from."""
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def let_in(found: Graph, name: str) -> dict[tuple[int, ...], Any]:
    """Ports -> peers that a component's policy lets in."""
    rules = descriptions.named(found, "networking.k8s.io/v1/NetworkPolicy", name).body["spec"]["ingress"]
    return {tuple(port["port"] for port in rule["ports"]): rule["from"] for rule in rules}


def monitor(found: Graph, name: str) -> tuple[Any, Any]:
    """A monitor's specification, and what it says is exported."""
    body = descriptions.named(found, "monitoring.coreos.com/v1/PodMonitor", name).body
    return body["spec"], json.loads(body["metadata"]["annotations"]["seawall/exports"])


def test_every_component_that_says_something_is_asked() -> None:
    """One monitor each, with the section's interval; a component that exports nothing has none."""
    found = shop()
    names = {each.body["metadata"]["name"] for each in found.of_type("monitoring.coreos.com/v1/PodMonitor")}
    assert names == {"sessions", "shop", "web", "orders", "mailer"}
    spec, said = monitor(found, "shop")
    assert said == {"exporters": ["spring"], "own": {}}
    assert spec["podMetricsEndpoints"] == [{"port": "http", "path": "/actuator/prometheus", "interval": "20s"}]
    assert spec["podTargetLabels"] == ["rollouts-pod-template-hash"]
    assert "podTargetLabels" not in monitor(found, "web")[0]


def test_without_monitoring_nothing_is_told_and_nobody_asks() -> None:
    """No monitor, no exporter, no endpoint of metrics, no port that is opened for Prometheus."""
    found = shop("")
    assert not found.of_type("monitoring.coreos.com/v1/PodMonitor")
    assert len(pod(found, "apps/v1/StatefulSet", "sessions")["containers"]) == 2
    assert len(pod(found, "apps/v1/Deployment", "web")["containers"]) == 1
    told = variables(pod(found, "argoproj.io/v1alpha1/Rollout", "shop")["containers"][0])
    assert told["MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE"] == "health,info,metrics"
    assert not any(name.startswith("MANAGEMENT_METRICS") for name in told)
    assert "stub_status" not in configuration(found)
    assert (9100,) not in let_in(found, "orders")


def test_a_spring_application_tells_how_slow_requests_were() -> None:
    """Its endpoint of metrics is there, with buckets of its requests and Tomcat's threads."""
    told = variables(pod(shop(), "argoproj.io/v1alpha1/Rollout", "shop")["containers"][0])
    assert told["MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE"] == "health,info,metrics,prometheus"
    assert told["MANAGEMENT_METRICS_DISTRIBUTION_PERCENTILESHISTOGRAM_HTTP_SERVER_REQUESTS"] == "true"
    assert told["SERVER_TOMCAT_MBEANREGISTRY_ENABLED"] == "true"


@pytest.mark.parametrize("paths", ["/", "/actuator", "/actuator/prometheus"])
def test_the_world_cannot_read_metrics(paths: str) -> None:
    """A spring application answers on one port, so a path that leads to its metrics is refused."""
    with pytest.raises(InputError, match="/actuator/prometheus"):
        shop(paths=paths)
    assert shop("", paths)


@pytest.mark.parametrize("paths", ["/api", "/actuator/health", "/actuator/prometheus-not"])
def test_other_paths_are_not_refused(paths: str) -> None:
    """Only a prefix by whole steps leads there."""
    assert shop(paths=paths)


def configuration(found: Graph) -> str:
    """The nginx's file."""
    return render_text(descriptions.named(found, "v1/ConfigMap", "web").body["data"]["nginx.conf"], str)


def test_an_nginx_tells_its_state_to_the_exporter_beside_it_alone() -> None:
    """On the pod's own address; the exporter is confined, small and pinned."""
    found = shop()
    _, beside = pod(found, "apps/v1/Deployment", "web")["containers"]
    status = configuration(found).split("stub_status;")[0].rpartition("server {")[2]
    assert "listen 127.0.0.1:8099;" in status
    assert "--nginx.scrape-uri=http://127.0.0.1:8099/stub_status" in beside["args"]
    assert beside["securityContext"]["readOnlyRootFilesystem"] is True
    assert beside["resources"]["limits"]["memory"] == beside["resources"]["requests"]["memory"] == "32Mi"
    assert beside["image"].count(":") == 1
    assert not beside["image"].endswith(":latest")
    assert configuration(found).count("{") == configuration(found).count("}")


def test_the_exporter_of_redis_gets_the_password_by_reference_and_counts_sessions() -> None:
    """Keys of those who keep their sessions there, and of nobody else."""
    found = shop()
    beside = pod(found, "apps/v1/StatefulSet", "sessions")["containers"][2]
    told = variables(beside)
    assert told["REDIS_PASSWORD"] == {"secretKeyRef": {"name": "sessions", "key": "password"}}
    assert told["REDIS_ADDR"] == "redis://127.0.0.1:6379"
    assert told["REDIS_EXPORTER_COUNT_KEYS"] == "db0=spring:session:sessions:*"
    assert monitor(found, "sessions")[1] == {"exporters": ["redis"], "own": {"redis_keys_count": ["db", "key"]}}
    without = descriptions.graph("monitoring: {}\ncomponents:\n  jobs: {kind: cache}\n")
    (_, _, beside) = pod(without, "apps/v1/StatefulSet", "jobs")["containers"]
    assert "REDIS_EXPORTER_COUNT_KEYS" not in variables(beside)
    assert monitor(without, "jobs")[1]["own"] == {}


def test_prometheus_alone_is_let_in_where_metrics_are() -> None:
    """On the port of the metrics, and on no other."""
    found = shop()
    prometheus = [
        {
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
        }
    ]
    for name, port in {"web": 9113, "sessions": 9121, "orders": 9100, "mailer": 9101, "shop": 8080}.items():
        assert prometheus in [rule for ports, rule in let_in(found, name).items() if ports == (port,)], name
    assert all(prometheus[0] not in peers for peers in let_in(found, "quiet").values())


def test_a_histogram_is_three_series() -> None:
    """What is said of a component reaches the facts, with the labels of its pods."""
    facts = facts_of(shop())
    assert {each.exporter for each in facts.all(Exports)} >= {"redis", "spring", "nginx", "http"}
    own = {each.metric: set(each.labels) for each in facts.all(Emits) if each.metric.startswith("orders_")}
    assert own.keys() == {"orders_open", "orders_seconds_bucket", "orders_seconds_sum", "orders_seconds_count"}
    assert {"state", "le", "namespace", "pod", "job"} <= own["orders_seconds_bucket"]
    spec, _ = monitor(shop(), "orders")
    assert spec["podMetricsEndpoints"][0]["port"] == "metrics"


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ("{exporter: httpd}", "known are"),
        ("{port: 80}", "between 1024"),
        ("{exports: {orders-open: []}}", "orders-open"),
        ("{exports: {orders: [a-b]}}", "pattern"),
    ],
)
def test_what_cannot_be_is_refused(metrics: str, message: str) -> None:
    """An exporter that is not known, a port that needs root, and names that Prometheus does not take."""
    with pytest.raises(InputError, match=message):
        descriptions.graph(f"components:\n  orders: {{kind: service, image: orders, metrics: {metrics}}}\n")


@pytest.mark.parametrize(
    ("metrics", "path", "exporters"),
    [
        ("{exports: {orders_open: []}}", "/actuator/prometheus", ["spring"]),
        ("{path: /own, exporter: http}", "/own", ["spring", "http"]),
        ("{port: 9100, exports: {orders_open: []}}", "/metrics", []),
    ],
)
def test_a_spring_application_with_metrics_of_its_own(metrics: str, path: str, exporters: list[str]) -> None:
    """They are beside those that it has anyhow, unless they are asked for on another port."""
    text = "components:\n  orders: {kind: service, image: orders, framework: spring, metrics: %s}\n"
    spec, said = monitor(descriptions.graph("monitoring: {}\n" + text % metrics), "orders")
    assert spec["podMetricsEndpoints"][0]["path"] == path
    assert said["exporters"] == exporters


def test_what_is_looked_at_is_what_is_exported() -> None:
    """A release's analysis asks for a spring application's requests also where it has metrics of its own."""
    stated = Metrics(exports={"orders_open": ("state",)})
    for framework, metrics, counted in (
        ("spring", None, "http_server_requests_seconds_count"),
        ("spring", stated, "http_server_requests_seconds_count"),
        ("plain", Metrics(exporter="http"), "http_requests_total"),
    ):
        found = of_service(framework, metrics)
        assert found is not None
        assert found.counted == counted
    assert of_service("plain", stated) is None
    assert of_service("spring", Metrics(port=9100)) is None
