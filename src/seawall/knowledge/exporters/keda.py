"""KEDA's operator: the values that its scalers read, and its errors."""

from __future__ import annotations

from typing import Final

SOURCE: Final = "kedacore/keda@8b4f083ca8c8, pkg/metricscollector/prommetrics.go"
INCLUDES: Final = ("go",)
METRICS: Final = """
keda_build_info gauge version git_commit goversion goos goarch
keda_internal_scale_loop_latency_seconds gauge namespace type resource
keda_resource_registered_total gauge type namespace
keda_scaled_job_errors_total counter namespace scaledJob
keda_scaled_object_errors_total counter namespace scaledObject
keda_scaled_object_paused gauge namespace scaledObject
keda_scaler_active gauge namespace metric scaledObject scaler triggerIndex type
keda_scaler_detail_errors_total counter namespace metric scaledObject scaler triggerIndex type
keda_scaler_metrics_latency_seconds gauge namespace metric scaledObject scaler triggerIndex type
keda_scaler_metrics_value gauge namespace metric scaledObject scaler triggerIndex type
keda_trigger_registered_total gauge type
"""
