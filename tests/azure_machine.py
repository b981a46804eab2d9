"""PetClinic's standby in Azure as far as Azure's run-command and the machine's own scripts reach, in a folder."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from seawall.components.recovery.machine import script

OLD, NEW = "petclinic-db/20261121T180005Z", "petclinic-db/20261122T180005Z"
LIB = """set -euo pipefail
STATE={root}/var/lib/standby
CONTAINER_URL=https://copies COMPONENT=petclinic-db
identity_token() {{ echo a-token; }}
azure() {{ cat {root}/listing; }}
"""
RESTORE = """#!/bin/bash
. {root}/opt/standby/lib.sh
newest=$(sed -n 's|.*<Name>\\(.*\\)/manifest.json</Name>.*|\\1|p' {root}/listing | sort | tail -n 1)
printf '%s' "$newest" >"$STATE/restored"
date >"$STATE/ready"; touch {root}/runs; echo restored >>{root}/deeds
"""


class FakeMachine:
    """A machine below a folder: Azure's command line, a systemd and a docker that know as much as is asked of them."""

    def __init__(self, root: Path, *copies: str) -> None:
        self.root, self.told = root, 0
        for folder in ("opt/standby", "var/lib/standby", "etc/standby/containers", "bin"):
            (root / folder).mkdir(parents=True)
        self._write("opt/standby/lib.sh", LIB)
        self._write("opt/standby/restore.sh", RESTORE)
        self._write("opt/standby/promote.sh", script("promote.sh").replace("/opt", f"{root}/opt"))
        self._write("opt/standby/start.sh", "#!/bin/bash\ntouch {root}/runs\necho started >>{root}/deeds\n")
        self._write(
            "bin/systemctl",
            "#!/bin/bash\n[ \"$*\" = 'start standby-restore.service' ]\n{root}/opt/standby/restore.sh\n",
        )
        self._write("bin/docker", "#!/bin/bash\n[ -e {root}/runs ] && echo true\n")
        self._write("etc/standby/containers/1-cache.env", "")
        self._write("etc/standby/containers/2-web.env", "")
        names = "".join(f"<Name>{copy}/{what}</Name>\n" for copy in copies for what in ("dump.sql.gz", "manifest.json"))
        self._write("listing", names)

    def az(self, arguments: Sequence[str]) -> str:
        """As ``az vm run-command invoke`` answers."""
        self.told += 1
        text = arguments[arguments.index("--scripts") + 1]
        for place in ("/opt/standby", "/etc/standby"):
            text = text.replace(place, f"{self.root}{place}")
        # Azure runs what it is given with the system's own shell.
        ran = subprocess.run(
            ["sh", "-c", text],
            capture_output=True,
            text=True,
            env={"PATH": f"{self.root}/bin:/usr/bin:/bin"},
            check=False,
        )
        message = f"Enable succeeded: \n[stdout]\n{ran.stdout}\n[stderr]\n{ran.stderr}"
        return json.dumps({"value": [{"code": "ProvisioningState/succeeded", "message": message}]})

    def has(self, name: str) -> bool:
        """Whether the machine keeps a file of that name."""
        return (self.root / "var/lib/standby" / name).exists()

    @property
    def deeds(self) -> list[str]:
        """What was done there."""
        path = self.root / "deeds"
        return path.read_text().split() if path.exists() else []

    def _write(self, path: str, text: str) -> None:
        file = self.root / path
        file.write_text(text.replace("{root}", str(self.root)).replace("{{", "{").replace("}}", "}"))
        file.chmod(0o755)
