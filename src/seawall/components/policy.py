"""IAM policy documents as plain data, and the role that a pod or a service takes on.

Documents stay data, with references in them, until they are rendered: a statement that is text can no longer be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.facts.demands import Call
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, text

VERSION = "2012-10-17"


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": VERSION, "Statement": [dict(statement) for statement in statements]}


def allow(
    actions: Sequence[str],
    resources: Sequence[Textual],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A statement that allows actions on resources."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    if conditions:
        statement["Condition"] = conditions
    return statement


def granting(right: Right) -> dict[str, Any]:
    """The statement that grants a right."""
    conditions: dict[str, dict[str, Any]] = {}
    for operator, key, values in right.conditions:
        conditions.setdefault(operator, {})[key] = list(values)
    return allow(right.actions, right.resources, conditions)


def calls(source: Address, rights: Iterable[Right], said: str) -> Iterator[Call]:
    """That the source can do what these rights grant, as it calls: sending what their conditions ask for."""
    for right in rights:
        asked = {key.lower(): values[:1] for operator, key, values in right.conditions if operator != "Null"}
        sent = tuple((key, values) for key, values in asked.items() if key != "aws:requestedregion")
        regions = [values[0] for _, key, values in right.conditions if key == "aws:RequestedRegion"]
        region = regions[0] if regions and isinstance(regions[0], str) else ""
        for action in right.actions:
            for resource in right.resources:
                yield Call(source, action, resource, region, sent, said=said)


def trust(service: str, conditions: Mapping[str, Mapping[str, Any]] | None = None, *extra: str) -> dict[str, Any]:
    """A trust policy that lets an AWS service assume the role; ``extra`` are actions beside AssumeRole."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole", *extra] if extra else "sts:AssumeRole",
    }
    if conditions:
        statement["Condition"] = conditions
    return document(statement)


def pod_role(
    scope: Scope,
    name: str,
    *,
    namespace: str,
    account: str,
    cluster: Textual,
    rights: Iterable[Right] = (),
    managed: Iterable[str] = (),
    stack: str | None = None,
) -> Iterator[Resource]:
    """The role of a service account through EKS Pod Identity: role, policies, association.

    ``name`` is the Terraform name; ``managed`` are names of AWS managed policies. The association names the one
    cluster and service account; no other pod can take the role on.
    """
    role_name = f"{scope.title}-{name.replace('_', '-')}"
    yield scope.aws(
        "aws_iam_role",
        name,
        {
            "name": role_name,
            "description": f"What pods of {namespace}/{account} may do",
            "assume_role_policy": trust("pods.eks.amazonaws.com", None, "sts:TagSession"),
        },
        stack=stack,
        called=role_name,
    )
    role = scope.ref("aws_iam_role", name, "name", stack=stack)
    if statements := [granting(right) for right in rights]:
        body = {"name": role_name, "role": role, "policy": document(*statements)}
        yield scope.aws("aws_iam_role_policy", name, body, stack=stack)
    for policy in managed:
        attached = {"role": role, "policy_arn": f"arn:aws:iam::aws:policy/{policy}"}
        suffix = policy.rsplit("/", 1)[-1].lower()
        yield scope.aws("aws_iam_role_policy_attachment", f"{name}_{suffix}", attached, stack=stack)
    yield scope.aws(
        "aws_eks_pod_identity_association",
        name,
        {
            "cluster_name": cluster,
            "namespace": namespace,
            "service_account": account,
            "role_arn": scope.ref("aws_iam_role", name, "arn", stack=stack),
        },
        stack=stack,
        called=role_name,
    )


def bucket_objects(bucket_arn: Textual, prefix: str = "*") -> Textual:
    """The ARN of a bucket's objects."""
    return text(bucket_arn, f"/{prefix}")
