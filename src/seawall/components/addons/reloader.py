"""Reloader: starts pods anew when a Secret that they read has changed; it needs nothing of AWS."""

from __future__ import annotations

from seawall.components.addons.addon import Addon

ADDON = Addon(
    name="reloader",
    namespace="reloader",
    account="reloader",
    purpose="starts pods anew when a Secret that they read has changed",
    rights=None,
    pod_security="restricted",
)
