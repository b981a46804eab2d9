"""Databases of RDS and Aurora: away, out of processor, storage or capacity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seawall.components.alert import Alert, Series
from seawall.components.alerting import cloudwatch
from seawall.components.alerting.promql import any_of, series
from seawall.kernel.units import Size

Kind = Literal["RDS", "Aurora"]
_DIMENSIONS = {"RDS": "DBInstanceIdentifier", "Aurora": "DBClusterIdentifier"}
_CLI = {
    "RDS": "aws rds describe-db-instances --db-instance-identifier",
    "Aurora": "aws rds describe-db-clusters --db-cluster-identifier",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A database: its name in the description and in AWS, and who keeps connections to it, by namespace and name.

    ``pools`` are those of them that tell how many connections they have; ``storage`` is what it was given, None where
    it grows by itself; ``scales`` says that its capacity does.  ``pauses`` is one that may say nothing while nobody
    asks it anything; ``urgent`` is not one that only follows another; ``steps`` are what else to do where pods have no
    connection.
    """

    kind: Kind
    name: str
    called: str
    pools: tuple[tuple[str, str], ...] = ()
    storage: Size | None = None
    scales: bool = False
    pauses: bool = False
    urgent: bool = True
    steps: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The label by which its metrics are told apart."""
        return f"dimension_{_DIMENSIONS[self.kind]}"

    @property
    def selector(self) -> str:
        """Its metrics, and no other database's."""
        return f'{self.label}="{self.called}"'

    def pooled(self) -> str | None:
        """How many connections those who need it have together; None where nobody tells."""
        if not self.pools:
            return None
        namespaces = any_of("namespace", (namespace for namespace, _ in self.pools))
        jobs = any_of("job", (name for _, name in self.pools))
        return f"hikaricp_connections{{{namespaces},{jobs}}}"


def alerts(databases: list[Stored]) -> Iterator[Alert]:
    """What is worth an alert of databases of one kind; the label ``database`` says which of them it is."""
    heard = [each for each in databases if not each.pauses or each.pools]
    if heard:
        yield _down(heard)
    yield _processor(databases)
    if any(each.storage is not None for each in databases):
        yield _storage([each for each in databases if each.storage is not None])
    if any(each.scales for each in databases):
        yield _capacity([each for each in databases if each.scales])


def _down(databases: list[Stored]) -> Alert:
    first = databases[0]
    connections = "aws_rds_database_connections_average"
    if first.pools:
        # Pods that tell of their connections, and have none.
        fires: tuple[Series, ...] = (_pool(first, "0x60"), _cloudwatch(first, connections, "0x60"), _asked())
        quiet: tuple[Series, ...] = (_pool(first, "5x60"), _cloudwatch(first, connections, "5x60"), _asked())
    else:
        # CloudWatch told of it, then no more; and an exporter that is refused, which tells of nothing.
        fires = (_cloudwatch(first, connections, "5x10"), _asked())
        quiet = (
            _cloudwatch(first, connections, "5x10"),
            _asked(),
            series(cloudwatch.FAILING, "0+5x60", {"api_name": "GetMetricData"}),
        )
    return Alert(
        name=f"{first.kind}Down",
        severity=_severity(databases),
        expr=" or ".join(_away(each) for each in databases),
        lasts=180,
        says="The database {{ $labels.database }} is away: CloudWatch has heard nothing of it for ten minutes, or none "
        "of the pods that need it has a connection.",
        first=(
            f"What AWS says of it: `{_CLI[first.kind]} {first.called}`, `Status`, and what happened last, `aws rds "
            f"describe-events --source-type {'db-instance' if first.kind == 'RDS' else 'db-cluster'} "
            f"--source-identifier {first.called} --duration 60`.",
            "`failing-over`, `rebooting`, `modifying`: wait two minutes; it comes back by itself.",
            "`available`, and pods have no connection: whether its name resolves and its port answers from a pod, and "
            "whether its password was changed while pods hold the old one.",
            *first.steps,
            "`storage-full`: raise `storage`. Anything else: restore the last backup beside it, and lead pods there.",
        ),
        labels={"service": "{{ $labels.database }}"},
        fires=fires,
        quiet=quiet,
    )


def _away(each: Stored) -> str:
    ways = []
    if not each.pauses:
        told = cloudwatch.selected("AWS/RDS", "DatabaseConnections", "Average", each.selector)
        ways.append(f"({cloudwatch.silent(told)})")
    if (pooled := each.pooled()) is not None:
        # Pods that are away themselves tell nothing, so it is not their own absence that is seen here.
        ways.append(f"(sum({pooled}) == 0)")
    return f'label_replace({" or ".join(ways)}, "database", "{each.name}", "", "")'


def _processor(databases: list[Stored]) -> Alert:
    first = databases[0]
    used = "aws_rds_cpuutilization_average"
    named = ", ".join(f"{each.called} ({each.name})" for each in databases)
    return Alert(
        name=f"{first.kind}HighCPU",
        severity=_severity(databases),
        expr=f"max by ({first.label}) ({_all(databases, 'CPUUtilization', 'Average')}) > 90",
        lasts=300,
        says=f"The database {{{{ $labels.{first.label} }}}} has used {{{{ $value | printf `%.0f` }}}} % of its "
        "processor for five minutes; everything that asks it is slow.",
        first=(
            f"Which statements: Performance Insights of {named}, by load; the slow ones are in its log, too.",
            "Since a release: take that back.",
            "One statement that runs on: end it, `CALL mysql.rds_kill(ID)` or `SELECT pg_terminate_backend(PID)`.",
            *(
                ("It is at its greatest capacity: raise `serverless.max`.",)
                if first.scales
                else ("It is the load itself: take the next larger `class`; a Multi-AZ one is away for a minute then.",)
            ),
        ),
        labels=_whose(databases),
        fires=(_cloudwatch(first, used, "95x40"),),
        quiet=(_cloudwatch(first, used, "80x40"), series(used, "99x40", {first.label: "somebody-elses"})),
    )


def _storage(databases: list[Stored]) -> Alert:
    free = "aws_rds_free_storage_space_minimum"
    first = databases[0]
    assert first.storage is not None
    parts = []
    for each in databases:
        assert each.storage is not None
        told = cloudwatch.selected("AWS/RDS", "FreeStorageSpace", "Minimum", each.selector)
        parts.append(f"100 * min by ({each.label}) ({told}) / {each.storage.bytes}")
    return Alert(
        name="RDSStorageLow",
        severity="critical",
        expr=f"({' or '.join(parts)}) < 5",
        lasts=300,
        says=f"The database {{{{ $labels.{first.label} }}}} has {{{{ $value | printf `%.1f` }}}} % of its storage left "
        "and has not grown by itself; without any it takes no more writes.",
        first=(
            # RDS adds storage below a tenth, six hours after it last did, and up to the most that it may have.
            "Whether it is at the most that it may have, or grew within the last six hours: "
            f"`{_CLI['RDS']} {first.called}`, `AllocatedStorage` and `MaxAllocatedStorage`.",
            "Raise `max_storage` in the description and apply it; RDS adds storage without stopping.",
            "What takes it: a slow log or binary logs that nobody fetches, a temporary table, an import.",
        ),
        labels=_whose(databases),
        fires=(_cloudwatch(first, free, f"{first.storage.bytes // 50}x40"),),
        quiet=(_cloudwatch(first, free, f"{first.storage.bytes // 8}x40"),),
    )


def _capacity(databases: list[Stored]) -> Alert:
    first = databases[0]
    used = "aws_rds_acuutilization_maximum"
    return Alert(
        name="AuroraAtCapacity",
        severity="warning",
        expr=f"max by ({first.label}) ({_all(databases, 'ACUUtilization', 'Maximum')}) > 90",
        lasts=600,
        says=f"The database {{{{ $labels.{first.label} }}}} has run at {{{{ $value | printf `%.0f` }}}} % of its "
        "greatest capacity for ten minutes.",
        first=(
            f"Which statements: Performance Insights of {first.called}, by load.",
            "Whether there are more connections than before: of the pooler, in Grafana.",
            "It is the load itself: raise `serverless.max` in the description; it takes effect without stopping.",
        ),
        labels=_whose(databases),
        fires=(_cloudwatch(first, used, "97x40"),),
        quiet=(_cloudwatch(first, used, "97x5 60x35"),),
    )


def _all(databases: list[Stored], metric: str, statistic: str) -> str:
    return cloudwatch.selected(
        "AWS/RDS", metric, statistic, any_of(databases[0].label, (each.called for each in databases))
    )


def _severity(databases: list[Stored]) -> Literal["critical", "warning"]:
    return "critical" if any(each.urgent for each in databases) else "warning"


def _whose(databases: list[Stored]) -> dict[str, str]:
    """Of several, the one that the metric is about; one alone is who says it."""
    return {} if len(databases) == 1 else {"service": f"{{{{ $labels.{databases[0].label} }}}}"}


# -- series of tests -----------------------------------------------------------------------------------------------


def _cloudwatch(each: Stored, metric: str, values: str) -> Series:
    return series(metric, values, {each.label: each.called})


def _pool(each: Stored, values: str) -> Series:
    namespace, name = each.pools[0]
    return series("hikaricp_connections", values, {"namespace": namespace, "job": name, "pool": "HikariPool-1"})


def _asked() -> Series:
    return series(cloudwatch.ASKING, "0+10x60", {"api_name": "GetMetricData"})
