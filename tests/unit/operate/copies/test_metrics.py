"""What is told of copies: well-formed, all at once, and a failure does not hide the last good copy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.copies import metrics
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.metrics import Told, tell, write_textfile

BEGAN = datetime(2026, 11, 22, 3, tzinfo=UTC)
MADE = Manifest(
    "shop", "db", "mysql", "h:1", ("s",), BEGAN, BEGAN + timedelta(seconds=8), {"s.a": 3, "s.b": 4}, "0" * 64, 900,
    "0" * 64, 300, "0" * 64, {}, {},
)  # fmt: skip
GOOD = Told("shop", "db", True, BEGAN + timedelta(seconds=10), MADE)
FAILED = Told("shop", "db", False, BEGAN + timedelta(hours=24))


def samples(path: Path) -> dict[str, float]:
    """The series of a file by their spelling."""
    lines = path.read_text().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_a_file_tells_the_copy_and_a_failure_leaves_it(tmp_path: Path) -> None:
    """After a failure success is 0 and the last good copy's moment, size and rows stand as they were."""
    path = tmp_path / "seawall.prom"
    write_textfile(path, GOOD)
    first = samples(path)
    label = '{platform="shop",component="db"}'
    assert first[f"seawall_backup_success{label}"] == 1
    assert first[f"seawall_backup_snapshot_timestamp_seconds{label}"] == BEGAN.timestamp()
    assert first[f"seawall_backup_size_bytes{label}"] == 300
    assert first[f"seawall_backup_rows{label}"] == 7
    assert first[f"seawall_backup_duration_seconds{label}"] == 8
    write_textfile(path, FAILED)
    second = samples(path)
    assert second.pop(f"seawall_backup_success{label}") == 0
    assert second.pop(f"seawall_backup_last_run_timestamp_seconds{label}") == FAILED.at.timestamp()
    assert second.items() <= first.items()
    assert len(second) == len(first) - 2
    assert path.stat().st_mode & 0o777 == 0o644


def test_several_components_share_a_file_whoever_writes_first(tmp_path: Path) -> None:
    """Twenty at once lose nothing of each other's, and every metric has one HELP and one TYPE."""
    path = tmp_path / "seawall.prom"
    threads = [
        threading.Thread(target=write_textfile, args=(path, Told("shop", f"db{number}", True, BEGAN, MADE)))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = path.read_text()
    assert sum(line.startswith("seawall_backup_success{") for line in text.splitlines()) == 20
    helps = [line.split()[2] for line in text.splitlines() if line.startswith("# HELP")]
    assert len(helps) == len(set(helps)) == len(GOOD.series)
    assert {path.name for path in tmp_path.iterdir()} == {"seawall.prom", ".seawall.prom.lock"}


@pytest.mark.needs("promtool")
def test_prometheus_takes_the_file(tmp_path: Path) -> None:
    """promtool finds nothing to say about names, help or types."""
    import subprocess

    import prerequisites

    write_textfile(tmp_path / "m.prom", GOOD)
    program = prerequisites.program("promtool")
    assert program is not None
    content = (tmp_path / "m.prom").read_text()
    ran = subprocess.run(
        [program, "check", "metrics"], input=content, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A stand-in for a Pushgateway: its address, and the paths and bodies that it was posted."""
    posted: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(400 if "refuse" in self.path else 200)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", posted
    server.shutdown()
    server.server_close()


def test_a_pushgateway_gets_the_components_own_group(gateway: tuple[str, list[tuple[str, str]]]) -> None:
    """A POST under platform and component; labels of the group are not repeated in the series."""
    url, posted = gateway
    tell([f"push:{url}"], GOOD)
    ((path, body),) = posted
    assert path == "/metrics/job/seawall_backup/platform/shop/component/db"
    assert "\nseawall_backup_rows 7\n" in body
    assert body.count("# TYPE") == len(GOOD.series)


def test_one_place_that_fails_keeps_no_other_from_being_told(
    gateway: tuple[str, list[tuple[str, str]]], tmp_path: Path
) -> None:
    """The file is written though the gateway refuses and the folder of another file is not there; both are named."""
    url, _ = gateway
    places = [f"push:{url}/refuse", f"textfile:{tmp_path}/absent/m.prom", f"textfile:{tmp_path}/m.prom"]
    with pytest.raises(OutsideError) as caught:
        tell(places, GOOD)
    assert "refuses" in str(caught.value)
    assert "absent" in str(caught.value)
    assert (tmp_path / "m.prom").exists()


def test_cloudwatch_gets_age_and_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Age, size, duration, rows and success, by platform and component; of a failure success alone."""
    sent: list[dict[str, Any]] = []

    class Client:
        def put_metric_data(self, **data: Any) -> None:
            sent.append(data)

    monkeypatch.setattr(metrics, "client", lambda service, region="": Client())
    tell(["cloudwatch:Seawall/Recovery"], GOOD)
    tell(["cloudwatch:Seawall/Recovery"], FAILED)
    assert sent[0]["Namespace"] == "Seawall/Recovery"
    values = {one["MetricName"]: one["Value"] for one in sent[0]["MetricData"]}
    assert values == {"BackupSuccess": 1, "BackupAge": 10, "BackupDuration": 8, "BackupSize": 300, "BackupRows": 7}
    assert sent[0]["MetricData"][0]["Dimensions"] == [
        {"Name": "Platform", "Value": "shop"},
        {"Name": "Component", "Value": "db"},
    ]
    assert {one["MetricName"]: one["Value"] for one in sent[1]["MetricData"]} == {"BackupSuccess": 0}
