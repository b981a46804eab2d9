"""A Python service with prometheus-fastapi-instrumentator as it comes, with what Python's client library adds."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "trallnag/prometheus-fastapi-instrumentator@c1c1fb645ce3, src/prometheus_fastapi_instrumentator/metrics.py"
    " (default); prometheus/client_python, prometheus_client/process_collector.py, platform_collector.py, "
    "gc_collector.py"
)
METRICS: Final = """
http_request_duration_highr_seconds histogram
http_request_duration_seconds histogram handler method
http_request_size_bytes summary handler
http_requests_total counter handler status method
http_response_size_bytes summary handler
process_cpu_seconds_total counter
process_max_fds gauge
process_open_fds gauge
process_resident_memory_bytes gauge
process_start_time_seconds gauge
process_virtual_memory_bytes gauge
python_gc_collections_total counter generation
python_gc_objects_collected_total counter generation
python_gc_objects_uncollectable_total counter generation
python_info gauge version implementation major minor patchlevel
"""
