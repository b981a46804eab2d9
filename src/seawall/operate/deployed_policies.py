"""Whether the policies that a role has, as they are deployed, let it do something.

For an AWS that has no simulator. It reads what hangs on the role, its permissions boundary included, and lets the
evaluator of permissions judge that: what a resource's own policy or the organisation says is not in it, and what hangs
on a condition is unknown, because only a real call has its context.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.kernel.address import Address
from seawall.kernel.verdict import Answer, Verdict, proven, refuted, unknown
from seawall.readers.aws.policy import statements


class DeployedPolicies:
    """The policies of roles, read through IAM's API once each; safe to use from several threads."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self._read: dict[str, Policies] = {}
        self._lock = threading.Lock()

    def allow(self, role: str, action: str, resource: str) -> Verdict:
        """Whether a role (by its name) may do an action to a resource; raises what IAM's API answers."""
        with self._lock:
            if role not in self._read:
                self._read[role] = Policies(tuple(self._carried(role)), self._boundary(role))
        return _judged(self._read[role], role, action, resource)

    def _carried(self, role: str) -> Iterator[Policy]:
        for page in self._iam.get_paginator("list_role_policies").paginate(RoleName=role):
            for name in page["PolicyNames"]:
                found = self._iam.get_role_policy(RoleName=role, PolicyName=name)
                yield _policy(found["PolicyDocument"], name, "identity")
        for page in self._iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
            for policy in page["AttachedPolicies"]:
                yield _policy(self._managed(policy["PolicyArn"]), policy["PolicyArn"], "identity")

    def _boundary(self, role: str) -> Policy | None:
        capped = self._iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary")
        if capped is None:
            return None
        arn = capped["PermissionsBoundaryArn"]
        return _policy(self._managed(arn), arn, "boundary")

    def _managed(self, arn: str) -> Mapping[str, Any]:
        version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return found if isinstance(found, Mapping) else {}


def _policy(document: Mapping[str, Any], name: str, kind: Literal["identity", "boundary"]) -> Policy:
    return Policy(statements(document, Address.outside(name), kind, name))


def judged(found: Sequence[Mapping[str, Any]], action: str, resource: str) -> Verdict:
    """What statements of a role's policies say of an action on a resource."""
    document = {"Version": "2012-10-17", "Statement": list(found)}
    return _judged(Policies((_policy(document, "a policy", "identity"),)), "", action, resource)


def _judged(policies: Policies, role: str, action: str, resource: str) -> Verdict:
    # Nothing is said of the circumstances, and nothing is taken not to be there: `open`.
    request = Request(Caller("role", f"arn:aws:iam::*:role/{role}"), action, resource, open=True)
    decision = decide(request, policies)
    if decision.answer is Answer.PROVEN:
        return proven("a policy of its role, as deployed, allows it")
    if decision.answer is Answer.REFUTED:
        if decision.explicit:
            return refuted("a policy of its role refuses it")
        if decision.layer is Layer.BOUNDARY:
            return refuted("the permissions boundary of its role, as deployed, does not allow it")
        return refuted("no policy of its role, as deployed, allows it")
    keys = {str(condition.key) for statement in decision.statements for condition in statement.conditions}
    return unknown(f"it hangs on {', '.join(sorted(keys)) or 'a policy that cannot be read'}")
