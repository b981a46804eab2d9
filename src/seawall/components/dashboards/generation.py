"""Generation: requests, how long they take, and how many wait in the queue."""

from __future__ import annotations

from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold, Variable
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope
from seawall.components.worker import Worker

LONG, SLOW = 100, 60
"""Jobs that wait, and seconds that the slowest hundredth takes, from which on it is too much."""
_CHOSEN = 'namespace=~"$namespace"'
_WORKERS = f'{_CHOSEN},deployment=~".*worker"'
_SHARES = (0.5, 0.95, 0.99)


def dashboard(scope: Scope) -> Dashboard:
    """What is asked for, and what comes of it; InputError where no worker takes jobs or says how they went."""
    if not scope.every(Worker):
        raise lacks(scope, "generation", "workers that take jobs from a queue", "have a component of kind worker")
    own = rows.exported(scope)
    missing = [
        name
        for name in ("generation_duration_seconds_bucket", "generations_total", "redis_queue_length")
        if name not in own
    ]
    if missing:
        raise lacks(
            scope,
            "generation",
            f"the metrics {' and '.join(missing)}",
            "say who exports them: `metrics: {exports: {generations_total: [model, status], "
            "redis_queue_length: [queue]}, histograms: {generation_duration_seconds: [model]}}`",
        )
    # Whoever tells the queue's length is who puts jobs there.
    takers = f"{_CHOSEN},{rows.jobs(rows.exporting(scope, 'redis_queue_length'))}"
    return Dashboard(
        uid=f"{scope.platform.name}-generation",
        title="Generation",
        tags=(scope.platform.name, "application"),
        variables=(Variable("namespace", "namespace", "generations_total"),),
        rows=(_now(takers), _requests(takers), _jobs(), _queue()),
    )


def _quantile(share: float, metric: str, at: str = _CHOSEN, by: str = "le") -> str:
    return f"histogram_quantile({share}, sum by ({by}) (rate({metric}_bucket{{{at}}}[5m])))"


def _waiting(by: str) -> str:
    # Every pod of the service tells the same length.
    return f"{by}(max by (namespace, queue) (redis_queue_length{{{_CHOSEN}}}))"


def _failed(metric: str, bad: str) -> str:
    return f"(sum(rate({metric}{{{_CHOSEN},{bad}}}[5m])) or vector(0)) / (sum(rate({metric}{{{_CHOSEN}}}[5m])) > 0)"


def _now(takers: str) -> Row:
    return Row(
        "Now",
        (
            Panel("Requests", "reqps", (Query(f"sum(rate(http_requests_total{{{takers}}}[5m]))"),), "stat", decimals=1),
            Panel(
                "Failed jobs",
                "percentunit",
                (Query(_failed("generations_total", 'status!="ok"')),),
                "stat",
                (Threshold(0.01, "orange"), Threshold(0.05, "red")),
                decimals=1,
            ),
            Panel(
                "The slowest hundredth of jobs",
                "s",
                (Query(_quantile(0.99, "generation_duration_seconds")),),
                "stat",
                (Threshold(30, "orange"), Threshold(SLOW, "red")),
            ),
            Panel(
                "Waiting jobs",
                "short",
                (Query(_waiting("sum")),),
                "stat",
                (Threshold(LONG, "red"),),
                decimals=0,
            ),
        ),
    )


def _requests(takers: str) -> Row:
    return Row(
        "Requests",
        (
            Panel(
                "By path",
                "reqps",
                (Query(f"sum by (handler) (rate(http_requests_total{{{takers}}}[5m]))", "{{handler}}"),),
                stacked=True,
            ),
            Panel(
                "By answer",
                "reqps",
                (Query(f"sum by (status) (rate(http_requests_total{{{takers}}}[5m]))", "{{status}}"),),
                stacked=True,
            ),
            Panel(
                "Time to an answer",
                "s",
                tuple(
                    Query(_quantile(share, "http_request_duration_highr_seconds", takers), f"p{share * 100:g}")
                    for share in _SHARES
                ),
                thresholds=(Threshold(0.3, "orange"),),
                description="Of the services: a job is taken at once, and done later.",
            ),
            Panel(
                "Slowest paths",
                "s",
                (
                    Query(
                        "topk(5, sum by (handler) (rate(http_request_duration_seconds_sum"
                        f"{{{takers}}}[5m])) / sum by (handler) (rate(http_request_duration_seconds_count"
                        f"{{{takers}}}[5m])))",
                        "{{handler}}",
                    ),
                ),
                description="On average.",
            ),
        ),
    )


def _jobs() -> Row:
    return Row(
        "Jobs",
        (
            Panel(
                "Done",
                "cps",
                (Query(f"sum by (status) (rate(generations_total{{{_CHOSEN}}}[5m]))", "{{status}}"),),
                stacked=True,
            ),
            Panel(
                "Time that a job takes",
                "s",
                tuple(Query(_quantile(share, "generation_duration_seconds"), f"p{share * 100:g}") for share in _SHARES),
                thresholds=(Threshold(SLOW, "red"),),
            ),
            Panel(
                "How long jobs take",
                "s",
                (
                    Query(
                        f"sum by (le) (increase(generation_duration_seconds_bucket{{{_CHOSEN}}}[5m]))",
                        "{{le}}",
                    ),
                ),
                "heatmap",
            ),
            Panel(
                "By model",
                "s",
                (Query(_quantile(0.95, "generation_duration_seconds", by="le, model"), "{{model}}"),),
                description="p95 of each.",
            ),
        ),
    )


def _queue() -> Row:
    return Row(
        "Queue",
        (
            Panel(
                "Waiting jobs",
                "short",
                (Query(_waiting("sum by (namespace, queue) "), "{{namespace}} {{queue}}"),),
                thresholds=(Threshold(LONG, "red"),),
                decimals=0,
                least=0,
            ),
            Panel(
                "Workers",
                "short",
                (
                    Query(
                        f"sum by (deployment) (kube_deployment_status_replicas_ready{{{_WORKERS}}})",
                        "ready {{deployment}}",
                    ),
                    Query(
                        f"sum by (deployment) (kube_deployment_spec_replicas{{{_WORKERS}}})",
                        "wanted {{deployment}}",
                    ),
                ),
                decimals=0,
                least=0,
            ),
        ),
    )
