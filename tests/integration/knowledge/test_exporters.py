"""Tables of exporters against the programs themselves, as far as they run here."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seawall.knowledge.exporters.catalogue import exporter

LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$")
LABEL = re.compile(r'([a-zA-Z_]\w*)="')


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _told_by(command: list[str], port: int) -> Iterator[str]:
    """What a program answers under /metrics once it does; it is ended by its own number."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
                    yield answer.read().decode()
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"{command[0]} did not answer within 10 s")
    finally:
        process.terminate()
        process.wait(timeout=10)


def _compare(name: str, told: str, enough: float) -> None:
    """Names, types and labels that both know are the same; most of what the table has is there."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", told, re.M))
    series: dict[str, set[str]] = {}
    for line in told.splitlines():
        if found := LINE.match(line):
            series.setdefault(found[1], set()).update(LABEL.findall(found[2] or ""))
    table = exporter(name)
    assert table is not None
    own = {metric for metric in table if metric.startswith(f"{name}_")}
    both = own & series.keys()
    assert len(both) >= enough * len(own)
    assert {metric: labels for metric, labels in ((m, series[m] - set(table[m].labels)) for m in both) if labels} == {}
    wrong = {metric: types[metric] for metric in both & types.keys() if types[metric] != table[metric].type}
    assert wrong == {}


@pytest.mark.needs("prometheus")
def test_prometheus_exports_what_its_table_says(tmp_path: Path) -> None:
    """A Prometheus that scrapes itself; a table of a newer release has more."""
    port = _free_port()
    own = {"job_name": "own", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    (tmp_path / "prometheus.yml").write_text(json.dumps({"scrape_configs": [own]}))
    command = [
        "prometheus",
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with _told_by(command, port) as told:
        _compare("prometheus", told, 0.6)


@pytest.mark.needs("alertmanager")
def test_alertmanager_exports_what_its_table_says(tmp_path: Path) -> None:
    """One without fellows says nothing of them."""
    port = _free_port()
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager") or ""
    command = [
        program,
        f"--config.file={tmp_path}/alertmanager.yml",
        f"--storage.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with _told_by(command, port) as told:
        _compare("alertmanager", told, 0.5)
