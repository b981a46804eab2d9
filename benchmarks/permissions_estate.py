"""``python -m benchmarks.permissions_estate``: gaps and excess of an estate, timed apart from reading it.

500 pods that act as 300 roles, of two clusters, each pod with a queue, a bucket, a secret under a key of the account's
own, parameters and metrics; every seventh role lacks a statement, every fifth grants more than is needed, every tenth
takes its trust from the other cluster. The limit that is promised is 5 s for gaps and excess together.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seawall.analyze.permissions.excess import excess
from seawall.analyze.permissions.gaps import gaps
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, text
from seawall.readers.read import facts_of

REGION, STACK = "eu-west-1", "shop"
CLUSTERS = ("home", "standby")
ACCOUNT = "111122223333"
LIMIT = 5.0
"""Seconds that are promised."""


def main() -> int:
    """Build, measure, print; 1 if the promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.permissions_estate", description=__doc__)
    parser.add_argument("--pods", type=int, default=500)
    parser.add_argument("--roles", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"pods": chosen.pods, "roles": chosen.roles}
    rows: dict[str, list[float]] = {"read": [], "gaps": [], "excess": [], "gaps and excess": []}
    for _ in range(chosen.runs):
        began = time.perf_counter()
        facts = estate(chosen.pods, chosen.roles)
        rows["read"].append(time.perf_counter() - began)
        gc.collect()
        began = time.perf_counter()
        found = gaps(facts)
        between = time.perf_counter()
        granted = excess(facts)
        ended = time.perf_counter()
        rows["gaps"].append(between - began)
        rows["excess"].append(ended - between)
        rows["gaps and excess"].append(ended - began)
        figures |= {"calls": len(facts.all(Call)), "found_gaps": len(found), "found_excess": len(granted)}
    print(f"{chosen.pods} pods, {chosen.roles} roles, {figures['calls']} calls that are stated")
    print(f"{figures['found_gaps']} gaps, {figures['found_excess']} statements with excess")
    for name, seconds in rows.items():
        figures[name] = statistics.median(seconds)
        print(f"{name:<20}{figures[name]:>8.2f} s   {min(seconds):.2f}-{max(seconds):.2f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if figures["gaps and excess"] < LIMIT else 1


def estate(pods: int, roles: int) -> Facts:
    """The facts of an estate of that size; each pod has five calls, and reading its secret brings one along."""
    resources = [*_clusters(), *(each for number in range(roles) for each in _role(number))]
    calls: list[Call] = []
    for number in range(pods):
        resources += _pod(number, number % roles)
        calls += _calls(number, number % roles)
    return facts_of(Graph(resources, calls))


def _aws(type: str, name: str, body: dict[str, Any]) -> Resource:
    return Resource(_address(type, name), type, body, Origin(f"{STACK}.tf.json", 1), REGION)


def _address(type: str, name: str) -> Address:
    return Address.terraform(REGION, STACK, f"{type}.{name}")


def _object(cluster: str, version: str, kind: str, name: str, rest: dict[str, Any]) -> Resource:
    body = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **rest}
    if "annotations" in rest:
        body["metadata"]["annotations"] = body.pop("annotations")
    address = Address.kubernetes(cluster, kind, "shop", name)
    return Resource(address, f"{version}/{kind}", body, Origin(f"{cluster}.yaml", 1))


def _clusters() -> Iterator[Resource]:
    for cluster in CLUSTERS:
        body = {"name": cluster, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/eks", "vpc_config": {"subnet_ids": []}}
        yield _aws("aws_eks_cluster", cluster, body)
        issuer = Ref(_address("aws_eks_cluster", cluster), "identity.0.oidc.0.issuer")
        provider = {"url": issuer, "client_id_list": ["sts.amazonaws.com"]}
        yield _aws("aws_iam_openid_connect_provider", cluster, provider)
    yield _aws("aws_kms_key", "secrets", {"description": "secrets"})


def _cluster(role: int) -> str:
    return CLUSTERS[role % 2]


def _role(number: int) -> Iterator[Resource]:
    name = f"role-{number}"
    trusted = _cluster(number + (number % 10 == 9))
    provider = _address("aws_iam_openid_connect_provider", trusted)
    subject = text(Ref(provider, "url"), ":sub")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": Ref(provider, "arn")},
        "Condition": {"StringLike": {subject: [f"system:serviceaccount:shop:account-{number}"]}},
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    yield _aws("aws_iam_role", name, {"name": name, "assume_role_policy": document})
    secret = _address("aws_secretsmanager_secret", f"secret-{number}")
    yield _aws("aws_secretsmanager_secret", f"secret-{number}", {
        "name": f"secret-{number}", "kms_key_id": Ref(_address("aws_kms_key", "secrets"), "arn"),
    })  # fmt: skip
    yield _aws("aws_sqs_queue", f"queue-{number}", {"name": f"queue-{number}"})
    yield _aws("aws_s3_bucket", f"bucket-{number}", {"bucket": f"bucket-{number}"})
    queue = Ref(_address("aws_sqs_queue", f"queue-{number}"), "arn")
    via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}
    key = Ref(_address("aws_kms_key", "secrets"), "arn")
    statements: list[dict[str, Any]] = [
        _allow("Queue", ["sqs:SendMessage", "sqs:ReceiveMessage", *(["sqs:Purge*"] * (number % 5 == 0))], [queue]),
        _allow("Secret", ["secretsmanager:GetSecretValue"], ["*" if number % 5 == 1 else Ref(secret, "arn")]),
        _allow("Files", ["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::bucket-{number}/*"]),
        _allow("Parameters", ["ssm:GetParametersByPath"], [f"arn:aws:ssm:{REGION}:*:parameter/shop/{number}/*"]),
        _allow("Metrics", ["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"aws:RequestedRegion": REGION}}),
    ]
    if number % 7:
        statements.append(_allow("Key", ["kms:Decrypt"], [key], via))
    policy = {"Version": "2012-10-17", "Statement": statements}
    body = {"name": name, "role": Ref(_address("aws_iam_role", name), "name"), "policy": policy}
    yield _aws("aws_iam_role_policy", name, body)


def _allow(
    sid: str, actions: list[str], resources: list[Any], conditions: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    if conditions:
        statement["Condition"] = conditions
    return statement


def _pod(number: int, role: int) -> list[Resource]:
    cluster = _cluster(role)
    found = []
    if number == role:  # the first pod of a role brings its account
        arn = Ref(_address("aws_iam_role", f"role-{role}"), "arn")
        annotations = {"annotations": {"eks.amazonaws.com/role-arn": arn}}
        found.append(_object(cluster, "v1", "ServiceAccount", f"account-{role}", annotations))
    labels = {"app": f"pod-{number}"}
    container = {"name": "main", "image": "shop"}
    spec = {"serviceAccountName": f"account-{role}", "containers": [container]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    rest = {"spec": {"selector": {"matchLabels": labels}, "template": template}}
    found.append(_object(cluster, "apps/v1", "Deployment", f"pod-{number}", rest))
    return found


def _calls(number: int, role: int) -> Iterator[Call]:
    source = Address.kubernetes(_cluster(role), "Deployment", "shop", f"pod-{number}")
    queue = Ref(_address("aws_sqs_queue", f"queue-{role}"), "arn")
    secret = Ref(_address("aws_secretsmanager_secret", f"secret-{role}"), "arn")
    for action, resource in (
        ("sqs:SendMessage", queue),
        ("sqs:ReceiveMessage", queue),
        ("secretsmanager:GetSecretValue", secret),
        ("s3:GetObject", f"arn:aws:s3:::bucket-{role}/*"),
        ("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/{role}/pod-{number}"),
        ("cloudwatch:PutMetricData", "*"),
    ):
        yield Call(source, action, resource, REGION, said=f"pod-{number}")


if __name__ == "__main__":
    sys.exit(main())
