"""Argo CD: keeps the cluster in step with the platform's repository; it needs nothing of AWS."""

from __future__ import annotations

from seawall.components.addons.addon import Addon

ADDON = Addon(
    name="argo-cd",
    namespace="argocd",
    account="argocd-application-controller",
    purpose="keeps the cluster in step with the platform's repository",
    rights=None,
    pod_security="baseline",
)
