"""What is worth an alert of Prometheus: each component says it of itself, and the monitoring section makes it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Series:
    """A series as ``promtool test rules`` is fed with it: its name with labels, and its values each minute.

    ``values`` is in promtool's notation: ``1x10 0x30`` is eleven ones and thirty-one zeros, ``0+5x20`` rises by five.
    """

    series: str
    values: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An expression of PromQL that is worth telling somebody about once it has held for ``lasts`` seconds.

    ``name`` is in CamelCase and unique in the platform.  ``says`` is what a person reads: what is wrong, with
    ``{{ $labels.pod }}`` and ``{{ $value }}`` where they help.  ``first`` is what to do about it, in order; it becomes
    the runbook's page.  ``critical`` is what users feel now.  ``fires`` are series under which it must be raised
    after ``after`` minutes, ``quiet`` those under which it must not, though they look alike: both become tests.
    """

    name: str
    severity: Literal["critical", "warning"]
    expr: str
    lasts: int
    says: str
    first: tuple[str, ...]
    fires: tuple[Series, ...]
    quiet: tuple[Series, ...]
    after: int = 30
    labels: Mapping[str, str] = field(default_factory=dict)
