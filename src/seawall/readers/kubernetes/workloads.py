"""Workloads: everything that keeps pods running, down to its containers, probes, volumes and environment."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import Claims, Mounts, NodeTerms, Spread, Workload
from seawall.facts.demands import Hold, Mount, Schedule
from seawall.facts.fact import Demand, Fact, Known
from seawall.facts.pod_network import Requirement
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.application.environment import environment_demands
from seawall.readers.kubernetes.containers import containers, variables
from seawall.readers.kubernetes.objects import NOTHING, Fields, Manifest, namespace_address
from seawall.readers.kubernetes.pod_security import refusals
from seawall.readers.registry import reads


@reads(
    "apps/v1/Deployment",
    "apps/v1/ReplicaSet",
    "apps/v1beta1/Deployment",
    "apps/v1beta2/Deployment",
    "extensions/v1beta1/Deployment",
)
def deployment(resource: Resource) -> Iterator[Fact | Demand]:
    """A Deployment; without a strategy it replaces its pods by rolling."""
    body = Manifest(resource)
    strategy = body.spec.block("strategy").string("type", "RollingUpdate")
    yield from pods(body, body.spec.block("template"), body.spec.number("replicas"), strategy)


@reads("apps/v1/StatefulSet", "apps/v1beta1/StatefulSet", "apps/v1beta2/StatefulSet")
def stateful_set(resource: Resource) -> Iterator[Fact | Demand]:
    """A StatefulSet; each of its claim templates makes a claim for every pod, which it implies."""
    body = Manifest(resource)
    strategy = body.spec.block("updateStrategy").string("type", "RollingUpdate")
    yield from pods(body, body.spec.block("template"), body.spec.number("replicas"), strategy)
    for template in body.spec.blocks("volumeClaimTemplates"):
        volume = body.address.implied(template.block("metadata").string("name"))
        claim = claims(volume, template.block("spec"))
        yield claim
        mode = claim.modes[0] if claim.modes else ""
        yield Mounts(body.address, volume, mode)
        yield Mount(body.address, volume, mode)


@reads("apps/v1/DaemonSet", "apps/v1beta2/DaemonSet", "extensions/v1beta1/DaemonSet")
def daemon_set(resource: Resource) -> Iterator[Fact | Demand]:
    """A DaemonSet; how many pods it has is a matter of the nodes."""
    body = Manifest(resource)
    strategy = body.spec.block("updateStrategy").string("type", "RollingUpdate")
    yield from pods(body, body.spec.block("template"), None, strategy, schedule=False)


@reads("batch/v1/Job", "batch/v1beta1/Job")
def job(resource: Resource) -> Iterator[Fact | Demand]:
    """A Job; as many pods at once as its parallelism says, one by default."""
    body = Manifest(resource)
    yield from pods(body, body.spec.block("template"), body.spec.count("parallelism", 1), "")


@reads("batch/v1/CronJob", "batch/v1beta1/CronJob")
def cron_job(resource: Resource) -> Iterator[Fact | Demand]:
    """A CronJob, read as the Job that it starts."""
    body = Manifest(resource)
    spec = body.spec.within("jobTemplate", "spec")
    yield from pods(body, spec.block("template"), spec.count("parallelism", 1), "")


@reads("v1/Pod")
def pod(resource: Resource) -> Iterator[Fact | Demand]:
    """A pod that nothing brings back."""
    body = Manifest(resource)
    yield from pods(body, body, 1, "")


def pods(
    body: Manifest, template: Fields, replicas: Known[int] | None, strategy: str, *, schedule: bool = True
) -> Iterator[Fact | Demand]:
    """What a workload says through its pod template.

    ``replicas`` is None where the manifest leaves the number open: an autoscaler's, or one.
    """
    of = body.address
    spec = template.block("spec")
    account = spec.string("serviceAccountName") or spec.string("serviceAccount") or "default"
    yield Workload(
        of,
        namespace_address(body.cluster, body.namespace),
        template.block("metadata").labels("labels"),
        body.sibling("ServiceAccount", account),
        body.kind,
        replicas,
        strategy,
        30 if not spec.mentions("terminationGracePeriodSeconds") else spec.count("terminationGracePeriodSeconds"),
        spec.flag("hostNetwork") is True,
        spec.labels("nodeSelector"),
        tuple(sorted(_tolerations(spec))),
        spec.string("priorityClassName"),
        template.within("metadata", "annotations").string(_UNDISTURBED) == "true",
    )
    terms = tuple(_node_terms(spec))
    if terms:
        yield NodeTerms(of, terms)
    if schedule:
        wanted: Known[int] = 1 if replicas is None else replicas
        if isinstance(wanted, Unknown) or wanted > 0:
            yield Schedule(of, wanted, wanted)
    yield from containers(body, spec)
    yield from refusals(body, spec)
    yield from _volumes(body, spec)
    yield from _spread(of, template)
    yield from environment_demands(of, variables(body, spec))


_UNDISTURBED = "karpenter.sh/do-not-disrupt"
"""Of other values, which are durations, Karpenter moves the pod in the end."""


def _node_terms(spec: Fields) -> Iterator[tuple[Requirement, ...]]:
    """Terms without an expression mean no node; those of fields, such as a node's name, are not read."""
    required = spec.within("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    for term in required.blocks("nodeSelectorTerms"):
        yield term.expressions("matchExpressions")


def _tolerations(spec: Fields) -> Iterator[tuple[str, str, str, str]]:
    for each in spec.blocks("tolerations"):
        yield each.string("key"), each.string("operator", "Equal"), each.string("value"), each.string("effect")


def claims(of: Address, spec: Fields) -> Claims:
    """What a volume claim asks for; no storage class means the cluster's default one."""
    size = spec.within("resources", "requests").string("storage")
    return Claims(of, size, spec.string("storageClassName"), tuple(sorted(spec.strings("accessModes"))))


def _volumes(body: Manifest, spec: Fields) -> Iterator[Fact | Demand]:
    of = body.address
    for volume in spec.blocks("volumes"):
        # A projected volume puts several sources into one folder; each is as if mounted by itself.
        for source in (volume, *volume.block("projected").blocks("sources")):
            claim = source.block("persistentVolumeClaim")
            if claim.has("claimName"):
                mode = "ReadOnly" if claim.flag("readOnly") is True else ""
                address = body.sibling("PersistentVolumeClaim", claim.string("claimName"))
                yield Mounts(of, address, mode)
                yield Mount(of, address, mode)
            for field, kind, name in (
                ("secret", "Secret", "secretName"),
                ("secret", "Secret", "name"),
                ("configMap", "ConfigMap", "name"),
            ):
                part = source.block(field)
                if not part.has(name):
                    continue
                address = body.sibling(kind, part.string(name))
                yield Mounts(of, address, "ReadOnly")
                if kind == "Secret" and part.flag("optional") is not True:
                    keys = [item.string("key") for item in part.blocks("items")] or ["*"]
                    for key in keys:
                        yield Hold(of, address, key, "file", said=f"{of}: {part.path(name)}")


def _spread(of: Address, template: Fields) -> Iterator[Fact]:
    """Constraints count only where they select the workload's own pods."""
    spec = template.block("spec")
    labels = dict(template.block("metadata").labels("labels"))
    for constraint in spec.blocks("topologySpreadConstraints"):
        if constraint.selector("labelSelector", NOTHING).matches(labels):
            hard = constraint.string("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
            skew = constraint.count("maxSkew", 1)
            yield Spread(of, constraint.string("topologyKey"), hard, skew if isinstance(skew, int) else 1)
    affinity = spec.within("affinity", "podAntiAffinity")
    hard_terms = affinity.blocks("requiredDuringSchedulingIgnoredDuringExecution")
    soft_terms = (
        weighted.block("podAffinityTerm")
        for weighted in affinity.blocks("preferredDuringSchedulingIgnoredDuringExecution")
    )
    for hard, terms in ((True, hard_terms), (False, soft_terms)):
        for term in terms:
            if term.selector("labelSelector", NOTHING).matches(labels):
                yield Spread(of, term.string("topologyKey"), hard, 1, alone=True)
