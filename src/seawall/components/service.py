"""A service: pods behind a name, scaled, probed, released in steps, and joined to what it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components import environment, exporters, exposure, nginx, requests
from seawall.components.addons.values import monitored
from seawall.components.alert import Alert
from seawall.components.alerting.releases import Released
from seawall.components.alerting.releases import alerts as releases_alerts
from seawall.components.alerting.requests import Served
from seawall.components.alerting.requests import alerts as requests_alerts
from seawall.components.exposure import DRAINING, NOTICED
from seawall.components.front import Front
from seawall.components.metrics import PORT as METRICS
from seawall.components.metrics import REVISION, asked
from seawall.components.offer import Door, Offer, Pods
from seawall.components.paths import consumers, egress, inward, pods_peer, policy, range_peer
from seawall.components.pods import spread
from seawall.components.release import Release
from seawall.components.scaling import Scale, autoscaler
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.components.workload import Workload
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import render_text
from seawall.model.fields import Duration, Frame, HostName, Name, Port, UrlPath


class Probes(Frame):
    """Where the application says how it is; ``startup`` is how long it may take to say it for the first time."""

    path: UrlPath | None = None
    startup: Duration = units.Duration(60)


class Expose(Frame):
    """The host and paths under which the world reaches it."""

    host: HostName
    paths: Annotated[tuple[UrlPath, ...], Field(min_length=1)] = ("/",)


class Session(Frame):
    """A user's session: it ends after so long a silence, and its cookie with it."""

    timeout: Duration


class Service(Workload):
    """Pods that answer HTTP on one port."""

    kind: Literal["service"]
    port: Port = 8080
    scale: Scale = Scale()
    probes: Probes = Probes()
    release: Release | None = None
    """Where silent, pods are replaced one by one."""
    expose: Expose | None = None
    session: Session | None = None
    proxy: Mapping[UrlPath, Name] = {}
    """Of an nginx: path -> the service, one of its needs, that answers there."""

    @model_validator(mode="after")
    def _fits(self) -> Service:
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port {self.port} is not between 1 and 65535")
        if self.port < 1024:
            raise ValueError(f"port {self.port} needs root to listen on; choose one above 1023, such as 8080")
        if self.scale.replicas.least < 1:
            raise ValueError("replicas starts at 0; a service has at least one pod")
        if self.proxy and self.framework != "nginx":
            raise ValueError(f"only an nginx has a proxy, and framework is {self.framework}")
        for path, name in self.proxy.items():
            if name not in self.needs:
                raise ValueError(f"proxy {path} leads to {name}, which is not one of its needs")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    @property
    def scaled(self) -> Scale:
        """How many pods there are."""
        return self.scale

    @property
    def controlled(self) -> tuple[str, str]:
        """What is released in steps is a Rollout."""
        return ("argoproj.io/v1alpha1", "Rollout") if self.release else ("apps/v1", "Deployment")

    def relies_on(self) -> tuple[str, ...]:
        """Beside what measures and scales: what lets a new version in step by step, and makes the pods of it at all."""
        return (*super().relies_on(), *(("argo-rollouts",) if self.release else ()))

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
        yield from self.surroundings(scope, pods)
        files = self._files(scope)
        if files:
            yield scope.object("v1", "ConfigMap", scope.name, {"data": files}, namespace=pods.namespace)
        deadline = self.release.deadline(self.probes.startup) if self.release is not None else {}
        yield self.workload(scope, pods, self._strategy(scope), self._template(scope, pods, files), **deadline)
        if self.release is not None:
            counted = requests.of_service(self.framework, self.metrics)
            yield from self.release.templates(scope, pods, counted, scraped=any(True for _ in self.scrapes(scope)))
        yield from autoscaler(scope, self.scale, pods, self.controlled)
        yield from self._names(scope, pods)
        front = exposure.front_of(scope) if self.expose else None
        yield self._policy(scope, pods, front)
        if front is not None:
            yield from self._exposed(scope, pods, front)
        yield from self.demanded(scope, pods)

    def _files(self, scope: Scope) -> dict[str, Any]:
        if self.framework != "nginx":
            return {}
        proxied = {path: scope.offer(name) for path, name in self.proxy.items()}
        status = exporters.STATUS if self._beside(scope) else None
        return {nginx.FILE: nginx.configuration(self.port, self._health, proxied, status)}

    # -- metrics ---------------------------------------------------------------------------------------------------

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """What it exports: a spring application of itself, an nginx through the exporter beside it."""
        pods = self.pods(scope)
        labels = (REVISION,) if self.release is not None else ()
        spring = self.framework == "spring"
        served = Scrape(scope.name, pods, "http", environment.METRICS if spring else "/metrics", labels=labels)
        if spring:
            served = replace(served, exporters=("spring",))
        if self.metrics is not None:
            yield self.metrics.scrape(served)
        elif spring:
            yield served
        elif self.framework == "nginx":
            yield replace(served, port=METRICS, exporters=("nginx",))

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of requests and of releases; the first service says it of all."""
        services = scope.every(Service)
        if next(iter(services)) != scope.name:
            return
        pods = {name: service.pods(scope.at(name)) for name, service in services.items()}
        served = [
            Served(
                name,
                pods[name],
                requests.of_service(service.framework, service.metrics),
                "nginx_http_requests_total" if service.framework == "nginx" and service.metrics is None else "",
            )
            for name, service in services.items()
        ]
        yield from requests_alerts(scope, served)
        released = [
            Released(name, pods[name], service.release.pause)
            for name, service in services.items()
            if service.release is not None
        ]
        if released:
            yield from releases_alerts(released)

    def _beside(self, scope: Scope) -> bool:
        """Whether an exporter lies beside its container."""
        return self.framework == "nginx" and self.metrics is None and monitored(scope)

    def _asked(self) -> tuple[int, ...]:
        """The ports on which Prometheus asks."""
        if self.metrics is not None:
            return (self.metrics.port or self.port,)
        return {"spring": (self.port,), "nginx": (exporters.NGINX,), "plain": ()}[self.framework]

    @property
    def _health(self) -> str:
        if self.probes.path is not None:
            return self.probes.path
        return {"spring": "/actuator/health", "nginx": nginx.HEALTH, "plain": "/health"}[self.framework]

    # -- pods ------------------------------------------------------------------------------------------------------

    def _strategy(self, scope: Scope) -> dict[str, Any]:
        if self.release is not None:
            return {"canary": self.release.strategy(scope, port=self.port if self.expose else None)}
        return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}

    def _template(self, scope: Scope, pods: Pods, files: Mapping[str, Any]) -> dict[str, Any]:
        metadata: dict[str, Any] = {"labels": scope.labels()}
        mounted = []
        if files:
            mounted.append({"name": "configuration", "configMap": {"name": scope.name}})
            content = "\0".join(render_text(value, str) for value in files.values())
            # A change of the file must start the pods anew.
            metadata["annotations"] = {"seawall/configuration": hashlib.sha256(content.encode()).hexdigest()[:16]}
        revision = REVISION if self.release else "pod-template-hash"
        spec = self.pod(
            scope,
            pods,
            self._container(scope, files),
            grace=self._notice + self._drain + 5,
            spread=spread(dict(pods.labels), revision),
            mounted=mounted,
            beside=[exporters.nginx()] if self._beside(scope) else [],
        )
        return {"metadata": metadata, "spec": spec}

    @property
    def _notice(self) -> int:
        # A pod goes on answering until nobody sends it anything any more.
        return NOTICED + DRAINING if self.expose else 5

    @property
    def _drain(self) -> int:
        return 30

    def _container(self, scope: Scope, files: Mapping[str, Any]) -> dict[str, Any]:
        first = environment.of_framework(self.framework, self.port, self._drain, measured=monitored(scope))
        ports = [{"name": "http", "containerPort": self.port}]
        if self.metrics is not None and self.metrics.port is not None:
            ports.append({"name": METRICS, "containerPort": self.metrics.port})
        session = self.session
        last = environment.of_session(self.framework, session.timeout) if session is not None else ()
        return self.container(
            scope,
            self.variables(scope, first, last),
            mounts=[
                {"name": "configuration", "mountPath": f"/etc/nginx/{file}", "subPath": file, "readOnly": True}
                for file in files
            ],
            ports=ports,
            **self._probes(),
            lifecycle={"preStop": {"sleep": {"seconds": self._notice}}},
        )

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
        let_in = inward(peers, [(self.port, "tcp")]) + asked(scope, pods, self._asked())
        return policy(scope, pods, let_in, egress(scope, pods.namespace))

    def _exposed(self, scope: Scope, pods: Pods, front: Front) -> Iterator[Resource | Demand]:
        assert self.expose is not None
        self._keeps_in(scope, self.expose)
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

    def _keeps_in(self, scope: Scope, expose: Expose) -> None:
        """InputError where the world could read the metrics of a spring application, which answers on one port."""
        told = [path for path in expose.paths if f"{environment.METRICS}/".startswith(f"{path.rstrip('/')}/")]
        if self.framework == "spring" and monitored(scope) and told:
            raise InputError(
                f"{scope.name} is exposed under {told[0]}, and with it {environment.METRICS}",
                fix="name the paths that the world needs in `expose.paths`, such as /api and /actuator/health",
                origin=scope.origin,
            )

    @property
    def _readiness(self) -> str:
        return f"{self._health}/readiness" if self.framework == "spring" else self._health


def _longest(service: Service) -> int:
    return max(len(path) for path in service.expose.paths) if service.expose else 0
