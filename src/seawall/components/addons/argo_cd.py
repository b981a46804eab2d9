"""Argo CD: keeps the cluster in step with the platform's repository; it needs nothing of AWS."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon, addons
from seawall.components.addons.chart import NAMESPACE, project
from seawall.components.scope import Scope
from seawall.graph.resource import Resource


def _objects(scope: Scope) -> Iterator[Resource]:
    from seawall.components.cluster import Cluster  # the cluster finds this module while it is imported itself

    yield project(scope, {name: addons()[name] for name in scope.the(Cluster).chosen_addons(scope)})


ADDON = Addon(
    name="argo-cd",
    namespace=NAMESPACE,
    account="argocd-application-controller",
    purpose="keeps the cluster in step with the platform's repository",
    rights=None,
    pod_security="baseline",
    objects=_objects,
)
