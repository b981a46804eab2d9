"""What the cluster's controllers tell of their work: nodes that are not to be had, secrets, applications, processors.

Metrics of these controllers carry names and namespaces of their own beside those of the controller's pod, by which a
scrape may rename them; so no alert asks for a namespace, and each goes by a name alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert, Series
from seawall.components.alerting.promql import series


def pools(names: list[str]) -> Iterator[Alert]:
    """Pools of nodes that Karpenter makes: at their limit, or without an offer of AWS."""
    usage = "max by (nodepool, resource_type) (karpenter_nodepools_usage)"
    limit = "max by (nodepool, resource_type) (karpenter_nodepools_limit)"
    yield Alert(
        name="NodePoolAtItsLimit",
        severity="warning",
        expr=f"100 * {usage} / ({limit} > 0) > 95",
        lasts=900,
        says="Nodes of the pool {{ $labels.nodepool }} hold {{ $value | printf `%.0f` }} % of the {{ "
        "$labels.resource_type }} that it may have; pods that need more wait.",
        first=(
            "Whether anybody waits: the alert PodUnschedulable. If nobody does, nothing is wrong.",
            "What lies on them: `kubectl get nodeclaims -l karpenter.sh/nodepool=POOL`, `kubectl top nodes`; nodes "
            "that are nearly empty should have gone, `kubectl describe nodeclaim` says what keeps them.",
            f"It is the load itself: raise `limits` of the pool ({', '.join(names)}) in the description.",
        ),
        labels={"service": "{{ $labels.nodepool }}"},
        fires=(_pool("usage", names[0], "10x60"), _pool("limit", names[0], "10x60")),
        quiet=(
            *(_pool("usage", names[0], "7x60"), _pool("limit", names[0], "10x60")),
            # Nothing limits it.
            Series('karpenter_nodepools_usage{nodepool="other",resource_type="cpu"}', "90x60"),
        ),
        after=40,
    )
    failed = 'karpenter_cloudprovider_errors_total{method="Create"}'
    yield Alert(
        name="NodesNotToBeHad",
        severity="warning",
        expr=f"sum by (error) (increase({failed}[15m])) > 0",
        lasts=900,
        says="AWS gives no nodes: {{ $labels.error }}, again and again for a quarter of an hour.",
        first=(
            "What it says: `kubectl logs -n kube-system -l app.kubernetes.io/name=karpenter --tail=100 | grep -i "
            "launch`.",
            "`InsufficientCapacityError`: no spot node of those types is left; add types to the pool, or `on-demand` "
            "to its `capacity`.",
            "A quota: `aws service-quotas list-service-quotas --service-code ec2`, and ask for more.",
            "`UnauthorizedOperation`: its role lacks a right; apply the platform again.",
        ),
        fires=(_error("0+1x60"),),
        # It failed once, and the next type was to be had.
        quiet=(_error("0x5 1x60"),),
        after=45,
    )


def _pool(what: str, name: str, values: str) -> Series:
    labels = {"nodepool": name, "resource_type": "nvidia.com/gpu"}
    return series(f"karpenter_nodepools_{what}", values, labels)


def _error(values: str) -> Series:
    labels = {"method": "Create", "error": "InsufficientCapacityError", "controller": "nodeclaim.lifecycle"}
    return series("karpenter_cloudprovider_errors_total", values, labels)


def processors() -> Iterator[Alert]:
    """Graphics processors that are idle or hot; there are none while no pod wants one."""
    here = {"UUID": "GPU-1", "gpu": "0", "hostname": "ip-10-0-1-2"}
    yield Alert(
        name="GpuIdle",
        severity="warning",
        expr="avg(DCGM_FI_DEV_GPU_UTIL) < 50",
        lasts=1800,
        says="Graphics processors are used by {{ $value | printf `%.0f` }} % on average, for half an hour; they are "
        "paid for whether they work or not.",
        first=(
            "How many pods there are for how many jobs: the dashboard of the GPUs and the queue's length; raise "
            "`queue.per_pod` if jobs are short.",
            "Whether pods wait for something else: models being read, a database, images being written.",
            "Nodes without pods that stay: `kubectl get nodeclaims`, and `consolidate_after` of the pool.",
        ),
        fires=(series("DCGM_FI_DEV_GPU_UTIL", "20x60", here),),
        # Of two one is idle; together they are used enough.
        quiet=(
            series("DCGM_FI_DEV_GPU_UTIL", "20x60", here),
            series("DCGM_FI_DEV_GPU_UTIL", "95x60", {**here, "UUID": "GPU-2", "gpu": "1"}),
        ),
        after=50,
    )
    yield Alert(
        name="GpuHot",
        severity="warning",
        expr="max by (hostname, gpu) (DCGM_FI_DEV_GPU_TEMP) > 80",
        lasts=300,
        says="The graphics processor {{ $labels.gpu }} of {{ $labels.hostname }} has {{ $value | printf `%.0f` }} "
        "degrees: it slows itself down.",
        first=(
            "Whether it is one: its host's cooling is at fault; `kubectl drain NODE --ignore-daemonsets "
            "--delete-emptydir-data` and Karpenter makes another.",
            "Whether it is all of them: the type is at its limit; take a larger one, or fewer jobs at once.",
        ),
        fires=(series("DCGM_FI_DEV_GPU_TEMP", "85x40", here),),
        quiet=(series("DCGM_FI_DEV_GPU_TEMP", "85x3 70x37", here),),
    )


def secrets() -> Iterator[Alert]:
    """Secrets that are not brought from AWS."""
    yield Alert(
        name="SecretNotSynchronised",
        severity="warning",
        expr='max by (name) (externalsecret_status_condition{condition="Ready",status="False"}) == 1',
        lasts=900,
        says="The secret {{ $labels.name }} has not been brought from Secrets Manager for 15 minutes; pods go on with "
        "the old one, and new pods may not start.",
        first=(
            "Why: `kubectl get externalsecrets -A`, then `kubectl describe externalsecret -n NAMESPACE NAME`.",
            "`could not get secret data`: it is not there, or has no value yet; a person puts one in, `aws "
            "secretsmanager put-secret-value`.",
            "`AccessDenied`: the role lacks it or its key; apply the platform again.",
            "A password was rotated meanwhile: pods that hold the old one are refused; start them anew once it is here."
            "",
        ),
        labels={"service": "{{ $labels.name }}"},
        fires=(_secret("False", "1x60"),),
        quiet=(_secret("True", "1x60"), _secret("False", "0x60")),
        after=40,
    )


def _secret(status: str, values: str) -> Series:
    labels = {"name": "api-orders", "exported_namespace": "shop", "condition": "Ready", "status": status}
    return series("externalsecret_status_condition", values, labels)


def applications() -> Iterator[Alert]:
    """What Argo CD keeps in step with the repository, and cannot."""
    look = (
        "What keeps it: `kubectl -n argocd get application NAME -o yaml`, `status.conditions` and `status.resources`."
    )
    yield Alert(
        name="ApplicationOutOfSync",
        severity="warning",
        # One that a person syncs is out of step until they do, and that is no trouble.
        expr='max by (name) (argocd_app_info{autosync_enabled="true",sync_status!="Synced"}) == 1',
        lasts=1800,
        says="The application {{ $labels.name }} has not been in step with the repository for half an hour, though "
        "Argo CD syncs it by itself.",
        first=(
            look,
            "`ComparisonError`: the folder does not render; take the last change back.",
            "One object over and over: something else in the cluster writes it, too; have Argo CD ignore that field.",
            "The repository is not to be reached: `argocd repo list`; its key, or the way out.",
        ),
        labels={"service": "{{ $labels.name }}"},
        fires=(_application("1x60", sync_status="OutOfSync"),),
        quiet=(
            _application("1x60", sync_status="Synced"),
            _application("1x60", name="prod-shop", sync_status="OutOfSync", autosync_enabled="false"),
        ),
        after=50,
    )
    yield Alert(
        name="ApplicationDegraded",
        severity="warning",
        expr='max by (name) (argocd_app_info{health_status="Degraded"}) == 1',
        lasts=900,
        says="The application {{ $labels.name }} has been degraded for 15 minutes: something in it does not run as it "
        "should.",
        first=(
            look,
            "A Rollout that was aborted: the alert CanaryRollbackDetected; Git still names the version that was bad.",
            "Pods that do not start: the alert PodDown.",
        ),
        labels={"service": "{{ $labels.name }}"},
        fires=(_application("1x60", health_status="Degraded"),),
        quiet=(_application("1x60", health_status="Progressing"), _application("1x60")),
        after=40,
    )


def _application(values: str, **more: str) -> Series:
    labels = {"name": "shop", "exported_namespace": "argocd", "autosync_enabled": "true"}
    return series("argocd_app_info", values, {**labels, "sync_status": "Synced", "health_status": "Healthy", **more})
