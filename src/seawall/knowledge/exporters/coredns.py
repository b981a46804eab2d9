"""CoreDNS with the plug-ins of Kubernetes: queries, answers, its cache and those that it asks in turn."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "coredns/coredns@4b26cced3271, README.md of plugin/metrics, cache, forward, health, hosts, kubernetes and reload"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
coredns_build_info gauge version revision goversion
coredns_cache_drops_total counter server zones view
coredns_cache_entries gauge server type zones view
coredns_cache_evictions_total counter server type zones view
coredns_cache_hits_total counter server type zones view
coredns_cache_misses_total counter server zones view
coredns_cache_prefetch_total counter server zones view
coredns_cache_requests_total counter server zones view
coredns_cache_served_stale_total counter server zones view
coredns_dns_do_requests_total counter server view zone
coredns_dns_https_responses_total counter server status
coredns_dns_quic_responses_total counter server status
coredns_dns_request_duration_seconds histogram server zone view type
coredns_dns_request_size_bytes histogram server zone view proto
coredns_dns_requests_total counter server zone view proto family type
coredns_dns_response_size_bytes histogram server zone view proto
coredns_dns_responses_total counter server zone view rcode plugin
coredns_forward_healthcheck_broken_total counter
coredns_forward_max_concurrent_rejects_total counter
coredns_health_request_duration_seconds histogram
coredns_health_request_failures_total counter
coredns_hosts_entries gauge
coredns_hosts_reload_timestamp_seconds gauge
coredns_kubernetes_dns_programming_duration_seconds histogram service_kind
coredns_kubernetes_rest_client_rate_limiter_duration_seconds histogram verb host
coredns_kubernetes_rest_client_request_duration_seconds histogram verb host
coredns_kubernetes_rest_client_requests_total counter method code host
coredns_panics_total counter
coredns_plugin_enabled gauge server zone view name
coredns_proxy_conn_cache_hits_total counter proxy_name to proto
coredns_proxy_conn_cache_misses_total counter proxy_name to proto
coredns_proxy_healthcheck_failures_total counter proxy_name to rcode
coredns_proxy_request_duration_seconds histogram proxy_name to rcode
coredns_reload_failed_total counter
coredns_reload_version_info gauge hash value
"""
