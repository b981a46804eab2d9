"""A release: a new version gets the requests step by step, is looked at all the while, and is taken back if it is bad.

Who looks is an analysis of Argo Rollouts in the background, from the first weight to the last.  It asks Prometheus for
the new version's pods alone, by the hash of their template.  Their counters began with the release, so failures are
read as they stand: a rate needs two scrapes to see a first one, and a step of half a minute has no time for that.
Times are those of the last minute, as a process is slow at its first requests; so slowness is found a step later.

- Of fewer than ``FEW`` failed requests nothing is concluded: one is an accident, and a share of few is no share.
  Without requests, then, a version is let in: nobody was hurt, and a night would otherwise hold every release up.
- What is not measured at all is another matter: where Prometheus does not reach the new pods, the release waits for a
  person.  Where Prometheus itself does not answer, it is taken back after five failures to ask.
- The limits are absolute.  If the stable version fails as badly, nothing is let in by itself, a cure included; that
  goes in by ``kubectl argo rollouts promote --full``, by which a person answers for it.
- The stable version keeps all its pods until the end (no ``dynamicStableScale``), so taking back is a matter of
  weights alone, not of waiting for pods.

Source: analysis/analysis.go, utils/evaluate/evaluate.go, rollout/analysis.go and docs/features/analysis.md
of argoproj/argo-rollouts at 9f8d111d8f8e.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator

from seawall.components.addons import prometheus
from seawall.components.cluster import Cluster
from seawall.components.exposure import DRAINING, NOTICED
from seawall.components.monitoring.monitoring import monitoring_of
from seawall.components.offer import Pods
from seawall.components.requests import Requests
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.model.fields import Duration, Frame, Share

EVERY = 10
"""Seconds between two looks at the new version."""
FEW = 3
"""Failed requests below which nothing is concluded."""
ENOUGH = 50
"""Requests from which on a percentile of their times says something."""
HASH = "rollouts_pod_template_hash"
"""The label by which Prometheus tells versions apart: Argo Rollouts' label of pods, carried over by the scrape."""
ERRORS = units.Share(Decimal(1))
"""How many requests may fail where no claim says it."""
SLOW = units.Duration(2)
"""How slow the slowest twentieth may be where no claim says it."""


class Analysis(Frame):
    """When a new version is taken back; also when a container of it starts anew."""

    errors: Share | None = None
    """The share of requests that may fail; where silent what the claim of availability leaves, without one 1 %."""
    latency: Duration | None = None
    """How long 95 % of requests may take at most; where silent as claimed, without a claim 2 s."""


class Release(Frame):
    """A new version gets these percentages of the requests, each for ``pause``, and then all."""

    canary: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(min_length=1)]
    pause: Duration = units.Duration(60)
    analysis: Analysis | None = Analysis()
    """What is looked at meanwhile, where the platform has a Prometheus; null has it let in unseen."""

    @model_validator(mode="after")
    def _rises(self) -> Release:
        if list(self.canary) != sorted(set(self.canary)):
            raise ValueError(f"canary {list(self.canary)} does not rise from step to step")
        return self

    def strategy(self, scope: Scope, *, port: int | None) -> dict[str, Any]:
        """What the Rollout says of it; ``port`` is the service's, where the load balancer divides the requests."""
        pause = {"pause": {"duration": f"{round(self.pause.seconds)}s"}}
        canary: dict[str, Any] = {
            "maxSurge": 1,
            "maxUnavailable": 0,
            "steps": [step for weight in self.canary for step in ({"setWeight": weight}, pause)],
        }
        if self.analysed(scope) is not None:
            canary["analysis"] = {
                "templates": [{"templateName": scope.name}],
                # From the first weight on; before it there is no pod to look at.
                "startingStep": 1,
                "args": [{"name": "version", "valueFrom": {"podTemplateHashValue": "Latest"}}],
            }
        if port is not None:
            # Pods of the version that is left must outlast the load balancer's last requests to them.
            canary |= {
                "scaleDownDelaySeconds": NOTICED + DRAINING + _MARGIN,
                "abortScaleDownDelaySeconds": NOTICED + DRAINING + _MARGIN,
                "stableService": scope.name,
                "canaryService": f"{scope.name}-canary",
                "trafficRouting": {"alb": {"ingress": scope.name, "rootService": scope.name, "servicePort": port}},
            }
        return canary

    def deadline(self, startup: units.Duration) -> dict[str, Any]:
        """What the Rollout says of a version whose pods do not get ready: it is taken back, too."""
        return {"progressDeadlineSeconds": round(startup.seconds) + _PULLED, "progressDeadlineAbort": True}

    def analysed(self, scope: Scope) -> Analysis | None:
        """What is looked at; None where nothing is.

        InputError where a step is over before anything could be seen, or what is asked for has nobody to ask.
        """
        if prometheus.ADDON.name not in scope.the(Cluster).chosen_addons(scope):
            if self.analysis is not None and "analysis" in self.model_fields_set:
                raise InputError(
                    f"the release of {scope.name} says what a version is judged by, and there is no Prometheus to ask",
                    fix="add `monitoring: {}`, or take `analysis` out",
                    origin=scope.origin,
                )
            return None
        # A scrape, a look, and the abort must all come within a step.
        noticed = round(monitoring_of(scope).every.seconds) + EVERY + _ABORTED
        if self.analysis is not None and self.pause.seconds < noticed:
            raise InputError(
                f"each step of {scope.name}'s release lasts {self.pause}, and a bad version is seen in {noticed} s",
                fix=f"have `pause` {noticed} s or more, or say `analysis: null`",
                origin=scope.origin,
            )
        return self.analysis

    def templates(self, scope: Scope, pods: Pods, requests: Requests | None, *, scraped: bool) -> Iterator[Resource]:
        """The AnalysisTemplate, whose argument ``version`` is the hash of the new version's pods.

        ``scraped`` says whether Prometheus asks the pods at all.
        """
        analysis = self.analysed(scope)
        if analysis is None:
            return
        metrics = [look.metric() for look in looks(scope, analysis, pods, requests, scraped=scraped)]
        spec = {"args": [{"name": "version"}], "metrics": metrics}
        yield scope.object(
            "argoproj.io/v1alpha1", "AnalysisTemplate", scope.name, {"spec": spec}, namespace=pods.namespace
        )


@dataclass(frozen=True, slots=True)
class Look:
    """One query of Prometheus, at most one number, and how much of it is too much.

    Where ``wanted`` it is the other way round: without an answer nothing can be concluded.
    """

    name: str
    query: str
    limit: float = 0
    tolerated: int = 0
    wanted: bool = False

    def metric(self) -> dict[str, Any]:
        """It as a metric of an AnalysisTemplate, measured until the release is over."""
        conditions: dict[str, Any] = {
            # Of no requests a quantile is not a number, which is neither above nor below anything.
            "successCondition": f"len(result) == 0 || isNaN(result[0]) || result[0] <= {self.limit:g}",
            "failureLimit": self.tolerated,
        }
        if self.wanted:
            conditions = {
                "successCondition": "len(result) > 0",
                # Neither a success nor a failure is inconclusive, and has the release wait.
                "failureCondition": "false",
                "inconclusiveLimit": self.tolerated,
            }
        asked = {"prometheus": {"address": prometheus.URL, "query": self.query}}
        return {"name": self.name, "interval": f"{EVERY}s", **conditions, "provider": asked}


def looks(scope: Scope, analysis: Analysis, pods: Pods, requests: Requests | None, *, scraped: bool) -> Iterator[Look]:
    """What a new version is asked; in the queries ``{{args.version}}`` is the hash of its pods."""
    its = f'namespace="{pods.namespace}",{HASH}="{{{{args.version}}}}"'
    containers = f'namespace="{pods.namespace}",pod=~"{scope.name}-{{{{args.version}}}}-.+"'
    if scraped:
        yield Look("measured", f"count(up{{{its}}} == 1)", tolerated=2, wanted=True)
    yield Look("restarts", f"sum(kube_pod_container_status_restarts_total{{{containers}}})")
    if requests is None:
        return
    failed, all_ = f"sum({requests.failed(its)})", f"sum({requests.all(its)})"
    yield Look("errors", f"{failed} / {all_} and {failed} >= {FEW}", _errors(scope, analysis))
    if requests.buckets:
        quantile, limit = _latency(scope, analysis)
        slowest = f"histogram_quantile({quantile:g}, sum by (le) (rate({requests.within(its)}[1m])))"
        yield Look("latency", f"{slowest} and {all_} >= {ENOUGH}", limit, tolerated=3)


def _errors(scope: Scope, analysis: Analysis) -> float:
    if analysis.errors is not None:
        return float(analysis.errors.percent) / 100
    claimed = _claimed(scope, "availability")
    share = ERRORS.percent if claimed is None else 100 - claimed.percent
    return float(share) / 100


def _latency(scope: Scope, analysis: Analysis) -> tuple[float, float]:
    """Which quantile of times, and the seconds that it may be: said, else as claimed, else the usual."""
    if analysis.latency is None:
        for claim in scope.platform.claims:
            if claim.subject == "latency" and isinstance(claim.value, units.Duration):
                return float(claim.measure.removeprefix("p")) / 100, float(claim.value.seconds)
    return 0.95, float((analysis.latency or SLOW).seconds)


def _claimed(scope: Scope, measure: str) -> Any:
    return next((claim.value for claim in scope.platform.claims if claim.measure == measure), None)


_ABORTED = 5
_MARGIN = 20
_PULLED = 300
