"""The EFS CSI driver: mounts file systems of EFS into pods.

Its controller makes access points for claims of classes that ask for them. Volumes of a platform name their file system
and access point themselves, so that it asks nothing of AWS and has no role; whoever mounts is known by the pod that
mounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.addons.addon import Addon
from seawall.components.scope import Scope


def _configuration(scope: Scope) -> Mapping[str, Any]:
    return {}


ADDON = Addon(
    name="aws-efs-csi-driver",
    namespace="kube-system",
    account="efs-csi-controller-sa",
    purpose="mounts file systems of EFS into pods",
    rights=None,
    installed=_configuration,
)
