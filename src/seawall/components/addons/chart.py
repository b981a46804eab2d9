"""Helm charts, and the applications of Argo CD by which they are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seawall.components.scope import Scope
from seawall.graph.resource import Resource

if TYPE_CHECKING:
    from seawall.components.addons.addon import Addon

NAMESPACE = "argocd"
"""Where Argo CD runs, and looks for applications."""
PROJECT = "addons"
HERE = "https://kubernetes.default.svc"
"""What Argo CD calls the cluster that it runs in."""
WAVE = "argocd.argoproj.io/sync-wave"
OPENED = {WAVE: "-9"}
"""Of an add-on's namespace, and of what every application needs: before everything else."""
DEFINED = -7
"""The wave of charts that hold nothing but definitions of kinds."""
CONTROLLED = -5
"""The wave of controllers whose kinds the platform's own objects are of; those come from -3 on."""
SERVED = 1
"""The wave of what reads the platform's own Secrets, which are there from 0 on: it would wait for them for ever."""
# A webhook's certificate is made in the cluster, and Argo CD would put back the one that the chart does not have.
_HOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
HOOKED: tuple[Mapping[str, Any], ...] = tuple(
    {
        "group": "admissionregistration.k8s.io",
        "kind": kind,
        "jqPathExpressions": [".webhooks[]?.clientConfig.caBundle"],
    }
    for kind in _HOOKS
)
"""What Argo CD leaves alone where webhooks get their certificates in the cluster."""


def _none(scope: Scope) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Chart:
    """A Helm chart at one version, and its values where this platform's differ from its own.

    ``repository`` is an ``https://`` folder of charts, or an ``oci://`` one without the chart's name.  ``app_version``
    is the version of what the chart installs, and ``source`` where both and the values' keys were read:
    ``owner/name@commit``.  ``ignores`` are differences that Argo CD leaves alone, as its ``ignoreDifferences``.
    ``defines`` are the API groups whose kinds it brings; where another chart brings them, it ``skips_kinds``.
    """

    repository: str
    name: str
    version: str
    app_version: str
    source: str
    values: Callable[[Scope], Mapping[str, Any]] = _none
    wave: int = CONTROLLED
    ignores: tuple[Mapping[str, Any], ...] = ()
    defines: tuple[str, ...] = ()
    skips_kinds: bool = False

    @property
    def url(self) -> str:
        """The repository as Argo CD spells it: one of OCI has no scheme, or it is not taken for one of charts."""
        return self.repository.removeprefix("oci://")


def application(scope: Scope, addon: Addon, chart: Chart) -> Resource:
    """The application that installs a chart in an add-on's namespace, under the chart's or the add-on's name.

    It has no finalizer: with one, an application that is deleted takes along its kinds, and with them every object of
    these kinds in the cluster; and where Argo CD goes in the same breath it would wait for ever.
    """
    name = addon.name if chart is addon.chart else chart.name
    helm: dict[str, Any] = {"releaseName": addon.release or name, "valuesObject": dict(chart.values(scope))}
    if chart.skips_kinds:
        helm["skipCrds"] = True
    spec: dict[str, Any] = {
        "project": PROJECT,
        "source": {"repoURL": chart.url, "chart": chart.name, "targetRevision": chart.version, "helm": helm},
        "destination": {"server": HERE, "namespace": addon.namespace},
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            # Kinds are too large for the annotation in which kubectl would keep what it applied last.
            "syncOptions": ["ServerSideApply=true", *(["RespectIgnoreDifferences=true"] if chart.ignores else [])],
            # The kinds of a chart that is installed at the same time come a little later.
            "retry": {"limit": 10, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
        },
    }
    if chart.ignores:
        spec["ignoreDifferences"] = [dict(difference) for difference in chart.ignores]
    return scope.object(
        "argoproj.io/v1alpha1",
        "Application",
        name,
        {"spec": spec},
        namespace=NAMESPACE,
        annotations={WAVE: str(chart.wave)},
    )


def project(scope: Scope, addons: Mapping[str, Addon]) -> Resource:
    """The project of all add-ons' applications: their charts' repositories and their namespaces, and no others."""
    charts = [chart for addon in addons.values() for chart in (addon.definitions, addon.chart) if chart is not None]
    # Some charts have a service or a binding beside Kubernetes' own.
    namespaces = {"kube-system", *(addon.namespace for addon in addons.values() if addon.chart is not None)}
    spec = {
        "description": "What runs in the cluster and is not the platform's own",
        "sourceRepos": sorted({chart.url for chart in charts}),
        "destinations": [{"server": HERE, "namespace": namespace} for namespace in sorted(namespaces)],
        # Kinds, cluster roles and webhooks belong to no namespace.
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    return scope.object(
        "argoproj.io/v1alpha1", "AppProject", PROJECT, {"spec": spec}, namespace=NAMESPACE, annotations=OPENED
    )
