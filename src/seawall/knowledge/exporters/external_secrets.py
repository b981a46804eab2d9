"""External Secrets' controller: whether each secret is brought and its store answers, and its calls of AWS."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "external-secrets/external-secrets@cc5bfbc2234a, pkg/controllers/externalsecret/esmetrics/esmetrics.go, "
    "pkg/controllers/secretstore, pkg/controllers/metrics/labels.go, runtime/metrics/metrics.go"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
clustersecretstore_reconcile_duration gauge name namespace
clustersecretstore_status_condition gauge name namespace condition status
externalsecret_provider_api_calls_count counter provider call status
externalsecret_reconcile_duration gauge name namespace
externalsecret_status_condition gauge name namespace condition status
externalsecret_sync_calls_error counter name namespace
externalsecret_sync_calls_total counter name namespace
secretstore_reconcile_duration gauge name namespace
secretstore_status_condition gauge name namespace condition status
"""
