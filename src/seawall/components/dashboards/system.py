"""001 System Overview: whether visitors are served, how fast, by which pods, and whether what these need answers."""

from __future__ import annotations

from seawall.components.cache import Cache
from seawall.components.cluster import Cluster
from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope

SLOW = 2
"""Seconds from which on an answer is slow."""


def dashboard(scope: Scope) -> Dashboard:
    """The whole of it at a glance; InputError where no service says how it answers."""
    spring, nginx = rows.services(scope, "spring"), rows.services(scope, "nginx")
    if not spring:
        raise lacks(scope, "system", "requests that Spring counts", "have a service with `framework: spring`")
    answered = rows.jobs(spring)
    return Dashboard(
        uid=f"{scope.platform.name}-system",
        title="001 System Overview",
        tags=(scope.platform.name, "overview"),
        variables=(rows.namespace(scope),),
        rows=(
            _now(answered),
            _requests(answered, rows.jobs(nginx) if nginx else ""),
            rows.pod_row(),
            *_releases(scope),
            *_needs(scope, answered),
        ),
    )


def _quantile(share: float, at: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate(http_server_requests_seconds_bucket{{{at}}}[5m])))"


def _rate(at: str, by: str = "") -> str:
    grouped = f"sum by ({by}) " if by else "sum"
    return f"{grouped}(rate(http_server_requests_seconds_count{{{at}}}[5m]))"


def _now(at: str) -> Row:
    failed = _rate(f'{at},status=~"5.."')
    chosen = 'namespace=~"$namespace"'
    return Row(
        "Now",
        (
            Panel("Requests", "reqps", (Query(_rate(at)),), "stat", (Threshold(500, "orange"),), decimals=1),
            Panel(
                "Failed",
                "percentunit",
                (Query(f"({failed} or vector(0)) / ({_rate(at)} > 0)"),),
                "stat",
                (Threshold(0.01, "orange"), Threshold(0.05, "red")),
                "Answered with 500 to 599.",
                decimals=2,
            ),
            Panel(
                "p95",
                "s",
                (Query(_quantile(0.95, at)),),
                "stat",
                (Threshold(SLOW / 2, "orange"), Threshold(SLOW, "red")),
                "The time within which 19 of 20 requests are answered.",
                decimals=2,
            ),
            Panel(
                "Pods that are not ready",
                "short",
                (
                    Query(
                        f'sum(kube_pod_status_ready{{{chosen},condition="false"}} * on (namespace, pod) group_left () '
                        '(kube_pod_status_phase{phase=~"Running|Pending"} == 1)) or vector(0)'
                    ),
                ),
                "stat",
                (Threshold(1, "red"),),
                decimals=0,
            ),
            Panel(
                "Alerts",
                "short",
                (Query('max(sum by (pod) (alertmanager_alerts{state="active"}))'),),
                "stat",
                (Threshold(2, "red"),),
                "As Alertmanager has them; one is always there, to show that they would come.",
                decimals=0,
            ),
        ),
    )


def _requests(at: str, front: str) -> Row:
    panels = [
        Panel("Requests by answer", "reqps", (Query(_rate(at, "status"), "{{status}}"),), stacked=True, least=0),
        Panel(
            "Time to an answer",
            "s",
            tuple(Query(_quantile(share, at), f"p{share * 100:g}") for share in (0.5, 0.95, 0.99)),
            thresholds=(Threshold(SLOW, "red"),),
            least=0,
        ),
        Panel(
            "Slowest paths",
            "s",
            (
                Query(
                    f"topk(5, sum by (uri) (rate(http_server_requests_seconds_sum{{{at}}}[5m])) / {_rate(at, 'uri')})",
                    "{{uri}}",
                ),
            ),
            description="On average.",
        ),
    ]
    if front:
        panels.append(
            Panel(
                "nginx",
                "reqps",
                (Query(f"sum by (pod) (rate(nginx_http_requests_total{{{front}}}[5m]))", "{{pod}}"),),
                stacked=True,
                least=0,
            )
        )
    return Row("Requests", tuple(panels))


def _releases(scope: Scope) -> tuple[Row, ...]:
    chosen = 'namespace=~"$namespace"'
    scaled = Panel(
        "Pods that the autoscaler wants",
        "short",
        (
            Query(
                f"sum by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_desired_replicas{{{chosen}}})",
                "{{horizontalpodautoscaler}}",
            ),
            Query(
                f"sum by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas{{{chosen}}})",
                "most {{horizontalpodautoscaler}}",
            ),
        ),
        decimals=0,
        least=0,
    )
    if "argo-rollouts" not in scope.the(Cluster).chosen_addons(scope):
        return (Row("Scale", (scaled,)),)
    released = Panel(
        "Releases",
        "short",
        (Query('max by (name, phase) (rollout_info{phase!="Healthy"})', "{{name}} {{phase}}"),),
        decimals=0,
        least=0,
        description="Progressing: a new version is let in. Degraded: it was taken back.",
    )
    return (Row("Scale and releases", (scaled, released)),)


def _needs(scope: Scope, at: str) -> tuple[Row, ...]:
    panels = [
        Panel(
            "Connections to the database",
            "short",
            (
                Query(f"sum(hikaricp_connections_active{{{at}}})", "active"),
                Query(f"sum(hikaricp_connections_pending{{{at}}})", "waited for"),
                Query(f"sum(hikaricp_connections_max{{{at}}})", "most"),
            ),
            decimals=0,
            least=0,
        )
    ]
    caches = [name for name, cache in scope.every(Cache).items() if cache.place == "cluster"]
    if caches:
        panels.append(
            Panel(
                "Redis",
                "short",
                (
                    Query(f"sum by (job) (redis_up{{{rows.jobs(caches)}}})", "answering {{job}}"),
                    Query(f"sum by (job) (redis_connected_clients{{{rows.jobs(caches)}}})", "clients of {{job}}"),
                ),
                decimals=0,
                least=0,
            )
        )
    return (Row("What services need", tuple(panels)),)
