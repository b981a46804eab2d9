"""What is exported by what Helm charts install, as far as their values have Prometheus ask for it.

Keys and defaults of values: prometheus-community/helm-charts@cf408a290aec, argoproj/argo-helm,
aws/karpenter-provider-aws (charts/karpenter), kedacore/charts, grafana/loki, fluent/helm-charts,
opencost/opencost-helm-chart and NVIDIA/dcgm-exporter (deployment).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from seawall.facts.fact import Fact
from seawall.facts.telemetry import Emits, Exports
from seawall.graph.resource import Resource
from seawall.knowledge.exporters import yace
from seawall.readers.kubernetes.chart_values import at, parsed, values_of
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.kubernetes.prometheus import SERVICE, joined
from seawall.readers.registry import reads


@dataclass(frozen=True, slots=True)
class Brought:
    """An exporter that a chart brings: which values must be true, and what they are where nobody says.

    ``honours`` is the value that says whether its own labels go before those of its pod; ``relabelled`` is where
    further labels are attached, and ``attached`` those that always are.
    """

    exporter: str
    when: tuple[str, ...]
    default: bool = False
    honours: str = ""
    honoured: bool = False
    relabelled: str = ""
    attached: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


_DROPPED_NAMES: Final = """
    cpu_cfs_throttled_seconds_total cpu_load_average_10s cpu_system_seconds_total cpu_user_seconds_total
    fs_io_current fs_io_time_seconds_total fs_io_time_weighted_seconds_total fs_reads_merged_total
    fs_sector_reads_total fs_sector_writes_total fs_writes_merged_total memory_mapped_file memory_swap
    file_descriptors tasks_state threads_max spec_cpu_period spec_cpu_quota spec_cpu_shares
    spec_memory_limit_bytes spec_memory_swap_limit_bytes spec_memory_reservation_limit_bytes
"""
_DROPPED: Final = tuple(f"container_{name}" for name in _DROPPED_NAMES.split())
"""What kube-prometheus-stack does not keep of cAdvisor, unless it is told to."""
_KEPT: Final = "kubelet.serviceMonitor.cAdvisorMetricRelabelings"
_OF_NODES: Final = ("metrics_path", "node")


def _argo(part: str) -> Brought:
    metrics = f"{part}.metrics"
    when = (f"{metrics}.enabled", f"{metrics}.serviceMonitor.enabled")
    return Brought("argo-cd", when, honours=f"{metrics}.serviceMonitor.honorLabels")


_BROUGHT: Final[Mapping[str, tuple[Brought, ...]]] = {
    "kube-prometheus-stack": (
        Brought("prometheus", ("prometheus.enabled",), True),
        Brought("alertmanager", ("alertmanager.enabled",), True),
        Brought("grafana", ("grafana.enabled",), True),
        Brought("prometheus-operator", ("prometheusOperator.enabled",), True),
        Brought("kube-state-metrics", ("kubeStateMetrics.enabled",), True, honoured=True),
        Brought(
            "node-exporter",
            ("nodeExporter.enabled",),
            True,
            relabelled="prometheus-node-exporter.prometheus.monitor.relabelings",
        ),
        Brought("kubelet", ("kubelet.enabled",), True, honoured=True, attached=_OF_NODES),
        Brought("cadvisor", ("kubelet.enabled",), True, honoured=True, attached=_OF_NODES, without=_DROPPED),
        Brought("coredns", ("coreDns.enabled",), True),
        Brought("kube-apiserver", ("kubeApiServer.enabled",), True),
        Brought("kube-controller-manager", ("kubeControllerManager.enabled",), True),
        Brought("kube-scheduler", ("kubeScheduler.enabled",), True),
        Brought("kube-etcd", ("kubeEtcd.enabled",), True),
        Brought("kube-proxy", ("kubeProxy.enabled",), True),
    ),
    "argo-cd": tuple(map(_argo, ("controller", "server", "repoServer", "applicationSet", "notifications"))),
    "argo-rollouts": (
        Brought("argo-rollouts", ("controller.metrics.enabled", "controller.metrics.serviceMonitor.enabled")),
    ),
    "karpenter": (
        Brought("karpenter", ("serviceMonitor.enabled",), honours="serviceMonitor.endpointConfig.honorLabels"),
    ),
    "keda": (Brought("keda", ("prometheus.operator.enabled", "prometheus.operator.serviceMonitor.enabled")),),
    "loki": (Brought("loki", ("monitoring.serviceMonitor.enabled",)),),
    "fluent-bit": (Brought("fluent-bit", ("serviceMonitor.enabled",)),),
    "opencost": (
        Brought(
            "opencost",
            ("opencost.metrics.serviceMonitor.enabled",),
            honours="opencost.metrics.serviceMonitor.honorLabels",
            honoured=True,
        ),
    ),
    "external-secrets": (
        Brought("external-secrets", ("serviceMonitor.enabled",), honours="serviceMonitor.honorLabels"),
    ),
    "dcgm-exporter": (
        Brought(
            "dcgm",
            ("serviceMonitor.enabled",),
            True,
            honours="serviceMonitor.honorLabels",
            relabelled="serviceMonitor.relabelings",
        ),
    ),
    "prometheus-yet-another-cloudwatch-exporter": (Brought("yace", ("serviceMonitor.enabled",)),),
}
_MONITORS: Final = ("serviceMonitor", "podMonitor", "servicemonitor", "podmonitor")


@reads("argoproj.io/v1alpha1/Application")
def chart_exports(resource: Resource) -> Iterator[Fact]:
    """The exporters of each chart of an application, and what its values have them export."""
    body = Manifest(resource)
    for source in (*body.spec.blocks("source"), *body.spec.blocks("sources")):
        chart = source.string("chart")
        if not chart:
            continue
        values = values_of(source.block("helm").body)
        if chart not in _BROUGHT:
            if _is_monitored(values):
                yield Exports(resource.address, chart, SERVICE)
            continue
        found: dict[str, Exports] = {}
        for brought in _BROUGHT[chart]:
            if all(at(values, path, brought.default) is True for path in brought.when):
                found.setdefault(brought.exporter, _exports(resource, brought, values))
        yield from found.values()
        if "yace" in found:
            yield from _cloudwatch(resource, values)


def _exports(resource: Resource, brought: Brought, values: Mapping[str, Any]) -> Exports:
    honoured = at(values, brought.honours, brought.honoured) if brought.honours else brought.honoured
    relabelled = at(values, brought.relabelled, []) if brought.relabelled else []
    named = [part["targetLabel"] for part in relabelled if isinstance(part, Mapping) and "targetLabel" in part]
    labels = tuple(sorted({*SERVICE, *brought.attached, *named}))
    without = () if at(values, _KEPT, None) is not None else brought.without
    return Exports(resource.address, brought.exporter, labels, honoured is True, without)


def _cloudwatch(resource: Resource, values: Mapping[str, Any]) -> Iterator[Fact]:
    """The metrics of CloudWatch that the exporter's configuration names."""
    configuration = parsed(values.get("config"))
    discovery = configuration.get("discovery", {})
    tags = discovery.get("exportedTagsOnMetrics", {})
    found: dict[Emits, None] = {}
    for job in discovery.get("jobs", ()):
        namespace = str(job.get("type", ""))
        own = yace.labels(yace.DIMENSIONS.get(namespace, ()), tags.get(namespace, ()))
        custom = tuple(str(tag.get("key")) for tag in job.get("customTags", ()))
        own = (*own, *yace.labels((), (), custom)[3:])
        labels = joined(own, SERVICE, honoured=False)
        for metric in job.get("metrics", ()):
            for statistic in metric.get("statistics", job.get("statistics", ())):
                name = yace.metric(namespace, str(metric.get("name", "")), str(statistic))
                found[Emits(resource.address, name, labels)] = None
        name, series = yace.info(namespace, tags.get(namespace, ()))
        found[Emits(resource.address, name, joined(series.labels, SERVICE, honoured=False))] = None
    for job in configuration.get("customNamespace", ()):
        namespace = str(job.get("namespace", ""))
        # Which dimensions others' metrics have is said only where they are required.
        labels = joined(yace.labels(job.get("dimensionNameRequirements", ())), SERVICE, honoured=False)
        for metric in job.get("metrics", ()):
            for statistic in metric.get("statistics", job.get("statistics", ())):
                name = yace.metric(namespace, str(metric.get("name", "")), str(statistic))
                found[Emits(resource.address, name, labels)] = None
    yield from found


def _is_monitored(values: Any) -> bool:
    """Whether anything in them has a monitor made."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            if name in _MONITORS and isinstance(value, Mapping) and value.get("enabled") is True:
                return True
            if _is_monitored(value):
                return True
    return False
