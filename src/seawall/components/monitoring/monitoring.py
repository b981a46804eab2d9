"""The section ``monitoring``: Prometheus with its rules, Alertmanager with its routes, and Grafana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.component import Expandable
from seawall.components.kept_secret import KeptSecret
from seawall.components.monitoring.monitors import monitors
from seawall.components.monitoring.stated import AlertName, Notify, Stated
from seawall.components.offer import Held
from seawall.components.scope import Scope
from seawall.components.secrets import held
from seawall.components.workload import Amounts, Resources
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.model.fields import Duration, Name, Size

NAMESPACE = "monitoring"
RECEIVERS = "alertmanager-receivers"
"""The Secret that holds what receivers are known by."""


class Monitoring(Expandable):
    """Prometheus, its rules and tests of them, Alertmanager, and Grafana's dashboards."""

    section: ClassVar[bool] = True
    # All that it keeps in AWS is a secret, which lies with the others: what reads it comes long before telemetry.
    stack: ClassVar[str] = "data"

    kind: Literal["monitoring"]
    retention: Duration = units.Duration(15 * 86400)
    """How long Prometheus keeps what it was told."""
    every: Duration = units.Duration(15)
    """How often Prometheus asks, and judges its rules."""
    storage: Size = units.Size(50 * 2**30)
    """The volume that Prometheus keeps it on."""
    resources: Resources = Resources(
        requests=Amounts(cpu=units.Cpu(500), memory=units.Size(2 * 2**30)),
        limits=Amounts(memory=units.Size(4 * 2**30)),
    )
    """What Prometheus is promised, and what it may take at most."""
    dashboards: tuple[Name, ...] = ()
    """Grafana's dashboards, by name."""
    notify: Notify = Notify()
    """Who is told; where silent, nobody is, and alerts are only seen where somebody looks."""
    stated: Annotated[Mapping[AlertName, Stated | None], Field(alias="alerts", max_length=200)] = {}
    """Of known alerts what is to be different, null for one that is not wanted; and alerts of one's own."""

    @model_validator(mode="after")
    def _sound(self) -> Monitoring:
        if not 1 <= self.every.seconds <= 60:
            raise ValueError(f"every is between 1 s and 1 min, not {self.every}: rates over 5 min need samples")
        if self.retention.days < 3:
            raise ValueError(f"retention is {self.retention}, and what is spent of an error budget is asked over 3 d")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def relies_on(self) -> tuple[str, ...]:
        """Prometheus' own stack, what tells it of AWS and of what dashboards show, and what brings secrets."""
        shown = {"cost": "opencost", "gpu": "dcgm-exporter"}
        return (
            "prometheus",
            "yace",
            "external-secrets",
            *(addon for dashboard, addon in shown.items() if dashboard in self.dashboards),
        )

    def synchronises(self, scope: Scope) -> Iterator[tuple[str, Held]]:
        """What receivers are known by."""
        secret = self._secret()
        if secret is not None:
            kept = secret.offer(scope).held
            assert kept is not None
            yield NAMESPACE, kept

    def _secret(self) -> KeptSecret | None:
        """The secret into which a person puts what receivers are known by; None where there are none."""
        keys = self.notify.keys
        return KeptSecret(kind="secret", sensitivity="high", keys=keys) if keys else None

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The receivers' secret; rules, their tests, and what is asked; Grafana's role and dashboards."""
        secret = self._secret()
        if secret is not None:
            yield from secret.expand(scope)
            for namespace, kept in self.synchronises(scope):
                yield held(scope, RECEIVERS, namespace, kept)
        # Services and the cluster find this module while they are imported themselves.
        from seawall.components.dashboards import grafana
        from seawall.components.dashboards.registry import dashboards
        from seawall.components.monitoring.rules import rules

        yield from rules(scope, self.stated)
        yield from monitors(scope, NAMESPACE, self.every)
        yield from grafana.objects(scope)
        yield from dashboards(scope, self.dashboards)


def monitoring_of(scope: Scope) -> Monitoring:
    """The platform's section, or what holds where a Prometheus is there without one."""
    found = scope.every(Monitoring)
    return next(iter(found.values())) if found else Monitoring(kind="monitoring")
