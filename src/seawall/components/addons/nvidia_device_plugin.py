"""NVIDIA's device plugin: tells Kubernetes how many graphics processors a node has; it needs nothing of AWS."""

from __future__ import annotations

from seawall.components.addons.addon import Addon

ADDON = Addon(
    name="nvidia-device-plugin",
    namespace="nvidia-device-plugin",
    account="nvidia-device-plugin",
    purpose="tells Kubernetes how many graphics processors a node has",
    rights=None,
    # It speaks to the kubelet through a folder of the node.
    pod_security="privileged",
)
