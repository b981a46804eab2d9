"""003 JVM: heap, collections, threads, connections and errors of the services that Spring runs."""

from __future__ import annotations

from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold, Variable
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope


def dashboard(scope: Scope) -> Dashboard:
    """What the Java processes do; InputError where there is none."""
    if not rows.services(scope, "spring"):
        raise lacks(scope, "jvm", "Java processes", "have a service with `framework: spring`")
    at = 'namespace=~"$namespace",pod=~"$pod"'
    heap = f'area="heap",{at}'
    return Dashboard(
        uid=f"{scope.platform.name}-jvm",
        title="003 JVM",
        tags=(scope.platform.name, "application"),
        variables=(rows.namespace(scope), Variable("pod", "pod", "jvm_info")),
        rows=(
            Row(
                "Now",
                (
                    Panel(
                        "Heap in use",
                        "percentunit",
                        (
                            Query(
                                f"max(sum by (pod) (jvm_memory_used_bytes{{{heap}}}) / "
                                f"sum by (pod) (jvm_memory_max_bytes{{{heap}}} > 0))"
                            ),
                        ),
                        "gauge",
                        (Threshold(0.75, "orange"), Threshold(0.9, "red")),
                        "Of the process that has least left.",
                        least=0,
                        most=1,
                    ),
                    Panel(
                        "Connections to the database in use",
                        "percentunit",
                        (Query(f"max(hikaricp_connections_active{{{at}}} / hikaricp_connections_max{{{at}}})"),),
                        "gauge",
                        (rows.BUSY, Threshold(1, "red")),
                        "Of the pool that has least left.",
                        least=0,
                        most=1,
                    ),
                    Panel(
                        "Time spent collecting",
                        "percentunit",
                        (Query(f"max(sum by (pod) (rate(jvm_gc_pause_seconds_sum{{{at}}}[5m])))"),),
                        "stat",
                        (Threshold(0.05, "orange"), Threshold(0.1, "red")),
                        "Of the process that stands still the longest.",
                        decimals=2,
                    ),
                    Panel(
                        "Errors logged",
                        "cpm",
                        (Query(f'60 * sum(rate(logback_events_total{{level="error",{at}}}[5m]))'),),
                        "stat",
                        (Threshold(1, "orange"), Threshold(10, "red")),
                        decimals=1,
                    ),
                ),
            ),
            Row(
                "Memory",
                (
                    Panel(
                        "Heap",
                        "bytes",
                        (
                            Query(f"sum by (pod) (jvm_memory_used_bytes{{{heap}}})", "used {{pod}}"),
                            Query(f"sum by (pod) (jvm_memory_committed_bytes{{{heap}}})", "committed {{pod}}"),
                            Query(f"max(sum by (pod) (jvm_memory_max_bytes{{{heap}}} > 0))", "most"),
                        ),
                        least=0,
                    ),
                    Panel(
                        "Outside the heap",
                        "bytes",
                        (Query(f'sum by (id) (jvm_memory_used_bytes{{area="nonheap",{at}}})', "{{id}}"),),
                        stacked=True,
                        least=0,
                        description="Classes, compiled code, threads' stacks: they count towards the limit, too.",
                    ),
                    Panel(
                        "Collections",
                        "percentunit",
                        (
                            Query(
                                f"sum by (pod, action) (rate(jvm_gc_pause_seconds_sum{{{at}}}[5m]))",
                                "{{pod}} {{action}}",
                            ),
                        ),
                        thresholds=(Threshold(0.1, "red"),),
                        description="The share of time for which a process stands still.",
                    ),
                    Panel(
                        "Longest pause",
                        "s",
                        (Query(f"max by (pod, cause) (jvm_gc_pause_seconds_max{{{at}}})", "{{pod}} {{cause}}"),),
                    ),
                ),
            ),
            Row(
                "Work",
                (
                    Panel(
                        "Threads by state",
                        "short",
                        (Query(f"sum by (state) (jvm_threads_states_threads{{{at}}})", "{{state}}"),),
                        stacked=True,
                        decimals=0,
                    ),
                    Panel(
                        "Processors",
                        "percentunit",
                        (Query(f"max by (pod) (process_cpu_usage{{{at}}})", "{{pod}}"),),
                        thresholds=(rows.BUSY,),
                        least=0,
                        most=1,
                    ),
                    Panel(
                        "Connections to the database",
                        "short",
                        (
                            Query(f"sum by (pod) (hikaricp_connections_active{{{at}}})", "active {{pod}}"),
                            Query(f"sum by (pod) (hikaricp_connections_idle{{{at}}})", "idle {{pod}}"),
                            Query(f"sum by (pod) (hikaricp_connections_pending{{{at}}})", "waited for {{pod}}"),
                        ),
                        decimals=0,
                    ),
                    Panel(
                        "Wait for a connection",
                        "s",
                        (
                            Query(
                                f"sum by (pod) (rate(hikaricp_connections_acquire_seconds_sum{{{at}}}[5m])) / "
                                f"sum by (pod) (rate(hikaricp_connections_acquire_seconds_count{{{at}}}[5m]))",
                                "{{pod}}",
                            ),
                        ),
                        description="On average, of those that were asked for.",
                    ),
                    Panel(
                        "Lines logged",
                        "cps",
                        (Query(f"sum by (level) (rate(logback_events_total{{{at}}}[5m]))", "{{level}}"),),
                    ),
                    Panel(
                        "Classes loaded",
                        "short",
                        (Query(f"sum by (pod) (jvm_classes_loaded_classes{{{at}}})", "{{pod}}"),),
                        decimals=0,
                        description="A number that only ever rises is a leak.",
                    ),
                ),
            ),
        ),
    )
