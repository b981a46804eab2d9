"""ECR: moto has no pull-through cache.

Seen from the provider: aws_ecr_pull_through_cache_rule ends in a 500.
"""

from __future__ import annotations

import json
import time
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, store


def apply() -> None:
    """Add rules of the pull-through cache, by their prefix."""
    from moto.core.exceptions import JsonRESTError
    from moto.ecr.responses import ECRResponse

    def rules(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.ecr_backend, "pull_through_cache_rules")

    def not_found(prefixes: list[str]) -> Exception:
        return JsonRESTError("PullThroughCacheRuleNotFoundException", f"No rule for {', '.join(prefixes)}")

    def create_pull_through_cache_rule(response: Any) -> str:
        prefix = response._get_param("ecrRepositoryPrefix")
        rule = {
            "ecrRepositoryPrefix": prefix,
            "upstreamRegistryUrl": response._get_param("upstreamRegistryUrl"),
            "upstreamRegistry": response._get_param("upstreamRegistry"),
            "credentialArn": response._get_param("credentialArn"),
            "registryId": response.current_account,
            "createdAt": int(time.time()),
        }
        rules(response)[prefix] = {name: value for name, value in rule.items() if value is not None}
        return json.dumps(rules(response)[prefix])

    def describe_pull_through_cache_rules(response: Any) -> str:
        asked_for = response._get_param("ecrRepositoryPrefixes")
        found = [rule for prefix, rule in rules(response).items() if not asked_for or prefix in asked_for]
        if asked_for and not found:
            raise not_found(asked_for)
        return json.dumps({"pullThroughCacheRules": found})

    def delete_pull_through_cache_rule(response: Any) -> str:
        prefix = response._get_param("ecrRepositoryPrefix")
        if prefix not in rules(response):
            raise not_found([prefix])
        return json.dumps(rules(response).pop(prefix))

    add_operations(
        ECRResponse,
        create_pull_through_cache_rule,
        describe_pull_through_cache_rules,
        delete_pull_through_cache_rule,
    )
