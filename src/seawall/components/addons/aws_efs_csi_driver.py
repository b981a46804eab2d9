"""The EFS CSI driver: mounts file systems of EFS into pods.

Its controller's rights are AWS's own policy for it, which looks at file systems and makes access points with the
driver's tag; whoever mounts is known by the pod that mounts.
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
    managed=("service-role/AmazonEFSCSIDriverPolicy",),
    installed=_configuration,
)
