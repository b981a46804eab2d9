"""What is worth an alert of pods, whoever made them: as Kubernetes and the kubelet's cAdvisor tell of them.

Labels: docs/metrics of kubernetes/kube-state-metrics at c92fe0c5ce02.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert, Series
from seawall.components.alerting.urgency import by_urgency, where
from seawall.components.cluster import Cluster
from seawall.components.scope import Scope

_BY = "namespace, pod, container"
_SERVICE = {"service": "{{ $labels.container }}"}
"""Containers are named for their component."""
# Where the kubelet waits longest, a container starts anew once in five minutes (Kubernetes, "Pod Lifecycle", restart
# policy: 10 s, 20 s, 40 s and so on up to 300 s), which in ten minutes never comes to six.
_RESTARTS = "kube_pod_container_status_restarts_total"


def alerts(scope: Scope) -> Iterator[Alert]:
    """Pods that are not ready, start again and again, find no node, or use up what they may; and jobs that failed."""
    later = by_urgency(scope, scope.the(Cluster).namespaces_of(scope)).get(False, ())
    yield _down(later, urgent=True)
    if later:
        yield _down(later, urgent=False)
    yield _restarts()
    yield from _used()
    yield Alert(
        name="PodUnschedulable",
        severity="warning",
        expr="max by (namespace, pod) (kube_pod_status_unschedulable) == 1",
        lasts=900,
        says="{{ $labels.namespace }}/{{ $labels.pod }} has found no node for 15 minutes.",
        first=(
            "Why: `kubectl describe pod -n NAMESPACE POD`, the last event says which nodes lack what.",
            "Nodes that are made as needed: `kubectl get nodeclaims,nodes` and the log of Karpenter or of Cluster "
            "Autoscaler; a quota of the account or a type that is sold out stands there.",
            "Node groups at their most: raise `max` in the description and apply it.",
            "A volume in another zone: the pod can only lie there; add a node in that zone.",
        ),
        fires=(_pod("kube_pod_status_unschedulable", "1x40"),),
        quiet=(_pod("kube_pod_status_unschedulable", "1x10 0x30"),),
    )
    yield Alert(
        name="JobFailed",
        severity="warning",
        expr='max by (namespace, job_name) (kube_job_failed{condition="true"}) == 1',
        lasts=60,
        says="The job {{ $labels.namespace }}/{{ $labels.job_name }} has failed and is not tried again.",
        first=(
            "What it said: `kubectl logs -n NAMESPACE job/JOB --all-containers`.",
            "Whether it is one of many: `kubectl get jobs -n NAMESPACE --sort-by=.metadata.creationTimestamp`.",
            "Once its cause is gone: `kubectl delete job -n NAMESPACE JOB`; a CronJob makes the next one by itself, "
            "`kubectl create job -n NAMESPACE --from=cronjob/NAME NAME-now` does so at once.",
        ),
        fires=(Series('kube_job_failed{namespace="shop",job_name="copy-1",condition="true"}', "0x5 1x40"),),
        quiet=(
            Series('kube_job_failed{namespace="shop",job_name="copy-1",condition="true"}', "0x40"),
            Series('kube_job_failed{namespace="shop",job_name="copy-1",condition="false"}', "1x40"),
        ),
    )
    yield Alert(
        name="AutoscalerAtItsMost",
        severity="warning",
        expr="max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas)"
        " >= max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas)",
        lasts=1800,
        says="{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has had all the pods that it may have for "
        "half an hour; more load makes it slow.",
        first=(
            "What it follows and how far that is off: `kubectl describe hpa -n NAMESPACE NAME`.",
            "More requests than usual, from few addresses: look at the firewall's sampled requests; lower its rate.",
            "It is the load itself: raise `scale.replicas` in the description, and with it what its stores accept.",
        ),
        fires=(_scaler("status_current_replicas", "10x60"), _scaler("spec_max_replicas", "10x60")),
        quiet=(_scaler("status_current_replicas", "9x60"), _scaler("spec_max_replicas", "10x60")),
        after=40,
    )


def _down(later: tuple[str, ...], *, urgent: bool) -> Alert:
    """Of all pods but those of ``later``, namespaces that give way to others; or of those alone."""
    chosen = "|".join(later)
    chosen_by = "" if not later else f',namespace!~"{chosen}"' if urgent else f',namespace=~"{chosen}"'
    namespace = "shop" if urgent else later[0]
    ready = f'max by (namespace, pod) (kube_pod_status_ready{{condition="true"{chosen_by}}}) == 0'
    node = "on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info)"
    ended = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Succeeded|Failed"}) == 1'
    return Alert(
        name="PodDown" if urgent else f"PodDown{where(later)}",
        severity="critical" if urgent else "warning",
        # With its node, so that it is told of once where a node has gone; a job's pod has ended and is not down.
        expr=f"({ready}) * {node} unless on (namespace, pod) ({ended})",
        lasts=300,
        says="{{ $labels.namespace }}/{{ $labels.pod }} has not been ready for five minutes.",
        first=(
            "Its state and its last events: `kubectl describe pod -n NAMESPACE POD`.",
            "What it said before it ended: `kubectl logs -n NAMESPACE POD --previous --tail=100`.",
            "`ImagePullBackOff`: the tag is not in the registry, or the node cannot reach it. "
            "`CreateContainerConfigError`: a Secret or ConfigMap is missing; `kubectl get externalsecrets -n "
            "NAMESPACE` says which could not be read. `OOMKilled`: raise its memory.",
            "Since a release: take it back, `kubectl argo rollouts undo -n NAMESPACE NAME`, or `kubectl rollout undo "
            "-n NAMESPACE deployment/NAME`.",
            "All pods of one node: `kubectl get nodes`; cordon it and let it be replaced.",
        ),
        fires=(
            _pod("kube_pod_status_ready", "1x5 0x40", 'condition="true"', namespace),
            _pod("kube_pod_info", "1x50", 'node="ip-10-0-1-2"', namespace),
            _pod("kube_pod_status_phase", "1x50", 'phase="Running"', namespace),
        ),
        # One that starts, and the pod of a job that has done its work.
        quiet=(
            _pod("kube_pod_status_ready", "1x5 0x3 1x40", 'condition="true"', namespace),
            _pod("kube_pod_info", "1x50", 'node="ip-10-0-1-2"', namespace),
            Series(f'kube_pod_status_ready{{namespace="{namespace}",pod="copy-1-x",condition="true"}}', "0x50"),
            Series(f'kube_pod_info{{namespace="{namespace}",pod="copy-1-x",node="ip-10-0-1-2"}}', "1x50"),
            Series(f'kube_pod_status_phase{{namespace="{namespace}",pod="copy-1-x",phase="Succeeded"}}', "1x50"),
            *(_elsewhere(later[0]) if urgent and later else ()),
        ),
    )


def _elsewhere(namespace: str) -> tuple[Series, ...]:
    """A pod that is down in a namespace that gives way to others."""
    return (
        _pod("kube_pod_status_ready", "0x50", 'condition="true"', namespace),
        _pod("kube_pod_info", "1x50", 'node="ip-10-0-1-2"', namespace),
    )


def _restarts() -> Alert:
    return Alert(
        name="PodRestarts",
        severity="warning",
        # The counter never falls; what it has grown by does, so that the alert ends when the restarts do.
        expr=f"sum by ({_BY}) (increase({_RESTARTS}[1h])) > 5",
        lasts=600,
        says="The container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} has started anew "
        "{{ $value | printf `%.0f` }} times within an hour.",
        first=(
            "Why it ended: `kubectl describe pod -n NAMESPACE POD`, `Last State`; 137 with `OOMKilled` is memory, 137 "
            "or 143 without is a probe that failed.",
            "What it said before: `kubectl logs -n NAMESPACE POD -c CONTAINER --previous --tail=100`.",
            "Its own stores are away: look at their alerts first, its probes fail with them.",
            "Since a release: take it back.",
        ),
        labels=_SERVICE,
        fires=(_container(_RESTARTS, "0+1x60"),),
        # Many once, long ago: the counter stays where it is.
        quiet=(_container(_RESTARTS, "9x60"),),
    )


def _used() -> Iterator[Alert]:
    used = f"sum by ({_BY}) (rate(container_cpu_usage_seconds_total[5m]))"
    yield Alert(
        name="HighCPUUsage",
        severity="warning",
        expr=f"100 * {used} / {_limited('cpu')} > 80",
        lasts=600,
        says="{{ $labels.namespace }}/{{ $labels.pod }} has used {{ $value | printf `%.0f` }} % of the processor that "
        "it may use for ten minutes; it answers more slowly.",
        first=(
            "Whether there are as many pods as there may be: `kubectl get hpa -n NAMESPACE`.",
            "One pod of many: it does something that the others do not; `kubectl top pods -n NAMESPACE --containers`, "
            "then a thread dump or a profile of it, and delete it.",
            "Since a release: take it back.",
            "All of them, and the load is usual: raise `resources.limits.cpu` or `scale.replicas` in the description.",
        ),
        labels=_SERVICE,
        fires=(_container("container_cpu_usage_seconds_total", "0+54x60"), _limit("cpu", "1x60")),
        quiet=(_container("container_cpu_usage_seconds_total", "0+42x60"), _limit("cpu", "1x60")),
        after=40,
    )
    held = f"sum by ({_BY}) (container_memory_working_set_bytes)"
    yield Alert(
        name="HighMemoryUsage",
        severity="warning",
        expr=f"100 * {held} / {_limited('memory')} > 85",
        lasts=300,
        says="{{ $labels.namespace }}/{{ $labels.pod }} holds {{ $value | printf `%.0f` }} % of the memory that it may "
        "hold; at all of it, it is ended.",
        first=(
            "How it has grown: in Grafana, `container_memory_working_set_bytes` of the pod over a day. A staircase "
            "that never falls is a leak.",
            "A leak: `kubectl delete pod -n NAMESPACE POD` gives time, one pod after the other; dump the heap first.",
            "Since a release: take it back.",
            "It is steady: raise `resources.limits.memory` in the description; of a JVM, its heap follows.",
        ),
        labels=_SERVICE,
        fires=(_container("container_memory_working_set_bytes", "920x60"), _limit("memory", "1000x60")),
        quiet=(_container("container_memory_working_set_bytes", "800x60"), _limit("memory", "1000x60")),
    )


def _limited(resource: str) -> str:
    """What a container may use at most, with the node that it lies on; one without a limit has none to be near to."""
    limits = f'kube_pod_container_resource_limits{{resource="{resource}"}}'
    return f"on ({_BY}) group_right () max by ({_BY}, node) ({limits})"


def _pod(metric: str, values: str, more: str = "", namespace: str = "shop") -> Series:
    labels = ",".join(filter(None, (f'namespace="{namespace}"', 'pod="web-1"', more)))
    return Series(f"{metric}{{{labels}}}", values)


def _container(metric: str, values: str) -> Series:
    return _pod(metric, values, 'container="web"')


def _limit(resource: str, values: str) -> Series:
    more = f'container="web",node="ip-10-0-1-2",resource="{resource}"'
    return _pod("kube_pod_container_resource_limits", values, more)


def _scaler(metric: str, values: str) -> Series:
    return Series(f'kube_horizontalpodautoscaler_{metric}{{namespace="shop",horizontalpodautoscaler="web"}}', values)
