"""Loki: logs in a bucket.

Read in grafana/loki: docs/sources/operations/storage/_index.md, "AWS S3"; bucket names as charts/loki of
grafana-community/helm-charts at 3386a1156177 takes them.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="loki",
    version="3.7.6",
    source="https://grafana.com/docs/loki/latest/operations/storage/",
    read="2026-11-22",
    images=("grafana/loki",),
    charts=("loki",),
    account="loki",
    namespace="logging",
    told=(
        Told(
            "bucket",
            ("loki.storage.bucketNames.chunks", "loki.storage.bucketNames.ruler", "loki.storage.bucketNames.admin"),
        ),
        Told("storage", ("loki.storage.type",)),
    ),
    needs=(
        Need(("s3:ListBucket",), ("arn:{partition}:s3:::{bucket}",)),
        Need(each("s3", "DeleteObject", "GetObject", "PutObject"), ("arn:{partition}:s3:::{bucket}/*",)),
    ),
)
