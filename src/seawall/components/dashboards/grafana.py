"""Grafana itself: nothing of it is kept but what is written here, and nobody outside the cluster reaches it.

Keys of the values: charts/grafana/values.yaml of grafana-community/helm-charts at 3386a1156177 (chart 12.11.1), which
kube-prometheus-stack has as `grafana`; of `grafana.ini`: conf/defaults.ini of grafana/grafana.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from seawall.components.addons import prometheus
from seawall.components.cluster import Cluster
from seawall.components.dashboards.registry import LABEL
from seawall.components.dashboards.sources import datasources
from seawall.components.logs.logs import Logs
from seawall.components.offer import Right
from seawall.components.policy import pod_role
from seawall.components.scope import Scope
from seawall.components.secrets import generated
from seawall.graph.resource import Resource
from seawall.kernel.value import text

ACCOUNT: Final = "grafana"
ADMINISTRATOR: Final = "grafana-administrator"
"""The Secret with the administrator's password, which is made in the cluster and known nowhere else."""
PATH: Final = "/grafana/"
_HERE: Final = "http://localhost:3000"
_READ: Final = (
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DescribeAlarmsForMetric",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "ec2:DescribeRegions",
    "tag:GetResources",
)
_SEARCH: Final = ("logs:GetLogEvents", "logs:GetLogGroupFields", "logs:StartQuery")


def values(scope: Scope) -> dict[str, Any]:
    """What its chart is told; ``scope`` is of any component of the platform."""
    reload = f"{_HERE}{PATH}api/admin/provisioning"
    return {
        # They ask for series that the chart's own rules record.
        "defaultDashboardsEnabled": False,
        # The password is asked for by this name; the user is no secret.
        "env": {"GF_SECURITY_ADMIN_USER": "admin"},
        "admin": {"existingSecret": ADMINISTRATOR, "passwordKey": "password"},
        "serviceAccount": {"create": True, "name": ACCOUNT},
        "persistence": {"enabled": False},
        "initChownData": {"enabled": False},
        "testFramework": {"enabled": False},
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "extraEmptyDirMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        "resources": {"requests": {"cpu": "50m", "memory": "192Mi"}, "limits": {"memory": "512Mi"}},
        # What is asked for without the path is sent to it, and kubelets take that for an answer.
        "readinessProbe": _asked(),
        "livenessProbe": {**_asked(), "initialDelaySeconds": 60, "timeoutSeconds": 30, "failureThreshold": 10},
        "ingress": {"enabled": False},
        "serviceMonitor": {"enabled": True, "path": f"{PATH}metrics"},
        "additionalDataSources": datasources(scope),
        "sidecar": {
            "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
            "dashboards": {
                "enabled": True,
                "label": next(iter(LABEL)),
                "labelValue": next(iter(LABEL.values())),
                "searchNamespace": prometheus.NAMESPACE,
                "folderAnnotation": "grafana_folder",
                "reloadURL": f"{reload}/dashboards/reload",
                "provider": {"foldersFromFilesStructure": True, "allowUiUpdates": False},
            },
            "datasources": {
                "enabled": True,
                # Those above are all there are.
                "defaultDatasourceEnabled": False,
                "alertmanager": {"enabled": False},
                "searchNamespace": prometheus.NAMESPACE,
                "reloadURL": f"{reload}/datasources/reload",
            },
        },
        "grafana.ini": {
            "server": {
                # People come by `kubectl port-forward`: nothing leads here from outside.
                "domain": "localhost",
                "root_url": f"{_HERE}{PATH}",
                "serve_from_sub_path": True,
            },
            "auth.anonymous": {"enabled": False},
            "users": {"allow_sign_up": False, "allow_org_create": False},
            "security": {
                "cookie_secure": True,
                "cookie_samesite": "strict",
                "content_security_policy": True,
                "x_content_type_options": True,
                "x_xss_protection": True,
                "allow_embedding": False,
                "disable_gravatar": True,
            },
            "analytics": {"check_for_updates": False, "check_for_plugin_updates": False, "reporting_enabled": False},
            "news": {"news_feed_enabled": False},
            "snapshots": {"external_enabled": False},
            "plugins": {"preinstall_disabled": True},
        },
    }


def _asked() -> dict[str, Any]:
    return {"httpGet": {"path": f"{PATH}api/health", "port": "grafana"}}


def objects(scope: Scope) -> Iterator[Resource]:
    """The administrator's password and the role by which it reads CloudWatch; ``scope`` is the section's own."""
    yield from generated(scope, ADMINISTRATOR, prometheus.NAMESPACE)
    yield from pod_role(
        scope,
        ACCOUNT,
        namespace=prometheus.NAMESPACE,
        account=ACCOUNT,
        cluster=scope.the(Cluster).name_ref(scope),
        rights=list(rights(scope)),
        stack=scope.at("cluster").stack("addons"),
    )


def rights(scope: Scope) -> Iterator[Right]:
    """Metrics of any name, none of which can be narrowed; the logs of pods, where they lie in CloudWatch."""
    regions = tuple(dict.fromkeys((scope.region, "us-east-1")))  # CloudFront and Route 53 keep theirs there
    within = ("StringEquals", "aws:RequestedRegion", regions)
    yield Right((*_READ, "logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StopQuery"), ("*",), (within,))
    for name, logs in scope.every(Logs).items():
        if logs.to == "cloudwatch":
            groups = [logs.group_arn(scope.at(name), namespace) for namespace in logs.namespaces]
            yield Right(_SEARCH, tuple(text(arn, ":*") for arn in groups))
