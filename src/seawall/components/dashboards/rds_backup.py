"""008 RDS backup: how old copies are, how long they take, and what room the database has left."""

from __future__ import annotations

from seawall.components.dashboards import cloudwatch
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold
from seawall.components.dashboards.registry import lacks
from seawall.components.database import Database
from seawall.components.recovery import verification
from seawall.components.recovery.dump import pods
from seawall.components.recovery.recovery import Recovery
from seawall.components.scope import Scope


def dashboard(scope: Scope) -> Dashboard:
    """The copies of databases on RDS; InputError where there is no such database, or nothing copies it."""
    if not scope.has(Database):
        raise lacks(scope, "rds-backup", "databases on RDS", "have a component of kind database")
    if not scope.has(Recovery) or not scope.the(Recovery).needs:
        raise lacks(scope, "rds-backup", "copies of a database", "add `recovery: {needs: [...]}`")
    return Dashboard(
        uid=f"{scope.platform.name}-rds-backup",
        title="008 RDS Backup",
        tags=(scope.platform.name, "recovery"),
        description="RDS exports nothing of its own snapshots, neither age nor size; so there are no panels of these. "
        "Copies in the other cloud, and whether they are whole, show by the jobs that make and read them, and by what "
        "the agent tells CloudWatch under Seawall/Recovery.",
        since="now-7d",
        rows=(_now(scope), _verified(scope), _jobs(scope), *_database(scope)),
    )


def _places(scope: Scope) -> tuple[str, str]:
    namespace = pods(scope.at("recovery")).namespace
    return f'namespace="{namespace}",cronjob="recovery"', f'namespace="{namespace}",job_name=~"recovery-[0-9]+"'


def _now(scope: Scope) -> Row:
    at, jobs = _places(scope)
    every = round(scope.the(Recovery).every.seconds)
    return Row(
        "Copies",
        (
            Panel(
                "The newest copy's age",
                "s",
                (Query(f"time() - max(kube_cronjob_status_last_successful_time{{{at}}})"),),
                "stat",
                (Threshold(every, "orange"), Threshold(every + 7200, "red")),
            ),
            Panel(
                "Begun last",
                "s",
                (Query(f"time() - max(kube_cronjob_status_last_schedule_time{{{at}}})"),),
                "stat",
                (Threshold(every + 600, "red"),),
                "Ago. Later than its schedule, and nothing starts it.",
            ),
            Panel(
                "Suspended",
                "short",
                (Query(f"max(kube_cronjob_spec_suspend{{{at}}})"),),
                "stat",
                (Threshold(1, "red"),),
                "1: somebody has stopped copies, and has to start them again.",
                decimals=0,
            ),
            Panel(
                "The last one took",
                "s",
                (Query(_took(jobs, "max")),),
                "stat",
                (Threshold(1800, "orange"),),
                "The longest of the jobs still there: reading the database and writing to the other cloud.",
            ),
        ),
    )


def _verified(scope: Scope) -> Row:
    here, job = verification.pods(scope.at("recovery")).namespace, verification.name(scope.at("recovery"))
    at = f'namespace="{here}",cronjob="{job}"'
    jobs = f'namespace="{here}",job_name=~"{job}-[0-9]+"'
    every = round(scope.the(Recovery).every.seconds)
    return Row(
        "Whether copies are whole",
        (
            Panel(
                "A copy was last proven to be whole",
                "s",
                (Query(f"time() - max(kube_cronjob_status_last_successful_time{{{at}}})"),),
                "stat",
                (Threshold(every, "orange"), Threshold(every + 7200, "red")),
                "Ago. Each is read to its end and compared with its manifest: sizes, checksums, rows of each table.",
            ),
            Panel(
                "Reading it took",
                "s",
                (Query(_took(jobs, "max")),),
                "stat",
                (Threshold(1800, "orange"),),
                "A restore takes at least as long: fetching and unpacking, without what the server does.",
            ),
            Panel(
                "How readings ended",
                "short",
                (
                    Query(f'sum(kube_job_complete{{{jobs},condition="true"}})', "whole"),
                    Query(f'sum(kube_job_failed{{{jobs},condition="true"}})', "not proven"),
                ),
                decimals=0,
                least=0,
                description="Of the jobs that are still there to be looked at.",
            ),
            *cloudwatch.copies(scope),
        ),
    )


def _took(jobs: str, of: str) -> str:
    return f"{of}(kube_job_status_completion_time{{{jobs}}} - kube_job_status_start_time{{{jobs}}})"


def _jobs(scope: Scope) -> Row:
    at, jobs = _places(scope)
    return Row(
        "Jobs",
        (
            Panel(
                "Age of the newest copy",
                "s",
                (Query(f"time() - max(kube_cronjob_status_last_successful_time{{{at}}})", "age"),),
                least=0,
            ),
            Panel("What a copy takes", "s", (Query(_took(jobs, "max by (job_name) "), "{{job_name}}"),), least=0),
            Panel(
                "How jobs ended",
                "short",
                (
                    Query(f'sum(kube_job_complete{{{jobs},condition="true"}})', "well"),
                    Query(f'sum(kube_job_failed{{{jobs},condition="true"}})', "failed"),
                    Query(f"sum(kube_job_status_active{{{jobs}}})", "at work"),
                ),
                decimals=0,
                least=0,
                description="Of the jobs that are still there to be looked at.",
            ),
        ),
    )


def _database(scope: Scope) -> tuple[Row, ...]:
    panels = tuple(cloudwatch.storage(cloudwatch.asked(scope)))
    return (Row("The database itself", panels),) if panels else ()
