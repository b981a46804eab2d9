"""Argo Rollouts' controller: its Rollouts, analyses and experiments."""

from __future__ import annotations

from typing import Final

SOURCE: Final = "argoproj/argo-rollouts@9f8d111d8f8e, controller/metrics/prommetrics.go, metrics.go"
INCLUDES: Final = ("go",)
METRICS: Final = """
analysis_run_info gauge namespace name phase
analysis_run_metric_phase gauge namespace name metric type dry_run phase
analysis_run_metric_type gauge namespace name metric type
analysis_run_phase gauge namespace name phase
analysis_run_reconcile histogram namespace name
analysis_run_reconcile_error counter namespace name
analysis_template_info gauge namespace name
analysis_template_metric_info gauge namespace name type metric
argo_rollouts_controller_info gauge version
controller_clientset_k8s_request_total counter kind namespace name verb status_code
experiment_info gauge namespace name phase
experiment_phase gauge namespace name phase
experiment_reconcile histogram namespace name
experiment_reconcile_error counter namespace name
notification_send histogram namespace name
notification_send_error counter namespace name type reason
notification_send_success counter namespace name type reason
rollout_events_total counter namespace name type reason
rollout_info gauge namespace name strategy traffic_router phase
rollout_info_replicas_available gauge namespace name
rollout_info_replicas_desired gauge namespace name
rollout_info_replicas_unavailable gauge namespace name
rollout_info_replicas_updated gauge namespace name
rollout_phase gauge namespace name strategy phase
rollout_reconcile histogram namespace name
rollout_reconcile_error counter namespace name
"""
