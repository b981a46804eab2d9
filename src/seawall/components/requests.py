"""How the requests that a service answers are counted, as it exports them to Prometheus."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.components.environment import Framework
from seawall.components.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Requests:
    """Names of a counter of requests and of a histogram of their seconds, and what failed of them.

    ``counted`` counts them, ``failures`` is the selector of those that ended in an error of ours; ``real`` leaves out
    those that ask for health and metrics, of the histogram only where it tells them apart.  ``buckets`` is empty where
    no histogram is exported.
    """

    counted: str
    failures: str
    real: str = ""
    buckets: str = ""
    told_apart: bool = True

    def all(self, selector: str) -> str:
        """The counter of all requests with these labels, written as ``a="b",c="d"``."""
        return f"{self.counted}{{{self._joined(selector)}}}"

    def failed(self, selector: str) -> str:
        """The counter of those that failed."""
        return f"{self.counted}{{{self._joined(selector, self.failures)}}}"

    def within(self, selector: str) -> str:
        """The histogram's buckets; where it knows of no handler, questions for health are among them."""
        known = self.real if self.told_apart else ""
        return f"{self.buckets}{{{','.join(filter(None, (selector, known)))}}}"

    def _joined(self, *selectors: str) -> str:
        return ",".join(filter(None, (*selectors, self.real)))


def of_service(framework: Framework, metrics: Metrics | None) -> Requests | None:
    """What a service of that framework exports, or what it says of itself; None where how they end is not told.

    An nginx counts its requests and not how they ended; a plain service exports what it is said to.
    """
    # What a spring application says of itself stands beside what it is said to export on the same port.
    anyhow = metrics is None or (framework == "spring" and metrics.port is None)
    exporter = framework if anyhow or metrics is None else metrics.exporter
    return None if exporter is None else _KNOWN.get(exporter)


_KNOWN: dict[str, Requests] = {
    # Micrometer: an error of ours is a status of 5xx.
    "spring": Requests(
        "http_server_requests_seconds_count",
        'status=~"5.."',
        'uri!~"/actuator.*"',
        "http_server_requests_seconds_bucket",
    ),
    # A status may be grouped, as 5xx.  The other histogram, by handler, has no bucket between a second and for ever.
    "http": Requests(
        "http_requests_total",
        'status=~"5.."',
        'handler!~"/health|/metrics"',
        "http_request_duration_highr_seconds_bucket",
        told_apart=False,
    ),
}
