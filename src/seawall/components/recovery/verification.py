"""The job in the cluster that reads each newest copy to its end, as somebody who may read copies and nothing else.

A copy that nobody reads is found out to be none on the worst day. Reading proves that it is there, young enough, and to
the byte what was dumped; that a server takes it is proven where the standby restores it, and in drills.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components import agent
from seawall.components.cluster import Cluster
from seawall.components.network import Network
from seawall.components.offer import Pods, Right
from seawall.components.paths import CREDENTIALS, needs, range_peer
from seawall.components.pods import confined_container, confined_pod, known_as, scratch
from seawall.components.policy import calls, pod_role
from seawall.components.recovery.copies import AUDIENCE, BackupTarget
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Duration
from seawall.kernel.value import Textual

VERIFIED = "BackupVerified"
"""What the agent tells CloudWatch: 1 where the newest copy was proven, by platform and component."""
_AFTER = 1
"""Hours after a copy is begun at which it is read."""


def name(scope: Scope) -> str:
    """What its job and its account are called."""
    return f"{scope.name}-verify"


def pods(scope: Scope) -> Pods:
    """The pods that read."""
    namespace = next(iter(scope.the(Cluster).namespaces_of(scope)))
    address = Address.kubernetes(scope.cluster_name, "CronJob", namespace, name(scope))
    return Pods(namespace, (("app.kubernetes.io/name", name(scope)),), address)


def verification(
    scope: Scope, target: BackupTarget, *, every: Duration, at: str, keep: Duration, image: Textual
) -> Iterator[Resource | Demand]:
    """The job, its role and what it may reach; ``target`` is what ``copies.reading`` makes of the writers'."""
    here = pods(scope)
    identifier = f"{scope.identifier}_verify"
    rights = (
        *target.rights,
        Right(("cloudwatch:PutMetricData",), ("*",), (("StringEquals", "cloudwatch:namespace", (agent.NAMESPACE,)),)),
    )
    yield from pod_role(
        scope,
        identifier,
        namespace=here.namespace,
        account=name(scope),
        cluster=scope.the(Cluster).name_ref(scope),
        rights=rights,
    )
    yield from calls(here.workload, rights, f"{scope.origin} {name(scope)} tells and asks")
    yield scope.object(
        "v1", "ServiceAccount", name(scope), {"automountServiceAccountToken": False}, namespace=here.namespace
    )
    told: dict[str, Textual] = {
        # The database is not asked, and the user that the job names never logs in here.
        f"{component}.json": agent.job(scope, offer, target, secret="iam:recovery", every=every, keep=keep)
        for component, offer, _ in needs(scope)
    }
    yield scope.object("v1", "ConfigMap", name(scope), {"data": told}, namespace=here.namespace)
    yield _job(scope, here, tuple(told), schedule=_schedule(every, at), image=image)
    yield _policy(scope, here)


def _schedule(every: Duration, at: str) -> str:
    from seawall.components.recovery.dump import schedule

    hour, minute = (int(part) for part in at.split(":"))
    return schedule(every, f"{(hour + _AFTER) % 24:02}:{minute:02}")


def _job(scope: Scope, here: Pods, jobs: tuple[str, ...], *, schedule: str, image: Textual) -> Resource:
    containers = [
        {
            "name": f"read-{number}" if number else "read",
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "command": ["seawall", "verify", f"/jobs/{job}", "--content-only", "--state-dir", "/tmp/state"],
            "env": [
                {"name": "HOME", "value": "/tmp"},
                {"name": "AWS_REGION", "value": scope.region},
                {"name": "AZURE_FEDERATED_TOKEN_FILE", "value": "/var/run/azure/token"},
            ],
            "resources": {
                "requests": {"cpu": "100m", "memory": "256Mi"},
                "limits": {"cpu": "1", "memory": "256Mi"},
            },
            "securityContext": confined_container(),
            "volumeMounts": [
                {"name": "tmp", "mountPath": "/tmp"},
                {"name": "jobs", "mountPath": "/jobs", "readOnly": True},
                {"name": "azure", "mountPath": "/var/run/azure", "readOnly": True},
            ],
        }
        for number, job in enumerate(jobs)
    ]
    token = {"audience": AUDIENCE, "expirationSeconds": 3600, "path": "token"}
    labels = scope.labels(name(scope))
    template = {
        "metadata": {"labels": labels},
        "spec": {
            **known_as(name(scope)),
            "restartPolicy": "Never",
            "securityContext": confined_pod(),
            "initContainers": containers[:-1],
            "containers": containers[-1:],
            "volumes": [
                scratch("tmp", "64Mi", memory=True),
                {"name": "jobs", "configMap": {"name": name(scope)}},
                {"name": "azure", "projected": {"sources": [{"serviceAccountToken": token}]}},
            ],
        },
    }
    if not containers[:-1]:
        del template["spec"]["initContainers"]
    spec = {
        "schedule": schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": labels},
            # A copy that is not whole does not become so by being read again; a store that did not answer may.
            "spec": {"backoffLimit": 1, "activeDeadlineSeconds": 4 * 3600, "template": template},
        },
    }
    return scope.object("batch/v1", "CronJob", name(scope), {"spec": spec}, namespace=here.namespace)


def _policy(scope: Scope, here: Pods) -> Resource:
    network = scope.the(Network)
    inside = network.tier_ranges("private") if set(network.endpoints) - {"s3", "dynamodb"} else ()
    # Azure's and AWS's addresses change from week to week, and a policy knows no names.
    outside = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [str(network.cidr)]}}
    spec = {
        "podSelector": {"matchLabels": dict(here.labels)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [
            {"to": [range_peer(CREDENTIALS)], "ports": [{"protocol": "TCP", "port": 80}]},
            {"to": [outside, *map(range_peer, inside)], "ports": [{"protocol": "TCP", "port": 443}]},
        ],
    }
    return scope.object("networking.k8s.io/v1", "NetworkPolicy", name(scope), {"spec": spec}, namespace=here.namespace)
