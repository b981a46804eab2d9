"""A release watched step by step: judged at each weight, moved on where nothing is wrong, else taken back.

What nobody could measure is no pass: the release then stays where it is, and a person decides.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seawall.kernel.errors import OutsideError
from seawall.kernel.units import Duration
from seawall.kernel.verdict import Verdict, proven, unknown
from seawall.operate.analysis import Judge
from seawall.operate.runbook import Doing, Runbook, Step

ALL = 100


class TakenBackError(OutsideError):
    """The new version was bad, and has been taken back: every request goes to the old one again."""


class WaitsError(OutsideError):
    """Nobody could say whether the new version is good: it stays at its weight until a person decides."""


class Route(Protocol):
    """What divides requests between the old version and the new."""

    def weight(self) -> int:
        """Percent of the requests that the new version gets now."""

    def move(self, weight: int) -> None:
        """Give the new version this many; it is so when this returns."""

    def abort(self) -> None:
        """Give all requests to the old version again; it is so when this returns."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The weights of a release, in percent without the last, and how long each is watched and how often looked at."""

    weights: tuple[int, ...]
    pause: float
    every: float


def plan_of(rollout: Mapping[str, Any], every: float) -> Plan:
    """What a Rollout says of its steps; ``every`` is the seconds between two looks."""
    steps = rollout["spec"]["strategy"]["canary"]["steps"]
    pauses = [Duration.parse(str(step["pause"]["duration"])).seconds for step in steps if step.get("pause")]
    weights = tuple(int(step["setWeight"]) for step in steps if "setWeight" in step)
    return Plan(weights, float(min(pauses, default=60)), every)


def runbook(
    subject: str,
    version: str,
    route: Route,
    plan: Plan,
    judge: Callable[[], Judge],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Runbook:
    """A step for each weight and one for all; a run that was cut short goes on watching at its weight.

    Steps raise TakenBackError and WaitsError.
    """
    judging = judge()

    def watched(weight: int) -> Step:
        def act(doing: Doing) -> None:
            if route.weight() < weight:
                route.move(weight)
                doing.audit(f"move to {weight} %", version)
            verdict = _watch(judging, plan, sleep, clock)
            if verdict.refuted or judging.blind:
                route.abort()
                doing.audit(f"abort at {weight} %", version, "; ".join(map(str, verdict.because)))
                raise TakenBackError(
                    f"{subject}: {version} was taken back at {weight} %", "; ".join(map(str, verdict.because))
                )
            if not verdict.proven:
                raise WaitsError(
                    f"{subject}: {version} stays at {weight} %: nobody can say whether it is good",
                    "; ".join(map(str, verdict.because)),
                    fix="find out why it is not measured and run this again; or promote or abort it by hand",
                )
            doing.keep(**{f"judged_{weight}": True})

        def so(doing: Doing) -> Verdict:
            if doing.kept.get(f"judged_{weight}"):
                return proven(f"it was found good at {weight} %")
            return unknown(f"it has not been judged at {weight} %")

        return Step(f"{weight} %", f"give {version} {weight} % and watch it for {plan.pause:g} s", act, so)

    def finish(doing: Doing) -> None:
        route.move(ALL)
        doing.audit("move to 100 %", version)

    def finished(doing: Doing) -> Verdict:
        there = route.weight()
        return proven("every request goes to it") if there == ALL else unknown(f"it gets {there} % of the requests")

    last = Step("100 %", f"give {version} every request", finish, finished)
    return Runbook("canary", subject, (*map(watched, plan.weights), last), {"version": version})


def _watch(judge: Judge, plan: Plan, sleep: Callable[[float], None], clock: Callable[[], float]) -> Verdict:
    """Look until the step is over, or it is clear that the version is bad."""
    ends = clock() + plan.pause
    while True:
        verdict = judge.look()
        if verdict.refuted or judge.blind or clock() >= ends:
            return verdict
        sleep(min(plan.every, max(0.0, ends - clock())))


# -- Argo Rollouts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Rollout in a cluster, moved by the fields that Argo Rollouts' own plugin for kubectl writes.

    Source: pkg/kubectl-argo-rollouts/cmd/promote/promote.go and cmd/abort/abort.go of argoproj/argo-rollouts.
    """

    kubectl: Callable[..., str]
    namespace: str
    name: str
    patience: float = 600.0
    every: float = 2.0

    def read(self) -> Mapping[str, Any]:
        """The Rollout as the cluster has it."""
        found: Mapping[str, Any] = json.loads(
            self.kubectl("get", "rollouts.argoproj.io", self.name, "-n", self.namespace, "-o", "json")
        )
        return found

    def version(self) -> str:
        """The hash of the new version's pods; empty where nothing is being released."""
        status = self.read().get("status", {})
        current = str(status.get("currentPodHash", ""))
        return "" if current == str(status.get("stableRS", "")) else current

    def weight(self) -> int:
        """Percent of the requests that the new version gets."""
        rollout = self.read()
        status = rollout.get("status", {})
        if status.get("currentPodHash") and status.get("currentPodHash") == status.get("stableRS"):
            return ALL
        if status.get("abort"):
            return 0
        routed = status.get("canary", {}).get("weights", {}).get("canary", {}).get("weight")
        if routed is not None:
            return int(routed)
        # Without a load balancer that divides, pods do: as many as the last setWeight before the current step says.
        steps = rollout["spec"]["strategy"]["canary"].get("steps", [])[: int(status.get("currentStepIndex") or 0)]
        return next((int(step["setWeight"]) for step in reversed(steps) if "setWeight" in step), 0)

    def move(self, weight: int) -> None:
        """End the pause that it is in, as often as it takes. Raises OutsideError where it does not come about."""
        ends = time.monotonic() + self.patience
        moved: int | None = None
        while (there := self.weight()) < weight:
            rollout = self.read()
            status = rollout.get("status", {})
            if status.get("abort"):
                raise OutsideError(f"the Rollout {self.name} was aborted: {status.get('message', '')}")
            index = int(status.get("currentStepIndex") or 0)
            steps = rollout["spec"]["strategy"]["canary"].get("steps", [])
            paused = bool(status.get("pauseConditions")) or (index < len(steps) and "pause" in steps[index])
            if paused and moved != index:
                self._patch(_promotion(status, index, len(steps)))
                moved = index
            if time.monotonic() > ends:
                raise OutsideError(f"the Rollout {self.name} stays at {there} %, and {weight} % are wanted")
            time.sleep(self.every)

    def abort(self) -> None:
        """Have Argo Rollouts take it back, and wait until nothing goes to it any more."""
        self._patch({"status": {"abort": True}})
        ends = time.monotonic() + self.patience
        while self.weight() != 0:
            if time.monotonic() > ends:
                raise OutsideError(f"the Rollout {self.name} was aborted and still gets {self.weight()} %")
            time.sleep(self.every)

    def _patch(self, patch: Mapping[str, Any]) -> None:
        self.kubectl(
            "patch", "rollouts.argoproj.io", self.name, "-n", self.namespace, "--subresource=status",
            "--type=merge", "-p", json.dumps(patch),
        )  # fmt: skip


def _promotion(status: Mapping[str, Any], index: int, steps: int) -> dict[str, Any]:
    """What ends a pause: its conditions go; where there are none, the step is counted as done."""
    if status.get("pauseConditions"):
        return {"status": {"pauseConditions": None}}
    return {"status": {"pauseConditions": None, "currentStepIndex": min(index + 1, steps)}}
