"""A worker: pods that nobody asks, and that take their work from a queue; as many as it takes, down to none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components import environment
from seawall.components.alert import Alert
from seawall.components.alerting.workers import Working
from seawall.components.alerting.workers import alerts as workers_alerts
from seawall.components.cluster import Cluster
from seawall.components.metrics import PORT as METRICS
from seawall.components.metrics import asked
from seawall.components.offer import Pods
from seawall.components.paths import egress, policy
from seawall.components.pods import spread
from seawall.components.scaling import Scale, Signal, autoscaler
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.components.workload import Workload
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.model.fields import Duration, Frame, Line, Name, Range

SPOT_NOTICE = 120
"""Seconds between AWS's word that it takes a spot node and its doing so.

Source: Amazon EC2 User Guide, "Spot Instance interruption notices", read 2026-11-21.
"""


class Queue(Frame):
    """The list in which jobs wait, and how many of them one pod is to answer for.

    Its length is read from Prometheus: of a managed cache KEDA could not ask, as it signs in by identity alone. So
    whoever puts jobs there exports ``metric`` with the label ``queue``; each of its pods tells the same length.
    """

    from_: Annotated[Name, Field(alias="from")]
    list: Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,100}$")]
    per_pod: Annotated[int, Field(ge=1, le=100_000)] = 5
    metric: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")] = "redis_queue_length"

    def signal(self, namespace: str) -> Signal:
        """What the number of pods follows."""
        query = f'max({self.metric}{{namespace="{namespace}",queue="{self.list}"}})'
        return Signal(query=query, per_pod=self.per_pod)


class Worker(Workload):
    """Pods that work off a queue."""

    kind: Literal["worker"]
    framework: Literal["spring", "plain"] = "plain"
    queue: Queue | None = None
    """Where silent, the number follows what `scale` says alone."""
    scale: Scale = Scale(replicas=Range(1, 1))
    finish: Duration = units.Duration(90)
    """How long a pod that is to go may still work at what it has begun, before it is stopped."""
    before_stop: tuple[Line, ...] = ()
    """A command that a pod which is to go runs first: to take no more jobs, or to give one back."""
    alive: tuple[Line, ...] = ()
    """A command that fails where the pod no longer works; where silent only its end is noticed."""

    @model_validator(mode="after")
    def _fits(self) -> Worker:
        if self.queue is not None and self.queue.from_ not in self.needs:
            raise ValueError(f"its queue is in {self.queue.from_}, which is not one of its needs")
        if self.queue is not None and not self.scale.varies:
            raise ValueError(f"replicas is {self.scale.replicas}, so nothing follows the queue")
        if self.scale.replicas.least < 1 and self.queue is None and not self.scale.signals:
            raise ValueError("replicas starts at 0, and no queue or signal would ever start a pod")
        if self.metrics is not None and self.metrics.port is None:
            raise ValueError("nobody asks a worker but Prometheus; say on which port, as `metrics: {port: 9100}`")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    @property
    def scaled(self) -> Scale:
        """How many pods there are; processor and memory count where they are named alone."""
        if not self.scale.varies:
            return self.scale
        named = {name: getattr(self.scale, name) for name in ("cpu", "memory") if name in self.scale.model_fields_set}
        signals = dict(self.scale.signals)
        if self.queue is not None:
            signals["queue"] = self.queue.signal(self.namespace or "")
        if not named and not signals:
            return self.scale
        return Scale(replicas=self.scale.replicas, **{"cpu": None, "memory": None, **named}, signals=signals)

    @property
    def most_pods(self) -> int:
        """How many pods there may be at once: a new version's take the place of the old one's, one by one."""
        most: int = self.scale.replicas.most
        return most

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """What it is said to export."""
        if self.metrics is not None:
            yield self.metrics.scrape(Scrape(scope.name, self.pods(scope), METRICS))

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of work that waits or takes long; the first worker says it of all."""
        workers = scope.every(Worker)
        if next(iter(workers)) != scope.name:
            return
        working = [found for name, worker in workers.items() if (found := worker.working(scope.at(name))) is not None]
        if working:
            yield from workers_alerts(working)

    def working(self, scope: Scope) -> Working | None:
        """What it works off, for alerts; None where that is no queue."""
        if self.queue is None:
            return None
        histograms = self.metrics.histograms if self.metrics is not None else {}
        timed = next((name for name in histograms if name.endswith("_duration_seconds")), "")
        pods = self.pods(scope)
        return Working(scope.name, pods, self.queue.metric, self.queue.list, self.most_pods, timed)

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Repository, role, secrets, pods, scaling and policy."""
        pods = self.pods(scope)
        self._in_time(scope)
        yield from self.surroundings(scope, pods)
        # Graphics processors are scarce: no pod more while versions change.
        strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
        template = {"metadata": {"labels": scope.labels()}, "spec": self._pod(scope, pods)}
        yield self.workload(scope, pods, strategy, template)
        yield from autoscaler(scope, self._followed(pods.namespace), pods, self.controlled)
        ports = [self.metrics.port] if self.metrics is not None and self.metrics.port is not None else []
        yield policy(scope, pods, asked(scope, pods, ports), egress(scope, pods.namespace))
        yield from self.demanded(scope, pods)

    def _followed(self, namespace: str) -> Scale:
        """What ``scaled`` says, of the queue in the pods' own namespace."""
        if self.queue is None:
            return self.scaled
        signals = {**self.scaled.signals, "queue": self.queue.signal(namespace)}
        return self.scaled.model_copy(update={"signals": signals})

    def _in_time(self, scope: Scope) -> None:
        needed = round(self.finish.seconds) + _ENDING
        if scope.the(Cluster).is_spot(self.nodes) and needed > SPOT_NOTICE:
            raise InputError(
                f"{scope.name} may work on for {self.finish} when it is to go, and lies on spot nodes, "
                f"which are gone {SPOT_NOTICE} s after AWS has said so",
                fix=f"have `finish` {SPOT_NOTICE - _ENDING} s or less, or nodes that are bought on demand",
                origin=scope.origin,
            )

    def _pod(self, scope: Scope, pods: Pods) -> dict[str, Any]:
        derived = list(environment.of_worker(self.framework, round(self.finish.seconds)))
        if self.queue is not None:
            derived.append(environment.variable("QUEUE_NAME", self.queue.list))
        more: dict[str, Any] = {}
        if self.metrics is not None:
            more["ports"] = [{"name": METRICS, "containerPort": self.metrics.port}]
        if self.alive:
            asked = {"exec": {"command": list(self.alive)}}
            more["livenessProbe"] = {**asked, "periodSeconds": 30, "timeoutSeconds": 10, "failureThreshold": 3}
        if self.before_stop:
            more["lifecycle"] = {"preStop": {"exec": {"command": list(self.before_stop)}}}
        return self.pod(
            scope,
            pods,
            self.container(scope, self.variables(scope, derived), **more),
            grace=round(self.finish.seconds) + _ENDING,
            # Work that waits in a queue is not lost with a zone, and a zone may have no spot node to give.
            spread=[{**each, "whenUnsatisfiable": "ScheduleAnyway"} for each in spread(dict(pods.labels), _REVISION)],
        )


_ENDING = 10
"""Seconds for a pod to end once it has finished its work."""
_REVISION = "pod-template-hash"
