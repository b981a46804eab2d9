"""nginx-prometheus-exporter: what the page stub_status of an nginx says; there are no counts by status or path."""

from __future__ import annotations

from typing import Final

SOURCE: Final = "nginx/nginx-prometheus-exporter@9956da707319, README.md, collector/nginx.go"
INCLUDES: Final = ("go",)
METRICS: Final = """
nginx_connections_accepted counter
nginx_connections_active gauge
nginx_connections_handled counter
nginx_connections_reading gauge
nginx_connections_waiting gauge
nginx_connections_writing gauge
nginx_exporter_build_info gauge branch goarch goos goversion revision tags version
nginx_http_requests_total counter
nginx_up gauge
"""
