"""Environment variables of a workload as the application reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seawall.facts.compute import Environment
from seawall.facts.fact import Demand, Fact
from seawall.kernel.address import Address
from seawall.kernel.value import SECRET, Ref, Textual, Unknown
from seawall.readers.application.hosts import plain_url
from seawall.readers.application.spring import Properties, spring

# Variables that drivers and platforms read as the one address of a server (12factor.net, "Backing services").
URLS = ("DATABASE_URL", "REDIS_URL", "MONGODB_URI", "AMQP_URL", "RABBITMQ_URL", "NATS_URL")


def environment_demands(source: Address, variables: Iterable[Environment]) -> Iterator[Fact | Demand]:
    """What the environment of a workload's containers makes it depend on, container by container."""
    by_container: dict[str, dict[str, Textual]] = {}
    for variable in variables:
        values = by_container.setdefault(variable.container, {})
        values[variable.name] = _value(variable)
    for container, values in by_container.items():
        where = f"{source}, container {container}"
        yield from spring(source, Properties({}, values, where))
        for name in URLS:
            if name in values:
                for found in plain_url(values[name], f"{where}: {name}"):
                    yield found.reach(source, f"{where}: {name}")


def _value(variable: Environment) -> Textual:
    if variable.secret is not None:
        secret, key = variable.secret
        return Unknown(f"{secret}.{key}", why=SECRET)
    if isinstance(variable.value, Ref) and variable.value.attr.startswith("data"):
        # A ConfigMap is another body: its keys are known to whoever joins the two, not to this reader.
        return Unknown(f"{variable.value.to}.{variable.value.attr}", (variable.value,), "another object holds it")
    return variable.value
