"""A service's pods behind a load balancer, as Kubernetes keeps them: started, killed, and replaced one by one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from seawall.components.exposure import NOTICED
from seawall.graph.graph import Graph
from seawall.operate.drill import balancer
from seawall.operate.drill.balancer import Balancer
from seawall.operate.drill.events import Events
from seawall.operate.drill.servers import application, nginx
from seawall.operate.drill.servers.application import Application, Described
from seawall.operate.drill.stage import Stage

Pod = Callable[[], Application]
"""Starts one more pod."""


class Tier:
    """Pods of one service; ``pod`` starts one more. What leads to it keeps a user to one pod where ``by`` is a header.

    ``every`` takes the place of the description's seconds between the load balancer's questions; ``hurry`` divides
    the seconds for which a pod goes on after word that it is to end.
    """

    def __init__(
        self,
        stage: Stage,
        graph: Graph,
        of: Described,
        pod: Pod,
        events: Events,
        chance: random.Random,
        *,
        every: float | None = None,
        hurry: float = 1.0,
        by: str = "",
        name: str = "balancer",
    ) -> None:
        self.of, self._pod, self._events, self._hurry = of, pod, events, hurry
        routes = nginx.rules(graph)
        if not any(rule.service == of.name for rule in routes):
            # It is reached through the web tier, which hands on whatever it is asked.
            routes = (nginx.Rule(routes[0].hosts if routes else (of.name,), "/", False, of.name),)
        listen = ("127.0.0.1", stage.free_port())
        self.url = f"http://{listen[0]}:{listen[1]}"
        told = balancer.described(graph, of.name)
        self.every = told.every if every is None else every
        self.balanced = Balancer(stage, listen, routes, told, events, chance, every=self.every, by=by, name=name)
        self.pods: dict[str, Application] = {}

    @property
    def host(self) -> str:
        """The name under which the service is asked for."""
        return self.balanced.host

    @property
    def noticed(self) -> float:
        """Seconds within which the load balancer is told that a pod is no more: what the pods' notice reckons with."""
        return NOTICED / self._hurry

    def start(self, pods: int = 2) -> Tier:
        """Start the load balancer, and so many pods behind it."""
        self.balanced.start()
        for _ in range(pods):
            self.add()
        return self

    def add(self) -> Application:
        """Start one more pod, and send to it."""
        new = self._pod()
        self.balanced.add(new.name, new.address)
        self.pods[new.name] = new
        self._events.add(new.name, "is ready")
        return new

    def forget(self, name: str) -> Application:
        """Send no more to a pod, which is not one of these any more."""
        self.balanced.remove(name)
        return self.pods.pop(name)

    def replace(self, name: str) -> None:
        """Replace a pod as a rollout does: another first, then word that this one leaves, then SIGTERM."""
        self.add()
        self._events.add(name, "is to end")
        began = time.monotonic()
        # Whoever sends to it is told while it goes on answering.
        time.sleep(min(self.noticed, self.of.notice / self._hurry / 2))
        ending = self.forget(name)
        application.finish(ending, self.of, hurry=self._hurry, already=time.monotonic() - began)
        self._events.add(name, "has ended")

    def replace_all(self) -> None:
        """Replace every pod, one after the other."""
        for name in list(self.pods):
            self.replace(name)

    def stop(self) -> None:
        """Ask nobody any more how it is; the servers are the stage's to end."""
        self.balanced.stop()
