"""Fronts: what a provider runs outside of all private networks and that passes on what it is asked, such as an API."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.network import Protocol
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Front(Fact):
    """Something that its provider has answer by HTTPS; ``public`` says whether the internet has a way to it."""

    of: Address
    public: Known[bool]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Published(Fact):
    """What a front offers is there for its callers; of an API it is a stage that says so."""

    of: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Offers(Fact):
    """A front answers ``name``, by what has the key ``route``; ``anybody`` says that it asks nobody who he is."""

    of: Link
    route: Textual
    name: Textual
    anybody: Known[bool]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Passes(Fact):
    """What a front is asked by ``route`` it passes on to a thing; ``link`` is its way into a private network, if any.

    ``signs`` says that it does so under a role of its own.
    """

    of: Link
    route: Textual
    to: Link
    link: Link | None = None
    signs: Known[bool] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Balances(Fact):
    """A balancer of packets gives what comes to ``front`` to the members of a pool, at ``back`` and as the client's.

    Members see the client's address, and answer it past the balancer.
    """

    of: Link
    pool: Link
    protocol: Protocol
    front: Known[Ports]
    back: Known[Ports]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Accelerates(Fact):
    """A listener of an accelerator leads to a thing, which need have no public address and no route to the internet.

    ``others`` are the ports on which the thing is asked otherwise, as (the listener's, the thing's). ``keeps`` says
    whether the thing sees the client's address, and is None where its kind decides that.
    """

    of: Link
    to: Link
    others: Known[tuple[tuple[int, int], ...]]
    keeps: Known[bool] | None = None
