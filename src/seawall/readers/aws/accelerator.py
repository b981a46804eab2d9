"""Global Accelerator: addresses that everybody reaches, and the balancers and machines behind, private ones too."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known
from seawall.facts.fronts import Accelerates, Front, Published
from seawall.facts.network import Listens, Member, Protocol
from seawall.graph.resource import Resource
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_globalaccelerator_accelerator")
def accelerator(resource: Resource) -> Iterator[Fact]:
    """Two addresses of the internet, which take nothing in while it is off."""
    yield Front(resource.address, Arguments(resource).flag("enabled", True))


@reads("aws_globalaccelerator_listener")
def listener(resource: Resource) -> Iterator[Fact]:
    """The ports that an accelerator takes connections on."""
    body = Arguments(resource)
    of = body.required_link("accelerator_arn")
    yield Published(of)
    yield Member(of, resource.address)
    said = body.known_text("protocol", "TCP")
    protocol: Protocol = "any" if isinstance(said, Unknown) else "udp" if said.upper() == "UDP" else "tcp"
    for block in body.blocks("port_range"):
        ports = _ports(block)
        yield Listens(of, protocol, ports)
        yield Listens(resource.address, protocol, ports)
    hole = body.unknown_blocks("port_range")
    if hole is not None:
        yield Listens(of, protocol, hole)
        yield Listens(resource.address, protocol, hole)


def _ports(block: Arguments) -> Known[Ports]:
    first, last = block.count("from_port"), block.count("to_port")
    return first if isinstance(first, Unknown) else last if isinstance(last, Unknown) else Ports(first, last)


@reads("aws_globalaccelerator_endpoint_group")
def endpoint_group(resource: Resource) -> Iterator[Fact]:
    """What a listener leads to, on the ports it listens on unless it says others.

    Source: https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoint-groups-port-override.html
    """
    body = Arguments(resource)
    of = body.required_link("listener_arn")
    others = [(block.count("listener_port"), block.count("endpoint_port")) for block in body.blocks("port_override")]
    known = tuple((front, back) for front, back in others if isinstance(front, int) and isinstance(back, int))
    hole = body.unknown_blocks("port_override")
    overrides: Known[tuple[tuple[int, int], ...]] = known
    if hole is not None:
        overrides = hole
    elif len(known) < len(others):
        overrides = body.unknown("port_override")
    for endpoint in body.blocks("endpoint_configuration"):
        # Of machines and balancers of applications the client's address is kept unless told otherwise.
        keeps = endpoint.flag(_KEEPS) if endpoint.has(_KEEPS) else None
        yield Accelerates(of, endpoint.required_link("endpoint_id"), overrides, keeps)


_KEEPS = "client_ip_preservation_enabled"
