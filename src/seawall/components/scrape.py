"""What Prometheus asks for metrics: each component says where its pods answer, and what they are known to export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seawall.components.offer import Pods


@dataclass(frozen=True, slots=True)
class Scrape:
    """Pods that answer on a named port with what an exporter of ``knowledge.exporters`` exports.

    ``own`` are metrics of the application beside the exporter's: name -> the labels it has of its own, as the
    description states them.  ``labels`` are labels of the pods that every series carries too.
    """

    name: str
    pods: Pods
    port: str
    path: str = "/metrics"
    exporters: tuple[str, ...] = ()
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
