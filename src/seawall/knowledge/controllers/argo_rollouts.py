"""Argo Rollouts: asks the load balancer whether each step of a release took, where it is told to.

Read in argoproj/argo-rollouts at 9f8d111d8f8e: docs/features/traffic-management/alb.md; utils/aws/aws.go calls each of
them.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="argo-rollouts",
    version="1.9.0",
    source="https://github.com/argoproj/argo-rollouts/blob/9f8d111d8f8e/docs/features/traffic-management/alb.md",
    read="2026-11-22",
    images=("argoproj/argo-rollouts",),
    charts=("argo-rollouts",),
    account="argo-rollouts",
    namespace="argo-rollouts",
    told=(Told("verifies", ("controller.awsVerifyTargetGroup",), ("--aws-verify-target-group",)),),
    needs=(
        Need(
            each(
                "elasticloadbalancing", "DescribeListeners", "DescribeLoadBalancers", "DescribeRules", "DescribeTags",
                "DescribeTargetGroups", "DescribeTargetHealth",
            ),
            when="verifies",
        ),
    ),
)  # fmt: skip
