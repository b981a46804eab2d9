"""A service: pods behind a name, scaled, probed, released in steps, and joined to what it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components import environment, exposure, images, nginx
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.environment import Framework
from seawall.components.exposure import DRAINING, NOTICED
from seawall.components.front import Front
from seawall.components.offer import Door, Offer, Pods
from seawall.components.paths import consumers, demands, egress, inward, needs, pods_peer, policy, range_peer, volumes
from seawall.components.pods import account, budget, confined_container, confined_pod, scratch, spread
from seawall.components.policy import pod_role
from seawall.components.scope import Scope
from seawall.components.secrets import held, synchronised
from seawall.facts.demands import Connect
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import render_text
from seawall.model.fields import (
    Cpu,
    Duration,
    Frame,
    HostName,
    Image,
    Line,
    Name,
    Port,
    Range,
    Replicas,
    Share,
    Size,
    UrlPath,
)

Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

STORES = ("mysql", "postgresql")
"""What is spoken over connections that are kept, and so are counted."""


class Scale(Frame):
    """How many pods there are, and what their number follows: the share of what they request that they use."""

    replicas: Replicas = Range(2, 2)
    cpu: Share | None = units.Share(Decimal(70))
    memory: Share | None = None

    @model_validator(mode="after")
    def _follows(self) -> Scale:
        if self.varies and self.cpu is None and self.memory is None:
            raise ValueError(f"replicas is {self.replicas}, and nothing says what it follows; give cpu or memory")
        if self.replicas.least < 1:
            raise ValueError("replicas starts at 0; a service has at least one pod")
        return self

    @property
    def varies(self) -> bool:
        """Whether an autoscaler owns the number."""
        return bool(self.replicas.least != self.replicas.most)


class Amounts(Frame):
    """Processor and memory."""

    cpu: Cpu | None = None
    memory: Size | None = None


class Resources(Frame):
    """What a pod is promised, and what it may take at most; memory is capped at what it is promised unless said."""

    requests: Amounts = Amounts(cpu=units.Cpu(100), memory=units.Size(256 * 2**20))
    limits: Amounts = Amounts()


class Probes(Frame):
    """Where the application says how it is; ``startup`` is how long it may take to say it for the first time."""

    path: UrlPath | None = None
    startup: Duration = units.Duration(60)


class Release(Frame):
    """A new version gets these percentages of the requests, each for ``pause``, and then all."""

    canary: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(min_length=1)]
    pause: Duration = units.Duration(60)

    @model_validator(mode="after")
    def _rises(self) -> Release:
        if list(self.canary) != sorted(set(self.canary)):
            raise ValueError(f"canary {list(self.canary)} does not rise from step to step")
        return self


class Expose(Frame):
    """The host and paths under which the world reaches it."""

    host: HostName
    paths: Annotated[tuple[UrlPath, ...], Field(min_length=1)] = ("/",)


class Session(Frame):
    """A user's session: it ends after so long a silence, and its cookie with it."""

    timeout: Duration


class Service(Expandable):
    """Pods that answer HTTP on one port."""

    kind: Literal["service"]
    image: Image
    """An image of the platform's own registry by its bare name; another registry's with its host."""
    tag: Tag = "v1"
    digest: Digest | None = None
    """What the image is to be, byte for byte; it goes before the tag."""
    port: Port = 8080
    framework: Framework = "plain"
    """Which names the environment has, and where probes ask: spring, nginx or plain."""
    namespace: Name | None = None
    nodes: Name | None = None
    """The node group or pool on which its pods lie; where silent, on any without a taint."""
    scale: Scale = Scale()
    resources: Resources = Resources()
    probes: Probes = Probes()
    release: Release | None = None
    """Where silent, pods are replaced one by one."""
    expose: Expose | None = None
    session: Session | None = None
    connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many connections each pod keeps to each database that it needs."""
    proxy: Mapping[UrlPath, Name] = {}
    """Of an nginx: path -> the service, one of its needs, that answers there."""
    env: Mapping[VariableName, Line] = {}

    @model_validator(mode="after")
    def _fits(self) -> Service:
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port {self.port} is not between 1 and 65535")
        if self.port < 1024:
            raise ValueError(f"port {self.port} needs root to listen on; choose one above 1023, such as 8080")
        if images.is_ours(self.image) and (":" in self.image or "@" in self.image):
            raise ValueError(f"image {self.image} is of the platform's own registry; say its version as tag or digest")
        if self.proxy and self.framework != "nginx":
            raise ValueError(f"only an nginx has a proxy, and framework is {self.framework}")
        for path, name in self.proxy.items():
            if name not in self.needs:
                raise ValueError(f"proxy {path} leads to {name}, which is not one of its needs")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def pods(self, scope: Scope) -> Pods:
        """Its pods, of all versions."""
        namespace = self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))
        kind = "Rollout" if self.release else "Deployment"
        address = Address.kubernetes(scope.cluster_name, kind, namespace, scope.name)
        return Pods(namespace, (("app.kubernetes.io/name", scope.name),), address)

    def offer(self, scope: Scope) -> Offer:
        """Its name in the cluster; of a service that is released in steps, the version that is through them all."""
        pods = self.pods(scope)
        host = f"{scope.name}.{pods.namespace}.svc.cluster.local"
        service = Address.kubernetes(scope.cluster_name, "Service", pods.namespace, scope.name)
        return Offer(scope.name, service, "http", host, self.port, (Door(self.port, pods=pods),))

    def exposes(self, scope: Scope) -> tuple[str, ...]:
        """Its host, if it is exposed."""
        return (self.expose.host,) if self.expose else ()

    @property
    def most_pods(self) -> int:
        """How many pods there may be at once: while a version is let in there is a second set beside the first."""
        most: int = self.scale.replicas.most
        return 2 * most if self.release and self.expose else most + 1

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Repository, role, secrets, pods, scaling, names, policies and Ingress."""
        pods = self.pods(scope)
        self._known(scope, pods)
        if images.is_ours(self.image):
            yield from images.repository(scope, self.image)
        yield account(scope, pods.namespace)
        yield from self._rights(scope, pods)
        yield from self._secrets(scope, pods)
        files = self._files(scope)
        if files:
            yield scope.object("v1", "ConfigMap", scope.name, {"data": files}, namespace=pods.namespace)
        yield self._workload(scope, pods, files)
        if self.scale.varies:
            yield self._autoscaler(scope, pods)
        yield budget(scope, pods.namespace, dict(pods.labels))
        yield from self._names(scope, pods)
        front = exposure.front_of(scope) if self.expose else None
        yield self._policy(scope, pods, front)
        if front is not None:
            yield from self._exposed(scope, pods, front)
        for _, offer, said in needs(scope):
            yield from demands(pods.workload, offer, said)
            if offer.speaks in STORES:
                yield Connect(pods.workload, offer.target, self.connections * self.most_pods, said=said)

    def _known(self, scope: Scope, pods: Pods) -> None:
        known = scope.the(Cluster).namespaces_of(scope)
        if pods.namespace not in known:
            raise InputError(
                f"{scope.name} lies in the namespace {pods.namespace}, which the cluster does not have",
                fix=f"choose one of {', '.join(known)}, or add it to cluster.namespaces",
                origin=scope.origin,
            )

    def _rights(self, scope: Scope, pods: Pods) -> Iterator[Resource]:
        rights = [right for _, offer, _ in needs(scope) for right in offer.rights]
        if rights:
            yield from pod_role(
                scope,
                scope.identifier,
                namespace=pods.namespace,
                account=scope.name,
                cluster=scope.the(Cluster).name_ref(scope),
                rights=rights,
            )

    def _secrets(self, scope: Scope, pods: Pods) -> Iterator[Resource]:
        for need, offer, _ in needs(scope):
            if offer.credentials is not None and offer.credentials.secret is not None:
                yield synchronised(scope, _secret(scope, need, offer), pods.namespace, offer.credentials)
            if offer.held is not None and offer.held.secret is not None:
                yield held(scope, _secret(scope, need, offer), pods.namespace, offer.held)

    def _files(self, scope: Scope) -> dict[str, Any]:
        if self.framework != "nginx":
            return {}
        proxied = {path: scope.offer(name) for path, name in self.proxy.items()}
        return {nginx.FILE: nginx.configuration(self.port, self._health, proxied)}

    @property
    def _health(self) -> str:
        if self.probes.path is not None:
            return self.probes.path
        return {"spring": "/actuator/health", "nginx": nginx.HEALTH, "plain": "/health"}[self.framework]

    # -- pods ------------------------------------------------------------------------------------------------------

    def _workload(self, scope: Scope, pods: Pods, files: Mapping[str, Any]) -> Resource:
        labels = dict(pods.labels)
        spec: dict[str, Any] = {
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": labels},
            "template": self._template(scope, pods, files),
        }
        if not self.scale.varies:
            spec = {"replicas": self.scale.replicas.least, **spec}
        reloaded = [
            _secret(scope, need, offer)
            for need, offer, _ in needs(scope)
            if (offer.credentials is not None and offer.credentials.secret is not None) or offer.held is not None
        ]
        # A rotated password reaches a variable only when its pod is started anew.
        annotations = {"secret.reloader.stakater.com/reload": ",".join(reloaded)} if reloaded else {}
        if self.release is None:
            spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
            version, kind = "apps/v1", "Deployment"
        else:
            spec["strategy"] = {"canary": self._canary(scope, self.release)}
            version, kind = "argoproj.io/v1alpha1", "Rollout"
        body = {"spec": spec}
        return scope.object(version, kind, scope.name, body, namespace=pods.namespace, annotations=annotations)

    def _canary(self, scope: Scope, release: Release) -> dict[str, Any]:
        pause = {"pause": {"duration": f"{round(release.pause.seconds)}s"}}
        canary: dict[str, Any] = {
            "maxSurge": 1,
            "maxUnavailable": 0,
            "steps": [step for weight in release.canary for step in ({"setWeight": weight}, pause)],
        }
        if self.expose:
            canary |= {
                "stableService": scope.name,
                "canaryService": f"{scope.name}-canary",
                "trafficRouting": {
                    "alb": {"ingress": scope.name, "rootService": scope.name, "servicePort": self.port},
                },
            }
        return canary

    def _template(self, scope: Scope, pods: Pods, files: Mapping[str, Any]) -> dict[str, Any]:
        metadata: dict[str, Any] = {"labels": scope.labels()}
        mounted = [scratch("tmp", "256Mi"), *volumes(scope)[0]]
        if files:
            mounted.append({"name": "configuration", "configMap": {"name": scope.name}})
            content = "\0".join(render_text(value, str) for value in files.values())
            # A change of the file must start the pods anew.
            metadata["annotations"] = {"seawall/configuration": hashlib.sha256(content.encode()).hexdigest()[:16]}
        revision = "rollouts-pod-template-hash" if self.release else "pod-template-hash"
        spec = {
            "serviceAccountName": scope.name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": self._notice + self._drain + 5,
            "securityContext": confined_pod(),
            **scope.the(Cluster).placement(scope, self.nodes),
            "topologySpreadConstraints": spread(dict(pods.labels), revision),
            "containers": [self._container(scope, files)],
            "volumes": mounted,
        }
        return {"metadata": metadata, "spec": spec}

    @property
    def _notice(self) -> int:
        # A pod goes on answering until nobody sends it anything any more.
        return NOTICED + DRAINING if self.expose else 5

    @property
    def _drain(self) -> int:
        return 30

    def _container(self, scope: Scope, files: Mapping[str, Any]) -> dict[str, Any]:
        mounts: list[dict[str, Any]] = [{"name": "tmp", "mountPath": "/tmp"}]
        mounts += [
            {"name": "configuration", "mountPath": f"/etc/nginx/{file}", "subPath": file, "readOnly": True}
            for file in files
        ]
        mounts += volumes(scope)[1]
        return {
            "name": scope.name,
            "image": images.reference(scope, self.image, self.tag, self.digest),
            "imagePullPolicy": "IfNotPresent",
            "ports": [{"name": "http", "containerPort": self.port}],
            "env": self._environment(scope),
            "resources": self._resources(),
            **self._probes(),
            "lifecycle": {"preStop": {"sleep": {"seconds": self._notice}}},
            "securityContext": confined_container(),
            "volumeMounts": mounts,
        }

    def _environment(self, scope: Scope) -> list[environment.Variable]:
        derived = list(environment.of_framework(self.framework, self.port, self._drain))
        for need, offer, _ in needs(scope):
            secret = _secret(scope, need, offer)
            derived += environment.of_need(self.framework, need, offer, secret, self.connections)
        if self.session is not None:
            derived += environment.of_session(self.framework, self.session.timeout)
        stated = [environment.variable(name, value) for name, value in self.env.items()]
        return environment.merged(scope, derived, stated)

    def _resources(self) -> dict[str, Any]:
        requests, limits = _amounts(self.resources.requests), _amounts(self.resources.limits)
        if "memory" in requests:
            limits.setdefault("memory", requests["memory"])
        return {"requests": requests, "limits": limits}

    def _probes(self) -> dict[str, Any]:
        spring = self.framework == "spring"
        # Whether it lives must not hang on whether its database does, or one outage restarts every pod.
        alive, ready = (f"{self._health}/liveness", f"{self._health}/readiness") if spring else (self._health,) * 2

        def ask(path: str, period: int, failures: int) -> dict[str, Any]:
            get = {"path": path, "port": "http"}
            return {"httpGet": get, "periodSeconds": period, "timeoutSeconds": 2, "failureThreshold": failures}

        return {
            "startupProbe": ask(alive, 5, max(1, -(-round(self.probes.startup.seconds) // 5))),
            "livenessProbe": ask(alive, 10, 3),
            "readinessProbe": ask(ready, 5, 3),
        }

    def _autoscaler(self, scope: Scope, pods: Pods) -> Resource:
        version = "argoproj.io/v1alpha1" if self.release else "apps/v1"
        kind = "Rollout" if self.release else "Deployment"
        signals = (("cpu", self.scale.cpu), ("memory", self.scale.memory))
        spec = {
            "scaleTargetRef": {"apiVersion": version, "kind": kind, "name": scope.name},
            "minReplicas": self.scale.replicas.least,
            "maxReplicas": self.scale.replicas.most,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": name,
                        "target": {"type": "Utilization", "averageUtilization": int(share.percent)},
                    },
                }
                for name, share in signals
                if share is not None
            ],
            # Up at once, down only when it has stayed quiet.
            "behavior": {
                "scaleUp": {
                    "stabilizationWindowSeconds": 0,
                    "policies": [{"type": "Percent", "value": 100, "periodSeconds": 30}],
                },
                "scaleDown": {
                    "stabilizationWindowSeconds": 300,
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
                },
            },
        }
        return scope.object(
            "autoscaling/v2", "HorizontalPodAutoscaler", scope.name, {"spec": spec}, namespace=pods.namespace
        )

    # -- ways in and out -------------------------------------------------------------------------------------------

    def _names(self, scope: Scope, pods: Pods) -> Iterator[Resource]:
        names = [scope.name]
        if self.release and self.expose:
            names.append(f"{scope.name}-canary")
        # The VPC CNI enforces policies only where a service's port is the pods' own.
        ports = [{"name": "http", "port": self.port, "targetPort": self.port}]
        for name in names:
            spec = {"type": "ClusterIP", "selector": dict(pods.labels), "ports": ports}
            yield scope.object("v1", "Service", name, {"spec": spec}, namespace=pods.namespace)

    def _policy(self, scope: Scope, pods: Pods, front: Front | None) -> Resource:
        peers = [pods_peer(pods.namespace, others) for _, others in consumers(scope)]
        if front is not None:
            peers += [range_peer(cidr) for cidr in front.ranges]
        return policy(scope, pods, inward(peers, [(self.port, "tcp")]), egress(scope, pods.namespace))

    def _exposed(self, scope: Scope, pods: Pods, front: Front) -> Iterator[Resource | Demand]:
        assert self.expose is not None
        exposed = {name: other for name, other in scope.every(Service).items() if other.expose}
        ports = {name: other.port for name, other in exposed.items()}
        yield from exposure.opened(scope, front, self.port, ports)
        # Of two paths that both match, the load balancer takes the one with the lower order: the longer.
        ranked = sorted(exposed, key=lambda name: (-_longest(exposed[name]), name))
        paths = {path: "Exact" if path == self._health else "Prefix" for path in self.expose.paths}
        yield from exposure.ingress(
            scope,
            front,
            pods,
            host=self.expose.host,
            paths=paths,
            order=10 * (ranked.index(scope.name) + 1),
            port=self.port,
            health=self._readiness,
            weighted=self.release is not None,
        )

    @property
    def _readiness(self) -> str:
        return f"{self._health}/readiness" if self.framework == "spring" else self._health


def _secret(scope: Scope, need: str, offer: Offer) -> str:
    """The Secret in which the pods find a need's credentials."""
    if offer.credentials is not None and offer.credentials.secret is None:
        return offer.credentials.name
    if offer.held is not None and offer.held.secret is None:
        return offer.held.name
    return f"{scope.name}-{need}"


def _amounts(amounts: Amounts) -> dict[str, str]:
    found: dict[str, str] = {}
    if amounts.cpu is not None:
        found["cpu"] = str(amounts.cpu)
    if amounts.memory is not None:
        found["memory"] = amounts.memory.quantity
    return found


def _longest(service: Service) -> int:
    return max(len(path) for path in service.expose.paths) if service.expose else 0
