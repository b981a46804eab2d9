"""Looking up an exporter by its name: its series, each with its type and the labels it has of its own.

A module of this package is an exporter if it has a table ``METRICS``: a line a metric, its name, its type and its
labels. A histogram stands for its ``_bucket``, ``_sum`` and ``_count``, a summary for itself with ``quantile``,
``_sum`` and ``_count``. ``INCLUDES`` names exporters whose metrics it exports, too.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Final


@dataclass(frozen=True, slots=True)
class Metric:
    """One name that can be asked for: counter, gauge, untyped, or part of a histogram or summary; its own labels."""

    type: str
    labels: tuple[str, ...]


TYPES: Final = ("counter", "gauge", "histogram", "summary", "untyped")


@cache
def names() -> tuple[str, ...]:
    """The names of all known exporters, sorted."""
    import seawall.knowledge.exporters as package

    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(_name(module) for module in found if module != "catalogue"))


@cache
def exporter(name: str) -> Mapping[str, Metric] | None:
    """What an exporter exports, by the name that a query uses; None where the exporter is not known."""
    module = _module(name)
    if module is None:
        return None
    found: dict[str, Metric] = {}
    for included in getattr(module, "INCLUDES", ()):
        found |= exporter(included) or {}
    found |= read(module.METRICS)
    return MappingProxyType(found)


def source(name: str) -> str:
    """Where the names were read: repository, commit and file; empty where the exporter is not known."""
    module = _module(name)
    return "" if module is None else str(module.SOURCE)


def read(table: str) -> dict[str, Metric]:
    """The series of a table; ValueError where a line has no known type."""
    found: dict[str, Metric] = {}
    for line in table.splitlines():
        name, _, rest = line.strip().partition(" ")
        if not name:
            continue
        type, *labels = rest.split()
        if type not in TYPES:
            raise ValueError(f"{name} has the type {type}; known are {', '.join(TYPES)}")
        found |= dict(_series(name, type, tuple(labels)))
    return found


def _series(name: str, type: str, labels: tuple[str, ...]) -> Iterator[tuple[str, Metric]]:
    if type not in ("histogram", "summary"):
        yield name, Metric(type, labels)
        return
    if type == "histogram":
        yield f"{name}_bucket", Metric(type, (*labels, "le"))
    else:
        yield name, Metric(type, (*labels, "quantile"))
    yield f"{name}_sum", Metric(type, labels)
    yield f"{name}_count", Metric(type, labels)


def _module(name: str) -> ModuleType | None:
    if name not in names():
        return None
    return importlib.import_module(f"seawall.knowledge.exporters.{name.replace('-', '_')}")


def _name(module: str) -> str:
    return module.replace("_", "-")
