"""Amazon MQ: brokers of messages, in a network or outside of all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.fact import Fact
from seawall.facts.fronts import Front, Published
from seawall.facts.network import Interface, Listens
from seawall.graph.resource import Resource
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads

_PORTS: Final = {
    "activemq": (61617, 5671, 61614, 61619, 8883, 8162),
    "rabbitmq": (5671, 443),
}
"""Where brokers listen, all of it with TLS.

Source: https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/working-java-example.html, "Enable inbound
connections".
"""


@reads("aws_mq_broker")
def broker(resource: Resource) -> Iterator[Fact]:
    """A broker; a public one for RabbitMQ lies in no network of the account's, and no group guards it."""
    body, address = Arguments(resource), resource.address
    public, engine = body.flag("publicly_accessible"), body.known_text("engine_type")
    known = "" if isinstance(engine, Unknown) else engine.lower()
    if known == "rabbitmq" and public is True:
        yield Front(address, True)
        yield Published(address)
    else:
        subnets = body.links("subnet_ids") if body.has("subnet_ids") else body.unknown("subnet_ids")
        yield Interface(address, subnets, body.links("security_groups"), public)
    for port in _PORTS.get(known, ()):
        yield Listens(address, "tcp", Ports.one(port), "required")
