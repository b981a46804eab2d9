"""Record what Terraform's AWS provider calls for each type of resource, into seawall/knowledge/terraform_calls.

    python -m benchmarks.terraform_calls [PLATFORM:ENVIRONMENT ...]
    python -m benchmarks.terraform_calls --log up.log down.log [--log up.log down.log ...]

Brings the platforms up on the emulator and down again, one after the other, while the provider logs every request, and
writes ``calls.json``: type -> create, read, delete -> calls, in the order of the alphabet. Takes some ten minutes for
the two platforms that have nearly every type; needs Terraform and the provider, as ``seawall up`` does. With ``--log``
it reads logs that are there (TF_LOG_PROVIDER=DEBUG).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from seawall.knowledge import terraform_calls

PLATFORMS = ("pingvas:shared", "genai-demo:production")
_BEGINS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_VERSION = re.compile(r"terraform-provider-aws_v(\d+\.\d+\.\d+)")
_PREFIX = {"ReadDataSource": "data.", "OpenEphemeralResource": "ephemeral."}


def main() -> None:
    """Record, or read what was recorded, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("platforms", nargs="*", default=PLATFORMS, metavar="PLATFORM:ENVIRONMENT")
    parser.add_argument("--log", nargs=2, action="append", type=Path, metavar=("UP", "DOWN"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = chosen.log or [record(Path(folder), *name.split(":", 1)) for name in chosen.platforms]
        found: dict[str, dict[str, set[str]]] = {}
        versions: set[str] = set()
        for up, down in logs:
            gather(up, "create", found, versions)
            gather(down, "delete", found, versions)
    unknown = {call.partition(":")[0] for phases in found.values() for calls in phases.values() for call in calls}
    if strange := sorted(name for name in unknown if name.startswith("?")):
        sys.exit(f"IAM's words for {', '.join(strange)} are not known; add them to terraform_calls.SERVICES")
    recorded = {
        "provider": ", ".join(sorted(versions)),
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "types": {
            type: {phase: sorted(calls) for phase, calls in sorted(phases.items())}
            for type, phases in sorted(found.items())
        },
    }
    target = Path(terraform_calls.__file__).with_name("calls.json")
    target.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(found)} types, provider {recorded['provider']}")


def record(folder: Path, platform: str, environment: str) -> tuple[Path, Path]:
    """Bring a platform up and down; the logs of both."""
    logs = []
    for word, more in (("up", ()), ("down", ("--yes",))):
        log = folder / f"{platform}-{word}.log"
        told = {**os.environ, "TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(log)}
        command = [sys.executable, "-m", "seawall", word, platform, "--environment", environment, *more]
        subprocess.run(command, cwd=folder, env=told, check=True)
        logs.append(log)
    subprocess.run([sys.executable, "-m", "seawall", "emulator", "stop"], cwd=folder, check=False)
    up, down = logs
    return up, down


def gather(log: Path, applying: str, found: dict[str, dict[str, set[str]]], versions: set[str]) -> None:
    """Add the requests of a log; ``applying`` is what a change of a resource is in it."""
    for entry in entries(log):
        if "HTTP Request Sent" not in entry:
            continue
        type = field(entry, "tf_resource_type") or field(entry, "tf_data_source_type")
        remote = field(entry, "tf_rpc") or ""
        service, method = field(entry, "rpc.service"), field(entry, "rpc.method")
        if match := _VERSION.search(entry):
            versions.add(match[1])
        if not type or not service or not method:
            continue
        phase = applying if remote == "ApplyResourceChange" else "read"
        prefix = terraform_calls.SERVICES.get(service, f"?{service}")
        name = f"{_PREFIX.get(remote, '')}{type}"
        found.setdefault(name, {}).setdefault(phase, set()).add(f"{prefix}:{method}")


def entries(log: Path) -> Iterator[str]:
    """The entries of a log, each with the lines that belong to it."""
    lines: list[str] = []
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if lines and _BEGINS.match(line):
                yield "".join(lines)
                lines = []
            lines.append(line)
    yield "".join(lines)


def field(entry: str, name: str) -> str | None:
    """A field of an entry, quoted or not."""
    match = re.search(rf'(?<![\w.]){re.escape(name)}=(?:"([^"]*)"|(\S+))', entry)
    return (match[1] or match[2]) if match else None


if __name__ == "__main__":
    main()
