"""What stands before a platform in a drill: its names, health checks and distributions, from its own description.

Places that answer for it (a load balancer, a standby's address) have addresses of their own on the loopback, all with
the same port, as they have 443 in the world; names lead to them, so that whoever asks goes where names lead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref
from seawall.operate.drill.events import Events
from seawall.operate.drill.servers import dns, health, nginx
from seawall.operate.drill.servers.dns import NameServer, Resolver, Zone
from seawall.operate.drill.servers.health import HealthCheck
from seawall.operate.drill.servers.nginx import Nginx
from seawall.operate.drill.stage import Stage

_DISTRIBUTION = "aws_cloudfront_distribution"
_PLACES = ("aws_lb", "azurerm_public_ip")


class Front:
    """Names, checkers and CloudFront of one host; ``start`` it once the places that are to be well answer.

    ``page`` is the URL under which the maintenance page is kept elsewhere, empty where it is not; ``objects`` are the
    URLs of further origins by their ids. Of buckets, those in other regions than the first place's are there with
    their pages, and those in its region are taken to be lost with it. ``probe`` and ``ttl`` take the place of the
    description's seconds.
    """

    def __init__(
        self,
        stage: Stage,
        graph: Graph,
        events: Events,
        chance: random.Random,
        *,
        page: str,
        objects: Mapping[str, str] | None = None,
        probe: float | None = None,
        ttl: float | None = None,
        checkers: int = health.CHECKERS,
    ) -> None:
        self._stage, self._graph, self._events, self._chance = stage, graph, events, chance
        self._page, self._objects, self._probe, self._checkers = page, dict(objects or {}), probe, checkers
        self._serving, self._fallback = _distributions(graph)
        self.host = str(self._serving.body["aliases"][0])
        """The name that visitors ask for."""
        self.port = stage.free_port()
        """The port of every place, and of CloudFront."""
        made = (one for kind in (_DISTRIBUTION, *_PLACES) for one in graph.of_type(kind))
        self._addresses = {str(one.address): f"127.0.0.{number}" for number, one in enumerate(made, 11)}
        self._checks: dict[str, HealthCheck] = {}
        self._zone = Zone(dns.records(graph), self._addresses, self.well, ttl)
        self._names = NameServer(self._zone, stage.free_port())
        self.resolver = Resolver(self._names.port)
        self.servers: list[Nginx] = []
        self._left: set[str] = set()

    def listen(self, place: str) -> nginx.Target:
        """Where a place is to listen; ``place`` is the address in the graph of a load balancer or a public IP."""
        return self._addresses[place], self.port

    @property
    def places(self) -> tuple[str, ...]:
        """What can have an address of its own, by its address in the graph: home's load balancer first."""
        return tuple(str(one.address) for kind in _PLACES for one in self._graph.of_type(kind))

    @property
    def url(self) -> str:
        """Where CloudFront is asked for the host."""
        return f"http://{self._addresses[str(self._serving.address)]}:{self.port}"

    def start(self) -> Front:
        """Begin to answer for names, to ask how places are, and to serve; a check begins as the place is."""
        self._names.start()
        used = {record.check for record in dns.records(self._graph)}
        for one in health.described(self._graph):
            if one.check in used:
                asking = self._asking(one)
                self._checks[one.check] = HealthCheck(
                    lane(one.name),
                    asking,
                    every=self._probe if self._probe is not None else one.every,
                    failures=one.failures,
                    events=self._events,
                    chance=self._chance,
                    checkers=self._checkers,
                    well=asking(),
                ).start()
        self._keep_pages()
        found = nginx.page(self._graph)
        configuration = nginx.fallback(self._at(self._fallback), self._page, found[1] if found else "")
        self._serve("cloudfront-fallback", configuration, self._at(self._fallback))
        configuration = nginx.distribution(
            self._serving, self._at(self._serving), names=self._names.port, port=self.port, places=self._objects
        )
        self._serve("cloudfront", configuration, self._at(self._serving))
        return self

    def _keep_pages(self) -> None:
        """Serve the pages of the buckets that outlive the first place's region."""
        home = next((one.region for kind in _PLACES for one in self._graph.of_type(kind)), "")
        for origin in self._serving.body["origin"]:
            domain, name = origin["domain_name"], str(origin["origin_id"])
            kept = self._graph.get(domain.to) if isinstance(domain, Ref) else None
            if kept is None or kept.type != "aws_s3_bucket" or kept.region == home or name in self._objects:
                continue
            pages = {
                str(one.body["key"]): str(one.body["content"])
                for one in self._graph.of_type("aws_s3_object")
                if isinstance(one.body["bucket"], Ref) and one.body["bucket"].to == kept.address
                if isinstance(one.body.get("content"), str)
            }
            listen = ("127.0.0.1", self._stage.free_port())
            self._serve(f"bucket-{name}", nginx.bucket(listen, pages), listen)
            self._objects[name] = f"http://{listen[0]}:{listen[1]}"

    def stop(self) -> None:
        """Ask no more and answer for no name; the servers are the stage's to end."""
        for check in self._checks.values():
            check.stop()
        self._names.stop()

    def well(self, check: str) -> bool:
        """What checkers agree upon, by the health check's address in the graph; one that nobody makes is well."""
        return check not in self._left and (self._checks[check].well if check in self._checks else True)

    def leave(self, place: str) -> None:
        """Take the check that asks after a place for failed from now on, whatever it finds."""
        self._left.add(self.check_of(place))

    def left(self, place: str) -> bool:
        """Whether a place's check counts as failed, whatever it finds."""
        return self.check_of(place) in self._left

    def move(self, place: str, address: str) -> None:
        """Let the names of a place lead to another address, and hear its check again: it was built anew there."""
        self._addresses[place] = address
        self._left.discard(self.check_of(place))

    def check_of(self, place: str) -> str:
        """The health check that asks after a place, by its address in the graph. Raises OutsideError where none is."""
        name = checked(self._graph, place)
        used = {record.check for record in dns.records(self._graph)}
        return next(one.check for one in health.described(self._graph) if one.name == name and one.check in used)

    @property
    def origin(self) -> str:
        """The name that CloudFront asks."""
        return next(str(one["domain_name"]) for one in self._serving.body["origin"] if "custom_origin_config" in one)

    def answered_by(self) -> str:
        """The place that the name which CloudFront asks leads to now, as a new question for it would be answered."""
        found = self._zone.ask(self.origin)
        return next((place for place, address in self._addresses.items() if found and found[0] == address), "")

    def _asking(self, one: health.Described) -> Callable[[], bool]:
        def asked() -> bool:
            try:
                address = self.resolver.address(one.name)
            except OSError:
                return False
            return health.ask(address, self.port, host=one.name, path=one.path, expects=one.expects)

        return asked

    def _at(self, distribution: Resource) -> nginx.Target:
        return self._addresses[str(distribution.address)], self.port

    def _serve(self, name: str, configuration: str, listen: nginx.Target) -> None:
        self.servers.append(nginx.start(self._stage, name, configuration, listen))


def lane(name: str) -> str:
    """The lane of events of the health check that asks this name."""
    return f"health check of {name}"


def checked(graph: Graph, place: str) -> str:
    """The name that health checks ask to find out about a place. Raises OutsideError where none does."""
    asked = {one.name for one in health.described(graph)}
    for record in dns.records(graph):
        if record.to == place and record.name in asked:
            return record.name
    raise OutsideError(f"no health check asks after {place}")


def applies(graph: Graph) -> str:
    """Why a platform has no front that can be played; nothing where it has."""
    try:
        _distributions(graph)
    except OutsideError as error:
        return str(error)
    return ""


def _distributions(graph: Graph) -> tuple[Resource, Resource]:
    """The first distribution that asks a name of ours, and the one that answers under that name when it fails over."""
    for one in graph.of_type(_DISTRIBUTION):
        asked = {str(origin["domain_name"]) for origin in one.body["origin"] if "custom_origin_config" in origin}
        for other in graph.of_type(_DISTRIBUTION):
            if other is not one and asked & set(map(str, other.body.get("aliases") or ())):
                return one, other
    raise OutsideError("it has no CloudFront that asks a name which fails over")
