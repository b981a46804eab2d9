"""What is worth an alert of nodes and volumes, as Kubernetes, the kubelet and each node's exporter tell of them."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert, Series

FILE_SYSTEMS = 'fstype!~"tmpfs|ramfs"'


def alerts() -> Iterator[Alert]:
    """Nodes that are gone, short of processor, memory or room; volumes that are short of room."""
    yield Alert(
        name="NodeDown",
        severity="critical",
        expr='max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0',
        lasts=180,
        says="The node {{ $labels.node }} has not been ready for three minutes; its pods are moved after five.",
        first=(
            "What it lacks: `kubectl describe node NODE`, under `Conditions`.",
            "Whether the machine is well: `aws ec2 describe-instance-status --filters "
            "Name=private-dns-name,Values=NODE`, and the same zone's other nodes.",
            "A zone is away: nodes of the other zones take over; see that there is room, `kubectl get pods -A "
            "--field-selector=status.phase=Pending`.",
            "One node alone: `kubectl drain NODE --ignore-daemonsets --delete-emptydir-data`, then end the machine; "
            "its group or Karpenter makes another.",
        ),
        fires=(_ready("1x5 0x40"),),
        quiet=(_ready("1x5 0x2 1x40"),),
    )
    yield Alert(
        name="NodeHighCPU",
        severity="warning",
        expr='100 - 100 * avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 90',
        lasts=600,
        says="The node {{ $labels.node }} has used {{ $value | printf `%.0f` }} % of its processors for ten minutes.",
        first=(
            "Which pods: `kubectl top pods -A --sort-by=cpu`, those on it: `kubectl get pods -A "
            "--field-selector spec.nodeName=NODE`.",
            "A pod that uses far more than it requests: raise its request in the description, so that it is placed "
            "where there is room.",
            "A burstable type without credits (t3, t4g): `CPUCreditBalance` in CloudWatch is zero; take another type.",
            "All nodes: have more, `max` of the node group or the pool's limits.",
        ),
        fires=(_idle("0+3x60"),),
        quiet=(_idle("0+9x60"),),
        after=40,
    )
    yield Alert(
        name="NodeHighMemory",
        severity="warning",
        expr="100 - 100 * max by (node) (node_memory_MemAvailable_bytes) / max by (node) (node_memory_MemTotal_bytes)"
        " > 90",
        lasts=600,
        says="The node {{ $labels.node }} has {{ $value | printf `%.0f` }} % of its memory in use; the kubelet will "
        "turn pods out.",
        first=(
            "Which pods hold more than they request: `kubectl top pods -A --sort-by=memory` beside `kubectl describe "
            "node NODE`.",
            "Raise the request of what holds more, in the description; a pod without a limit gets one.",
            "Everything holds what it says: have more nodes, or larger ones.",
        ),
        fires=(_node("node_memory_MemAvailable_bytes", "50x60"), _node("node_memory_MemTotal_bytes", "1000x60")),
        quiet=(_node("node_memory_MemAvailable_bytes", "150x60"), _node("node_memory_MemTotal_bytes", "1000x60")),
    )
    yield Alert(
        name="DiskSpaceWarning",
        severity="warning",
        expr=f"100 - 100 * max by (node, mountpoint) (node_filesystem_avail_bytes{{{FILE_SYSTEMS}}})"
        f" / max by (node, mountpoint) (node_filesystem_size_bytes{{{FILE_SYSTEMS}}}) > 80",
        lasts=300,
        says="{{ $labels.mountpoint }} of the node {{ $labels.node }} is {{ $value | printf `%.0f` }} % full; at 85 % "
        "the kubelet deletes images, at 90 % it turns pods out.",
        first=(
            "What takes the room: `kubectl debug node/NODE -it --image=busybox`, then `du -xh -d 2 /host/var | sort -h "
            "| tail`. Logs of one container, or images of old versions, are the usual ones.",
            "A container that writes to its own file system: give it a volume or an `emptyDir` with a limit.",
            "Make the node anew: `kubectl drain NODE --ignore-daemonsets --delete-emptydir-data`, then end it.",
            "It comes again: raise `disk` of the node group or pool in the description.",
        ),
        fires=(_disk("avail", "10x40"), _disk("size", "100x40")),
        quiet=(
            *(_disk("avail", "40x40"), _disk("size", "100x40")),
            # Memory that looks like a file system is not room on a disk.
            Series('node_filesystem_avail_bytes{node="ip-10-0-1-2",mountpoint="/run",fstype="tmpfs"}', "0x40"),
            Series('node_filesystem_size_bytes{node="ip-10-0-1-2",mountpoint="/run",fstype="tmpfs"}', "100x40"),
        ),
    )
    used = "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes)"
    room = "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes)"
    yield Alert(
        name="VolumeAlmostFull",
        severity="warning",
        expr=f"100 * {used} / {room} > 80",
        lasts=300,
        says="The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is {{ $value | printf `%.0f` }} % "
        "full.",
        first=(
            "Whose it is: `kubectl describe pvc -n NAMESPACE CLAIM`, under `Used By`.",
            "It may grow while it is used: raise `storage` in the description, or at once `kubectl patch pvc -n "
            'NAMESPACE CLAIM -p \'{"spec":{"resources":{"requests":{"storage":"NEW"}}}}\'`; AWS lets a volume '
            "grow once in six hours.",
            "Prometheus' own: lower `monitoring.retention`, or raise `monitoring.storage`.",
        ),
        fires=(_volume("used", "90x40"), _volume("capacity", "100x40")),
        quiet=(_volume("used", "70x40"), _volume("capacity", "100x40")),
    )


def _ready(values: str) -> Series:
    return _node("kube_node_status_condition", values, ',condition="Ready",status="true"')


def _idle(values: str) -> Series:
    return _node("node_cpu_seconds_total", values, ',cpu="0",mode="idle"')


def _disk(what: str, values: str) -> Series:
    return _node(f"node_filesystem_{what}_bytes", values, ',mountpoint="/",fstype="xfs"')


def _volume(what: str, values: str) -> Series:
    labels = 'namespace="shop",persistentvolumeclaim="data-cache-0"'
    return Series(f"kubelet_volume_stats_{what}_bytes{{{labels}}}", values)


def _node(metric: str, values: str, more: str = "") -> Series:
    return Series(f'{metric}{{node="ip-10-0-1-2"{more}}}', values)
