"""Who has to use the key of a node's disks before the node can start: Auto Scaling's own role, or Karpenter's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.account import account_number, own_number
from seawall.analyze.permissions.applicable import arn_of, policies, request_of
from seawall.analyze.permissions.chain import Chain, chain
from seawall.analyze.permissions.controllers import running
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import decide
from seawall.analyze.permissions.request import Caller
from seawall.facts.compute import Fleet, NodeClass, NodeGroup
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.facts.network import Member
from seawall.facts.resilience import Located, Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

AUTOSCALING: Final = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
ACTIONS: Final = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext")
"""What a volume under a customer's key is made with.

Source: EC2 Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes", read 2026-11-22: the
role is given more than these, none of which comes with it.
"""
_AWS_OWN: Final = ("alias/aws/", ":alias/aws/")


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody has to use a key to start the nodes of ``nodes``; ``whose`` says as whom."""

    nodes: Address
    key: Address
    whose: str
    answer: Answer
    action: str
    because: tuple[Unknown, ...] = ()


def uses(facts: Facts) -> Iterator[Use]:
    """For all nodes whose disks are under a customer's key: the first action that is not certainly allowed, if any."""
    launched: list[NodeGroup | Fleet] = [*facts.all(NodeGroup), *facts.all(Fleet)]
    for nodes in launched:
        if isinstance(nodes.launch, Address):
            for key in keys_of(facts, nodes.launch):
                yield _by_autoscaling(facts, nodes.of, key)
    for made in facts.all(NodeClass):
        for key in keys_of(facts, made.of):
            yield from _by_karpenter(facts, made.of, key)


def keys_of(facts: Facts, template: Address) -> tuple[Address, ...]:
    """The customer's keys that a template's disks are under, aliases followed to their keys."""
    found = [setting.value for setting in facts.where(Setting, of=template) if setting.key == "key"]
    keys = []
    for key in found:
        if (
            isinstance(key, Address)
            and not key.removeprefix("outside:").startswith(_AWS_OWN[0])
            and _AWS_OWN[1] not in key
        ):
            behind = facts.one(Member, of=key)
            keys.append(behind.member if behind is not None and isinstance(behind.member, Address) else key)
    return tuple(dict.fromkeys(keys))


def _by_autoscaling(facts: Facts, nodes: Address, key: Address) -> Use:
    whose = "AWSServiceRoleForAutoScaling"
    account = _account(facts, key)
    caller = Caller("role", text("arn:aws:iam::", account, f":{AUTOSCALING}"), account)
    resource = arn_of(facts, key)
    if resource is None:
        why = Unknown(f"the policy of {key}", why="the input has no such key")
        return Use(nodes, key, whose, Answer.UNKNOWN, ACTIONS[0], (why,))
    for action in ACTIONS:
        call = Call(nodes, action, resource)
        context: dict[str, tuple[Textual, ...]] = {
            "kms:calleraccount": (caller.account,),
            "kms:grantisforawsresource": ("true",),
        }
        region = _region(facts, key)
        if region:
            context["kms:viaservice"] = (f"ec2.{region}.amazonaws.com",)
        request = replace(request_of(facts, caller, call, context), owner=account)
        every = policies(facts, request)
        # The policies of a role of a service are AWS's, which know no key of a customer's, and no control policy
        # of an organisation holds for it.
        doubts = tuple(each for each in every.doubts if each.layer not in (Layer.IDENTITY, Layer.SCP))
        decision: Decision = decide(request, replace(every, identity=(), scps=(), doubts=doubts))
        if decision.answer is not Answer.PROVEN:
            return Use(nodes, key, whose, decision.answer, action, decision.because)
    return Use(nodes, key, whose, Answer.PROVEN, ACTIONS[0])


def _account(facts: Facts, key: Address) -> Textual:
    """The key's account, spelled as its policy's principals are: its number, where a key's policy names only one."""
    if account_number(facts) is not None:
        return ACCOUNT
    named = {
        match[1]
        for statement in facts.where(Statement, holder=key)
        for _, value in statement.principals
        if isinstance(value, str) and (match := _NUMBER.match(value))
    }
    return own_number(facts) or (named.pop() if len(named) == 1 else ACCOUNT)


_NUMBER: Final = re.compile(r"arn:[^:]*:(?:iam|sts)::(\d{12}):")


def _region(facts: Facts, key: Address) -> str:
    located = facts.one(Located, of=key)
    return located.region if located is not None and isinstance(located.region, str) else ""


def _by_karpenter(facts: Facts, made: Address, key: Address) -> Iterator[Use]:
    resource = arn_of(facts, key)
    cluster = cluster_of(facts, made)
    region = _region(facts, key)
    for one in running(facts):
        if one.known.name != "karpenter" or one.cluster != cluster:
            continue
        sends: tuple[tuple[str, tuple[Textual, ...]], ...] = (("kms:grantisforawsresource", ("true",)),)
        if region:
            sends = (*sends, ("kms:viaservice", (f"ec2.{region}.amazonaws.com",)))
        for action in ACTIONS:
            if resource is None:
                why = Unknown(f"the policy of {key}", why="the input has no such key")
                yield Use(made, key, one.account, Answer.UNKNOWN, action, (why,))
                break
            followed: Chain = chain(facts, Call(one.account, action, resource, region, sends))
            if followed.role is None:
                break  # whose role nobody knows, of which another rule tells
            if not followed.verdict.proven:
                answer = Answer.REFUTED if followed.verdict.refuted else Answer.UNKNOWN
                yield Use(made, key, followed.role, answer, action, followed.missing)
                break
