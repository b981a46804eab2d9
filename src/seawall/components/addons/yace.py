"""Yet another CloudWatch exporter: tells Prometheus what CloudWatch knows of databases, caches and load balancers.

Actions: README.md of prometheus-community/yet-another-cloudwatch-exporter at 1a0ddb1efec8 ("bare minimum"), none of
which can be narrowed to a resource; ours are, to the regions that are asked, and without GetMetricStatistics, which
only its static jobs ask. What it asks for is what the components say is worth an alarm in CloudWatch, and beside it
what dashboards show. Namespaces: pkg/config/services.go of the same.

Chart: charts/prometheus-yet-another-cloudwatch-exporter of prometheus-community/helm-charts at cf408a290aec
(2026-08-22).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import SERVED, Chart
from seawall.components.component import Expandable
from seawall.components.offer import Right
from seawall.components.scope import Scope

TAGS: Final = ("Name", "component")
"""Tags of things in AWS that their metrics carry, as ``tag_Name`` and ``tag_component``."""
EVERY: Final = 300
"""How often it asks, in seconds, and the period that each value stands for: a sum is that of five minutes.

Each answer is paid for; with a shorter period than the pause, what happened in between would be in none.
"""
SHOWN: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AWS/ApplicationELB": {
        "RequestCount": ("Sum",),
        "TargetResponseTime": ("Average", "p99"),
        "HTTPCode_Target_2XX_Count": ("Sum",),
        "HTTPCode_Target_4XX_Count": ("Sum",),
        "HTTPCode_Target_5XX_Count": ("Sum",),
        "HTTPCode_ELB_5XX_Count": ("Sum",),
        "ActiveConnectionCount": ("Sum",),
        "HealthyHostCount": ("Minimum",),
        "UnHealthyHostCount": ("Maximum",),
    },
    "AWS/CloudFront": {"Requests": ("Sum",), "4xxErrorRate": ("Average",), "5xxErrorRate": ("Average",)},
    "AWS/EFS": {"ClientConnections": ("Sum",), "PercentIOLimit": ("Maximum",), "StorageBytes": ("Average",)},
    "AWS/ElastiCache": {
        "EngineCPUUtilization": ("Average",),
        "DatabaseMemoryUsagePercentage": ("Maximum",),
        "CurrConnections": ("Average",),
        "CacheHits": ("Sum",),
        "CacheMisses": ("Sum",),
        "Evictions": ("Sum",),
        "ReplicationLag": ("Maximum",),
    },
    "AWS/NATGateway": {"BytesOutToDestination": ("Sum",), "ErrorPortAllocation": ("Sum",)},
    "AWS/RDS": {
        "CPUUtilization": ("Average",),
        "DatabaseConnections": ("Average",),
        "FreeStorageSpace": ("Minimum",),
        "FreeableMemory": ("Minimum",),
        "ReadLatency": ("Average",),
        "WriteLatency": ("Average",),
        "ReadIOPS": ("Average",),
        "WriteIOPS": ("Average",),
    },
    "AWS/Route53": {"HealthCheckStatus": ("Minimum",), "HealthCheckPercentageHealthy": ("Average",)},
}
"""What dashboards show of a namespace, where the platform has anything in it: metric -> statistics."""
OWN: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Seawall/Recovery": (("Component", "Platform"), ("BackupDuration", "BackupRows", "BackupSize", "BackupVerified")),
}
"""Namespaces that Seawall's own agents write to: the dimensions of what is shown of them, and what that is.

No resource of AWS has them, so they are asked for by name (README, "Custom Namespace").
"""
_AGENTS: Final = 26 * 3600  # seconds that a value stands for: agents tell it with each copy, once a day at least
_NAMESPACES: Final = frozenset({*SHOWN, "AWS/CertificateManager", "AWS/Kafka", "AWS/S3", "AWS/SQS", "AWS/WAFV2"})


def jobs(scope: Scope) -> list[dict[str, Any]]:
    """What it asks CloudWatch for: one job a namespace and region, of things with the platform's tags alone."""
    wanted: dict[tuple[str, str], dict[str, tuple[int, dict[str, None]]]] = {}
    for name in scope.platform.components:
        for watch in scope.component(name).watches(scope.at(name)):
            if watch.namespace in _NAMESPACES:
                metrics = wanted.setdefault((watch.namespace, watch.region or scope.region), {})
                _, statistics = metrics.setdefault(watch.metric, (max(watch.period, EVERY), {}))
                statistics[watch.statistic] = None
    for (namespace, _), metrics in wanted.items():
        for metric, shown in SHOWN.get(namespace, {}).items():
            _, statistics = metrics.setdefault(metric, (EVERY, {}))
            statistics.update(dict.fromkeys(shown))
    ours = {"platform": scope.platform.name, "environment": scope.platform.environment}
    return [
        {
            "type": namespace,
            "regions": [region],
            "searchTags": [{"key": key, "value": f"^{value}$"} for key, value in ours.items()],
            "metrics": [
                # CloudWatch may be late with a period; of the last two the newest that is there is taken.
                {"name": metric, "statistics": sorted(statistics), "period": period, "length": 2 * period}
                for metric, (period, statistics) in sorted(metrics.items())
            ],
        }
        for (namespace, region), metrics in sorted(wanted.items())
    ]


def own(scope: Scope) -> list[dict[str, Any]]:
    """What it asks CloudWatch for of Seawall's own agents, where the platform has any: one job a namespace."""
    told = {
        watch.namespace
        for name in scope.platform.components
        for watch in scope.component(name).watches(scope.at(name))
        if watch.namespace in OWN
    }
    return [
        {
            "name": "agents",
            "namespace": namespace,
            "regions": [scope.region],
            "dimensionNameRequirements": list(OWN[namespace][0]),
            "metrics": [
                {"name": metric, "statistics": ["Maximum"], "period": EVERY, "length": _AGENTS}
                for metric in OWN[namespace][1]
            ],
        }
        for namespace in sorted(told)
    ]


def _rights(scope: Scope) -> Iterator[Right]:
    discovered = tuple(dict.fromkeys(region for job in jobs(scope) for region in job["regions"]))
    asked = tuple(dict.fromkeys((*discovered, *(region for job in own(scope) for region in job["regions"]))))
    if discovered:
        yield Right(("tag:GetResources",), ("*",), (("StringEquals", "aws:RequestedRegion", discovered),))
    if asked:
        asking = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
        yield Right(asking, ("*",), (("StringEquals", "aws:RequestedRegion", asked),))


def _values(scope: Scope) -> Mapping[str, Any]:
    asked = jobs(scope)
    found = {namespace: list(TAGS) for namespace in sorted({job["type"] for job in asked})}
    configuration = {
        "apiVersion": "v1alpha1",
        "sts-region": scope.region,
        "discovery": {"exportedTagsOnMetrics": found, "jobs": asked},
        **({"customNamespace": told} if (told := own(scope)) else {}),
    }
    return {
        "fullnameOverride": "yace",
        # It has nothing to say where nothing is asked for, and would not start.
        "replicaCount": 1 if asked else 0,
        "serviceAccount": {"create": True, "name": "yace"},
        "podSecurityContext": {**values.CONFINED_POD, "runAsUser": 65534, "runAsGroup": 65534},
        "securityContext": dict(values.CONFINED),
        "resources": values.resources("20m", "96Mi", "256Mi"),
        "extraEnv": [{"name": "AWS_REGION", "value": scope.region}],
        "extraArgs": {"scraping-interval": EVERY},
        "testConnection": False,
        "serviceMonitor": {"enabled": values.monitored(scope), "interval": "60s"},
        "config": json.dumps(configuration, indent=1),
        **values.placed(scope),
    }


def _has_any(scope: Scope) -> bool:
    components = map(scope.component, scope.platform.components)
    return any(type(component).watches is not Expandable.watches for component in components)


ADDON = Addon(
    name="yace",
    namespace="yace",
    account="yace",
    purpose="tells Prometheus what CloudWatch knows",
    rights=_rights,
    pod_security="restricted",
    follows="prometheus",
    use=_has_any,
    chart=Chart(
        repository="https://prometheus-community.github.io/helm-charts",
        name="prometheus-yet-another-cloudwatch-exporter",
        version="0.47.0",
        app_version="v0.67.0",
        source="prometheus-community/helm-charts@cf408a290aec",
        values=_values,
        wave=SERVED,
    ),
)
