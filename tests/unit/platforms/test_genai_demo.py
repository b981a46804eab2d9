"""What genai-demo's documents list is there: stacks, regions, identities, the budget's steps."""

from __future__ import annotations

from collections import Counter

import pytest

from platforms import shipped
from seawall.graph.graph import Graph
from seawall.kernel.value import refs

HOME, SITE = "ap-east-2", "ap-northeast-1"
STACKS = {
    "network", "security", "certificate", "rds", "elasticache", "msk", "eks", "observability", "alerting",
    "route53-failover", "analytics", "disaster-recovery", "cost-optimization",
}  # fmt: skip
AT_HOME_ALONE = {"analytics", "cost-optimization"}


@pytest.fixture(scope="module")
def production() -> Graph:
    """Production, in both regions."""
    return shipped("genai-demo", "production")[1]


def _stacks(graph: Graph) -> dict[str, set[str]]:
    """Region and stack -> those that it reads from."""
    found: dict[str, set[str]] = {}
    for resource in graph:
        if resource.is_terraform:
            here = resource.address.partition(":")[0]
            there = {ref.to.partition(":")[0] for ref in refs(resource.body)}
            found.setdefault(here, set()).update(there - {here})
    return found


def test_there_are_the_thirteen_stacks_of_the_document(production: Graph) -> None:
    """Thirteen in Taipei; in Tokyo those that a standby needs; no stack that the document does not know."""
    found = set(_stacks(production))
    assert {name for name in found if name.startswith(HOME)} == {f"{HOME}/{stack}" for stack in STACKS}
    assert {name for name in found if name.startswith(SITE)} == {f"{SITE}/{stack}" for stack in STACKS - AT_HOME_ALONE}


def test_any_stack_can_be_brought_up_by_itself(production: Graph) -> None:
    """Stacks read from each other without a circle, and Taipei's from Tokyo's for the budget and for Slack alone.

    Both are one for both regions: what is spent, and who is told.
    """
    reads = _stacks(production)
    done: set[str] = set()
    while ready := {name for name in reads.keys() - done if reads[name] <= done}:
        done |= ready
    assert done == reads.keys()
    across = {name for name, above in reads.items() if name.startswith(HOME) and any(SITE in other for other in above)}
    assert across == {f"{HOME}/alerting", f"{HOME}/cost-optimization"}


@pytest.mark.parametrize("region", [HOME, SITE])
def test_every_function_has_an_identity_of_its_own_in_both_clusters(production: Graph, region: str) -> None:
    """Application, event processing, node and pod autoscaling, monitoring: no two share an account or a role."""
    associations = [
        (each.body["service_account"], each.body["role_arn"].to)
        for each in production.of_type("aws_eks_pod_identity_association")
        if each.region == region
    ]
    accounts = {account for account, _ in associations}
    assert {"app", "event-processor", "cluster-autoscaler", "keda-operator", "cloudwatch-agent"} <= accounts
    assert len({role for _, role in associations}) == len(associations)


def test_each_number_of_pods_has_one_master(production: Graph) -> None:
    """A Deployment is scaled by one autoscaler, which has all its signals."""
    targets = Counter(
        (scaler.address.partition("/")[0], scaler.body["spec"]["scaleTargetRef"]["name"])
        for type in ("autoscaling/v2/HorizontalPodAutoscaler", "keda.sh/v1alpha1/ScaledObject")
        for scaler in production.of_type(type)
    )
    assert set(targets.values()) == {1}
    for scaled in production.of_type("keda.sh/v1alpha1/ScaledObject"):
        kinds = Counter(trigger["type"] for trigger in scaled.body["spec"]["triggers"])
        assert kinds == {"cpu": 1, "memory": 1, "aws-cloudwatch": 1}


def test_stores_follow_to_tokyo(production: Graph) -> None:
    """Aurora, the cache, the stream and each day's recovery point have a copy in the other region."""
    for type in ("aws_rds_cluster", "aws_elasticache_replication_group", "aws_msk_cluster", "aws_backup_vault"):
        assert {each.region for each in production.of_type(type)} == {HOME, SITE}, type
    for type in ("aws_rds_global_cluster", "aws_elasticache_global_replication_group", "aws_msk_replicator"):
        assert len(list(production.of_type(type))) == 1, type


def test_the_budget_does_what_the_document_says(production: Graph) -> None:
    """Half: mail. Four fifths: mail and Slack. All: both, and no cluster of either region gets a further node."""
    [budget] = production.of_type("aws_budgets_budget")
    actual = {
        each["threshold"]: "subscriber_sns_topic_arns" in each
        for each in budget.body["notification"]
        if each["notification_type"] == "ACTUAL"
    }
    assert actual == {50: False, 80: True, 100: True}
    [action] = production.of_type("aws_budgets_budget_action")
    roles = action.body["definition"][0]["iam_action_definition"][0]["roles"]
    assert {role.to.partition("/")[0] for role in roles} == {HOME, SITE}


def test_everything_that_takes_tags_has_those_of_the_document(production: Graph) -> None:
    """Costs can be told apart by project, owner, cost centre, application and environment."""
    for resource in production:
        if "tags" in resource.body:
            tags = resource.body["tags"]
            assert {"Project", "Owner", "CostCenter", "Application", "environment"} <= tags.keys(), resource.address
