"""What a kind of component must be able to do: expand into resources and demands, and say what it offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seawall.components.alert import Alert
from seawall.components.front import Front
from seawall.components.offer import Held, Offer, Pods
from seawall.components.plot import Plot
from seawall.components.scrape import Scrape
from seawall.components.serving import Serving
from seawall.components.takeover.action import Action, Move
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.model.component import Component

if TYPE_CHECKING:
    from seawall.components.scope import Scope


class Expandable(Component):
    """A component that can be expanded; every kind derives from it."""

    @abstractmethod
    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The resources that this component comes to, and the demands that it leaves."""

    def conclude(self, scope: Scope, made: Sequence[Resource]) -> Iterator[Resource | Demand]:
        """What it adds once the rest is known; ``made`` are the resources of every component in every region."""
        yield from ()

    def offer(self, scope: Scope) -> Offer:
        """What this component gives to those that need it; InputError if it cannot be needed."""
        raise InputError(
            f"{scope.name} is a {self.kind}, which nothing can need",
            fix="take it out of `needs`",
            origin=scope.origin,
        )

    def offer_to(self, scope: Scope, consumer: str) -> Offer:
        """What it gives to that one of those that need it: the same as to all, unless it tells them apart."""
        return self.offer(scope)

    def pods(self, scope: Scope) -> Pods | None:
        """The pods that it runs and that reach what it needs; None if it runs none."""
        return None

    def front(self, scope: Scope) -> Front | None:
        """The load balancer that it puts before the services; None if it puts none."""
        return None

    def exposes(self, scope: Scope) -> tuple[str, ...]:
        """The host names under which the world may reach it."""
        return ()

    def serves(self, scope: Scope) -> Iterator[Serving]:
        """What CloudFront serves of it straight, past the load balancer."""
        yield from ()

    def stands_in(self, scope: Scope, host: str) -> bool:
        """Whether it can answer for a host while no region of ours does; then its records are in the host's chain."""
        return False

    def relies_on(self) -> tuple[str, ...]:
        """The cluster's add-ons without which it does not work; they are there without being named."""
        return ()

    def backed_up(self, scope: Scope) -> Iterator[Ref]:
        """The ARNs of its stores that AWS Backup can keep recovery points of; one lies in its own region."""
        yield from ()

    def keeps_page(self, scope: Scope) -> str:
        """The URL of the copy of the maintenance page that it keeps outside AWS; empty if it keeps none."""
        return ""

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """The metrics of its resources that are worth an alarm."""
        yield from ()

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """The metrics of its resources that are worth a look, though none of their values is bad by itself."""
        yield from ()

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """Where its pods answer Prometheus; asked only where the platform has a Prometheus."""
        yield from ()

    def synchronises(self, scope: Scope) -> Iterator[tuple[str, Held]]:
        """The secrets of AWS that controllers of its own read in the cluster: by namespace."""
        yield from ()

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What of its metrics is worth an alert of Prometheus; asked only where the platform has one."""
        yield from ()

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """What has to be done with it, in this order, for that move; ``scope`` is the site's, ``scope.home`` home's."""
        yield from ()
