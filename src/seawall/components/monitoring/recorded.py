"""What is asked often of requests, by service: how many, how many of them failed, and how long they took.

Names: level, metric, operations, as prometheus/docs has them in docs/practices/rules.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.monitoring.group import Group, Record
from seawall.components.requests import Requests, of_service
from seawall.components.scope import Scope
from seawall.components.service import Service

RATE = "service:http_requests:rate5m"
FAILED = "service:http_requests_failed:ratio_rate5m"
_QUANTILES = (0.5, 0.95, 0.99)


def counted(scope: Scope) -> Iterator[tuple[str, Service, Requests, str]]:
    """Services whose requests are counted: name, service, what they export, and the selector of their series."""
    for name, service in scope.every(Service).items():
        requests = of_service(service.framework, service.metrics)
        if requests is not None:
            namespace = service.pods(scope.at(name)).namespace
            yield name, service, requests, f'namespace="{namespace}",job="{name}"'


def group(scope: Scope, known: frozenset[tuple[str, str]] = frozenset()) -> Group:
    """The records of every service, but for those that are ``known`` already: name and service.

    Empty where none counts its requests.
    """
    records: list[Record] = []
    for name, _, requests, selector in counted(scope):
        labels = {"service": name}
        rate = f"sum(rate({requests.all(selector)}[5m]))"
        records.append(Record(RATE, rate, labels))
        records.append(Record(FAILED, f"sum(rate({requests.failed(selector)}[5m])) / {rate}", labels))
        if requests.buckets:
            seconds = f"sum by (le) (rate({requests.within(selector)}[5m]))"
            for quantile in _QUANTILES:
                record = f"service:http_request_seconds:p{quantile * 100:g}_rate5m"
                records.append(Record(record, f"histogram_quantile({quantile:g}, {seconds})", labels))
    new = tuple(record for record in records if (record.name, record.labels["service"]) not in known)
    return Group("requests", scope.name, records=new, file="requests")
