"""Prometheus on a stage: the real one, with the targets of a drill."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence

from seawall.operate.drill.stage import Stage, program, until

PACKAGES = {"prometheus": "prometheus"}


def start(stage: Stage, targets: Sequence[tuple[str, Mapping[str, str]]], *, every: float = 1.0) -> str:
    """Start one that asks each target (host:port, labels) every so many seconds; its address when all were asked."""
    folder, port = stage.folder("prometheus"), stage.free_port()
    interval = f"{round(every * 1000)}ms"
    configuration = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval},
        "scrape_configs": [
            {
                "job_name": "drill",
                "static_configs": [{"targets": [at], "labels": dict(labels)} for at, labels in targets],
            }
        ],
    }
    # JSON is YAML, and needs no quoting of our own.
    (folder / "prometheus.yml").write_text(json.dumps(configuration), encoding="utf-8")
    process = stage.start(
        "prometheus",
        [
            program("prometheus", PACKAGES["prometheus"]),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ],
        folder=folder,
    )
    url = f"http://127.0.0.1:{port}"
    until(lambda: _up(url) == len(targets), process, seconds=60, what="the first answer of every target", every=0.1)
    return url


def _up(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?query=up==1", timeout=2) as answer:
            return len(json.loads(answer.read())["data"]["result"])
    except OSError:
        return -1
