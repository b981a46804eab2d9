"""The kubelet itself: its pods and containers, what it asks of the runtime, how full claimed volumes are."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "kubernetes/kubernetes@0199276f85ec, test/instrumentation/documentation/documentation-list.yaml, "
    "pkg/kubelet/metrics"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
kubelet_certificate_manager_client_ttl_seconds gauge
kubelet_certificate_manager_server_ttl_seconds gauge
kubelet_evictions counter eviction_signal
kubelet_node_config_error gauge
kubelet_node_name gauge node
kubelet_pleg_relist_duration_seconds histogram
kubelet_pod_start_duration_seconds histogram
kubelet_pod_worker_duration_seconds histogram operation_type
kubelet_running_containers gauge container_state
kubelet_running_pods gauge
kubelet_runtime_operations_duration_seconds histogram operation_type
kubelet_runtime_operations_errors_total counter operation_type
kubelet_runtime_operations_total counter operation_type
kubelet_volume_stats_available_bytes gauge namespace persistentvolumeclaim
kubelet_volume_stats_capacity_bytes gauge namespace persistentvolumeclaim
kubelet_volume_stats_inodes gauge namespace persistentvolumeclaim
kubelet_volume_stats_inodes_free gauge namespace persistentvolumeclaim
kubelet_volume_stats_inodes_used gauge namespace persistentvolumeclaim
kubelet_volume_stats_used_bytes gauge namespace persistentvolumeclaim
kubernetes_build_info gauge major minor git_version git_commit git_tree_state build_date go_version compiler platform
"""
