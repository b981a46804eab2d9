"""kubectl, run against one cluster and no other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seawall.deploy.run import Run
from seawall.kernel.errors import OutsideError
from seawall.render.kubernetes.yaml_text import yaml_text

_MANAGER = "argocd-controller"
_HOW = "install kubectl 1.27 or newer and put it on PATH"


@dataclass(frozen=True, slots=True)
class Reached:
    """A cluster through a kubeconfig; one of several by the context of its name."""

    config: Path
    context: str


def kubectl(run: Run, *arguments: str, cluster: Reached | None = None) -> str:
    """What kubectl answers; OutsideError with its own words where it fails, or where it is not there."""
    program = shutil.which("kubectl", path=run.cloud.environment.get("PATH"))
    if program is None:
        raise OutsideError("kubectl is not on PATH", fix=_HOW)
    environment = dict(run.cloud.environment)
    # A cluster is only ever the one meant: the user's current context is none of ours.
    environment["KUBECONFIG"] = str(cluster.config) if cluster else "/dev/null"
    context = ["--context", cluster.context] if cluster and cluster.context else []
    ran = subprocess.run(
        [program, *context, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise OutsideError(f"kubectl {arguments[0]} failed", ran.stderr or ran.stdout)
    return ran.stdout


def written(run: Run, name: str, objects: Iterable[Mapping[str, Any]]) -> Path:
    """A file of these objects in the run's folder, for its owner alone: some of their values were known only now."""
    path = run.place.run / f"{name}.yaml"
    path.touch(mode=0o600)
    path.write_bytes(yaml_text(*objects))
    return path


def applied(run: Run, file: Path, cluster: Reached) -> None:
    """Apply a file of objects under the name by which Argo CD applies them.

    A field belongs to whoever has applied it: under a name of our own, what leaves git would stay for ever, and what
    Argo CD has changed since would be a conflict. Source of the name: common/common.go of argoproj/argo-cd at v3.4.4.
    """
    kubectl(run, "apply", "--server-side", f"--field-manager={_MANAGER}", "-f", str(file), cluster=cluster)
