"""Entrances of a cluster: what several of them say of the load balancer that they share, and whose certificates."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Fact
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Asks(Fact):
    """An entrance wants a property of a load balancer to be so, which all that share it must want alike."""

    of: Address
    balancer: Address
    name: str
    value: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TlsSecret(Fact):
    """An entrance names the secret with its certificate; ``read`` says whether its controller looks into it."""

    of: Address
    secret: Address
    read: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Issues(Fact):
    """A certificate is issued within the cluster and put into that secret."""

    of: Address
    secret: Address
