"""The values of the chart kube-prometheus-stack: Prometheus, its operator, exporters, Alertmanager and Grafana.

Keys: charts/kube-prometheus-stack/values.yaml of prometheus-community/helm-charts at cf408a290aec (chart 88.5.3).
"""

from __future__ import annotations

from typing import Any, Final

from seawall.components.addons.values import TOLERATIONS, affinity, resources
from seawall.components.monitoring import alertmanager
from seawall.components.monitoring.alertmanager import spelled
from seawall.components.monitoring.monitoring import RECEIVERS, Monitoring, monitoring_of
from seawall.components.scope import Scope

_FULL: Final = 0.75
"""Of the volume, how much blocks may take: the log that is written ahead of them needs room too, and an alert of
volumes is raised at four fifths."""
# Alerts of nodes and those of pods find each other by the node's name.
_NODE: Final = {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node", "action": "replace"}
_SELECTED: Final = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
_UNSEEN: Final = ("kubeApiServer", "kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy")
"""What EKS runs where nobody can ask it, or what says so much that nothing here asks for it."""


def values(scope: Scope) -> dict[str, Any]:
    """What the chart is told; ``scope`` is of any component of the platform, in the cluster's region."""
    found = monitoring_of(scope)
    return {
        # Rules are the platform's own, each with its test; the chart's would say the same by other names.
        "defaultRules": {"create": False},
        **{name: {"enabled": False} for name in _UNSEEN},
        "prometheusOperator": {
            # Rules are proved before they are written, so nothing has to be asked when they are applied.
            "admissionWebhooks": {"enabled": False},
            "tls": {"enabled": False},
            "resources": resources("50m", "128Mi", "256Mi"),
            "prometheusConfigReloader": {"resources": resources("10m", "32Mi", "64Mi")},
            **_placed(scope),
        },
        "prometheus": {"prometheusSpec": _prometheus(scope, found)},
        "alertmanager": _alertmanager(scope, found),
        "kube-state-metrics": {"resources": resources("20m", "64Mi", "256Mi"), **_placed(scope)},
        "prometheus-node-exporter": {
            "resources": resources("20m", "32Mi", "128Mi"),
            "prometheus": {"monitor": {"relabelings": [_NODE]}},
        },
        "grafana": _grafana(scope),
    }


def _prometheus(scope: Scope, found: Monitoring) -> dict[str, Any]:
    return {
        # By its labels, wherever it lies: charts of other add-ons bring monitors of their own.
        **{f"{name}SelectorNilUsesHelmValues": False for name in _SELECTED},
        "scrapeInterval": spelled(found.every),
        "evaluationInterval": spelled(found.every),
        "retention": spelled(found.retention),
        "retentionSize": f"{int(found.storage.mib * _FULL)}MiB",
        "externalLabels": {"cluster": scope.cluster_name, "environment": scope.platform.environment},
        "resources": _amounts(found),
        "storageSpec": {"volumeClaimTemplate": {"spec": _claim(found.storage.quantity)}},
        **_placed(scope, only=True),
    }


def _alertmanager(scope: Scope, found: Monitoring) -> dict[str, Any]:
    folder = f"{alertmanager.SECRETS}/{RECEIVERS}"
    return {
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        "config": alertmanager.configuration(found.notify, folder),
        "alertmanagerSpec": {
            # Two tell each other what they have told, so that the node that one lies on may be the one that is down.
            "replicas": 2,
            "resources": resources("10m", "64Mi", "128Mi"),
            "secrets": [RECEIVERS] if found.notify.keys else [],
            **_placed(scope, only=True),
        },
    }


def _grafana(scope: Scope) -> dict[str, Any]:
    from seawall.components.dashboards import grafana  # its sources need the cluster, which finds this module

    return {**grafana.values(scope), **_placed(scope)}


def _claim(size: str) -> dict[str, Any]:
    from seawall.components.cluster import STORAGE_CLASS  # the cluster finds the add-ons, which ask for these values

    return {
        "storageClassName": STORAGE_CLASS,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
    }


def _placed(scope: Scope, *, only: bool = False) -> dict[str, Any]:
    """Where nodes come and go, rather on those whose number EKS keeps: what watches nodes must not go with one."""
    chosen = affinity(scope, only=only)
    return {"tolerations": TOLERATIONS, **({"affinity": chosen} if chosen else {})}


def _amounts(found: Monitoring) -> dict[str, dict[str, str]]:
    both = {"requests": found.resources.requests, "limits": found.resources.limits}
    return {
        name: {
            **({"cpu": str(amounts.cpu)} if amounts.cpu is not None else {}),
            **({"memory": amounts.memory.quantity} if amounts.memory is not None else {}),
        }
        for name, amounts in both.items()
    }
