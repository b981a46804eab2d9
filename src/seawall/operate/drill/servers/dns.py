"""A name server that answers as Route 53 would for the platform's own records, and a resolver that keeps answers.

Records are those of the graph: which of two that fail over is given hangs on health checks, and for how long an answer
may be kept is the record's own time to live. Addresses are of the loopback. DNS counts whole seconds.
"""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seawall.components.edge.edge import ALIAS_TTL
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref

PACKAGES: Mapping[str, str] = {}
STANDIN = "a name server with the platform's records (dnslib)"

PRIMARY, SECONDARY = "PRIMARY", "SECONDARY"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of type A: what it leads to, for how many seconds it may be kept, and what it hangs on.

    ``to`` is another name of the zone where ``alias`` is true, and what has an address otherwise. ``check`` is the
    address of its health check in the graph, ``asks`` whether it is only well when what it leads to is.
    """

    name: str
    to: str
    ttl: float
    alias: bool = False
    policy: str = ""
    check: str = ""
    asks: bool = False


def records(graph: Graph) -> tuple[Record, ...]:
    """The records of type A whose names are known before anything is made."""
    found = (_record(resource) for resource in graph.of_type("aws_route53_record"))
    return tuple(record for record in found if record is not None)


def _record(resource: Resource) -> Record | None:
    body = resource.body
    name = body.get("name")
    if not isinstance(name, str) or body.get("type") != "A":
        return None
    policy = next((str(one["type"]) for one in body.get("failover_routing_policy", ())), "")
    check = body.get("health_check_id")
    checked = str(check.to) if isinstance(check, Ref) else ""
    for alias in body.get("alias", ()):
        to = alias["name"]
        known = isinstance(to, str)
        where = str(to.to) if isinstance(to, Ref) else str(to)
        return Record(name, where, ALIAS_TTL, known, policy, checked, alias["evaluate_target_health"] is True)
    for to in body.get("records", ()):
        where = str(to.to) if isinstance(to, Ref) else str(to)
        return Record(name, where, float(body.get("ttl", 300)), False, policy, checked)
    return None


class Zone:
    """What a zone answers: records, where things are, and which health checks say that all is well.

    ``addresses`` has the loopback address of what has one, by its address in the graph; it may change at any time.
    What it does not have is not there. ``ttl`` takes the place of every record's own.
    """

    def __init__(
        self,
        found: Iterable[Record],
        addresses: Mapping[str, str],
        healthy: Callable[[str], bool] = lambda check: True,
        ttl: float | None = None,
    ) -> None:
        self._records: dict[str, list[Record]] = {}
        for record in found:
            self._records.setdefault(record.name, []).append(record)
        self._addresses, self._healthy, self._ttl = addresses, healthy, ttl

    def ask(self, name: str) -> tuple[str, int] | None:
        """The address and the seconds for which it may be kept; None where the name leads nowhere."""
        record = self._chosen(name)
        if record is None:
            return None
        if not record.alias:
            ttl = record.ttl if self._ttl is None else self._ttl
            return self._addresses[record.to], math.ceil(ttl)
        # An alias to a name of the same zone is kept for as long as what it leads to.
        return self.ask(record.to)

    def _chosen(self, name: str) -> Record | None:
        those = [record for record in self._records.get(name, ()) if self._leads(record)]
        first = [record for record in those if record.policy != SECONDARY]
        second = [record for record in those if record.policy == SECONDARY]
        # Where nobody is well Route 53 takes all for well, and gives the first.
        for record in (*first, *second):
            if self._is_well(record):
                return record
        return next(iter((*first, *second)), None)

    def _leads(self, record: Record) -> bool:
        return self.ask(record.to) is not None if record.alias else record.to in self._addresses

    def _is_well(self, record: Record) -> bool:
        if record.check and not self._healthy(record.check):
            return False
        if record.alias and record.asks:
            return any(self._is_well(further) for further in self._records.get(record.to, ()) if self._leads(further))
        return True


class NameServer:
    """Answers over UDP on the loopback, in a thread of this process; ``port`` is where."""

    def __init__(self, zone: Zone, port: int) -> None:
        import dnslib
        from dnslib.server import BaseResolver, DNSLogger, DNSServer

        class Answers(BaseResolver):  # type: ignore[misc]
            def resolve(self, request: Any, handler: Any) -> Any:
                reply = request.reply()
                found = zone.ask(str(request.q.qname).rstrip("."))
                if found is None:
                    reply.header.rcode = dnslib.RCODE.NXDOMAIN
                elif request.q.qtype == dnslib.QTYPE.A:
                    reply.add_answer(dnslib.RR(request.q.qname, dnslib.QTYPE.A, rdata=dnslib.A(found[0]), ttl=found[1]))
                return reply

        self.port = port
        # It would write lines for each question to standard output.
        silent = DNSLogger(logf=lambda line: None)
        self._server = DNSServer(Answers(), port=port, address="127.0.0.1", logger=silent)
        self._stopped = False

    def start(self) -> NameServer:
        """Begin to answer."""
        self._server.start_thread()
        return self

    def stop(self) -> None:
        """Answer no more; again is no harm."""
        if not self._stopped:
            self._stopped = True
            self._server.stop()
            self._server.server.server_close()


class Resolver:
    """Looks names up as clients do: an answer is kept for as long as it says, and asked for again after that.

    ``ask`` gives address and seconds of a name, or raises OSError; by default it asks the name server on ``port``.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        ask: Callable[[str], tuple[str, float]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._clock = ask or (lambda name: look_up(name, port)), clock
        self._kept: dict[str, tuple[str, float]] = {}

    def address(self, name: str) -> str:
        """The address of a name. Raises OSError where it has none or nobody answers."""
        kept = self._kept.get(name)
        if kept is not None and self._clock() < kept[1]:
            return kept[0]
        asked = self._clock()
        address, seconds = self._ask(name)
        self._kept[name] = (address, asked + seconds)
        return address


def look_up(name: str, port: int, seconds: float = 2.0) -> tuple[str, float]:
    """Ask the name server on a port of the loopback once. Raises OSError where there is no address to be had."""
    import dnslib

    question = dnslib.DNSRecord.question(name, "A")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(seconds)
        asked.sendto(question.pack(), ("127.0.0.1", port))
        answer = dnslib.DNSRecord.parse(asked.recv(4096))
    if answer.header.id != question.header.id or not answer.rr:
        raise OSError(f"{name} has no address")
    return str(answer.rr[0].rdata), float(answer.rr[0].ttl)
