"""Releases that were taken back, or that wait for somebody: as Argo Rollouts tells of them.

Its metrics carry a Rollout's own namespace and name; the name alone is asked for, which no two components share, as the
scrape may rename the other.  Phases: controller/metrics/rollouts.go of argoproj/argo-rollouts at 9f8d111d8f8e.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.components import steps
from seawall.components.alert import Alert, Series
from seawall.components.alerting.promql import any_of, series
from seawall.components.offer import Pods
from seawall.kernel.units import Duration


@dataclass(frozen=True, slots=True)
class Released:
    """What is released step by step: its name, its pods, and how long each step lasts."""

    name: str
    pods: Pods
    pause: Duration


def alerts(released: list[Released]) -> Iterator[Alert]:
    """What is worth an alert of all releases; each is told of by itself."""
    names = any_of("name", (each.name for each in released))
    first = released[0]
    watched = ", ".join(
        f"`kubectl argo rollouts get rollout {each.name} -n {each.pods.namespace}`" for each in released
    )
    service = {"service": "{{ $labels.name }}"}
    yield Alert(
        name="CanaryRollbackDetected",
        severity="warning",
        # Where pods of a version that is through are away for long, the controller calls that an abort as well (v1.9.0,
        # rollout/sync.go); but then all pods are of the newest version.
        expr=f'max by (name) (rollout_info{{{names},phase="Abort"}}) == 1 and on (name) '
        f"max by (name) (rollout_info_replicas_updated{{{names}}})"
        f" < max by (name) (rollout_info_replicas_desired{{{names}}})",
        lasts=0,
        says="The new version of {{ $labels.name }} was taken back; all requests go to the one before. It stays so "
        "until another version is released or this one is tried again.",
        first=(
            f"Why: {watched}; below `Revision` stands which analysis failed.",
            f"What was measured: `kubectl -n {first.pods.namespace} get analysisruns --sort-by=.metadata."
            "creationTimestamp`, then `-o yaml` of the newest: `metricResults`.",
            f"What its pods said while there are any: {steps.logs(first.pods)}.",
            "The version is bad: mend it and release the next one. Git still names this one, so Argo CD shows the "
            "application as degraded until then.",
            "It was not the version's fault: `kubectl argo rollouts retry rollout NAME -n NAMESPACE`.",
        ),
        labels=service,
        fires=(_rollout(first, "Abort", "_x5 1x40"), *_counts(first, updated=0)),
        quiet=(_rollout(first, "Abort", "_x5 1x40"), *_counts(first, updated=4)),
    )
    # Between two steps the phase is another for a moment only, so a release that goes on may look paused throughout.
    longest = max(round(each.pause.seconds) for each in released)
    yield Alert(
        name="ReleaseWaits",
        severity="warning",
        expr=f'max by (name) (rollout_info{{{names},phase=~"Paused|Timeout|InvalidSpec"}}) == 1',
        lasts=max(900, 6 * longest),
        says="The release of {{ $labels.name }} does not go on by itself: a step waits for somebody, its pods do not "
        "get ready, or what it says is refused.",
        first=(
            f"Which it is: {watched}; `Message` says it.",
            "`InconclusiveAnalysisRun`: Prometheus does not reach the new pods; http://127.0.0.1:9090/targets of "
            "`kubectl -n monitoring port-forward svc/prometheus-operated 9090` says why.",
            "It is good: `kubectl argo rollouts promote NAME -n NAMESPACE`. It is not: `kubectl argo rollouts abort "
            "NAME -n NAMESPACE`.",
            "`InvalidSpec`: take the change back in Git.",
        ),
        labels=service,
        fires=(_rollout(first, "Paused", f"1x{after(longest) + 30}"),),
        quiet=(_rollout(first, "Paused", "1x5 stale"), _rollout(first, "Completed", "_x6 1x200")),
        after=after(longest) + 20,
    )


def after(longest: int) -> int:
    """In how many minutes a release that stands still has stood for too long."""
    return max(900, 6 * longest) // 60


def _counts(each: Released, *, updated: int) -> tuple[Series, ...]:
    """Of four pods so many are of the newest version."""
    labels = {"name": each.name, "exported_namespace": each.pods.namespace}
    return (
        series("rollout_info_replicas_updated", f"{updated}x60", labels),
        series("rollout_info_replicas_desired", "4x60", labels),
    )


def _rollout(each: Released, phase: str, values: str) -> Series:
    labels = {"name": each.name, "exported_namespace": each.pods.namespace, "phase": phase, "strategy": "canary"}
    return series("rollout_info", values, labels)
