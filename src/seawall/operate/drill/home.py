"""A platform's places in a drill: home with its database, cache, pods, web tier and load balancer, and a standby.

Everything is started as the description has it, on the addresses of the loopback that the front gives the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seawall.graph.graph import Graph
from seawall.kernel.errors import OutsideError
from seawall.operate.copies.job import Database
from seawall.operate.drill import front as fronts
from seawall.operate.drill.faults import Losable
from seawall.operate.drill.front import Front
from seawall.operate.drill.servers import application, nginx, redis
from seawall.operate.drill.servers.application import Application
from seawall.operate.drill.servers.nginx import Nginx, Rule
from seawall.operate.drill.stage import Stage

CLINIC = "clinic"


@dataclass(frozen=True, slots=True)
class Place:
    """A place that serves: its pods, the load balancer before them, and ``servers``: all that it consists of."""

    pods: tuple[Application, ...]
    balancer: Nginx
    servers: tuple[Losable, ...]


def start(
    stage: Stage,
    name: str,
    graph: Graph,
    front: Front,
    place: str,
    database: Database,
    databases: Sequence[Losable],
    *,
    pods: int = 2,
    cached: bool = True,
) -> Place:
    """Start a place with its database ``database``, which runs already; it serves when this returns.

    ``cached`` starts the cache of its cluster, too, where the platform has one there. Raises LackingError and
    OutsideError.
    """
    of = application.described(graph)
    servers: list[Losable] = list(databases)
    cache = None
    kept = redis.described(graph) if cached else None
    if kept is not None:
        sessions = redis.start(stage, kept)
        servers += [server for node in sessions.nodes for server in (node.server, node.sentinel)]
        cache = application.Cache(sessions.sentinels, kept.name, sessions.password)
    started = tuple(
        application.start(
            stage, f"{name}-pod-{number}", database=database, cache=cache, of=of,
            replicas=redis.COPIES if kept is not None else 0,
        )
        for number in range(1, pods + 1)
    )  # fmt: skip
    servers += [pod.process for pod in started]
    service = of.name if of is not None else CLINIC
    targets = {service: [pod.address for pod in started]}
    listen = ("127.0.0.1", stage.free_port())
    web = nginx.web(graph, listen, {service: started[0].address}, status=stage.free_port()) if of is not None else None
    if web is not None:
        tier = nginx.start(stage, f"{name}-web", web, listen)
        servers.append(tier.process)
        targets["web"] = [listen]
    at = front.listen(place)
    balancer = nginx.start(stage, f"{name}-balancer", nginx.balancer(at, routes(graph, front, place), targets), at)
    return Place(started, balancer, (*servers, balancer.process))


def routes(graph: Graph, front: Front, place: str) -> list[Rule]:
    """The rules of the Ingresses where the clinic stands for the platform's service, else one rule that leads to it."""
    names = (front.origin, fronts.checked(graph, place))
    if application.described(graph) is None:
        return [Rule(names, "/", exact=False, service=CLINIC)]
    return [Rule(names, rule.path, rule.exact, rule.service) for rule in nginx.rules(graph)]


class Machine:
    """A standby's machine: it answers everybody with 503 until it is promoted, and leads to its application then."""

    def __init__(self, stage: Stage, name: str, graph: Graph, front: Front, place: str, at: nginx.Target) -> None:
        """``place`` is the one whose names it answers to, ``at`` where it listens."""
        self._rule = Rule((front.origin, fronts.checked(graph, place)), "/", exact=False, service=CLINIC)
        self._at = at
        self.nginx = nginx.start(stage, name, nginx.balancer(self._at, [self._rule], {}), self._at)
        self.promoted = False

    def promote(self, pods: Sequence[Application]) -> None:
        """Lead visitors to these from now on."""
        self.nginx.configure(nginx.balancer(self._at, [self._rule], {CLINIC: [pod.address for pod in pods]}))
        self.promoted = True


def served_from_outside(front: Front, host: str, path: str, expects: str) -> bool:
    """Whether the public name is answered by the service, asked as visitors ask."""
    from seawall.operate.drill.servers import health

    address, _, port = front.url.removeprefix("http://").partition(":")
    return health.ask(address, int(port), host=host, path=path, expects=expects, answer=10.0)


def second(graph: Graph, front: Front) -> str:
    """The place that takes over when home is lost: the first other one that a check asks after; empty if none."""
    for place in front.places[1:]:
        try:
            fronts.checked(graph, place)
        except OutsideError:
            continue
        return place
    return ""
