"""006 DR status: what is claimed for the loss of a zone or the region, and what is measured beside it."""

from __future__ import annotations

from seawall.components.dashboards import cloudwatch, rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.edge.edge import Edge
from seawall.components.recovery import verification
from seawall.components.recovery.dump import pods
from seawall.components.recovery.recovery import Recovery
from seawall.components.scope import Scope

TTL = 60
"""Seconds for which resolvers keep a record that fails over."""


def dashboard(scope: Scope) -> Dashboard:
    """Claims as numbers, and how old the newest copy is; InputError where nothing is copied to another cloud."""
    if not scope.has(Recovery):
        raise lacks(scope, "dr-status", "copies in another cloud", "add `recovery:`")
    return Dashboard(
        uid=f"{scope.platform.name}-dr-status",
        title="006 DR Status",
        tags=(scope.platform.name, "recovery"),
        description="What is claimed is a number of the description, drawn as it stands there. How long a recovery "
        "really takes is known once one has been rehearsed (`seawall drill`); no exporter has it, so no panel does.",
        since="now-7d",
        rows=(_claims(scope), _detection(scope), _copies(scope)),
    )


def _claims(scope: Scope) -> Row:
    panels = []
    for subject, what in (("zone_loss", "a zone"), ("region_loss", "the region")):
        for measure, word in (("rto", "back within"), ("rpo", "loses at most")):
            claim = rows.claimed(scope, subject, measure)
            if claim is not None:
                queries = (Query(f"vector({claim:g})"),)
                title = f"Loss of {what}: {word}"
                panels.append(Panel(title, "s", queries, "stat", base="text", description="Claimed."))
    if not panels:
        raise lacks(scope, "dr-status", "claims of recovery", "add `region_loss: {rto: ..., rpo: ...}` to `claims`")
    return Row("Claimed", tuple(panels))


def _detection(scope: Scope) -> Row:
    panels = list(cloudwatch.health(cloudwatch.asked(scope)))
    if scope.has(Edge):
        check = scope.the(Edge).health
        seconds = round(check.every.seconds) * check.failures + TTL
        panels.append(
            Panel(
                "Until visitors are led elsewhere",
                "s",
                (Query(f"vector({seconds})"),),
                "stat",
                description=f"By the health check's own figures: {check.failures} failures {check.every} apart, and "
                f"{TTL} s for which resolvers keep the old answer.",
                base="text",
            )
        )
    return Row("Health as the world sees it", tuple(panels))


def _copies(scope: Scope) -> Row:
    here = pods(scope.at("recovery"))
    name = "recovery"
    at = f'namespace="{here.namespace}",cronjob="{name}"'
    jobs = f'namespace="{here.namespace}",job_name=~"{name}-[0-9]+"'
    verified = f'namespace="{here.namespace}",cronjob="{verification.name(scope.at(name))}"'
    claim = rows.claimed(scope, "region_loss", "rpo")
    limit = (Threshold(claim, "red"),) if claim is not None else ()
    age = f"time() - max(kube_cronjob_status_last_successful_time{{{at}}})"
    return Row(
        "Copies in the other cloud",
        (
            Panel(
                "The newest copy's age",
                "s",
                (Query(age),),
                "stat",
                limit,
                "What would be lost if the region went now.",
            ),
            Panel(
                "Last proven to be whole",
                "s",
                (Query(f"time() - max(kube_cronjob_status_last_successful_time{{{verified}}})"),),
                "stat",
                limit,
                "Ago: a copy was read to its end and is what was dumped. With it, recovery loses no more than this.",
            ),
            Panel(
                "Until the next one",
                "s",
                (Query(f"max(kube_cronjob_next_schedule_time{{{at}}}) - time()"),),
                "stat",
                base="text",
            ),
            Panel(
                "Failed jobs",
                "short",
                (Query(f"sum(kube_job_status_failed{{{jobs}}} > 0) or vector(0)"),),
                "stat",
                (Threshold(1, "red"),),
                "Pods of copies that ended in an error, of the jobs that are still there to be looked at.",
                decimals=0,
            ),
            Panel(
                "Age over time",
                "s",
                (
                    Query(age, "newest copy"),
                    *((Query(f"vector({claim:g})", "claimed"),) if claim is not None else ()),
                ),
                thresholds=limit,
                least=0,
                width=24,
            ),
        ),
    )
