"""kubectl, asked of one cluster and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from seawall.kernel.errors import InputError, OutsideError


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A cluster through a kubeconfig, and a context of it where it has several."""

    config: Path
    context: str = ""

    def __call__(self, *arguments: str, patience: float = 60.0) -> str:
        """What kubectl answers.

        Raises OutsideError with its own words where it fails, is not there, or takes long, InputError where its
        configuration is not there: it would ask a cluster of this machine's instead.
        """
        if not self.config.is_file():
            raise InputError(f"there is no file {self.config}", fix="name the kubeconfig of the platform's cluster")
        program = shutil.which("kubectl")
        if program is None:
            raise OutsideError("kubectl is not on PATH", fix="install kubectl 1.27 or newer and put it on PATH")
        context = ["--context", self.context] if self.context else []
        try:
            ran = subprocess.run(
                [program, *context, *arguments],
                # The user's current cluster is none of ours.
                env={**os.environ, "KUBECONFIG": str(self.config)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OutsideError(f"kubectl {arguments[0]} took more than {patience:g} s") from None
        if ran.returncode != 0:
            raise OutsideError(f"kubectl {arguments[0]} failed", (ran.stderr or ran.stdout).strip())
        return ran.stdout
