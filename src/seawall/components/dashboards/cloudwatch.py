"""Panels of what CloudWatch tells Prometheus through its exporter: only of what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from seawall.components.addons import yace
from seawall.components.cluster import Cluster
from seawall.components.dashboards.panel import Panel, Query, Row, Threshold
from seawall.components.scope import Scope
from seawall.knowledge.exporters.yace import metric

BALANCER, CDN, DATABASE, CACHE, NAMES = (
    "AWS/ApplicationELB",
    "AWS/CloudFront",
    "AWS/RDS",
    "AWS/ElastiCache",
    "AWS/Route53",
)
Asked: TypeAlias = frozenset[tuple[str, str, str]]
_NAME = "{{tag_Name}}"
_RATE = f"/ {yace.EVERY}"
"""What makes a sum a number a second."""
_GIB = 2**30


def asked(scope: Scope) -> Asked:
    """Namespace, metric and statistic of all that the exporter asks for; none where it is not there."""
    if yace.ADDON.name not in scope.the(Cluster).chosen_addons(scope):
        return frozenset()
    return frozenset(
        (job["type"], found["name"], statistic)
        for job in yace.jobs(scope)
        for found in job["metrics"]
        for statistic in found["statistics"]
    )


def health(found: Asked) -> Iterator[Panel]:
    """Whether Route 53's checkers find the platform well."""
    if (NAMES, "HealthCheckStatus", "Minimum") not in found:
        return
    series = metric(NAMES, "HealthCheckStatus", "Minimum")
    yield Panel(
        "Health checks",
        "short",
        (Query(f"min by (tag_Name) ({series})", _NAME),),
        "stat",
        (Threshold(1, "green"),),
        "1 is well, 0 is not: then visitors are led elsewhere.",
        base="red",
        decimals=0,
    )
    yield Panel(
        "Health over time",
        "short",
        (Query(f"min by (tag_Name) ({series})", _NAME),),
        least=0,
        most=1,
        decimals=0,
    )


def copies(scope: Scope) -> Iterator[Panel]:
    """How large copies are, how long they take, and whether the newest was proven: what the agent tells CloudWatch."""
    if yace.ADDON.name not in scope.the(Cluster).chosen_addons(scope):
        return
    namespace = "Seawall/Recovery"
    if not any(job["namespace"] == namespace for job in yace.own(scope)):
        return

    def told(name: str) -> str:
        return (
            f'max by (dimension_Component) ({metric(namespace, name, "Maximum")}{{dimension_Platform="{scope.title}"}})'
        )

    each = "{{dimension_Component}}"
    yield Panel(
        "Size as stored",
        "bytes",
        (Query(told("BackupSize"), each),),
        description="Of the newest copy, packed. One that is suddenly smaller has lost rows, or a table.",
        least=0,
    )
    yield Panel(
        "Rows",
        "short",
        (Query(told("BackupRows"), each),),
        description="Of all tables of the newest copy, counted while it was made.",
        least=0,
        decimals=0,
    )
    yield Panel(
        "Proven to be whole",
        "short",
        (Query(told("BackupVerified"), each),),
        "stat",
        (Threshold(1, "green"),),
        "1: it was read to its end and is what its manifest says. 0: it is not, or that could not be found out.",
        base="red",
        decimals=0,
    )


def storage(found: Asked) -> Iterator[Panel]:
    """What room databases on RDS have left, and how fast it goes."""
    if (DATABASE, "FreeStorageSpace", "Minimum") not in found:
        return
    series = metric(DATABASE, "FreeStorageSpace", "Minimum")
    yield Panel(
        "Room left",
        "bytes",
        (Query(f"min by (tag_Name) ({series})", _NAME),),
        thresholds=(Threshold(5 * _GIB, "green"),),
        base="red",
        least=0,
        description="RDS adds storage by itself, up to what the description allows. A copy is about "
        "as large as what is used.",
    )
    yield Panel(
        "Growth in a day",
        "bytes",
        (Query(f"-min by (tag_Name) (delta({series}[1d]))", _NAME),),
        description="Below nothing where rows were deleted or storage was added.",
    )


def balancer_row(found: Asked) -> Iterator[Row]:
    """What the load balancer passes on, and what it answers itself."""
    panels: list[Panel] = []
    if (BALANCER, "RequestCount", "Sum") not in found:
        return
    panels.append(
        _panel("Requests", "reqps", _each(found, BALANCER, [("RequestCount", "Sum", "requests")], _RATE, _WHOLE))
    )
    codes = [
        ("HTTPCode_Target_5XX_Count", "Sum", "5xx of services"),
        ("HTTPCode_ELB_5XX_Count", "Sum", "5xx of its own"),
        ("HTTPCode_Target_4XX_Count", "Sum", "4xx of services"),
    ]
    panels.append(_panel("Errors", "reqps", _each(found, BALANCER, codes, _RATE, _WHOLE)))
    times = [("TargetResponseTime", "Average", "average"), ("TargetResponseTime", "p99", "p99")]
    slowest = _each(found, BALANCER, times, whole=_WHOLE, of="max")
    panels.append(_panel("Time to an answer", "s", slowest, (Threshold(2, "red"),)))
    hosts = [("HealthyHostCount", "Minimum", "healthy"), ("UnHealthyHostCount", "Maximum", "unhealthy")]
    panels.append(_panel("Targets", "short", _each(found, BALANCER, hosts, whole=_GROUP)))
    yield Row("Load balancer", tuple(panel for panel in panels if panel.queries))


def database_row(found: Asked) -> Iterator[Row]:
    """How busy databases on RDS are."""
    if (DATABASE, "CPUUtilization", "Average") not in found:
        return
    panels = (
        _panel("Processors", "percent", _by_name(found, DATABASE, [("CPUUtilization", "Average", "")]), _PERCENT),
        _panel("Connections", "short", _by_name(found, DATABASE, [("DatabaseConnections", "Average", "")])),
        _panel("Memory left", "bytes", _by_name(found, DATABASE, [("FreeableMemory", "Minimum", "")])),
        _panel("Storage left", "bytes", _by_name(found, DATABASE, [("FreeStorageSpace", "Minimum", "")])),
        _panel(
            "Time that an operation takes",
            "s",
            _by_name(found, DATABASE, [("ReadLatency", "Average", "read "), ("WriteLatency", "Average", "write ")]),
        ),
        _panel(
            "Operations",
            "iops",
            _by_name(found, DATABASE, [("ReadIOPS", "Average", "read "), ("WriteIOPS", "Average", "write ")]),
        ),
    )
    yield Row("Databases", tuple(panel for panel in panels if panel.queries))


def cdn_row(found: Asked) -> Iterator[Row]:
    """What CloudFront serves, and how Route 53 finds it."""
    panels = [
        _panel("CloudFront: requests", "reqps", _by_name(found, CDN, [("Requests", "Sum", "")], _RATE)),
        _panel(
            "CloudFront: errors",
            "percent",
            _by_name(found, CDN, [("5xxErrorRate", "Average", "5xx "), ("4xxErrorRate", "Average", "4xx ")]),
        ),
    ]
    shown = tuple(panel for panel in (*panels, *health(found)) if panel.queries)
    if shown:
        yield Row("The edge", shown)


_PERCENT = (Threshold(80, "orange"), Threshold(90, "red"))


def _panel(title: str, unit: str, queries: tuple[Query, ...], thresholds: tuple[Threshold, ...] = ()) -> Panel:
    return Panel(title, unit, queries, thresholds=thresholds, least=0, description=_BEHIND)


_BEHIND = "CloudWatch is a few minutes behind."


# The same number is told of a load balancer, of each zone and of each group of targets; a sum must have one of these.
_WHOLE = 'dimension_TargetGroup="",dimension_AvailabilityZone=""'
_GROUP = 'dimension_TargetGroup!="",dimension_AvailabilityZone=""'


def _each(
    found: Asked,
    namespace: str,
    wanted: list[tuple[str, str, str]],
    scaled: str = "",
    whole: str = "",
    of: str = "sum",
) -> tuple[Query, ...]:
    return tuple(
        Query(f"{of}({metric(namespace, name, statistic)}{{{whole}}}) {scaled}".strip(), legend)
        for name, statistic, legend in wanted
        if (namespace, name, statistic) in found
    )


def _by_name(found: Asked, namespace: str, wanted: list[tuple[str, str, str]], scaled: str = "") -> tuple[Query, ...]:
    return tuple(
        Query(f"max by (tag_Name) ({metric(namespace, name, statistic)}) {scaled}".strip(), f"{before}{_NAME}")
        for name, statistic, before in wanted
        if (namespace, name, statistic) in found
    )
