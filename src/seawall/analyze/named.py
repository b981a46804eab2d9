"""What a document means by a name: things are called by their own names, by what AWS is to call them, or by a host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.facts.compute import Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import Hostname
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual

_BETWEEN = re.compile(r"[.:/]+")


def stores_named(facts: Facts, name: str) -> tuple[Store, ...]:
    """The stores that a name means, in the order of the facts; none if nothing is called so."""
    return facts.derive(_stores).get(_uniform(name), ())


def workloads_named(facts: Facts, name: str) -> tuple[Workload, ...]:
    """The workloads that a name means: ``web``, ``shop/web`` or the whole address."""
    return facts.derive(_workloads).get(_uniform(name), ())


def _stores(facts: Facts) -> dict[str, tuple[Store, ...]]:
    found: dict[str, dict[Store, None]] = {}
    for store in facts.all(Store):
        for name in names_of(facts, store.of):
            found.setdefault(_uniform(name), {})[store] = None
    return {name: tuple(stores) for name, stores in found.items()}


def _workloads(facts: Facts) -> dict[str, tuple[Workload, ...]]:
    found: dict[str, dict[Workload, None]] = {}
    for workload in facts.all(Workload):
        known = workload.of.as_kubernetes()
        names = (known.name, f"{known.namespace}/{known.name}") if known else ()
        for name in (*names, str(workload.of)):
            found.setdefault(_uniform(name), {})[workload] = None
    return {name: tuple(workloads) for name, workloads in found.items()}


def names_of(facts: Facts, of: Address) -> Iterator[str]:
    """Every name that a document may use of a thing: of its resource, the last of its ARN, the first of its hosts."""
    yield str(of)
    terraform, kubernetes = of.as_terraform(), of.as_kubernetes()
    if terraform is not None:
        yield terraform.name
    elif kubernetes is not None:
        yield kubernetes.name
    for identifier in facts.where(Identifier, of=of):
        if identifier.attr in ("arn", "name"):
            yield from _last(identifier.value)
    for host in facts.where(Hostname, of=of):
        first = host.pattern.parts[0] if isinstance(host.pattern, Text) else host.pattern
        if isinstance(first, str):
            # master.NAME.x, clustercfg.NAME.x and NAME.cluster-x are all of NAME.
            yield from (word for word in first.split(".") if word not in _ROLES)


_ROLES = frozenset({"", "master", "replica", "clustercfg", "cluster-", "cluster-ro-"})


def _last(value: Textual) -> Iterator[str]:
    """The last word of an ARN or name whose end is known."""
    end = value.parts[-1] if isinstance(value, Text) else value
    if isinstance(end, str) and end:
        yield _BETWEEN.split(end)[-1]


def _uniform(name: str) -> str:
    return name.lower().replace("_", "-")
