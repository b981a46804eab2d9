"""Loki: what it was sent, what it refused, its chunks and its answers."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "grafana/loki@65e30f8488e8, pkg/distributor/distributor.go, pkg/loghttp/push/push.go; "
    "pkg/ingester/metrics.go, pkg/validation/validate.go; vendor/github.com/grafana/dskit/server/metrics.go"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
loki_discarded_bytes_total counter reason tenant retention_hours policy format
loki_discarded_samples_total counter reason tenant retention_hours policy format
loki_distributor_bytes_received_total counter tenant retention_hours is_internal_stream policy format
loki_distributor_ingester_append_timeouts_total counter ingester
loki_distributor_ingester_appends_total counter ingester
loki_distributor_lines_received_total counter tenant is_internal_stream policy format
loki_ingester_chunk_age_seconds histogram
loki_ingester_chunk_stored_bytes_total counter tenant
loki_ingester_chunks_created_total counter
loki_ingester_chunks_flush_failures_total counter
loki_ingester_chunks_flushed_total counter reason
loki_ingester_chunks_stored_total counter tenant
loki_ingester_memory_chunks gauge
loki_ingester_memory_streams gauge tenant
loki_ingester_streams_created_total counter tenant
loki_ingester_streams_removed_total counter tenant
loki_internal_log_messages_total counter level
loki_request_duration_seconds histogram method route status_code ws
"""
