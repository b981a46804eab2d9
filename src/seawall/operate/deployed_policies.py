"""Whether the policies that a role has, as they are deployed, let it do something.

For an AWS that has no simulator. It reads what hangs on the role and judges that: what a resource's own policy, a
boundary of permissions or the organisation says is not in it, and what hangs on a condition is unknown.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.kernel.verdict import Verdict, proven, refuted, unknown


class DeployedPolicies:
    """The policies of roles, read through IAM's API once each; safe to use from several threads."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self._read: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._lock = threading.Lock()

    def allow(self, role: str, action: str, resource: str) -> Verdict:
        """Whether a role (by its name) may do an action to a resource; raises what IAM's API answers."""
        with self._lock:
            if role not in self._read:
                self._read[role] = tuple(self._statements(role))
        return judged(self._read[role], action, resource)

    def _statements(self, role: str) -> Iterator[Mapping[str, Any]]:
        for page in self._iam.get_paginator("list_role_policies").paginate(RoleName=role):
            for name in page["PolicyNames"]:
                found = self._iam.get_role_policy(RoleName=role, PolicyName=name)
                yield from _list(found["PolicyDocument"]["Statement"])
        for page in self._iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
            for policy in page["AttachedPolicies"]:
                arn = policy["PolicyArn"]
                version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                found = self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
                yield from _list(found["Document"]["Statement"])


def judged(statements: Sequence[Mapping[str, Any]], action: str, resource: str) -> Verdict:
    """What statements say: a refusal goes before all, and what hangs on a condition is unknown."""
    about = [
        one for one in statements if _matches(one, "Action", action.lower()) and _matches(one, "Resource", resource)
    ]
    refusing = [one for one in about if one["Effect"] == "Deny"]
    if any(not one.get("Condition") for one in refusing):
        return refuted("a policy of its role refuses it")
    letting = [one for one in about if one["Effect"] == "Allow"]
    if not letting:
        return refuted("no policy of its role, as deployed, allows it")
    if refusing or all(one.get("Condition") for one in letting):
        conditions = (refusing or letting)[0]["Condition"]
        return unknown(f"it hangs on {', '.join(sorted(key for each in conditions.values() for key in each))}")
    return proven("a policy of its role, as deployed, allows it")


def _matches(statement: Mapping[str, Any], key: str, value: str) -> bool:
    if f"Not{key}" in statement:
        return not any(_fits(str(one), value, key) for one in _list(statement[f"Not{key}"]))
    return any(_fits(str(one), value, key) for one in _list(statement.get(key, ())))


def _fits(pattern: str, value: str, key: str) -> bool:
    written = pattern.lower() if key == "Action" else pattern
    # A star of what is asked for stands for itself: only a star of the policy covers it.
    expression = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in written)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
