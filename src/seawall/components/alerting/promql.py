"""Putting selectors and series together in Prometheus' notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seawall.components.alert import Series


def any_of(label: str, values: Iterable[str]) -> str:
    """That a label has one of these values, which are names without any sign that a pattern would read otherwise."""
    found = list(dict.fromkeys(values))
    return f'{label}="{found[0]}"' if len(found) == 1 else f'{label}=~"{"|".join(found)}"'


def series(metric: str, values: str, labels: Mapping[str, str] | None = None) -> Series:
    """A series for a test."""
    spelled = ",".join(f'{key}="{value}"' for key, value in (labels or {}).items())
    return Series(f"{metric}{{{spelled}}}" if spelled else metric, values)
