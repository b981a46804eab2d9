"""Sealed Secrets: opens what was sealed for this cluster, with a key that never leaves it; it needs nothing of AWS."""

from __future__ import annotations

from seawall.components.addons.addon import Addon

ADDON = Addon(
    name="sealed-secrets",
    namespace="sealed-secrets",
    account="sealed-secrets-controller",
    purpose="makes Secrets of what was sealed for this cluster",
    rights=None,
    pod_security="restricted",
)
