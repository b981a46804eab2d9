"""What a query of Prometheus asks for, as demands of whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from seawall.facts.demands import Observe
from seawall.facts.fact import Demand, Fact
from seawall.facts.telemetry import Misread
from seawall.kernel.address import Address
from seawall.readers.kubernetes.promql import asked, chosen, left

_READ: Final = re.compile(r"\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)")
_LEGEND: Final = re.compile(r"\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}")


_TOLD_APART: Final = ("job", "namespace", "service")
"""Labels by which a query says whom it means, and whose values a monitor may fix."""


def observed(of: Address, query: str, read: Iterable[str] = (), *, filled: bool = False) -> Iterator[Fact | Demand]:
    """Each metric of a query with the labels that are asked of it; ``read`` are labels that its result must have.

    ``filled`` says that something stands in the query for what is not known before it is asked.
    """
    wanted = tuple(sorted(set(read) - {"alertname"}))
    try:
        found, result = asked(query, wanted), left(query)
    except ValueError as error:
        yield Misread(of, query, f"it is no PromQL: {error}")
        return
    if not result.more and (lost := sorted(set(wanted) - result.labels)):
        yield Misread(of, query, f"its result has no label {', '.join(lost)}")
    for one in found:
        yield Observe(of, one.metric, one.labels, said=f"{of}: {query}")
    for metric, only in () if filled else chosen(query, _TOLD_APART):
        yield Observe(of, metric, tuple(name for name, _ in only), only, said=f"{of}: {query}")


def labels_read(text: str) -> set[str]:
    """The labels that a template of an alert reads."""
    return set(_READ.findall(text))


def labels_shown(legend: str) -> set[str]:
    """The labels that a panel's legend reads."""
    return set(_LEGEND.findall(legend))
