"""`seawall backup` says what it made as its schema tells, prints schedules, and refuses what is no job."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from seawall.cli.commands import backup as command
from seawall.cli.main import main
from seawall.kernel.units import Duration
from seawall.operate.copies.job import Database, Job, as_text
from seawall.operate.copies.manifest import Manifest

MOMENT = datetime(2026, 11, 22, 3, 0, 5, tzinfo=UTC)
JOB = Job(
    "shop-production", "shop-db", Database("mysql", "db", 3306, ("shop",), "secretsmanager:x"), ("s3:bucket",),
    Duration(30 * 86_400), Duration(86_400),
)  # fmt: skip
MADE = Manifest(
    "shop-production", "shop-db", "mysql", "db:3306", ("shop",), MOMENT, MOMENT, {"shop.t": 2_000_000}, "0" * 64,
    9 * 10**6, "0" * 64, 3 * 10**6, "0" * 64, {"mysqldump": "8.4.7"},
    {"algorithm": "AES-256-GCM", "key": "file:/key"},
)  # fmt: skip


@pytest.mark.needs("jsonschema")
def test_what_is_printed_keeps_to_its_schema() -> None:
    """A copy and a dry run are both described, and something else is not."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath("backup.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    copies = [command._document(JOB, MADE, []), command._document(JOB, None, ["check", "copy"])]
    document = {"schema_version": 1, "dry_run": False, "copies": copies}
    assert [error.message for error in validator.iter_errors(document)] == []
    copies[0]["manifest"]["rows"] = {"shop.t": "many"}  # type: ignore[index]
    assert list(validator.iter_errors(document))


def test_a_copy_is_said_in_a_line() -> None:
    """Rows, sizes and where it is."""
    said = command._text(JOB, MADE, [])
    assert said == (
        "shop-db/20261122T030005Z: 2,000,000 rows of 1 tables, 9.0 MB of SQL as 3.0 MB in 0.0 s, in s3:bucket"
    )


@pytest.mark.parametrize("kind", ["cron", "systemd", "kubernetes"])
def test_schedules_are_printed_and_nothing_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """--schedule prints, asks nobody, and leaves no folder."""
    (tmp_path / "job.json").write_text(as_text(JOB))
    state = tmp_path / "state"
    assert main(["backup", str(tmp_path / "job.json"), "--schedule", kind, "--state-dir", str(state)]) == 0
    said = capsys.readouterr().out
    assert {"cron": "3 * * *", "systemd": "OnCalendar=", "kubernetes": "kind: CronJob"}[kind] in said
    assert not state.exists()


def test_what_is_no_job_is_status_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fault is named with its place, before any job is begun."""
    (tmp_path / "good.json").write_text(as_text(JOB))
    (tmp_path / "job.json").write_text('{"version": 1,\n "platform": "Shop"}')
    assert main(["backup", str(tmp_path / "good.json"), str(tmp_path / "job.json")]) == 2
    said = capsys.readouterr().err
    assert "job.json:2:" in said
    assert "platform is no name" in said
