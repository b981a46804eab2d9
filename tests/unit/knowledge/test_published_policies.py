"""The catalogue of controllers against the policies that their projects publish, where these are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from seawall.analyze.permissions.controllers import calls, running
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.facts.compute import Cluster
from seawall.facts.delivery import Controller
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, text
from seawall.kernel.verdict import Answer
from seawall.knowledge.controllers.catalogue import controllers
from seawall.readers.aws.policy import statements

ACCOUNT, REGION, NAME = "111122223333", "eu-west-1", "shop"
PUBLISHED: Final = {
    "argo-rollouts": ("argo-rollouts-alb-verify-1",),
    "argo-cd": ("argocd-declarative-3", "argocd-declarative-4"),
    "aws-ebs-csi-driver": ("ebs-csi-example-iam-policy", "ebs-csi-AmazonEBSCSIDriverPolicyV2"),
    "aws-efs-csi-driver": ("efs-csi-iam-policy-example",),
    "aws-load-balancer-controller": (
        "aws-load-balancer-controller",
        "aws-load-balancer-controller-acm-certs",
        "aws-global-accelerator-controller",
    ),
    "aws-node-termination-handler": ("node-termination-handler-2",),
    "cert-manager": ("cert-manager-route53-1",),
    "cloudwatch-agent": ("aws-managed-CloudWatchAgentServerPolicy",),
    "cluster-autoscaler": ("cluster-autoscaler-1",),
    "external-dns": ("external-dns-1",),
    "external-secrets": ("external-secrets-aws-sm-1", "external-secrets-aws-sm-2", "external-secrets-aws-ps-1"),
    "karpenter": ("karpenter-controller-merged",),
    "keda": ("keda-aws-cloudwatch-1",),
    "velero": ("velero-plugin-for-aws-1",),
    "vpc-cni": ("vpc-cni-1", "vpc-cni-2"),
}
"""The published files of each controller."""
BESIDE: Final = {
    "aws-ebs-csi-driver": {"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"},
    "cert-manager": {"sts:AssumeRole"},
    "external-secrets": {"kms:Decrypt", "ssm:DescribeParameters", "sts:AssumeRole"},
    "karpenter": {"iam:CreateServiceLinkedRole"},
    "keda": {
        "dynamodb:DescribeStream", "dynamodb:DescribeTable", "dynamodb:ListStreams", "dynamodb:Query",
        "kinesis:DescribeStreamSummary", "sqs:GetQueueAttributes", "sts:AssumeRole",
    },
    "velero": {"kms:Decrypt", "kms:GenerateDataKey"},
}  # fmt: skip
"""What the prose beside a published policy asks for, for keys, roles and the other sources of a scaler."""
FITTING: Final = (
    "argo-rollouts", "aws-ebs-csi-driver", "aws-efs-csi-driver", "aws-load-balancer-controller",
    "aws-node-termination-handler", "cert-manager", "cloudwatch-agent", "cluster-autoscaler", "external-dns",
    "karpenter", "velero", "vpc-cni",
)  # fmt: skip
"""Those whose published policies name no particular thing, so that each call can be held against them as it is."""


def _documents(reference: Path, name: str) -> Iterator[dict[str, Any]]:
    for file in PUBLISHED[name]:
        text = (reference / "data" / "controller_policies" / f"{file}.json").read_text(encoding="utf-8")
        for hole, value in (
            ("AWS_REGION", REGION), ("AWS_ACCOUNT_ID", ACCOUNT), ("CLUSTER_NAME", NAME), ("BUCKET", "copies"),
            ("ACCOUNT_ID", ACCOUNT),
        ):  # fmt: skip
            text = text.replace(f"${{{hole}}}", value)
        yield json.loads(text)


def _actions(document: dict[str, Any]) -> Iterator[str]:
    found = document["Statement"]
    for part in found if isinstance(found, list) else [found]:
        named = part.get("Action", [])
        yield from named if isinstance(named, list) else [named]


def _covered(action: str, actions: set[str]) -> bool:
    return action in actions or any(known.endswith("*") and action.startswith(known[:-1]) for known in actions)


@pytest.mark.needs("reference")
@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_action_is_told_of(name: str, reference: Path) -> None:
    """A published action is needed in some configuration, or is named as one that nothing calls."""
    controller = controllers()[name]
    told = controller.actions() | set(controller.unused)
    published = {action for document in _documents(reference, name) for action in _actions(document)}
    assert {action for action in published if not any(_covered(one, {action}) for one in told)} == set()


@pytest.mark.needs("reference")
@pytest.mark.parametrize("name", PUBLISHED)
def test_nothing_is_asked_for_that_is_not_published(name: str, reference: Path) -> None:
    """What the catalogue has beside a published policy is named, with where it comes from."""
    published = {action for document in _documents(reference, name) for action in _actions(document)}
    asked = {action for action in controllers()[name].actions() if not _covered(action, published)}
    assert asked == BESIDE.get(name, set())


def _everywhere(name: str) -> Facts:
    """A controller about which everything is so that can be."""
    known = controllers()[name]
    holes = {hole for need in known.needs for hole in need.holes}
    whens = {need.when for need in known.needs if need.when}
    told = {hole: _something(hole) for hole in holes} | dict.fromkeys(whens - holes, "true")
    account = Address.kubernetes(NAME, "ServiceAccount", known.namespace, known.account)
    cluster = Cluster(Address.terraform(REGION, "s", "aws_eks_cluster.main"), NAME, "1.36", REGION, "", True, None)
    fact = Controller(Address.kubernetes(NAME, "Deployment", "n", name), name, account, tuple(sorted(told.items())))
    return Facts([cluster, fact])


def _something(hole: str) -> str:
    made = {
        "zone": "arn:aws:route53:::hostedzone/Z1",
        "node-role": f"arn:aws:iam::{ACCOUNT}:role/KarpenterNodeRole-{NAME}",
        "profile": f"arn:aws:iam::{ACCOUNT}:instance-profile/nodes",
        "queue": NAME,
        "queue-arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}",
        "bucket": "copies",
        "file-system": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1",
    }
    return made.get(hole, hole)


def _as_ours(value: Textual) -> Textual:
    """The account that no input says is this one."""
    if isinstance(value, Text):
        return text(*(ACCOUNT if not isinstance(p, str) and str(p) == "{?account}" else p for p in value.parts))
    return value


@pytest.mark.needs("reference")
@pytest.mark.parametrize("name", FITTING)
def test_a_published_policy_allows_what_is_asked_for(name: str, reference: Path) -> None:
    """Each call, on its resource and with what its request holds, is proven to be allowed by the published policy."""
    holder = Address("r/s:aws_iam_role.it")
    found = [
        each
        for document in _documents(reference, name)
        for each in statements(document, holder, "identity", "published")
        if isinstance(each, Statement)
    ]
    policy = Policy(found)
    facts = _everywhere(name)
    caller = Caller("role", f"arn:aws:iam::{ACCOUNT}:role/it", ACCOUNT)
    refused = []
    assert running(facts)
    for call in calls(facts):
        if call.action in BESIDE.get(name, ()):
            continue
        context = {
            "aws:requestedregion": (call.region,),
            **{key: tuple(map(_as_ours, values)) for key, values in call.context},
        }
        request = Request(caller, call.action, _as_ours(call.resource), context=context, open=True)
        if policy.judge(request).allow is not Answer.PROVEN:
            refused.append((call.action, str(call.resource), call.context))
    assert refused == []
