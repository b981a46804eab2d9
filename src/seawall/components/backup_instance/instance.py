"""What an instance is started with: files, a schedule, and where to get a client from; nothing secret."""

from __future__ import annotations

import base64
import json
from importlib import resources
from typing import Any

MOST_USER_DATA = 16384
"""Bytes that EC2 takes before they are encoded (Amazon EC2 User Guide, "Instance user data", read 2026-11-21)."""
_PLACE = "/opt/backup"
# The fingerprint is that of 2023; Oracle prolonged the key to 2027-10-23 (repo.mysql.com, read 2026-02-23 by others:
# brianmario/mysql2, pull request 1424).
_REPOSITORY = """\
[mysql-8.4]
name=MySQL 8.4 Community Server
baseurl=https://repo.mysql.com/yum/mysql-8.4-community/el/9/$basearch/
enabled=1
gpgcheck=1
gpgkey=https://repo.mysql.com/RPM-GPG-KEY-mysql-2025
"""
_SERVICE = """\
[Unit]
Description=Copy databases to another cloud
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=backup
ExecStart={place}/backup.sh
Environment=AWS_REGION={region} PARAMETER={parameter} RUN=%t/backup KEPT=%S/backup
RuntimeDirectory=backup
RuntimeDirectoryMode=0700
StateDirectory=backup
StateDirectoryMode=0700
TimeoutStartSec=4h
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
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


def user_data(*, region: str, parameter: str, functions: str, when: str) -> str:
    """What cloud-init does at the first start, in base64; ``when`` is a calendar expression of systemd's.

    ``parameter`` names what says everything else, ``functions`` are the shell functions that send a file.
    """
    files = {
        f"{_PLACE}/backup.sh": (file("backup.sh"), "0755"),
        f"{_PLACE}/install.sh": (file("install.sh"), "0755"),
        f"{_PLACE}/upload.sh": (functions, "0644"),
        "/etc/systemd/system/backup.service": (
            _SERVICE.format(place=_PLACE, region=region, parameter=parameter),
            "0644",
        ),
        "/etc/systemd/system/backup.timer": (_TIMER.format(when=when), "0644"),
        "/etc/yum.repos.d/mysql.repo": (_REPOSITORY, "0644"),
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
