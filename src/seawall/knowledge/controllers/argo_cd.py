"""Argo CD: takes on roles of other clusters of EKS, where it is told of any; in its own cluster it asks nothing.

Read in argoproj/argo-cd at 37ee0097cf85: docs/operator-manual/declarative-setup.md, "EKS".
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="argo-cd",
    version="3.4.4",
    source="https://github.com/argoproj/argo-cd/blob/37ee0097cf85/docs/operator-manual/declarative-setup.md",
    read="2026-11-22",
    charts=("argo-cd",),
    account="argocd-application-controller",
    namespace="argocd",
    account_at=("controller.serviceAccount.name",),
    needs=(Need(each("sts", "AssumeRole", "TagSession"), ("{role}",)),),
)
