"""What every program exports that uses Go's client library as it comes: its runtime and its process."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "prometheus/client_golang@89c60c055469, prometheus/go_collector.go, go_collector_latest.go, "
    "process_collector.go, promhttp/http.go"
)
METRICS: Final = """
go_gc_duration_seconds summary
go_gc_gogc_percent gauge
go_gc_gomemlimit_bytes gauge
go_goroutines gauge
go_info gauge version
go_memstats_alloc_bytes gauge
go_memstats_alloc_bytes_total counter
go_memstats_buck_hash_sys_bytes gauge
go_memstats_frees_total counter
go_memstats_gc_sys_bytes gauge
go_memstats_heap_alloc_bytes gauge
go_memstats_heap_idle_bytes gauge
go_memstats_heap_inuse_bytes gauge
go_memstats_heap_objects gauge
go_memstats_heap_released_bytes gauge
go_memstats_heap_sys_bytes gauge
go_memstats_last_gc_time_seconds gauge
go_memstats_mallocs_total counter
go_memstats_mcache_inuse_bytes gauge
go_memstats_mcache_sys_bytes gauge
go_memstats_mspan_inuse_bytes gauge
go_memstats_mspan_sys_bytes gauge
go_memstats_next_gc_bytes gauge
go_memstats_other_sys_bytes gauge
go_memstats_stack_inuse_bytes gauge
go_memstats_stack_sys_bytes gauge
go_memstats_sys_bytes gauge
go_sched_gomaxprocs_threads gauge
go_threads gauge
process_cpu_seconds_total counter
process_max_fds gauge
process_network_receive_bytes_total counter
process_network_transmit_bytes_total counter
process_open_fds gauge
process_resident_memory_bytes gauge
process_start_time_seconds gauge
process_virtual_memory_bytes gauge
process_virtual_memory_max_bytes gauge
promhttp_metric_handler_requests_in_flight gauge
promhttp_metric_handler_requests_total counter code
"""
