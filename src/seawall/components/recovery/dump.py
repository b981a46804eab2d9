"""The job in the cluster that copies databases: a snapshot of every table, streamed to Azure with a token of minutes.

An export of an RDS snapshot would be Parquet, which no ``mysql <`` can read. So the copy is a dump: taken by the agent
(``seawall backup``) in one transaction by a user who may only read, over TLS with the server's name verified, and
logged in with the pod's own role. The images that the standby runs follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seawall.components import agent
from seawall.components.cluster import Cluster
from seawall.components.network import Network
from seawall.components.offer import Offer, Pods, Right
from seawall.components.paths import CREDENTIALS, demands, egress, needs, policy, range_peer
from seawall.components.pods import confined_container, confined_pod, known_as, scratch
from seawall.components.policy import calls, pod_role
from seawall.components.recovery.copies import AUDIENCE, BackupTarget
from seawall.components.recovery.machine import script
from seawall.components.scope import Scope
from seawall.components.secrets import synchronised
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, Textual, text

USER = "recovery"
"""The database user that copies."""
NAMESPACE = "Seawall/Recovery"
METRIC = "Copies"
_CLIENT = "public.ecr.aws/docker/library/mysql:8.4.7"
_AWS = "public.ecr.aws/aws-cli/aws-cli:2.32.6"
_RIGHTS = "SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the platform's own registry, and what it is called in the other cloud's."""

    source: Textual
    target: str
    repository: Textual


def pods(scope: Scope) -> Pods:
    """The pods that copy."""
    namespace = next(iter(scope.the(Cluster).namespaces_of(scope)))
    address = Address.kubernetes(scope.cluster_name, "CronJob", namespace, scope.name)
    return Pods(namespace, (("app.kubernetes.io/name", scope.name),), address)


def dump(
    scope: Scope,
    target: BackupTarget,
    *,
    every: Duration,
    at: str,
    keep: Duration,
    image: Textual,
    images: Sequence[Image] = (),
    registry: str = "",
) -> Iterator[Resource | Demand]:
    """The job, its role and rights, the user that it logs in as, and what it may reach; ``image`` is the agent's.

    ``images`` are those that the standby runs, ``registry`` the path of the other cloud's registry in its API, below
    the subscription.
    """
    here = pods(scope)
    wanted = list(needs(scope))
    for name, offer, said in wanted:
        if offer.speaks != "mysql":
            raise InputError(
                f"{scope.name} copies {name}, which speaks {offer.speaks}; only MySQL is copied to another cloud",
                fix=f"take {name} out of `needs` of `recovery`",
                origin=scope.origin,
            )
        yield from demands(here.workload, offer, said)
    yield scope.lookup("aws_caller_identity", scope.identifier, {})
    rights = list(_rights(scope, target, [offer for _, offer, _ in wanted], images))
    yield from pod_role(
        scope,
        scope.identifier,
        namespace=here.namespace,
        account=scope.name,
        cluster=scope.the(Cluster).name_ref(scope),
        rights=rights,
    )
    yield from calls(here.workload, rights, f"{scope.origin} {scope.name} copies")
    for account in (scope.name, f"{scope.name}-{USER}-user"):
        yield scope.object(
            "v1", "ServiceAccount", account, {"automountServiceAccountToken": False}, namespace=here.namespace
        )
    told: dict[str, Textual] = {
        f"{name}.json": agent.job(scope, offer, target, secret=f"iam:{USER}", every=every, keep=keep)
        for name, offer, _ in wanted
    }
    yield scope.object("v1", "ConfigMap", f"{scope.name}-jobs", {"data": told}, namespace=here.namespace)
    if images:
        files = {name: script(name) for name in ("credentials.sh", "identity.sh", "images.sh")}
        yield scope.object("v1", "ConfigMap", scope.name, {"data": files}, namespace=here.namespace)
    jobs = tuple(told)
    yield _job(scope, here, target, jobs, every=every, at=at, image=image, images=images, registry=registry)
    for name, offer, _ in wanted:
        yield from _user(scope, here, name, offer)
    yield _policy(scope, here)


def schedule(every: Duration, at: str) -> str:
    """When it runs, as cron writes it, UTC: at that time of day, and every so many hours from then on."""
    hour, minute = (int(part) for part in at.split(":"))
    step = round(every.seconds / 3600)
    hours = sorted((hour + step * number) % 24 for number in range(24 // step))
    return f"{minute} {','.join(map(str, hours)) if step > 1 else '*'} * * *"


def _rights(scope: Scope, target: BackupTarget, offers: Sequence[Offer], images: Sequence[Image]) -> Iterator[Right]:
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    users: list[Textual] = [
        text(f"arn:aws:rds-db:{scope.region}:", account, ":dbuser:", Ref(offer.target, "resource_id"), f"/{USER}")
        for offer in offers
    ]
    yield Right(("rds-db:connect",), tuple(users))
    yield from target.rights
    yield Right(("cloudwatch:PutMetricData",), ("*",), (("StringEquals", "cloudwatch:namespace", (NAMESPACE,)),))
    if images:
        yield Right(("ecr:GetAuthorizationToken",), ("*",))
        yield Right(
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            tuple(image.repository for image in images),
        )


def _job(
    scope: Scope,
    here: Pods,
    target: BackupTarget,
    jobs: Sequence[str],
    *,
    every: Duration,
    at: str,
    image: Textual,
    images: Sequence[Image],
    registry: str,
) -> Resource:
    copying = _container(
        scope,
        "copy",
        image,
        ["seawall", "backup", *(f"/jobs/{job}" for job in jobs), "--state-dir", "/tmp/state"],
        [{"name": "AZURE_FEDERATED_TOKEN_FILE", "value": "/var/run/azure/token"}],
        ["jobs", "azure"],
        memory="512Mi",
    )
    last = _container(
        scope,
        "tell",
        _AWS,
        ["aws", "cloudwatch", "put-metric-data", "--namespace", NAMESPACE, "--metric-name", METRIC, "--unit", "Count",
         "--value", "1", "--dimensions", f"Platform={scope.title}"],
        [],
        [],
    )  # fmt: skip
    carrying = list(_carrying(scope, target, images, registry)) if images else []
    template = {
        "metadata": {"labels": scope.labels()},
        "spec": {
            **known_as(scope.name),
            "restartPolicy": "Never",
            "securityContext": confined_pod(),
            "initContainers": [copying, *carrying],
            "containers": [last],
            "volumes": [
                # A login of the database passes through it, so it lies in memory.
                scratch("tmp", "64Mi", memory=True),
                {"name": "jobs", "configMap": {"name": f"{scope.name}-jobs"}},
                *(
                    [
                        scratch("secrets", "1Mi", memory=True),
                        {"name": "scripts", "configMap": {"name": scope.name}},
                    ]
                    if images
                    else []
                ),
                # What the cluster says of this pod to Entra ID and to nobody else, anew every ten minutes.
                {
                    "name": "azure",
                    "projected": {
                        "sources": [
                            {
                                "serviceAccountToken": {
                                    "audience": AUDIENCE,
                                    "expirationSeconds": 3600,
                                    "path": "token",
                                }
                            }
                        ]
                    },
                },
            ],
        },
    }
    spec = {
        "schedule": schedule(every, at),
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": scope.labels()},
            "spec": {"backoffLimit": 3, "activeDeadlineSeconds": 4 * 3600, "template": template},
        },
    }
    return scope.object("batch/v1", "CronJob", scope.name, {"spec": spec}, namespace=here.namespace)


def _carrying(scope: Scope, target: BackupTarget, images: Sequence[Image], registry: str) -> Iterator[dict[str, Any]]:
    """The two containers that have Azure fetch the images: one knows AWS's command line, the other asks Azure."""
    listed: list[Textual] = []
    for image in images:
        listed += [image.source, f" {image.target}\n"]
    carried = {"name": "IMAGES", "value": text(*listed)}
    yield _container(
        scope,
        "credentials",
        _AWS,
        ["/bin/bash", "/scripts/credentials.sh"],
        [{"name": "WHO", "value": target.parameter}],
        ["secrets", "scripts"],
    )
    yield _container(
        scope,
        "images",
        _CLIENT,
        ["/bin/bash", "/scripts/images.sh"],
        [carried, {"name": "REGISTRY", "value": registry}],
        ["secrets", "scripts", "azure"],
    )


def _container(
    scope: Scope,
    name: str,
    image: Textual,
    command: list[str],
    env: list[dict[str, Any]],
    mounted: Sequence[str],
    memory: str = "256Mi",
) -> dict[str, Any]:
    paths = {
        "secrets": "/secrets",
        "scripts": "/scripts",
        "jobs": "/jobs",
        "azure": "/var/run/azure",
        "master": "/master",
    }
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "env": [{"name": "HOME", "value": "/tmp"}, {"name": "AWS_REGION", "value": scope.region}, *env],
        "resources": {"requests": {"cpu": "100m", "memory": memory}, "limits": {"cpu": "1", "memory": memory}},
        "securityContext": confined_container(),
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},
            *(
                {"name": volume, "mountPath": paths[volume]}
                | ({"readOnly": True} if volume in ("scripts", "jobs", "azure", "master") else {})
                for volume in mounted
            ),
        ],
    }


def _user(scope: Scope, here: Pods, need: str, offer: Offer) -> Iterator[Resource]:
    """The job that makes the user which copies: it alone logs in as the master, once, and again when this changes."""
    if offer.credentials is None:
        return
    secret = f"{scope.name}-{need}"
    yield synchronised(scope, secret, here.namespace, offer.credentials)
    # An underscore in a grant stands for any letter.
    database = offer.name.replace("_", r"\_")
    statements = (
        f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL; "
        f"GRANT {_RIGHTS} ON `{database}`.* TO '{USER}'@'%';"
    )
    # Without either right mysqldump leaves routines out and says nothing. Where the master has the first one to give
    # (Aurora's does, RDS's own may not), they are dumped; with the second it sees their names, and fails if there are
    # any whose bodies it may not read.
    bodies = f"GRANT SHOW_ROUTINE ON *.* TO '{USER}'@'%';"
    names = f"GRANT EXECUTE ON `{database}`.* TO '{USER}'@'%';"
    command = (
        'printf "[client]\\nuser=%s\\npassword=\\"%s\\"\\n" "$(cat /master/user)" "$(cat /master/password)" '
        ">/secrets/my.cnf && "
        'ask() { mysql --defaults-extra-file=/secrets/my.cnf --ssl-mode=REQUIRED -h "$DATABASE_HOST" '
        '-P "$DATABASE_PORT" -e "$1"; } && ask "$STATEMENTS" && { ask "$BODIES" || ask "$NAMES"; }'
    )
    env: list[dict[str, Any]] = [
        {"name": "DATABASE_HOST", "value": offer.host},
        {"name": "DATABASE_PORT", "value": str(offer.port)},
        {"name": "STATEMENTS", "value": statements},
        {"name": "BODIES", "value": bodies},
        {"name": "NAMES", "value": names},
    ]
    digest = hashlib.sha256(f"{statements} {bodies} {names}".encode()).hexdigest()
    name = f"{scope.name}-user-of-{need}-{digest[:6]}"
    container = _container(scope, "user", _CLIENT, ["/bin/bash", "-c", command], env, ["secrets", "master"])
    spec = {
        "backoffLimit": 6,
        "activeDeadlineSeconds": 900,
        "template": {
            "metadata": {"labels": scope.labels()},
            "spec": {
                **known_as(f"{scope.name}-{USER}-user"),
                "restartPolicy": "Never",
                "securityContext": confined_pod(),
                "containers": [container],
                "volumes": [
                    scratch("tmp", "16Mi"),
                    scratch("secrets", "1Mi", memory=True),
                    {
                        "name": "master",
                        "secret": {
                            "secretName": secret,
                            "defaultMode": 0o440,
                            "items": [
                                {"key": offer.credentials.user or "username", "path": "user"},
                                {"key": offer.credentials.password, "path": "password"},
                            ],
                        },
                    },
                ],
            },
        },
    }
    yield scope.object("batch/v1", "Job", name, {"spec": spec}, namespace=here.namespace)


def _policy(scope: Scope, here: Pods) -> Resource:
    network = scope.the(Network)
    inside = network.tier_ranges("private") if set(network.endpoints) - {"s3", "dynamodb"} else ()
    # Azure's and AWS's addresses change from week to week, and a policy knows no names.
    outside = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [str(network.cidr)]}}
    rules = [
        *egress(scope, here.namespace),
        {"to": [range_peer(CREDENTIALS)], "ports": [{"protocol": "TCP", "port": 80}]},
        {"to": [outside, *map(range_peer, inside)], "ports": [{"protocol": "TCP", "port": 443}]},
    ]
    return policy(scope, here, [], rules)
