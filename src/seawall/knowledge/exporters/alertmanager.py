"""Alertmanager: what it was told, what it passed on and what it could not."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "prometheus/alertmanager@68fb2d5759b3, notify/metrics.go, api/metrics/metrics.go; cluster/cluster.go, "
    "config/coordinator.go, types, silence/silence.go, nflog/nflog.go"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
alertmanager_alerts gauge state
alertmanager_alerts_invalid_total counter version
alertmanager_alerts_received_total counter status version
alertmanager_build_info gauge version revision branch goversion goos goarch tags
alertmanager_cluster_enabled gauge
alertmanager_cluster_failed_peers gauge
alertmanager_cluster_health_score gauge
alertmanager_cluster_members gauge
alertmanager_cluster_messages_queued gauge
alertmanager_cluster_messages_received_total counter msg_type
alertmanager_cluster_messages_sent_total counter msg_type
alertmanager_config_hash gauge
alertmanager_config_last_reload_success_timestamp_seconds gauge
alertmanager_config_last_reload_successful gauge
alertmanager_dispatcher_aggregation_groups gauge
alertmanager_dispatcher_alert_processing_duration_seconds_count counter
alertmanager_dispatcher_alert_processing_duration_seconds_sum counter
alertmanager_http_request_duration_seconds histogram handler method code
alertmanager_integrations gauge
alertmanager_nflog_queries_total counter
alertmanager_nflog_query_errors_total counter
alertmanager_notification_latency_seconds histogram integration
alertmanager_notification_requests_failed_total counter integration
alertmanager_notification_requests_total counter integration
alertmanager_notifications_failed_total counter integration reason
alertmanager_notifications_suppressed_total counter reason
alertmanager_notifications_total counter integration
alertmanager_receivers gauge
alertmanager_silences gauge state
"""
