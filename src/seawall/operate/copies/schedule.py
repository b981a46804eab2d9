"""When a backup or its proof runs by itself: a line of crontab, a service and timer of systemd, or a CronJob.

Nothing of what is rendered is secret: it names the job, and the job names where its secrets are. What lies between two
copies must fit into an hour, a day or a week without a rest; systemd takes any other length, too.
"""

from __future__ import annotations

import json
import shlex
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from seawall.kernel.errors import InputError
from seawall.operate.copies.job import Job, as_text

IMAGE = "seawall-agent"
Does: TypeAlias = Literal["backup", "verify"]
_SAID: dict[Does, str] = {"backup": "Copy", "verify": "Prove"}
_HOUR = 3
"""Of the day's or week's copy: when most platforms have the least to do."""
_AUDIENCE = "api://AzureADTokenExchange"
_MINUTE, _DAY, _WEEK = 60, 86_400, 7 * 86_400


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of a schedule, as cron and systemd write them; both are empty for lengths that neither can say."""

    cron: str
    calendar: str
    seconds: int


def moments(job: Job, does: Does = "backup") -> Moments:
    """When a job runs; its minute hangs on its name, so that not all of a house's copies begin at once.

    What is copied is proven half an hour later, or half a step where that is shorter.
    """
    seconds = round(job.every.seconds)
    spread = zlib.crc32(f"{job.platform}/{job.component}".encode())
    if does == "verify" and seconds < 3600:
        spread += max(1, seconds // _MINUTE // 2)
    later, minute = divmod(spread % 60 + (30 if does == "verify" and seconds >= 3600 else 0), 60)
    hour = _HOUR + later
    if seconds < 3600 and seconds % _MINUTE == 0 and 3600 % seconds == 0:
        step = seconds // _MINUTE
        first = spread % step
        return Moments(f"{first}-59/{step} * * * *", f"*-*-* *:{first:02}/{step}:00 UTC", seconds)
    if seconds < _DAY and seconds % 3600 == 0 and _DAY % seconds == 0:
        step = seconds // 3600
        first = hour % step
        return Moments(f"{minute} {first}-23/{step} * * *", f"*-*-* {first:02}/{step}:{minute:02}:00 UTC", seconds)
    if seconds == _DAY:
        return Moments(f"{minute} {hour} * * *", f"*-*-* {hour:02}:{minute:02}:00 UTC", seconds)
    if seconds == _WEEK:
        return Moments(f"{minute} {hour} * * 0", f"Sun *-*-* {hour:02}:{minute:02}:00 UTC", seconds)
    return Moments("", "", seconds)


def cron(job: Job, name: str, state: Path, does: Does = "backup") -> str:
    """A line for a crontab. Raises InputError where cron cannot say how often."""
    when = _said(job, does).cron
    # A percent sign is a line break to cron.
    command = shlex.join([*_program(), does, _absolute(name), "--state-dir", str(state.resolve())])
    said = f"# {job.platform}: {_SAID[does].lower()} {job.component} every {job.every}"
    return f"{said}\n{when} {command.replace('%', chr(92) + '%')}\n"


def systemd(job: Job, name: str, state: Path, does: Does = "backup") -> dict[str, str]:
    """A service and its timer, by the names of their files."""
    unit = f"seawall-{does}-{job.platform}-{job.component}"
    written = [place[5:] for place in job.stores if place.startswith("file:")]
    written += [str(Path(place[9:]).parent) for place in job.metrics if place.startswith("textfile:")]
    if name.startswith("ssm:"):
        state_line = ""
    else:
        state_line = f"ConditionPathExists={_specifiers(_absolute(name))}\n"
    command = " ".join(
        _word(part) for part in [*_program(), does, _absolute(name), "--state-dir", str(state.resolve())]
    )
    paths = "".join(f"ReadWritePaths={_word(path)}\n" for path in (*written, str(state.resolve())))
    service = (
        "[Unit]\n"
        f"Description={_SAID[does]} {job.component} of {job.platform}\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        f"{state_line}"
        "\n[Service]\n"
        "Type=oneshot\n"
        "User=seawall\n"
        # Who this is in the clouds, such as AZURE_CLIENT_ID and AWS_REGION.
        "EnvironmentFile=-/etc/seawall/backup.env\n"
        f"ExecStart={command}\n"
        "UMask=0077\n"
        "Nice=10\n"
        "NoNewPrivileges=yes\n"
        "CapabilityBoundingSet=\n"
        "PrivateTmp=yes\n"
        "PrivateDevices=yes\n"
        "ProtectSystem=strict\n"
        "ProtectHome=read-only\n"
        "ProtectKernelTunables=yes\n"
        "ProtectControlGroups=yes\n"
        "RestrictSUIDSGID=yes\n"
        "LockPersonality=yes\n"
        f"{paths}"
    )
    when = moments(job, does)
    occasion = (
        # Persistent: a copy that was due while the machine was down is made when it is up.
        f"OnCalendar={when.calendar}\nPersistent=true\n"
        if when.calendar
        else f"OnActiveSec=1min\nOnUnitActiveSec={when.seconds}s\n"
    )
    timer = (
        f"[Unit]\nDescription={_SAID[does]} {job.component} of {job.platform} every {job.every}\n"
        f"\n[Timer]\n{occasion}AccuracySec=1s\nUnit={unit}.service\n"
        "\n[Install]\nWantedBy=timers.target\n"
    )
    return {f"{unit}.service": service, f"{unit}.timer": timer}


def kubernetes(job: Job, *, image: str = IMAGE) -> list[dict[str, Any]]:
    """A service account, the job as a ConfigMap, and the CronJob; whoever applies them chooses the namespace.

    Raises InputError where the job needs what a pod does not have: a folder of the host, or the host's node_exporter.
    """
    for place in (*job.stores, *job.metrics):
        if place.startswith(("file:", "textfile:")):
            raise InputError(
                f"{place} is a path of a machine, which a pod does not have",
                fix="s3:BUCKET or azure:ACCOUNT/CONTAINER for copies, push:URL or cloudwatch:NAMESPACE for metrics",
            )
    name = f"seawall-backup-{job.component}"[:52].rstrip("-")
    labels = {
        "app.kubernetes.io/name": "seawall-backup",
        "app.kubernetes.io/instance": job.component,
        "app.kubernetes.io/part-of": job.platform,
    }
    when = _said(job)

    def named(kind: str, version: str, **rest: Any) -> dict[str, Any]:
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels}, **rest}

    spec = {
        "schedule": when.cron,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": max(60, min(3600, when.seconds // 2)),
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": labels},
            "spec": {
                "backoffLimit": 3,
                "activeDeadlineSeconds": max(3600, min(4 * 3600, when.seconds)),
                "template": {"metadata": {"labels": labels}, "spec": _pod(job, name, image)},
            },
        },
    }
    return [
        named("ServiceAccount", "v1", automountServiceAccountToken=False),
        named("ConfigMap", "v1", data={"job.json": as_text(job)}),
        named("CronJob", "batch/v1", spec=spec),
    ]


def manifests(documents: Sequence[dict[str, Any]]) -> str:
    """Kubernetes objects as YAML documents."""
    import yaml

    class Plain(yaml.SafeDumper):
        """Without anchors, and with texts of several lines as they are."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def spelled(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Plain.add_representer(str, spelled)
    return "---\n".join(yaml.dump(one, Dumper=Plain, sort_keys=False, width=10**9) for one in documents)


def _pod(job: Job, name: str, image: str) -> dict[str, Any]:
    from seawall.components.pods import confined_container, confined_pod, known_as, scratch

    volumes: list[dict[str, Any]] = [
        # Clients may put a login there where the node's kernel knows no files in memory.
        scratch("tmp", "64Mi", memory=True),
        {"name": "job", "configMap": {"name": name}},
    ]
    mounts: list[dict[str, Any]] = [
        {"name": "tmp", "mountPath": "/tmp"},
        {"name": "job", "mountPath": "/jobs", "readOnly": True},
    ]
    environment: list[dict[str, Any]] = []
    for number, secret in enumerate(_secret_files(job)):
        volumes.append(
            {
                "name": f"secret-{number}",
                "secret": {
                    "secretName": f"{name}-{'key' if secret == job.encryption else 'login'}",
                    "defaultMode": 0o400,
                },
            }
        )
        mounts.append({"name": f"secret-{number}", "mountPath": str(Path(secret[5:]).parent), "readOnly": True})
    if any(place.startswith("azure:") for place in job.stores):
        source = {"serviceAccountToken": {"audience": _AUDIENCE, "expirationSeconds": 3600, "path": "token"}}
        volumes.append({"name": "azure", "projected": {"sources": [source]}})
        mounts.append({"name": "azure", "mountPath": "/var/run/azure", "readOnly": True})
        environment.append({"name": "AZURE_FEDERATED_TOKEN_FILE", "value": "/var/run/azure/token"})
        if not job.identity:
            environment += [
                {"name": variable, "valueFrom": {"configMapKeyRef": {"name": "seawall-azure", "key": key}}}
                for variable, key in (("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "client"))
            ]
    container = {
        "name": "backup",
        "image": image,
        "args": ["backup", "/jobs/job.json", "--state-dir", "/tmp/state"],
        "env": environment,
        "securityContext": confined_container(),
        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": mounts,
    }
    return {
        **known_as(name),
        "restartPolicy": "Never",
        "securityContext": confined_pod(),
        "containers": [container],
        "volumes": volumes,
    }


def _secret_files(job: Job) -> tuple[str, ...]:
    found = [secret for secret in (job.database.secret, job.encryption) if secret.startswith("file:")]
    if len({Path(secret[5:]).parent for secret in found}) != len(found):
        raise InputError(
            "login and key are files of one folder, which a pod cannot have from two secrets",
            fix="put them into two folders",
        )
    return tuple(found)


def _said(job: Job, does: Does = "backup") -> Moments:
    found = moments(job, does)
    if not found.cron:
        raise InputError(
            f"{job.component} is to be copied every {job.every}, which cron cannot say",
            fix="choose minutes that divide an hour, hours that divide a day, 24 h or 7 d; systemd takes any length",
        )
    return found


def _absolute(name: str) -> str:
    return name if name.startswith("ssm:") else str(Path(name).resolve())


def _program() -> list[str]:
    """This program by its whole path: what starts it later has another PATH."""
    called = Path(sys.argv[0])
    if called.name == "seawall" and called.is_file():
        return [str(called.resolve())]
    return [sys.executable, "-m", "seawall"]


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """A word of a systemd line: in quotes where it needs them; a JSON string's escapes are systemd's, too."""
    plain = _specifiers(text).replace("$", "$$")
    safe = all(character.isalnum() or character in "/._-:@%=+," for character in plain)
    return plain if safe else json.dumps(plain, ensure_ascii=False)
