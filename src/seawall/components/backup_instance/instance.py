"""What an instance is started with: files, a schedule, and which image runs; nothing secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

MOST_USER_DATA = 16384
"""Bytes that EC2 takes before they are encoded (Amazon EC2 User Guide, "Instance user data", read 2026-11-21)."""
_PLACE = "/opt/backup"
_SERVICE = """\
[Unit]
Description=Copy databases to another cloud
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# The container runs as a user that owns its folder alone; what starts it has to be let into Docker's socket.
ExecStart={place}/run.sh
Environment=AWS_REGION={region} IMAGE={image} PLATFORM={platform} COMPONENT={component}
Environment="JOBS={jobs}"
Environment=KEPT=/var/lib/backup KEPT_MINUTES={kept} DOCKER_CONFIG={place}
TimeoutStartSec=4h
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=/var/lib/backup
"""
_TIMER = """\
[Unit]
Description=Copy databases to another cloud, {when}

[Timer]
# An instance is made anew now and then: whatever its predecessor missed is made up for at once.
OnActiveSec=5min
OnCalendar={when}

[Install]
WantedBy=timers.target
"""


def file(name: str) -> str:
    """The text of one of the scripts beside this module."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def user_data(
    *, region: str, platform: str, component: str, image: str, jobs: Sequence[str], kept: int, when: str
) -> str:
    """What cloud-init does at the first start, in base64; ``when`` is a calendar expression of systemd's.

    ``image`` is the agent's repository and tag, ``jobs`` the parameters that say everything else, ``kept`` minutes.
    """
    service = _SERVICE.format(
        place=_PLACE,
        region=region,
        platform=platform,
        component=component,
        image=image,
        jobs=" ".join(jobs),
        kept=kept,
    )
    files = {
        f"{_PLACE}/run.sh": (file("run.sh"), "0755"),
        f"{_PLACE}/install.sh": (file("install.sh"), "0755"),
        # The registry is asked with the instance's own role, and nothing of it lies on the disk.
        f"{_PLACE}/config.json": ('{"credsStore": "ecr-login"}\n', "0644"),
        "/etc/systemd/system/backup.service": (service, "0644"),
        "/etc/systemd/system/backup.timer": (_TIMER.format(when=when), "0644"),
    }
    config: dict[str, Any] = {
        "write_files": [
            {"path": path, "content": content, "permissions": mode, "owner": "root:root"}
            for path, (content, mode) in files.items()
        ],
        "runcmd": [[f"{_PLACE}/install.sh"]],
    }
    # JSON is YAML, and needs no indentation.
    return base64.b64encode(f"#cloud-config\n{json.dumps(config)}\n".encode()).decode()


def architecture(instance: str) -> str:
    """The processor of an instance type, as AWS spells it: Graviton's families have a g after their generation."""
    family = instance.partition(".")[0]
    generation = family.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0123456789")
    return "arm64" if generation.startswith("g") else "x86_64"
