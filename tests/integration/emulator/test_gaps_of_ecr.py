"""Each test here passes with the patch of ECR and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def test_a_rule_of_the_pull_through_cache_lives(aws: Clients) -> None:
    """A rule is made, found by its prefix and deleted."""
    ecr, prefix = aws("ecr"), f"p-{uuid.uuid4().hex[:8]}"
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl="public.ecr.aws")
    found = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])["pullThroughCacheRules"]
    assert [each["upstreamRegistryUrl"] for each in found] == ["public.ecr.aws"]
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    with pytest.raises(ecr.exceptions.PullThroughCacheRuleNotFoundException):
        ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])
