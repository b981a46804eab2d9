"""Alertmanager as it is told: its own tools take what is rendered, and an alert arrives where it must."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

import descriptions
import prerequisites
import prometheus
from seawall.cli.input import load_graph
from seawall.components.expand import expand
from seawall.components.monitoring.alertmanager import SECRETS, configuration
from seawall.components.monitoring.monitoring import RECEIVERS, monitoring_of
from seawall.components.monitoring.stack import values
from seawall.components.scope import Scope
from seawall.model.platform import Platform


def rendered(platform: Platform) -> dict[str, Any]:
    """The configuration as the chart is told it."""
    found = values(Scope(platform, "cluster", platform.region))
    config: dict[str, Any] = found["alertmanager"]["config"]
    return config


def shipped(name: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """A platform's configuration in a file, and what it holds."""
    platform, _ = load_graph([name], None)
    assert platform is not None
    config = rendered(platform)
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config))
    return path, config


def amtool(*arguments: object) -> str:
    """What amtool says; it must not fail."""
    command = [str(prerequisites.program("amtool")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.needs("amtool")
@pytest.mark.parametrize("name", ["petclinic", "pingvas"])
def test_amtool_takes_the_configuration(name: str, tmp_path: Path) -> None:
    """It is valid, and no secret stands in it: receivers are known by files that are mounted."""
    path, config = shipped(name, tmp_path)
    assert "SUCCESS" in amtool("check-config", path)
    means = [each for receiver in config["receivers"] for kind in receiver if kind != "name" for each in receiver[kind]]
    assert means
    for each in means:
        assert not {"api_url", "routing_key", "service_key", "url"} & set(each)
        assert each.get("api_url_file", each.get("routing_key_file")).startswith(f"{SECRETS}/{RECEIVERS}/")


@pytest.mark.needs("amtool")
@pytest.mark.parametrize(
    ("name", "labels", "receiver", "means"),
    [
        ("petclinic", ["alertname=PodDown", "severity=critical"], "critical", {"slack_configs"}),
        ("petclinic", ["alertname=DiskSpaceWarning", "severity=warning"], "warning", {"slack_configs"}),
        ("pingvas", ["alertname=Any", "severity=critical"], "critical", {"pagerduty_configs", "slack_configs"}),
        ("pingvas", ["alertname=Any", "severity=warning"], "warning", {"slack_configs"}),
        ("petclinic", ["alertname=Watchdog", "severity=warning"], "watchdog", set()),
        ("pingvas", ["alertname=Watchdog", "severity=warning"], "watchdog", set()),
        ("pingvas", ["alertname=Any"], "nobody", set()),
    ],
)
def test_each_severity_goes_where_the_document_says(
    name: str, labels: list[str], receiver: str, means: set[str], tmp_path: Path
) -> None:
    """Critical ones to PagerDuty or Slack, warnings to Slack; the one that is always raised wakes nobody."""
    path, config = shipped(name, tmp_path)
    assert amtool("config", "routes", "test", f"--config.file={path}", *labels).strip() == receiver
    [found] = [each for each in config["receivers"] if each["name"] == receiver]
    assert set(found) - {"name"} == means


@pytest.mark.needs("amtool")
def test_somebody_outside_can_hear_that_alerting_works(tmp_path: Path) -> None:
    """The alert that is always raised goes to an address in the same secret, every five minutes."""
    platform = descriptions.platform(descriptions.FRAME + "monitoring: {notify: {heartbeat: true}}\n")
    config = rendered(platform)
    [webhook] = next(each for each in config["receivers"] if each["name"] == "watchdog")["webhook_configs"]
    assert webhook["url_file"] == f"{SECRETS}/{RECEIVERS}/heartbeat-url"
    # Alertmanager knows it since 0.26; Debian's amtool may be older.
    webhook["url"] = f"http://127.0.0.1/{webhook.pop('url_file')}"
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config))
    assert "SUCCESS" in amtool("check-config", path)
    assert amtool("config", "routes", "test", f"--config.file={path}", "alertname=Watchdog").strip() == "watchdog"


def test_alerts_come_together_as_the_document_says(tmp_path: Path) -> None:
    """petclinic: by alertname, cluster and service; 10 s, 5 m, 12 h; all to #alerts."""
    _, config = shipped("petclinic", tmp_path)
    route = config["route"]
    assert route["group_by"] == ["alertname", "cluster", "service"]
    assert [route[each] for each in ("group_wait", "group_interval", "repeat_interval")] == ["10s", "5m", "12h"]
    channels = {each["channel"] for found in config["receivers"] for each in found.get("slack_configs", ())}
    assert channels == {"#alerts"}


PLATFORM = (
    descriptions.FRAME
    + """\
monitoring:
  every: 1 s
  notify: {critical: [slack], warning: [slack], wait: 1 s, interval: 1 s, repeat: 1 h}
  alerts: {HighMemoryUsage: {severity: critical, for: 0 s}}
"""
)
_POD = 'namespace="shop",pod="web-1",container="web"'
_METRICS = f"""\
container_memory_working_set_bytes{{{_POD}}} 96
kube_pod_container_resource_limits{{{_POD},node="one",resource="memory"}} 100
"""


@pytest.mark.needs("prometheus")
@pytest.mark.needs("alertmanager")
def test_an_alert_arrives(tmp_path: Path) -> None:
    """Prometheus asks a target, judges the rules as rendered, tells Alertmanager as rendered, and a message comes."""
    platform = descriptions.platform(PLATFORM)
    telemetry = prometheus.written(expand(platform), tmp_path)
    heard: list[tuple[str, dict[str, Any]]] = []
    with _server(heard) as target:
        secrets = tmp_path / "secrets"
        secrets.mkdir()
        # What a person puts into Secrets Manager: here an address of this machine.
        (secrets / "slack-url").write_text(f"http://127.0.0.1:{target}/slack")
        config = configuration(monitoring_of(Scope(platform, "monitoring", platform.region)).notify, str(secrets))
        assert json.dumps(config).replace(str(secrets), f"{SECRETS}/{RECEIVERS}") == json.dumps(rendered(platform))
        with _alertmanager(config, tmp_path) as told, _prometheus(telemetry, target, told, tmp_path) as asked:
            _until(lambda: bool(heard), 20, lambda: _get(asked, "/api/v1/alerts"))
            [[path, message], *_] = heard
            assert path == "/slack"
            assert message["channel"] == "#alerts"
            [attachment] = message["attachments"]
            assert attachment["title"] == "[FIRING:1] HighMemoryUsage (shop-production)"
            assert "shop/web-1 holds 96 % of the memory that it may hold" in attachment["text"]
            assert attachment["title_link"].endswith("runbooks/HighMemoryUsage.md")
            _greater_mutes_lesser(told)


def _greater_mutes_lesser(port: int) -> None:
    """A warning says nothing beside the critical alert of its name, nor a pod of a node that is down."""
    common = {"alertname": "HighMemoryUsage", "cluster": "shop-production"}
    sent = [{"labels": common | {"service": "one", "severity": severity}} for severity in ("critical", "warning")]
    sent += [
        {"labels": {"alertname": "NodeDown", "cluster": "one", "node": "a", "severity": "critical"}},
        {"labels": {"alertname": "PodDown", "cluster": "one", "node": "a", "severity": "critical"}},
        {"labels": {"alertname": "PodDown", "cluster": "one", "node": "b", "severity": "critical"}},
        {"labels": {"alertname": "PodDown", "cluster": "one", "severity": "critical"}},
    ]
    body = json.dumps(sent).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts", body, {"Content-Type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=10).close()

    def muted() -> set[tuple[str, str, str]]:
        found = [each for each in _get(port, "/api/v2/alerts") if each["status"]["state"] == "suppressed"]
        return {
            (each["labels"]["alertname"], each["labels"].get("service", ""), each["labels"].get("node", ""))
            for each in found
        }

    expected = {("HighMemoryUsage", "one", ""), ("PodDown", "", "a")}
    _until(lambda: muted() == expected, 10, muted)


@contextmanager
def _server(heard: list[tuple[str, dict[str, Any]]]) -> Iterator[int]:
    """A target with two series that takes messages, too."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(_METRICS.encode())

        def do_POST(self) -> None:
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self._answer(b"ok")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _alertmanager(config: dict[str, Any], folder: Path) -> Iterator[int]:
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config))
    program = prometheus.alertmanager()
    port = _free_port()
    with _running(
        [
            str(program), f"--config.file={path}", f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        ],
        port, folder / "alertmanager.log",
    ):  # fmt: skip
        yield port


@contextmanager
def _prometheus(telemetry: Path, target: int, told: int, folder: Path) -> Iterator[int]:
    config = {
        "global": {
            "scrape_interval": "1s",
            "evaluation_interval": "1s",
            "external_labels": {"cluster": "shop-production"},
        },
        "rule_files": [str(telemetry / "rules" / "*.rules")],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{told}"]}]}]},
        "scrape_configs": [
            {
                "job_name": "toy",
                "honor_labels": True,
                "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
            }
        ],
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    port = _free_port()
    with _running(
        [
            str(prerequisites.program("prometheus")), f"--config.file={path}",
            f"--storage.tsdb.path={folder / 'prometheus'}", f"--web.listen-address=127.0.0.1:{port}",
        ],
        port, folder / "prometheus.log",
    ):  # fmt: skip
        yield port


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _until(lambda: _ready(port), 20, log.read_text)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _until(done: Callable[[], bool], seconds: float, why: Callable[[], object]) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, why()
        time.sleep(0.1)
