"""The flow chart: what all layers of policies together answer to one request.

Source: IAM User Guide, "Policy evaluation logic" with its two pages on one account and on several, and AWS Key
Management Service Developer Guide, "Determining access to AWS KMS keys", read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.policy import Judgement, Policy
from seawall.analyze.permissions.request import Request
from seawall.facts.identity import KeyGrant
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import Answer

PROVEN, REFUTED, UNKNOWN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Doubt:
    """A policy of which nobody knows whether it has a say, such as one of an organisational unit."""

    layer: Layer
    policy: Policy
    because: Unknown


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant of a key with the ARN of whom it is for."""

    grantee: Textual
    grant: KeyGrant


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that have a say in a request.

    ``identity`` allow together, and so do those of one level of ``scps``: the root, each unit on the way, the
    account; every level must allow. ``None`` says that there is no such policy. ``decisive`` says that nobody gets
    past ``resource``, as with a key's policy or whom a role trusts; ``which`` names that layer.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None
    resource: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    endpoint: Policy | None = None
    grants: tuple[Granted, ...] = ()
    which: Layer = Layer.RESOURCE
    doubts: tuple[Doubt, ...] = ()

    @property
    def decisive(self) -> bool:
        """Whether the resource's own policy must say yes even to those whom their own policies allow it."""
        return self.which is not Layer.RESOURCE


def decide(request: Request, policies: Policies) -> Decision:
    """What IAM answers, and the layer that decides it."""
    denying = list(_denials(request, policies))
    for layer, judgement in denying:
        if judgement.deny is PROVEN:
            return Decision(REFUTED, layer, judgement.denying)
    allowing = [policy.judge(request) for policy in policies.identity]
    granting = next((one for one in allowing if one.allow is PROVEN), None)
    if granting is None:
        return Decision(REFUTED, Layer.IDENTITY)
    return Decision(PROVEN, Layer.IDENTITY, granting.allowing)


def _denials(request: Request, policies: Policies) -> Iterator[tuple[Layer, Judgement]]:
    for layer, policy in layers(policies):
        yield layer, policy.judge(request)


def layers(policies: Policies) -> Iterator[tuple[Layer, Policy]]:
    """Every policy with its layer, in the order of the flow chart."""
    for level in policies.rcps:
        for policy in level:
            yield Layer.RCP, policy
    for level in policies.scps:
        for policy in level:
            yield Layer.SCP, policy
    if policies.endpoint is not None:
        yield Layer.ENDPOINT, policies.endpoint
    if policies.resource is not None:
        yield policies.which, policies.resource
    for policy in policies.identity:
        yield Layer.IDENTITY, policy
    if policies.boundary is not None:
        yield Layer.BOUNDARY, policies.boundary
    if policies.session is not None:
        yield Layer.SESSION, policies.session
