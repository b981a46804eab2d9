"""A pooler: PgBouncer between many pods and a PostgreSQL server that can keep few connections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from seawall.components import exporters, images
from seawall.components.addons.values import monitored
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.metrics import PORT as METRICS
from seawall.components.metrics import asked
from seawall.components.migration.migration import AUTHORITIES, migration_of
from seawall.components.offer import Credentials, Door, Offer, Pods
from seawall.components.paths import consumers, demands, egress, inward, only_postgresql, pods_peer, policy
from seawall.components.pods import account, budget, confined_container, confined_pod, known_as, scratch, spread
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.components.secrets import EVERY, STORE
from seawall.components.workload import Digest, Tag, Workload
from seawall.facts.demands import Connect
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, render_text, text
from seawall.model.fields import Cpu, Image, Name, Size

PORT = 6432
FILE = "pgbouncer.ini"
_PLACE = "/etc/pgbouncer"
_USERS = "/etc/pgbouncer-users"
_NOTICED = 10
"""Seconds until nobody is sent to a pod any more that is going away."""
_FINISHING = 35
"""Seconds that what is being done then may take; a statement may take 30."""

# Whatever a transaction left on the connection is undone before anybody else gets it, but for prepared statements,
# which PgBouncer itself keeps count of. The parts of DISCARD ALL: PostgreSQL's documentation, "DISCARD".
RESET = (
    "RESET ALL; RESET SESSION AUTHORIZATION; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); "
    "DISCARD TEMP; DISCARD SEQUENCES"
)


class Pooler(Expandable):
    """PgBouncer, which lends a connection for the length of a transaction to whoever asks.

    Settings that a session makes do not outlive its transaction here: applications say `SET LOCAL`, or
    `set_config(..., true)`. Who forgets it finds nothing set, rather than somebody else's setting.
    """

    kind: Literal["pooler"]
    environment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
    """Whose application it serves: one of the environments of the database's migrations."""
    namespace: Name | None = None
    replicas: Annotated[int, Field(ge=2, le=20)] = 2
    image: Image = "database-tools"
    """An image with pgbouncer 1.24 or newer, a shell, and the certificates of Amazon's authorities in /etc/ssl/rds."""
    tag: Tag = "v1"
    digest: Digest | None = None
    cpu: Cpu = units.Cpu(100)
    memory: Size = units.Size(128 * 2**20)

    stack: ClassVar[str] = "platform"

    # -- what others may know --------------------------------------------------------------------------------------

    def pods(self, scope: Scope) -> Pods:
        """Its pods."""
        namespace = self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))
        address = Address.kubernetes(scope.cluster_name, "Deployment", namespace, scope.name)
        return Pods(namespace, (("app.kubernetes.io/name", scope.name),), address)

    def offer(self, scope: Scope) -> Offer:
        """The database under the pooler's name, with the environment's own user and password."""
        pods = self.pods(scope)
        _, database, _ = only_postgresql(scope, "to pool")
        return Offer(
            scope.name,
            pods.workload,
            "postgresql",
            f"{scope.name}.{pods.namespace}.svc.cluster.local",
            PORT,
            (Door(PORT, pods=pods),),
            database.name,
            credentials=self._credentials(scope),
        )

    def _credentials(self, scope: Scope) -> Credentials:
        at, migration = migration_of(scope, only_postgresql(scope, "to pool")[0])
        if self.environment not in migration.environments:
            raise InputError(
                f"{scope.name} is for the environment {self.environment}, of which {at.name} knows nothing",
                fix=f"choose one of {', '.join(migration.environments)}, or add it there",
                origin=scope.origin,
            )
        return migration.credentials(at, self.environment)

    def connections(self, scope: Scope) -> int:
        """How many connections each pod opens at the most: all poolers of an environment share what it gets.

        While a version is replaced there is a pod more of each.
        """
        _, migration = migration_of(scope, only_postgresql(scope, "to pool")[0])
        share = migration.environments[self.environment].connections
        pods = sum(
            other.replicas + 1 for other in scope.every(Pooler).values() if other.environment == self.environment
        )
        if share < pods:
            raise InputError(
                f"{scope.name}: {self.environment} gets {share} connections, and its poolers have {pods} pods at times",
                fix=f"give it {5 * pods} in the migrations' `environments`",
                origin=scope.origin,
            )
        return share // pods

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """What waits for connections, and for how long, through the exporter beside it."""
        yield Scrape(scope.name, self.pods(scope), METRICS, exporters=("pgbouncer",))

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Configuration, users, pods, name and policies."""
        pods = self.pods(scope)
        namespace, labels = pods.namespace, dict(pods.labels)
        _, database, said = only_postgresql(scope, "to pool")
        credentials = self._credentials(scope)
        configuration = self.configuration(scope)
        if images.is_ours(self.image):
            yield from images.repository(scope, self.image)
        yield account(scope, namespace)
        yield _users(scope, namespace, credentials)
        yield scope.object("v1", "ConfigMap", scope.name, {"data": {FILE: configuration}}, namespace=namespace)
        yield self._workload(scope, pods, configuration)
        yield budget(scope, namespace, labels)
        ports = [{"name": "postgresql", "port": PORT, "targetPort": PORT}]
        service = {"type": "ClusterIP", "selector": labels, "ports": ports}
        yield scope.object("v1", "Service", scope.name, {"spec": service}, namespace=namespace)
        peers = [pods_peer(namespace, others) for _, others in consumers(scope)]
        let_in = inward(peers, [(PORT, "tcp")]) + asked(scope, pods, [exporters.PGBOUNCER])
        yield policy(scope, pods, let_in, egress(scope, namespace))
        yield from demands(pods.workload, database, said)
        most = self.connections(scope) * (self.replicas + 1)
        yield Connect(pods.workload, database.target, most, said=said)

    def configuration(self, scope: Scope) -> Textual:
        """pgbouncer.ini; settings and their meaning are those of pgbouncer.org, "Configuration", 1.25.2."""
        _, database, _ = only_postgresql(scope, "to pool")
        size = self.connections(scope)
        clients = sum(
            found.connections * found.most_pods
            for found in (scope.component(name) for name in scope.seekers())
            if isinstance(found, Workload)
        )
        settings = {
            "listen_addr": "0.0.0.0",
            "listen_port": str(PORT),
            "unix_socket_dir": exporters.SOCKETS if monitored(scope) else "",
            "auth_type": "scram-sha-256",
            "auth_file": f"{_USERS}/userlist.txt",
            "pool_mode": "transaction",
            # One pod may have to do for all.
            "max_client_conn": str(max(100, clients)),
            "default_pool_size": str(size),
            "max_db_connections": str(size),
            "server_reset_query": RESET,
            "server_reset_query_always": "1",
            "max_prepared_statements": "200",
            # Sent by drivers of Java. Not `options`: a setting that is passed over in silence is a wrong answer later.
            "ignore_startup_parameters": "extra_float_digits",
            "server_tls_sslmode": "verify-full" if database.tls else "disable",
            **({"server_tls_ca_file": AUTHORITIES, "server_tls_protocols": "secure"} if database.tls else {}),
            # A failover gives the writer's name another address.
            "dns_max_ttl": "5",
            "server_connect_timeout": "5",
            "server_login_retry": "1",
            "tcp_keepidle": "10",
            "tcp_keepintvl": "5",
            "tcp_keepcnt": "3",
            # Idle ones go, so that a serverless server can shrink.
            "server_idle_timeout": "60",
            "server_lifetime": "1800",
            "query_wait_timeout": "15",
            "idle_transaction_timeout": "30",
            "log_connections": "0",
            "log_disconnections": "0",
        }
        ini = "".join(f"{name} = {value}\n" for name, value in settings.items())
        hosts: list[Textual] = [database.host]
        either = ""
        if database.nodes and not scope.is_home:
            # Nobody answers to the writer's name until this region's database is made the writer; its reader does.
            hosts = [part for node in database.nodes for part in (",", node)][1:]
            either = " load_balance_hosts=disable"
        return text(
            f"[databases]\n{database.name} = host=",
            *hosts,
            f" port={database.port} dbname={database.name}{either}\n\n[pgbouncer]\n{ini}",
        )

    def _workload(self, scope: Scope, pods: Pods, configuration: Textual) -> Resource:
        labels = dict(pods.labels)
        content = hashlib.sha256(render_text(configuration, str).encode()).hexdigest()
        # First nobody new is sent here, then what is being done is finished, and idle clients go to another pod.
        leave = f"sleep {_NOTICED}; kill -INT 1; sleep {_FINISHING}"
        opens = {"tcpSocket": {"port": "postgresql"}}
        container: dict[str, Any] = {
            "name": "pgbouncer",
            "image": images.reference(scope, self.image, self.tag, self.digest),
            "imagePullPolicy": "IfNotPresent",
            "command": ["pgbouncer", f"{_PLACE}/{FILE}"],
            "ports": [{"name": "postgresql", "containerPort": PORT}],
            "resources": {
                "requests": {"cpu": str(self.cpu), "memory": self.memory.quantity},
                # It is one thread, and could use no more.
                "limits": {"cpu": "1", "memory": self.memory.quantity},
            },
            "startupProbe": {**opens, "periodSeconds": 1, "failureThreshold": 30},
            "livenessProbe": {**opens, "periodSeconds": 10, "failureThreshold": 3},
            "readinessProbe": {**opens, "periodSeconds": 5, "failureThreshold": 2},
            "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", leave]}}},
            "securityContext": confined_container(),
            "volumeMounts": [
                {"name": "configuration", "mountPath": _PLACE, "readOnly": True},
                {"name": "users", "mountPath": _USERS, "readOnly": True},
            ],
        }
        measured = monitored(scope)
        if measured:
            container["volumeMounts"].append({"name": "sockets", "mountPath": exporters.SOCKETS})
        template: dict[str, Any] = {
            "metadata": {
                "labels": scope.labels(),
                # A change of the file must start the pods anew.
                "annotations": {"seawall/configuration": content[:16]},
            },
            "spec": {
                **known_as(scope.name),
                "terminationGracePeriodSeconds": _NOTICED + _FINISHING + 5,
                **scope.the(Cluster).placement(scope, None),
                **scope.the(Cluster).priority(scope, pods.namespace),
                "securityContext": confined_pod(),
                "topologySpreadConstraints": spread(labels, "pod-template-hash"),
                "containers": [container, *([exporters.pgbouncer(PORT, "sockets")] if measured else [])],
                "volumes": [
                    {"name": "configuration", "configMap": {"name": scope.name}},
                    {"name": "users", "secret": {"secretName": scope.name, "defaultMode": 0o440}},
                    *([scratch("sockets", "1Mi", memory=True)] if measured else []),
                ],
            },
        }
        spec = {
            "replicas": self.replicas,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": template,
        }
        # A rotated password is a changed file, which PgBouncer reads when it starts.
        annotations = {"secret.reloader.stakater.com/reload": scope.name}
        return scope.object(
            "apps/v1", "Deployment", scope.name, {"spec": spec}, namespace=pods.namespace, annotations=annotations
        )


def _users(scope: Scope, namespace: str, credentials: Credentials) -> Resource:
    """The Secret with PgBouncer's list of users: the password itself, which it needs to log in to the server."""
    keys = [credentials.user or "username", credentials.password]
    spec = {
        "refreshInterval": EVERY,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "target": {
            "name": scope.name,
            "creationPolicy": "Owner",
            "deletionPolicy": "Retain",
            "template": {
                "engineVersion": "v2",
                "data": {"userlist.txt": " ".join(f'"{{{{ .{key} }}}}"' for key in keys) + "\n"},
            },
        },
        "data": [{"secretKey": key, "remoteRef": {"key": credentials.secret, "property": key}} for key in keys],
    }
    return scope.object("external-secrets.io/v1", "ExternalSecret", scope.name, {"spec": spec}, namespace=namespace)
