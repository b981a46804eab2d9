"""cAdvisor within the kubelet: what the containers of a node use, with the labels that the kubelet gives them."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "google/cadvisor@6a0c4f2539a8, lib/metrics/prometheus.go, docs/storage/prometheus.md; "
    "kubernetes/kubernetes, pkg/kubelet/server/server.go (containerPrometheusLabelsFunc)"
)
METRICS: Final = """
container_blkio_device_usage_total counter id image name namespace pod container device major minor operation
container_cpu_cfs_burst_periods_total counter id image name namespace pod container
container_cpu_cfs_burst_seconds_total counter id image name namespace pod container
container_cpu_cfs_periods_total counter id image name namespace pod container
container_cpu_cfs_throttled_periods_total counter id image name namespace pod container
container_cpu_cfs_throttled_seconds_total counter id image name namespace pod container
container_cpu_load_average_10s gauge id image name namespace pod container
container_cpu_load_d_average_10s gauge id image name namespace pod container
container_cpu_system_seconds_total counter id image name namespace pod container
container_cpu_usage_seconds_total counter id image name namespace pod container cpu
container_cpu_user_seconds_total counter id image name namespace pod container
container_file_descriptors gauge id image name namespace pod container
container_fs_inodes_free gauge id image name namespace pod container device
container_fs_inodes_total gauge id image name namespace pod container device
container_fs_io_cost_indebt_seconds_total counter id image name namespace pod container device
container_fs_io_cost_indelay_seconds_total counter id image name namespace pod container device
container_fs_io_cost_usage_seconds_total counter id image name namespace pod container device
container_fs_io_cost_wait_seconds_total counter id image name namespace pod container device
container_fs_io_current gauge id image name namespace pod container device
container_fs_io_time_seconds_total counter id image name namespace pod container device
container_fs_io_time_weighted_seconds_total counter id image name namespace pod container device
container_fs_limit_bytes gauge id image name namespace pod container device
container_fs_read_seconds_total counter id image name namespace pod container device
container_fs_reads_bytes_total counter id image name namespace pod container device
container_fs_reads_merged_total counter id image name namespace pod container device
container_fs_reads_total counter id image name namespace pod container device
container_fs_sector_reads_total counter id image name namespace pod container device
container_fs_sector_writes_total counter id image name namespace pod container device
container_fs_usage_bytes gauge id image name namespace pod container device
container_fs_write_seconds_total counter id image name namespace pod container device
container_fs_writes_bytes_total counter id image name namespace pod container device
container_fs_writes_merged_total counter id image name namespace pod container device
container_fs_writes_total counter id image name namespace pod container device
container_last_seen gauge id image name namespace pod container
container_memory_cache gauge id image name namespace pod container
container_memory_events_high_total counter id image name namespace pod container
container_memory_events_max_total counter id image name namespace pod container
container_memory_failcnt counter id image name namespace pod container
container_memory_failures_total counter id image name namespace pod container failure_type scope
container_memory_file_dirty_bytes gauge id image name namespace pod container
container_memory_file_writeback_bytes gauge id image name namespace pod container
container_memory_kernel_usage gauge id image name namespace pod container
container_memory_mapped_file gauge id image name namespace pod container
container_memory_max_usage_bytes gauge id image name namespace pod container
container_memory_pgscan_total counter id image name namespace pod container
container_memory_pgsteal_total counter id image name namespace pod container
container_memory_rss gauge id image name namespace pod container
container_memory_swap gauge id image name namespace pod container
container_memory_total_active_file_bytes gauge id image name namespace pod container
container_memory_total_inactive_file_bytes gauge id image name namespace pod container
container_memory_usage_bytes gauge id image name namespace pod container
container_memory_working_set_bytes gauge id image name namespace pod container
container_memory_workingset_refault_anon_total counter id image name namespace pod container
container_memory_workingset_refault_file_total counter id image name namespace pod container
container_network_receive_bytes_total counter id image name namespace pod container interface
container_network_receive_errors_total counter id image name namespace pod container interface
container_network_receive_packets_dropped_total counter id image name namespace pod container interface
container_network_receive_packets_total counter id image name namespace pod container interface
container_network_transmit_bytes_total counter id image name namespace pod container interface
container_network_transmit_errors_total counter id image name namespace pod container interface
container_network_transmit_packets_dropped_total counter id image name namespace pod container interface
container_network_transmit_packets_total counter id image name namespace pod container interface
container_oom_events_total counter id image name namespace pod container
container_pressure_cpu_stalled_seconds_total counter id image name namespace pod container
container_pressure_cpu_waiting_seconds_total counter id image name namespace pod container
container_pressure_io_stalled_seconds_total counter id image name namespace pod container
container_pressure_io_waiting_seconds_total counter id image name namespace pod container
container_pressure_memory_stalled_seconds_total counter id image name namespace pod container
container_pressure_memory_waiting_seconds_total counter id image name namespace pod container
container_processes gauge id image name namespace pod container
container_sockets gauge id image name namespace pod container
container_spec_cpu_period gauge id image name namespace pod container
container_spec_cpu_quota gauge id image name namespace pod container
container_spec_cpu_shares gauge id image name namespace pod container
container_spec_memory_limit_bytes gauge id image name namespace pod container
container_spec_memory_reservation_limit_bytes gauge id image name namespace pod container
container_spec_memory_swap_limit_bytes gauge id image name namespace pod container
container_start_time_seconds gauge id image name namespace pod container
container_tasks_state gauge id image name namespace pod container state
container_threads gauge id image name namespace pod container
container_threads_max gauge id image name namespace pod container
container_ulimits_soft gauge id image name namespace pod container ulimit
machine_cpu_cores gauge
machine_cpu_physical_cores gauge
machine_cpu_sockets gauge
machine_memory_bytes gauge
machine_swap_bytes gauge
"""
