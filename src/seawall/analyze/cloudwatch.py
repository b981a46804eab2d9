"""What is asked of CloudWatch, and who could be sending it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seawall.analyze.texts import fits
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.facts.telemetry import Emits
from seawall.kernel.address import Address
from seawall.kernel.value import Textual
from seawall.kernel.verdict import Answer

PUT = "cloudwatch:PutMetricData"
NAMESPACE = "cloudwatch:namespace"
ANY = "*"
"""The one name among a demand's labels that says that its dimensions are not known."""


class Asked(NamedTuple):
    """A demand taken apart; ``dimensions`` is None where they are not known or do not matter."""

    source: Address
    namespace: str
    metric: str
    dimensions: frozenset[str] | None


class Putting(NamedTuple):
    """Who may send metrics to a namespace: to it by name, or to every namespace."""

    named: tuple[Address, ...]
    unlimited: tuple[Address, ...]


def asked(facts: Facts) -> Iterator[Asked]:
    """Every metric of CloudWatch that an alarm, a panel or an autoscaler reads, each once a reader.

    What is written in Prometheus' language is not among them.
    """
    seen: dict[Asked, None] = {}
    for demand in facts.all(Observe):
        namespace, slash, metric = demand.metric.rpartition("/")
        of_cluster = demand.source.owner.as_kubernetes() is not None
        if not slash or not namespace or (of_cluster and set(demand.metric) & set("(){}[] ")):
            continue
        # An autoscaler's dimensions are read only where it says some.
        unread = ANY in demand.labels or (of_cluster and not demand.labels)
        seen[Asked(demand.source, namespace, metric, None if unread else frozenset(demand.labels))] = None
    yield from seen


def emitted(facts: Facts, namespace: str, metric: str) -> tuple[Emits, ...]:
    """Whatever is known to send that metric."""
    return facts.where(Emits, metric=f"{namespace}/{metric}")


def putting(facts: Facts, namespace: str) -> Putting:
    """The principals whose policies let them send metrics to a namespace."""
    return facts.derive(_putting, namespace)


def _putting(facts: Facts, namespace: str) -> Putting:
    named: dict[Address, None] = {}
    unlimited: dict[Address, None] = {}
    for statement in facts.all(Statement):
        if not (statement.allow and statement.kind == "identity" and isinstance(statement.holder, Address)):
            continue
        if not any(_lets_put(action) for action in statement.actions):
            continue
        limits = [condition for condition in statement.conditions if str(condition.key).lower() == NAMESPACE]
        if not limits:
            unlimited[statement.holder] = None
        elif all(
            any(fits(namespace, value, glob="Like" in limit.operator) is Answer.PROVEN for value in limit.values)
            for limit in limits
        ):
            named[statement.holder] = None
    return Putting(tuple(named), tuple(unlimited))


def _lets_put(action: Textual) -> bool:
    if isinstance(action, str):
        # Most actions are another service's; to tell takes no expression.
        service, colon, _ = action.partition(":")
        if colon and service.lower() != "cloudwatch" and not {"*", "?"} & set(service):
            return False
    return fits(PUT, action, glob=True) is Answer.PROVEN
