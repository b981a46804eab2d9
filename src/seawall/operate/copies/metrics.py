"""What is told of copies: to node_exporter by a file, to a Pushgateway, and to CloudWatch.

Prometheus gets moments and not ages: whoever asks subtracts them from ``time()``, so that a copy grows old even where
nothing runs that would say so. CloudWatch cannot subtract, and gets the age at the moment of telling.
"""

from __future__ import annotations

import fcntl
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.aws import asked, client
from seawall.operate.copies.job import Job
from seawall.operate.copies.manifest import Manifest

PREFIX = "seawall_backup_"
_JOB = "seawall_backup"
_PATIENCE = 20
_SERIES = {
    "success": "Whether the last run left a good copy in every store.",
    "last_run_timestamp_seconds": "When the last run ended, well or not, in seconds since 1970.",
    "last_success_timestamp_seconds": "When the last run that succeeded ended, in seconds since 1970.",
    "snapshot_timestamp_seconds": "The moment of the newest copy's data, in seconds since 1970.",
    "duration_seconds": "How long the newest copy took from its snapshot to its last byte.",
    "size_bytes": "Bytes of the newest copy as it is stored.",
    "sql_bytes": "Bytes of SQL of the newest copy.",
    "rows": "Rows of all tables of the newest copy.",
    "tables": "Tables of the newest copy.",
    "verified": "1 where the last verification proved that the newest copy can be restored, else 0.",
    "verify_unknown": "1 where the last verification could not find out whether it can, else 0.",
    "last_verify_timestamp_seconds": "When the last verification ran, in seconds since 1970.",
    "last_verified_timestamp_seconds": "When one last proved it, in seconds since 1970.",
    "restore_seconds": "How long the last verification took to restore the copy and to compare it.",
}
_UNITS = {"Age": "Seconds", "Duration": "Seconds", "Size": "Bytes", "Rows": "Count", "Success": "Count",
          "Verified": "Count", "Restore": "Seconds"}  # fmt: skip


class Telling(Protocol):
    """What can be told: values by the name of their series without its prefix, and the labels of all of them."""

    @property
    def at(self) -> datetime:
        """When it was found out, in UTC."""

    @property
    def series(self) -> dict[str, float]:
        """The values."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels."""

    @property
    def measures(self) -> dict[str, float]:
        """What CloudWatch is told, by the names of its metrics without ``Backup``."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run of a backup came to; without a manifest where it failed. ``at`` is when it ended, in UTC."""

    platform: str
    component: str
    success: bool
    at: datetime
    manifest: Manifest | None = None

    @property
    def series(self) -> dict[str, float]:
        """Values by the name of the series, without its prefix."""
        values: dict[str, float] = {
            "success": float(self.success),
            "last_run_timestamp_seconds": self.at.timestamp(),
        }
        if self.success:
            values["last_success_timestamp_seconds"] = self.at.timestamp()
        if self.manifest is not None:
            made = self.manifest
            values |= {
                "snapshot_timestamp_seconds": made.began.timestamp(),
                "duration_seconds": (made.ended - made.began).total_seconds(),
                "size_bytes": float(made.size),
                "sql_bytes": float(made.plain_size),
                "rows": float(sum(made.rows.values())),
                "tables": float(len(made.rows)),
            }
        return values

    @property
    def measures(self) -> dict[str, float]:
        """What CloudWatch is told: an age, where Prometheus has a moment."""
        values = {"Success": float(self.success)}
        if self.manifest is not None:
            made = self.manifest
            values |= {
                "Age": (self.at - made.began).total_seconds(),
                "Duration": (made.ended - made.began).total_seconds(),
                "Size": float(made.size),
                "Rows": float(sum(made.rows.values())),
            }
        return values

    @property
    def labels(self) -> dict[str, str]:
        """What tells one component's series from another's."""
        return {"platform": self.platform, "component": self.component}


def outcome(job: Job, manifest: Manifest | None, *, success: bool) -> Told:
    """What a run of this job came to, now."""
    return Told(job.platform, job.component, success, datetime.now(UTC), manifest)


def tell(places: Iterable[str], told: Telling) -> None:
    """Tell it everywhere. Raises OutsideError that names where it could not be told, when all were tried."""
    failures: list[str] = []
    for place in places:
        kind, _, rest = place.partition(":")
        try:
            if kind == "textfile":
                write_textfile(Path(rest), told)
            elif kind == "push":
                push(rest, told)
            else:
                _cloudwatch(rest, told)
        except OutsideError as error:
            failures.append(str(error))
    if failures:
        raise OutsideError("what came of the backup could not be told everywhere", "\n".join(failures))


def exposition(values: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """Series in the text format of Prometheus, with HELP and TYPE."""
    spelled = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    lines: list[str] = []
    for name, value in values.items():
        lines += [f"# HELP {PREFIX}{name} {_SERIES[name]}", f"# TYPE {PREFIX}{name} gauge"]
        lines.append(f"{PREFIX}{name}{{{spelled}}} {value:.15g}" if spelled else f"{PREFIX}{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def write_textfile(path: Path, told: Telling) -> None:
    """Put the series into a file that node_exporter reads: all at once, leaving what others wrote into it.

    A run that failed leaves what the last good one said of its copy.
    """
    spelled = ",".join(f'{name}="{_escaped(value)}"' for name, value in told.labels.items())
    part = path.with_name(f"{path.name}.{os.getpid()}")  # node_exporter reads *.prom alone
    try:
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            samples = _samples(path.read_text(encoding="utf-8")) if path.exists() else {}
            samples |= {f"{PREFIX}{name}{{{spelled}}}": f"{value:.15g}" for name, value in told.series.items()}
            part.write_text(_document(samples), encoding="utf-8")
            # What reads it is another user, and there is nothing in it that nobody may know.
            part.chmod(0o644)
            part.replace(path)
        finally:
            os.close(lock)
    except (OSError, UnicodeDecodeError) as error:
        part.unlink(missing_ok=True)
        what = error.strerror if isinstance(error, OSError) else "it is not text"
        raise OutsideError(f"{path} cannot be written", what or "") from None


_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{.*\})?) (\S+)")


def _samples(text: str) -> dict[str, str]:
    return {found[1]: found[2] for line in text.splitlines() if (found := _SAMPLE.fullmatch(line))}


def _document(samples: Mapping[str, str]) -> str:
    """Samples by the name of their metric, as the format wants them: all of one behind its HELP and TYPE."""
    lines: list[str] = []
    last = ""
    for series in sorted(samples, key=lambda series: (series.partition("{")[0], series)):
        metric = series.partition("{")[0]
        if metric != last and (words := _SERIES.get(metric.removeprefix(PREFIX))):
            lines += [f"# HELP {metric} {words}", f"# TYPE {metric} gauge"]
        last = metric
        lines.append(f"{series} {samples[series]}")
    return "\n".join(lines) + "\n"


def push(url: str, told: Telling) -> None:
    """Post the series to a Pushgateway: under the component's own group, leaving series that are not among them."""
    group = "".join(f"/{name}/{urllib.parse.quote(value, safe='')}" for name, value in told.labels.items())
    body = exposition(told.series, {}).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/metrics/job/{_JOB}{group}", body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            answer.read(1000)
    except urllib.error.HTTPError as error:
        raise OutsideError(f"the Pushgateway {url} refuses", str(error.code)) from None
    except OSError as error:
        raise OutsideError(f"the Pushgateway {url} is not reached", str(getattr(error, "reason", error))) from None


def _cloudwatch(namespace: str, told: Telling) -> None:
    dimensions = [{"Name": name.capitalize(), "Value": value} for name, value in told.labels.items()]
    data = [
        {
            "MetricName": f"Backup{name}",
            "Value": value,
            "Unit": _UNITS[name],
            "Timestamp": told.at,
            "Dimensions": dimensions,
        }
        for name, value in told.measures.items()
    ]
    with asked(f"take metrics into {namespace}"):
        client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
