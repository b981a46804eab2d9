"""Small estates for what is asked of permissions: a pod, its account, its role, and what it calls."""

from __future__ import annotations

from typing import Any

from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, text
from seawall.readers.read import facts_of

REGION, STACK, CLUSTER = "eu-west-1", "shop", "example"
POD = Address.kubernetes(CLUSTER, "Deployment", "shop", "shop")
ROLE = Address.terraform(REGION, STACK, "aws_iam_role.shop")
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
ORIGIN = Origin("main.tf.json", 1)


def aws(type: str, name: str, body: dict[str, Any], region: str = REGION) -> Resource:
    """A resource of the stack."""
    return Resource(Address.terraform(region, STACK, f"{type}.{name}"), type, body, ORIGIN, region)


def ref(type: str, name: str, attribute: str = "arn") -> Ref:
    """A reference to a resource of the stack."""
    return Ref(Address.terraform(REGION, STACK, f"{type}.{name}"), attribute)


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


POD_IDENTITY = document(
    {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
)


def role(*statements: dict[str, Any], name: str = "shop", trust: Any = POD_IDENTITY, **more: Any) -> list[Resource]:
    """A role with one inline policy."""
    body = {"name": name, "assume_role_policy": trust, **more}
    policy = {"name": name, "role": ref("aws_iam_role", name, "name"), "policy": document(*statements)}
    return [aws("aws_iam_role", name, body), *([aws("aws_iam_role_policy", name, policy)] if statements else [])]


def association(name: str = "shop") -> Resource:
    """Pod Identity's tie between the account and the role."""
    body = {
        "cluster_name": CLUSTER,
        "namespace": "shop",
        "service_account": "shop",
        "role_arn": f"arn:aws:iam::111122223333:role/{name}",  # which says whose account this is
    }
    return aws("aws_eks_pod_identity_association", name, body)


def cluster(name: str = CLUSTER) -> list[Resource]:
    """A cluster and the provider by which the account trusts its tokens."""
    body = {"name": name, "role_arn": "arn:aws:iam::111122223333:role/eks", "vpc_config": {"subnet_ids": []}}
    issuer = {"url": ref("aws_eks_cluster", name, "identity.0.oidc.0.issuer"), "client_id_list": ["sts.amazonaws.com"]}
    return [aws("aws_eks_cluster", name, body), aws("aws_iam_openid_connect_provider", name, issuer)]


def by_token(provider: str, subject: str = "system:serviceaccount:shop:shop", audience: str = "") -> dict[str, Any]:
    """A trust policy for tokens of a cluster's issuer."""
    url = ref("aws_iam_openid_connect_provider", provider, "url")
    tests: dict[Any, Any] = {text(url, ":sub"): subject}
    if audience:
        tests[text(url, ":aud")] = audience
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": ref("aws_iam_openid_connect_provider", provider)},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": tests},
        }
    )


def pod(account: str | None = "shop", **spec: Any) -> Resource:
    """A deployment."""
    labels = {"app": "shop"}
    container = {"containers": [{"name": "shop", "image": "shop"}], **spec}
    if account:
        container["serviceAccountName"] = account
    template = {"metadata": {"labels": labels}, "spec": container}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    return Resource(POD, "apps/v1/Deployment", body, Origin("shop.yaml", 1))


def account(role: Any = None) -> Resource:
    """The service account, with its annotation where a role is given."""
    metadata: dict[str, Any] = {"name": "shop", "namespace": "shop"}
    if role is not None:
        metadata["annotations"] = {"eks.amazonaws.com/role-arn": role}
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    return Resource(Address.kubernetes(CLUSTER, "ServiceAccount", "shop", "shop"), "v1/ServiceAccount", body, ORIGIN)


def call(action: str, resource: Any, source: Address = POD, **more: Any) -> Call:
    """A demand of the pod's."""
    return Call(source, action, resource, said="said", **more)


def facts(*resources: Resource | list[Resource], calls: tuple[Call, ...] = ()) -> Facts:
    """The facts of resources and demands."""
    flat = [one for each in resources for one in (each if isinstance(each, list) else [each])]
    return facts_of(Graph(flat, calls))
