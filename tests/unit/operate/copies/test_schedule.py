"""What runs backups by itself: as often as the job says, one at a time, confined, and with nothing secret in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import kubernetes_schemas
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.model.document import parse_document
from seawall.operate.copies import schedule
from seawall.operate.copies.job import Database, Job, of_document

DATABASE = Database("mysql", "db.internal", 3306, ("shop",), "secretsmanager:arn:aws:secretsmanager:x")
HOUR = 3600


def job(every: float = 24 * HOUR, **more: object) -> Job:
    """A job that runs so often."""
    fields = {"stores": ("azure:account/container", "s3:bucket"), "keep": Duration(30 * 86_400)} | more
    return Job("shop-production", "shop-db", DATABASE, every=Duration(every), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("every", "cron", "calendar"),
    [
        (24 * HOUR, "{m} 3 * * *", "*-*-* 03:{m:02}:00 UTC"),
        (6 * HOUR, "{m} 3-23/6 * * *", "*-*-* 03/6:{m:02}:00 UTC"),
        (HOUR, "{m} 0-23/1 * * *", "*-*-* 00/1:{m:02}:00 UTC"),
        (7 * 24 * HOUR, "{m} 3 * * 0", "Sun *-*-* 03:{m:02}:00 UTC"),
        (5 * HOUR, "", ""),
        (30, "", ""),
    ],
)  # fmt: skip
def test_as_often_as_the_job_says(every: float, cron: str, calendar: str) -> None:
    """Lengths that fit into a day or a week without a rest have moments; others have none that would be right."""
    found = schedule.moments(job(every))
    minute = int(schedule.moments(job()).cron.split()[0])
    assert (found.cron, found.calendar) == (cron.format(m=minute), calendar.format(m=minute))


def test_quarters_of_an_hour_begin_within_the_first() -> None:
    """Minutes that divide an hour are spread by the job's name, and are the same each time."""
    first, rest = schedule.moments(job(900)).cron.split("-", 1)
    assert 0 <= int(first) < 15
    assert rest == "59/15 * * * *"


@pytest.mark.parametrize("every", [6 * HOUR, 24 * HOUR, 7 * 24 * HOUR])
def test_a_copy_is_proven_half_an_hour_after_it_was_made(every: float) -> None:
    """What is proven is the copy of this round and not of the last."""

    def minutes(does: schedule.Does) -> int:
        minute, hour = schedule.moments(job(every), does).cron.split()[:2]
        return int(hour.split("-")[0]) * 60 + int(minute)

    assert minutes("verify") - minutes("backup") == 30


def test_a_line_of_crontab_is_one_line_and_quoted(tmp_path: Path) -> None:
    """Paths with spaces and percent signs reach the command; what cron cannot say is refused."""
    line = schedule.cron(job(), str(tmp_path / "a b%.json"), tmp_path / "state").splitlines()[-1]
    assert f"'{tmp_path}/a b\\%.json'" in line
    with pytest.raises(InputError, match="cron cannot say"):
        schedule.cron(job(5 * HOUR), "job.json", tmp_path)


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("does", ["backup", "verify"])
@pytest.mark.parametrize("every", [900, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 5 * HOUR])
def test_systemd_takes_the_units(tmp_path: Path, every: float, does: schedule.Does) -> None:
    """systemd itself finds nothing wrong with service and timer, and knows when the timer runs next."""
    verify = shutil.which("systemd-analyze")
    assert verify is not None
    (tmp_path / "state").mkdir()
    more = {"stores": (f"file:{tmp_path}",), "metrics": ("textfile:/var/lib/node_exporter/seawall.prom",)}
    units = schedule.systemd(job(every, **more), str(tmp_path / "a b%$.json"), tmp_path / "state", does)
    for name, content in units.items():
        (tmp_path / name).write_text(content)
    ran = subprocess.run(
        [verify, "verify", *(str(tmp_path / name) for name in units)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    timer = next(content for name, content in units.items() if name.endswith(".timer"))
    calendar = next((line[11:] for line in timer.splitlines() if line.startswith("OnCalendar=")), None)
    if calendar is None:
        assert f"OnUnitActiveSec={every}s" in timer
        return
    ran = subprocess.run([verify, "calendar", calendar], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_cron_job_is_confined_and_names_its_secrets() -> None:
    """One at a time, as nobody, on a file system that cannot be written; logins and keys by reference alone."""
    asked = job(stores=("azure:account/container",), encryption="file:/run/key/key")
    account, settings, cron = schedule.kubernetes(asked, image="registry.example/seawall-agent:v1")
    assert (account["kind"], cron["kind"]) == ("ServiceAccount", "CronJob")
    again = of_document(parse_document(settings["data"]["job.json"], "job"), "job")
    assert again == asked
    assert cron["spec"]["concurrencyPolicy"] == "Forbid"
    pod = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["image"] == "registry.example/seawall-agent:v1"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["secret-0"]["secret"]["secretName"] == "seawall-backup-shop-db-key"
    assert (
        volumes["azure"]["projected"]["sources"][0]["serviceAccountToken"]["audience"] == "api://AzureADTokenExchange"
    )
    text = schedule.manifests([account, settings, cron])
    assert list(yaml.safe_load_all(text)) == [account, settings, cron]
    assert "&" not in text.replace("&&", "")


@pytest.mark.needs("kubernetes-validate")
def test_kubernetes_takes_the_objects() -> None:
    """The schemas of Kubernetes find nothing wrong with them."""
    objects = schedule.kubernetes(job(metrics=("push:http://pushgateway:9091",), encryption="file:/run/key/key"))
    assert kubernetes_schemas.problems(objects) == ([], set())


@pytest.mark.parametrize("more", [{"stores": ("file:/copies",)}, {"metrics": ("textfile:/x/y.prom",)}])
def test_a_pod_has_no_paths_of_a_machine(more: dict[str, object]) -> None:
    """A job that needs the host's folders is refused for Kubernetes, and says what to do instead."""
    with pytest.raises(InputError, match="a pod does not have"):
        schedule.kubernetes(job(**more))
