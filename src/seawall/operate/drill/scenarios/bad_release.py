"""Two releases: a good version that gets in step by step, and one that fails, which must be out at the first step."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seawall.components.release import EVERY
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.operate.analysis import Judge, Prometheus, looks_of, template_of
from seawall.operate.canary import ALL, Plan, TakenBackError, plan_of, runbook
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import nginx, prometheus, version
from seawall.operate.drill.servers.split import Split, Visit, Visitors
from seawall.operate.drill.stage import Stage, listens, until
from seawall.operate.runbook import StepEvent, run

_LABEL = "rollouts_pod_template_hash"
_COUNTERS = ("http_server_requests_seconds_count", "http_requests_total")
_SCRAPED = 15.0
"""Seconds between two scrapes where the platform's Prometheus does not say."""


def _released(setting: Setting) -> tuple[Resource, Resource, str] | None:
    """The first Rollout that is looked at, what looks at it, and the counter that is asked for."""
    templates = [one for one in setting.graph if one.type.endswith("/AnalysisTemplate")]
    for rollout in setting.graph:
        if rollout.type.endswith("/Rollout") and (template := template_of(templates, rollout.body)) is not None:
            queries = " ".join(look.query for look in looks_of(template))
            for counter in _COUNTERS:
                if counter in queries:
                    return rollout, template, counter
    return None


def _applies(setting: Setting) -> str:
    return "" if _released(setting) else "no service is released in steps with somebody looking at its requests"


@scenario("bad-release", needs={**prometheus.PACKAGES, **nginx.PACKAGES}, applies=_applies)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """A good version is let in at each weight; a bad one is taken back by the platform's own queries and conditions."""
    found = _released(setting)
    assert found is not None
    rollout, template, counter = found
    hurry = 10.0 if setting.short else 3.0
    described = plan_of(rollout.body, EVERY)
    plan = Plan(described.weights, described.pause / hurry, described.every / hurry)
    name, namespace = str(rollout.body["metadata"]["name"]), str(rollout.body["metadata"]["namespace"])
    failing = setting.chance.uniform(0.2, 0.6)
    ports = {"old": 0.0, "good": 0.0, "bad": failing}
    servers = {known: _version(stage, known, share, counter) for known, share in ports.items()}
    labels = {known: {"namespace": namespace, _LABEL: known} for known in servers}
    url = prometheus.start(
        stage,
        [(f"127.0.0.1:{port}", labels[known]) for known, port in servers.items()],
        every=_scraped(setting) / hurry,
    )
    rate = max(setting.rate, 150)
    failures: list[str] = []
    folder = stage.folder("operations")

    def judge(known: str) -> Judge:
        return Judge(looks_of(template), Prometheus(url), known)

    def tell(event: StepEvent) -> None:
        if event.state in ("begun", "done", "failed"):
            events.add("release", f"{event.step}: {event.state}")

    good = Split(stage, "split-good", servers["old"], servers["good"])
    # At another moment of the scrapes' cycle each time.
    time.sleep(setting.chance.random() * _scraped(setting) / hurry)
    with Visitors(good.port, rate) as visitors:
        events.add("release", "the good version begins")
        # Of a good version nothing has to be noticed: where time is short its steps are.
        steps = Plan(plan.weights, plan.pause / 2, plan.every) if setting.short else plan
        run(runbook(name, "good", good, steps, lambda: judge("good")), folder, report=tell)
        # At all of the requests there is no step to watch, and the split is measured all the same.
        time.sleep(plan.pause / 2)
    splits = _splits(visitors.visits, "good", (*plan.weights, ALL))

    bad = Split(stage, "split-bad", servers["old"], servers["bad"])
    with Visitors(bad.port, rate) as visitors:
        time.sleep(plan.pause / 2)
        began = time.monotonic()
        events.add("release", f"the bad version begins: {failing:.0%} of its requests fail")
        reached = 0
        try:
            run(runbook(name, "bad", bad, plan, lambda: judge("bad")), folder, report=tell)
            failures.append("the bad version was let in")
        except TakenBackError as error:
            events.add("release", error.detail or error.what)
        reached = max((visit.weight for visit in visitors.visits), default=0)
        back = time.monotonic()
        events.add("release", "every request goes to the old version again")
        time.sleep(plan.pause / 2)
    visits = visitors.visits
    met = [visit for visit in visits if began <= visit.at <= back]
    after = [visit for visit in visits if visit.at > back]
    if bad.weight() != 0 or any(visit.version == "bad" for visit in after):
        failures.append(f"{sum(visit.version == 'bad' for visit in after)} requests met the bad version afterwards")
    if any(visit.status != 200 for visit in after):
        failures.append("requests failed although every one went to the old version")
    share = _share(met, "bad")
    return Outcome(
        (
            *(
                Measure(f"requests at {weight} %", 100 * got, "%", expected=float(weight))
                for weight, (got, _) in splits.items()
            ),
            Measure("furthest from a step's weight, in deviations", _furthest(splits), "", limit=4.0),
            Measure("bad version seen and taken back", back - began, "s", limit=plan.pause),
            Measure("weight that the bad version reached", reached, "%", limit=plan.weights[0]),
            Measure("requests that met the bad version", 100 * share, "%", expected=float(plan.weights[0])),
            Measure("requests that failed for it", sum(visit.status >= 500 for visit in met), "requests"),
            Measure(
                "requests that failed afterwards", sum(visit.status != 200 for visit in after), "requests", limit=0
            ),
        ),
        {
            "Argo Rollouts": "the runbook of `seawall canary`, which moves and judges by the same template",
            "the load balancer's weights": "nginx, split by request",
            "the service": "servers that count as it exports, without what it does",
            "time": f"steps, looks and scrapes are {hurry:g} times as quick as described",
        },
        {
            "steps": ", ".join(f"{weight} %" for weight in (*plan.weights, ALL)),
            "step, s": round(plan.pause, 2),
            "looked at every, s": round(plan.every, 2),
            "requests a second": rate,
            "requests": len(visits),
            "failing share of the bad version": round(failing, 3),
        },
        tuple(failures),
    )


def _version(stage: Stage, name: str, failing: float, counter: str) -> int:
    port, folder = stage.free_port(), stage.folder(f"version-{name}")
    # As a file: it needs nothing but Python, and starts at once.
    process = stage.start(
        f"version-{name}",
        [sys.executable, "-I", str(Path(version.__file__)), str(port), name, str(failing), counter],
        folder=folder,
    )
    until(lambda: listens(port), process, what=f"version {name} answers")
    return port


def _scraped(setting: Setting) -> float:
    for resource in setting.graph:
        if resource.type.endswith("/Prometheus"):
            spec: dict[str, Any] = resource.body["spec"]
            return float(Duration.parse(str(spec.get("scrapeInterval", f"{_SCRAPED:g}s"))).seconds)
    return _SCRAPED


def _share(visits: Sequence[Visit], version: str) -> float:
    return sum(visit.version == version for visit in visits) / len(visits) if visits else 0.0


def _splits(visits: Sequence[Visit], version: str, weights: Sequence[int]) -> dict[int, tuple[float, int]]:
    """Weight -> the share of requests that met the version while it was in force, and of how many."""
    found = {}
    for weight in weights:
        those = [visit for visit in visits if visit.weight == weight and visit.status]
        found[weight] = (_share(those, version), len(those))
    return found


def _furthest(splits: dict[int, tuple[float, int]]) -> float:
    """How far the furthest share lies from its weight, in standard deviations of so many requests."""
    furthest = 0.0
    for weight, (share, number) in splits.items():
        wanted = weight / 100
        away = math.sqrt(wanted * (1 - wanted) / number) if number else math.inf
        # At all of the requests there is no chance: whatever is missing is infinitely far.
        distance = abs(share - wanted)
        furthest = max(furthest, distance / away if away else (math.inf if distance else 0.0))
    return furthest
