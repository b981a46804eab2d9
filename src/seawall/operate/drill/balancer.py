"""The load balancer with its targets: it asks each how it is, and sends nothing to one that is not well."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seawall.graph.graph import Graph
from seawall.operate.drill.events import Events
from seawall.operate.drill.servers import health, nginx
from seawall.operate.drill.servers.health import HealthCheck
from seawall.operate.drill.servers.nginx import Nginx, Rule, Target
from seawall.operate.drill.stage import Stage

# What the load balancer's controller gives a target group whose Ingress says nothing of it.
# Source: kubernetes-sigs/aws-load-balancer-controller, docs/guide/ingress/annotations.md.
FAILURES = 2
_EVERY, _PATH = "healthcheck-interval-seconds", "healthcheck-path"
_TIMEOUT = "healthcheck-timeout-seconds"
_ANNOTATION = "alb.ingress.kubernetes.io/"


@dataclass(frozen=True, slots=True)
class Described:
    """How the load balancer asks the pods of a service: under which path, every how many seconds, and how patiently."""

    service: str
    path: str
    every: float
    timeout: float


def described(graph: Graph, service: str) -> Described:
    """What the service's Ingress says; a target group's own defaults where it is silent, or where it has none."""
    for ingress in graph.of_type("networking.k8s.io/v1/Ingress"):
        if ingress.body["metadata"]["name"] == service:
            said = ingress.body["metadata"]["annotations"]
            return Described(
                service,
                str(said.get(_ANNOTATION + _PATH, "/")),
                float(said.get(_ANNOTATION + _EVERY, 15)),
                float(said.get(_ANNOTATION + _TIMEOUT, 5)),
            )
    return Described(service, "/", 15.0, 5.0)


class Balancer:
    """A load balancer whose one service has pods that come and go; ``others`` are targets that stay.

    ``every`` takes the place of the description's seconds between questions. Where no pod is well, all are asked.
    """

    def __init__(
        self,
        stage: Stage,
        listen: Target,
        routes: Sequence[Rule],
        of: Described,
        events: Events,
        chance: random.Random,
        *,
        others: Mapping[str, Sequence[Target]] | None = None,
        every: float | None = None,
        by: str = "",
        name: str = "balancer",
    ) -> None:
        self._stage, self.listen, self._routes, self._of, self._events = stage, listen, tuple(routes), of, events
        self._chance, self._others, self._by, self.name = chance, dict(others or {}), by, name
        self._every = of.every if every is None else every
        self._targets: dict[str, Target] = {}
        self._checks: dict[str, HealthCheck] = {}
        self._lock = threading.RLock()
        self._server: Nginx | None = None

    @property
    def host(self) -> str:
        """The name under which it answers for the service."""
        return next(rule.hosts[0] for rule in self._routes if rule.service == self._of.service)

    def start(self) -> Balancer:
        """Take connections."""
        self._server = nginx.start(self._stage, self.name, self._configuration(), self.listen)
        return self

    def add(self, name: str, target: Target) -> None:
        """Send to a pod that is ready."""
        check = HealthCheck(
            f"target {name}",
            self._asking(target),
            every=self._every,
            failures=FAILURES,
            events=self._events,
            chance=self._chance,
            checkers=1,
            turned=lambda well: self._configure(),
        )
        with self._lock:
            self._targets[name], self._checks[name] = target, check
            self._configure()
        check.start()

    def remove(self, name: str) -> None:
        """Send nothing more to a pod; what it was asked it may still answer."""
        with self._lock:
            del self._targets[name]
            check = self._checks.pop(name)
            self._configure()
        check.stop()

    def stop(self) -> None:
        """Ask nobody any more; the server is the stage's to end."""
        for check in self._checks.values():
            check.stop()

    def _asking(self, target: Target) -> Callable[[], bool]:
        limit = self._of.timeout
        return lambda: health.ask(*target, host=self.host, path=self._of.path, connect=limit, answer=limit)

    def _configure(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.configure(self._configuration())

    def _configuration(self) -> str:
        well = [target for name, target in self._targets.items() if self._checks[name].well]
        targets = {**self._others, self._of.service: well or list(self._targets.values())}
        return nginx.balancer(self.listen, self._routes, targets, by=self._by)
