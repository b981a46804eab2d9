"""Loki: keeps logs in a bucket, with an index small enough to lie there too.

Keys of the values: charts/loki/values.yaml and values.schema.json of grafana-community/helm-charts at 3386a1156177
(chart 18.11.0, Loki 3.7.6); those of Loki's configuration: docs/sources/configure and docs/sources/operations/storage
of grafana/loki.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from seawall.components.logs.place import NAMESPACE
from seawall.components.offer import Right
from seawall.components.scope import Scope

PORT: Final = 3100
URL: Final = f"http://loki.{NAMESPACE}.svc.cluster.local:{PORT}"
"""Where it answers."""
LABELS: Final = (("app.kubernetes.io/name", "loki"),)
ACCOUNT: Final = "loki"
SINCE: Final = "2026-01-01"
"""From when on its schema holds: before its first line, and never to be changed."""
_FOLDER = "/var/loki"


def rights(scope: Scope) -> Iterator[Right]:
    """What it may do in AWS; ``scope`` is of any component of the platform."""
    from seawall.components.logs.logs import logs_of

    where, found = logs_of(scope)
    yield from found.loki_rights(where)


def values(scope: Scope) -> dict[str, Any]:
    """What its chart is told: one process, all of whose logs but the newest lie in the bucket."""
    from seawall.components.cluster import STORAGE_CLASS  # the cluster finds the add-ons, which ask for these values
    from seawall.components.logs.logs import logs_of

    where, found = logs_of(scope)
    bucket = found.bucket_name(where)
    off: dict[str, Any] = {"enabled": False}
    return {
        "deploymentMode": "Monolithic",
        "loki": {
            # One tenant; who may reach it at all is the namespace's policies' matter.
            "auth_enabled": False,
            "commonConfig": {"replication_factor": 1},
            "storage": {
                "type": "s3",
                "bucketNames": {"chunks": bucket, "ruler": bucket},
                "s3": {"region": scope.region},
            },
            "schemaConfig": {
                "configs": [
                    {
                        "from": SINCE,
                        "store": "tsdb",
                        "object_store": "s3",
                        "schema": "v13",
                        "index": {"prefix": "index_", "period": "24h"},
                    }
                ]
            },
            "limits_config": {
                "retention_period": f"{round(found.keep.days) * 24}h",
                "reject_old_samples": True,
                "reject_old_samples_max_age": f"{round(found.keep.days) * 24}h",
                # Of one pod that says too much the others' logs are not to suffer.
                "per_stream_rate_limit": "3MB",
                "per_stream_rate_limit_burst": "15MB",
                "max_query_length": f"{round(found.keep.days) * 24 + 1}h",
                "allow_structured_metadata": True,
                "volume_enabled": True,
            },
            "compactor": {
                "working_directory": f"{_FOLDER}/compactor",
                "retention_enabled": True,
                "delete_request_store": "s3",
            },
            "analytics": {"reporting_enabled": False},
        },
        "singleBinary": {
            "replicas": 1,
            "persistence": {"storageClass": STORAGE_CLASS, "size": found.storage.quantity},
            "resources": {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
            # With the one pod a budget would only keep its node from ever being drained.
            "podDisruptionBudget": off,
        },
        **{part: {"replicas": 0} for part in ("read", "write", "backend")},
        "serviceAccount": {"name": ACCOUNT},
        # Grafana and the agents ask it straight; caches of gibibytes are for many users.
        "gateway": off,
        "chunksCache": off,
        "resultsCache": off,
        "lokiCanary": off,
        "test": off,
        "sidecar": {"rules": off},
    }
