"""A small cluster written by hand: some thirty objects of every kind that the round trip must survive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.readers.kubernetes.objects import address_of, type_of

CLUSTER = "petclinic-production"
DATABASE = Address.terraform("ap-northeast-2", "data", "aws_db_instance.petclinic_db")
ROLE = Address.terraform("ap-northeast-2", "platform", "aws_iam_role.external_secrets")
CERTIFICATE = Address.terraform("ap-northeast-2", "edge", "aws_acm_certificate.www")
FIREWALL = Address.terraform("ap-northeast-2", "edge", 'aws_wafv2_web_acl.edge["main"]')


@dataclass(frozen=True)
class Environment:
    """As much of a platform as the renderer needs."""

    environment: str = "production"


def thing(api: str, kind: str, name: str, *, namespace: str = "petclinic", **rest: Any) -> Resource:
    """One object; ``labels`` and ``annotations`` go into its metadata, everything else beside it."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {"app.kubernetes.io/part-of": "petclinic"} | rest.pop("labels", {})
    if "annotations" in rest:
        metadata["annotations"] = rest.pop("annotations")
    body = {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}
    return Resource(address_of(CLUSTER, body), type_of(body), body)


def _pod(name: str, image: str, port: int, **more: Any) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": name,
        "image": image,
        "ports": [{"name": "http", "containerPort": port}],
        "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "readinessProbe": {"httpGet": {"path": "/actuator/health", "port": "http"}, "periodSeconds": 5},
        "startupProbe": {"tcpSocket": {"port": port}, "failureThreshold": 60},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    container |= more.pop("container", {})
    return {
        "metadata": {"labels": {"app.kubernetes.io/name": name}},
        "spec": {
            "serviceAccountName": name,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            **more,
        },
    }


def _named(name: str) -> dict[str, Any]:
    return {"matchLabels": {"app.kubernetes.io/name": name}}


def objects() -> Iterator[Resource]:
    """The objects, in no particular order."""
    was, web = {"app.kubernetes.io/name": "was"}, {"app.kubernetes.io/name": "web"}
    yield thing(
        "v1", "Namespace", "petclinic", namespace="", labels={"pod-security.kubernetes.io/enforce": "restricted"}
    )
    yield thing("v1", "ServiceAccount", "was", labels=was)
    yield thing("v1", "ServiceAccount", "web", labels=web)
    yield thing(
        "v1", "ServiceAccount", "external-secrets", namespace="external-secrets",
        annotations={"eks.amazonaws.com/role-arn": Ref(ROLE, "arn")},
    )  # fmt: skip
    yield thing(
        "argoproj.io/v1alpha1", "Rollout", "was", labels=was,
        spec={
            "revisionHistoryLimit": 3,
            "selector": _named("was"),
            "template": _pod(
                "was", "registry.example/petclinic-was:v55", 8080,
                container={
                    "env": [
                        {"name": "SPRING_DATASOURCE_URL",
                         "value": text("jdbc:mysql://", Ref(DATABASE, "address"), ":3306/petclinic?sslMode=REQUIRED")},
                        {"name": "SPRING_DATASOURCE_USERNAME",
                         "valueFrom": {"secretKeyRef": {"name": "petclinic-db", "key": "username"}}},
                        {"name": "SPRING_DATASOURCE_PASSWORD",
                         "valueFrom": {"secretKeyRef": {"name": "petclinic-db", "key": "password"}}},
                        {"name": "SPRING_DATA_REDIS_SENTINEL_NODES",
                         "value": "sessions-0.sessions:26379,sessions-1.sessions:26379"},
                        {"name": "SERVER_SERVLET_SESSION_TIMEOUT", "value": "1800s"},
                        {"name": "JAVA_TOOL_OPTIONS", "value": "-XX:MaxRAMPercentage=75"},
                        {"name": "A_FLAG", "value": "y"},
                        {"name": "A_NUMBER", "value": "08"},
                        {"name": "NOT_OURS", "value": "${spring.datasource.url} ${PORT:8080} $(A_FLAG) $$"},
                    ],
                    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                },
                volumes=[{"name": "tmp", "emptyDir": {}}],
                topologySpreadConstraints=[
                    {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                     "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": _named("was")},
                ],
                terminationGracePeriodSeconds=60,
            ),
            "strategy": {
                "canary": {
                    "stableService": "was-stable",
                    "canaryService": "was-canary",
                    "trafficRouting": {"alb": {"ingress": "www", "servicePort": 8080, "rootService": "was-root"}},
                    "steps": [{"setWeight": 10}, {"pause": {"duration": "30s"}}, {"setWeight": 50}, {"pause": {}}],
                }
            },
        },
    )  # fmt: skip
    for name in ("was-stable", "was-canary", "was-root"):
        ports = [{"name": "http", "port": 8080, "targetPort": "http"}]
        yield thing("v1", "Service", name, labels=was, spec={"selector": was, "ports": ports})
    yield thing(
        "apps/v1", "Deployment", "web", labels=web,
        spec={
            "selector": _named("web"),
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": _pod(
                "web", "registry.example/petclinic-web@sha256:" + "0" * 64, 8080,
                container={"volumeMounts": [{"name": "nginx", "mountPath": "/etc/nginx/conf.d"}]},
                volumes=[{"name": "nginx", "configMap": {"name": "web"}}],
            ),
        },
    )  # fmt: skip
    nginx = "server {\n  listen 8080;\n  location / { try_files $uri $uri/ /index.html; }\n  # ${NAME:-x}\n}\n"
    yield thing(
        "v1", "ConfigMap", "web", labels=web,
        data={"default.conf": nginx, "on": "off", "database": text("host=", Ref(DATABASE, "address"), "\nport=3306\n")},
    )  # fmt: skip
    yield thing(
        "v1", "Service", "web", labels=web,
        spec={"type": "ClusterIP", "selector": web, "ports": [{"port": 80, "targetPort": 8080}]},
    )  # fmt: skip
    yield thing(
        "networking.k8s.io/v1", "Ingress", "www", labels=web,
        annotations={
            "alb.ingress.kubernetes.io/scheme": "internet-facing",
            "alb.ingress.kubernetes.io/target-type": "ip",
            "alb.ingress.kubernetes.io/load-balancer-name": "petclinic-production",
            "alb.ingress.kubernetes.io/listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
            "alb.ingress.kubernetes.io/ssl-redirect": "443",
            "alb.ingress.kubernetes.io/certificate-arn": Ref(CERTIFICATE, "arn"),
            "alb.ingress.kubernetes.io/wafv2-acl-arn": Ref(FIREWALL, "arn"),
            "alb.ingress.kubernetes.io/healthcheck-path": "/health",
            "alb.ingress.kubernetes.io/target-group-attributes": "deregistration_delay.timeout_seconds=30",
        },
        spec={
            "ingressClassName": "alb",
            "rules": [{
                "host": "www.petclinic.example",
                "http": {"paths": [
                    {"path": "/api", "pathType": "Prefix",
                     "backend": {"service": {"name": "was-root", "port": {"name": "use-annotation"}}}},
                    {"path": "/", "pathType": "Prefix",
                     "backend": {"service": {"name": "web", "port": {"number": 80}}}},
                ]},
            }],
        },
    )  # fmt: skip
    yield thing(
        "networking.k8s.io/v1", "NetworkPolicy", "default-deny",
        spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    )  # fmt: skip
    yield thing(
        "networking.k8s.io/v1", "NetworkPolicy", "was", labels=was,
        spec={
            "podSelector": _named("was"),
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": _named("web")}], "ports": [{"port": "http"}]}],
            "egress": [
                {"to": [{"ipBlock": {"cidr": "10.0.11.0/24"}}, {"ipBlock": {"cidr": "10.0.12.0/24"}}],
                 "ports": [{"protocol": "TCP", "port": 3306}]},
                {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                         "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
                 "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]},
            ],
        },
    )  # fmt: skip
    yield thing(
        "networking.k8s.io/v1", "NetworkPolicy", "web-from-anywhere", labels=web,
        spec={"podSelector": _named("web"), "ingress": [{}]},
    )  # fmt: skip
    for name, kind, api in (("was", "Rollout", "argoproj.io/v1alpha1"), ("web", "Deployment", "apps/v1")):
        target = {"type": "Utilization", "averageUtilization": 70}
        yield thing(
            "autoscaling/v2", "HorizontalPodAutoscaler", name, labels={"app.kubernetes.io/name": name},
            spec={
                "scaleTargetRef": {"apiVersion": api, "kind": kind, "name": name},
                "minReplicas": 2,
                "maxReplicas": 10,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            },
        )  # fmt: skip
        yield thing(
            "policy/v1", "PodDisruptionBudget", name, labels={"app.kubernetes.io/name": name},
            spec={"maxUnavailable": 1 if name == "was" else "50%", "selector": _named(name)},
        )  # fmt: skip
    yield thing(
        "external-secrets.io/v1", "ExternalSecret", "petclinic-db", labels=was,
        spec={
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "aws"},
            "target": {"name": "petclinic-db"},
            "data": [
                {"secretKey": key,
                 "remoteRef": {"key": Ref(DATABASE, "master_user_secret.0.secret_arn"), "property": key}}
                for key in ("username", "password")
            ],
        },
    )  # fmt: skip
    account = {"serviceAccountRef": {"name": "external-secrets", "namespace": "external-secrets"}}
    yield thing(
        "external-secrets.io/v1", "ClusterSecretStore", "aws", namespace="",
        spec={"provider": {"aws": {"service": "SecretsManager", "region": "ap-northeast-2", "auth": {"jwt": account}}}},
    )  # fmt: skip
    sessions = {"app.kubernetes.io/name": "sessions"}
    yield thing(
        "apps/v1", "StatefulSet", "sessions", labels=sessions,
        spec={
            "serviceName": "sessions",
            "replicas": 3,
            "selector": _named("sessions"),
            "template": _pod("sessions", "registry.example/redis:7.4", 6379),
            "volumeClaimTemplates": [{
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3",
                         "resources": {"requests": {"storage": "1Gi"}}},
            }],
        },
    )  # fmt: skip
    yield thing(
        "v1", "Service", "sessions", labels=sessions,
        spec={"clusterIP": "None", "selector": sessions, "ports": [{"name": "redis", "port": 6379}]},
    )  # fmt: skip
    yield thing(
        "storage.k8s.io/v1", "StorageClass", "gp3", namespace="", provisioner="ebs.csi.aws.com",
        parameters={"type": "gp3", "encrypted": "true"}, volumeBindingMode="WaitForFirstConsumer",
    )  # fmt: skip
    yield thing("v1", "ResourceQuota", "petclinic", spec={"hard": {"requests.cpu": "20", "pods": "50"}})
    yield thing(
        "rbac.authorization.k8s.io/v1", "Role", "developer",
        rules=[{"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list", "watch"]}],
    )  # fmt: skip
    yield thing(
        "rbac.authorization.k8s.io/v1", "RoleBinding", "developer",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "developer"},
        subjects=[{"kind": "Group", "name": "petclinic:developers", "apiGroup": "rbac.authorization.k8s.io"}],
    )  # fmt: skip
    yield thing(
        "argoproj.io/v1alpha1", "Application", "petclinic", namespace="argocd",
        spec={
            "project": "default",
            "source": {"repoURL": "https://git.example/petclinic.git", "path": "kubernetes/overlays/production",
                       "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "petclinic"},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True},
                           "syncOptions": ["CreateNamespace=true", "RespectIgnoreDifferences=true"]},
            "ignoreDifferences": [
                {"group": "argoproj.io", "kind": "Rollout", "jsonPointers": ["/spec/replicas"]},
            ],
        },
    )  # fmt: skip


def graph() -> Graph:
    """The cluster as a graph."""
    return Graph(objects())
