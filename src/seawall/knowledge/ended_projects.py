"""Images of projects that have ended: nothing of them is mended any more, whatever tag is asked for.

Source: Kubernetes' announcement of 2025-11-11, "Ingress NGINX Retirement" (maintained until March 2026); Grafana's
documentation of Promtail (end of life on 2026-03-02); read 2026-11-22.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Ended:
    """A project, its last day, and what its users were told to go to."""

    project: str
    last: date
    instead: str


ENDED: Final = {
    "ingress-nginx/controller": Ended(
        "Ingress NGINX", date(2026, 3, 31), "a controller of the Gateway API, or the cloud's own"
    ),
    "grafana/promtail": Ended("Promtail", date(2026, 3, 2), "Grafana Alloy, Fluent Bit or Vector"),
}
"""How the name of an image ends, without its tag -> what has ended."""


def ended(image: str) -> Ended | None:
    """The project of an image, if it is one that has ended or will on a day that is known."""
    name = image.partition("@")[0]
    head, _, last = name.rpartition("/")
    name = f"{head}/{last.partition(':')[0]}" if head else last.partition(":")[0]
    return next((found for suffix, found in ENDED.items() if name == suffix or name.endswith(f"/{suffix}")), None)
