"""Where the page of an alarm or alert lies, and what it is told beside what the alarm itself says.

The pages are written by ``render/runbooks`` from the alarms; what no argument of an alarm can hold, the first steps and
what is watched where no dimension names it, travels with the resource as its ``runbook``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seawall.components.delivery import COMPILED, Delivery
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.address import Address

FOLDER = "runbooks"
"""The folder of the pages within what is compiled."""


def path(name: str) -> str:
    """The page's path within what is compiled; ``name`` is the alert's, or the alarm's without the platform's."""
    return f"{FOLDER}/{name}.md"


def page_of(scope: Scope, alarm: str) -> str:
    """The name of the page of an alarm: its own without the platform's and the environment's."""
    return alarm.removeprefix(f"{scope.home.title}-")


def link(scope: Scope, name: str) -> str:
    """Where people read the page: its URL where the platform says its repository, else its path."""
    for delivery in scope.every(Delivery).values():
        page = f"{COMPILED}/{scope.platform.environment}/{path(name)}"
        return f"{delivery.repository}/blob/{delivery.branch}/{page}"
    return path(name)


def of(alarm: Resource, first: tuple[str, ...], about: Iterable[Address] = ()) -> Resource:
    """The alarm with what its page is to say."""
    return replace(alarm, meta={**alarm.meta, "runbook": {"first": first, "about": tuple(about)}})
