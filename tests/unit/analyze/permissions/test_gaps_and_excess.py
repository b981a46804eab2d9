"""What is needed held against what is granted: what is missing, and what is there for nothing."""

from __future__ import annotations

import dataclasses

import pytest

from seawall.analyze.permissions.excess import excess, never_needed
from seawall.analyze.permissions.gaps import alike, gaps, undecided
from seawall.analyze.permissions.minimal import as_statement, grants
from seawall.analyze.permissions.needed import needs, needs_of, users_of
from seawall.kernel.address import Address
from seawall.kernel.finding import Severity
from unit.analyze.permissions.estates import (
    POD,
    QUEUE,
    ROLE,
    account,
    allow,
    association,
    aws,
    call,
    document,
    facts,
    pod,
    ref,
    role,
)  # fmt: skip

SEND = call("sqs:SendMessage", QUEUE)
READ_IN = Address("file:application.yml")
SECRET = ref("aws_secretsmanager_secret", "shop")
KEY = ref("aws_kms_key", "data")
READ = call("secretsmanager:GetSecretValue", SECRET)


def estate(*statements, calls=(SEND,), more=()):
    """A pod that acts as a role with these statements."""
    return facts(pod(), account(), role(*statements), association(), list(more), calls=calls)


def encrypted():
    """A secret under a key of the account's own."""
    return [
        aws("aws_kms_key", "data", {"description": "data"}),
        aws("aws_secretsmanager_secret", "shop", {"name": "shop", "kms_key_id": KEY}),
    ]


def test_reading_a_secret_brings_its_key_along():
    """The call on the key goes through the service, and says after which call it comes."""
    given = estate(allow("secretsmanager:GetSecretValue", SECRET), calls=(READ,), more=encrypted())
    stated, brought = needs(given)
    assert (stated.call, stated.after) == (READ, None)
    assert (brought.call.action, brought.after) == ("kms:Decrypt", READ)
    assert dict(brought.call.context)["kms:viaservice"] == ("secretsmanager.eu-west-1.amazonaws.com",)
    (gap,) = gaps(given)
    assert (gap.call.action, gap.after, gap.severity) == ("kms:Decrypt", READ, Severity.HIGH)


def test_a_key_through_its_service_closes_the_gap():
    """The condition on the service is met by a call that is brought along."""
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    statements = (allow("secretsmanager:GetSecretValue", SECRET), allow("kms:Decrypt", KEY, Condition=via))
    given = estate(*statements, calls=(READ,), more=encrypted())
    assert gaps(given) == ()
    assert excess(given) == ()


def test_a_call_on_the_key_that_is_stated_is_not_told_twice():
    """A need that names the key itself stays one need, and learns through which service it is made."""
    decrypt = call("kms:Decrypt", KEY)
    found = needs(estate(calls=(READ, decrypt), more=encrypted()))
    assert [need.call.action for need in found] == ["secretsmanager:GetSecretValue", "kms:Decrypt"]
    assert all(need.after is None for need in found)
    assert found[1].call.context


def test_what_aws_encrypts_with_its_own_key_brings_nothing_along():
    """A secret without a key of the account's own asks nothing more."""
    plain = [aws("aws_secretsmanager_secret", "shop", {"name": "shop"})]
    assert len(needs(estate(calls=(READ,), more=plain))) == 1


def test_who_needs_what_of_a_role():
    """A role's needs are those of all that act as it, and who that is can be asked."""
    given = estate(allow("sqs:SendMessage", QUEUE))
    assert [need.call for need in needs_of(given, ROLE)] == [SEND]
    assert users_of(given, ROLE) == (POD,)


def test_gaps_of_one_defect_are_one_group():
    """Two calls that one policy lacks are told together, a call that another link stops is not."""
    calls = (SEND, call("sqs:ReceiveMessage", QUEUE), call("s3:GetObject", "arn:aws:s3:::b/k"))
    given = estate(allow("s3:GetObject", "arn:aws:s3:::other/*"), calls=calls)
    assert sorted(len(group) for group in alike(gaps(given))) == [1, 2]


def test_what_is_needed_exactly_is_no_excess():
    """The very statement."""
    assert excess(estate(allow("sqs:SendMessage", QUEUE))) == ()


@pytest.mark.parametrize(
    ("statement", "field", "expected"),
    [
        (allow(["sqs:SendMessage", "sqs:DeleteQueue"], QUEUE), "actions", ("sqs:DeleteQueue",)),
        (allow("sqs:SendMessage", [QUEUE, QUEUE + "-2"]), "resources", (QUEUE + "-2",)),
        (allow("sqs:SendMessage", [QUEUE, "arn:aws:s3:::b"]), "dead", (("sqs:SendMessage", "arn:aws:s3:::b"),)),
        (allow(["sqs:SendMessage", "s3:ListBucket"], QUEUE), "dead", (("s3:ListBucket", QUEUE),)),
    ],
)
def test_what_is_never_needed_is_told_apart(statement, field, expected):
    """An action, an ARN, an ARN of which the action is never about: one item of a statement, and only that part."""
    (item,) = excess(estate(statement))
    assert item.verdict.refuted
    fields = {name: getattr(item, name) for name in ("actions", "resources", "wide", "dead")}
    assert fields == {"actions": (), "resources": (), "wide": (), "dead": (), field: expected}


@pytest.mark.parametrize(
    ("statement", "of", "granted"),
    [
        (allow("sqs:Send*", QUEUE), None, None),  # SendMessage is all that it covers
        (allow("sqs:*", QUEUE), "action", "sqs:*"),
        (allow("sqs:SendMessage", "*"), "resource", "*"),
        (
            allow("sqs:SendMessage", "arn:aws:sqs:*:111122223333:orders"),
            "resource",
            "arn:aws:sqs:*:111122223333:orders",
        ),
        (allow("sqs:SendMessage", "*", Condition={"StringEquals": {"aws:ResourceTag/app": "shop"}}), None, None),
    ],
)
def test_patterns_that_cover_more_than_is_needed(statement, of, granted):
    """A star is too wide where it covers what nobody needs, and is not where a tag narrows it."""
    tagged = dataclasses.replace(SEND, context=(("aws:resourcetag/app", ("shop",)),))
    found = [wide for item in excess(estate(statement, calls=(tagged,))) for wide in item.wide]
    assert [(each.of, each.granted) for each in found] == ([(of, granted)] if of else [])


def test_a_star_that_is_needed_is_not_too_wide():
    """An action that is about no resource is granted on a star, and nothing less would do."""
    statement = allow("cloudwatch:PutMetricData", "*")
    assert excess(estate(statement, calls=(call("cloudwatch:PutMetricData", "*"),))) == ()


def test_pairs_that_nobody_asks_for():
    """Each action and each ARN is needed, and one of the four pairs is not."""
    calls = (SEND, call("sqs:ReceiveMessage", QUEUE), call("sqs:SendMessage", QUEUE + "-2"))
    (item,) = excess(estate(allow(["sqs:SendMessage", "sqs:ReceiveMessage"], [QUEUE, QUEUE + "-2"]), calls=calls))
    assert [(wide.action, wide.granted) for wide in item.wide] == [("sqs:ReceiveMessage", QUEUE + "-2")]


def test_all_but_something_is_too_wide():
    """A statement that names what it does not allow grants everything else."""
    statement = {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}
    (item,) = excess(estate(statement))
    assert item.wide[0].needed == ("sqs:SendMessage",)


def test_a_role_that_nothing_acts_as_is_not_known():
    """Without anybody who takes it on nothing can be said of what it needs."""
    (item,) = excess(facts(role(allow("sqs:*", "*"))))
    assert item.verdict.unknown
    assert "acts as this role" in item.verdict.because[0].why


def test_a_pod_of_which_nothing_is_known_makes_it_not_known():
    """A role whose pod makes no call that the input knows is unknown, once for the role."""
    (item,) = excess(estate(allow("sqs:*", "*"), allow("s3:*", "*"), calls=()))
    assert item.verdict.unknown
    assert str(POD) in item.verdict.because[0].what


def test_a_managed_policy_is_one_item():
    """What AWS keeps cannot be narrowed: one item names what of it is never needed."""
    attached = {
        "role": ref("aws_iam_role", "shop", "name"),
        "policy_arn": "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    }
    more = [aws("aws_iam_role_policy_attachment", "cni", attached)]
    found = excess(estate(allow("sqs:SendMessage", QUEUE), more=more))
    assert [item.policy for item in found] == ["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"]
    assert "ec2:CreateNetworkInterface" in found[0].actions


def test_what_aws_prescribes_for_its_own_service_is_needed():
    """The policy of a cluster's own role is what AWS says that it is to be."""
    trust = document({"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"})
    attached = {
        "role": ref("aws_iam_role", "shop", "name"),
        "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    }
    body = {"name": "example", "role_arn": ref("aws_iam_role", "shop"), "vpc_config": {"subnet_ids": []}}
    given = facts(
        role(trust=trust), aws("aws_eks_cluster", "example", body), aws("aws_iam_role_policy_attachment", "c", attached)
    )
    assert excess(given) == ()


def test_the_check_sees_what_is_never_needed_without_the_list_of_actions():
    """The rule's part of excess asks for no reference, and leaves patterns out."""
    assert len(never_needed(estate(allow(["sqs:SendMessage", "sqs:DeleteQueue"], QUEUE)))) == 1
    assert never_needed(estate(allow("sqs:*", "*"))) == ()


def test_an_opaque_policy_is_not_known():
    """A policy that is not in the input may grant anything."""
    attached = {"role": ref("aws_iam_role", "shop", "name"), "policy_arn": "arn:aws:iam::111122223333:policy/elsewhere"}
    more = [aws("aws_iam_role_policy_attachment", "elsewhere", attached)]
    (item,) = excess(estate(allow("sqs:SendMessage", QUEUE), more=more))
    assert item.verdict.unknown


def machine(**states):
    """A state machine with these states, its role and the statements that the role has."""
    import json

    trust = document({"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"})
    definition = json.dumps({"StartAt": "first", "States": states})
    body = {"name": "shop", "role_arn": ref("aws_iam_role", "shop"), "definition": definition}
    return trust, aws("aws_sfn_state_machine", "shop", body)


def test_what_a_machine_carries_out_is_needed_on_whatever_it_is():
    """Its definition names the action and not the thing: nothing is too narrow, and another action is never needed."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:purgeQueue", "End": True}
    trust, made = machine(first=task)
    given = facts(made, role(allow(["sqs:PurgeQueue", "sqs:DeleteQueue"], QUEUE), trust=trust))
    assert gaps(given) == ()
    assert [each.action for each in undecided(given)] == ["sqs:PurgeQueue"]
    (item,) = excess(given)
    assert (item.actions, item.resources, item.wide) == (("sqs:DeleteQueue",), (), ())
    refused = facts(made, role(allow("sqs:DeleteQueue", QUEUE), trust=trust))
    (gap,) = gaps(refused)
    assert undecided(refused) == ()
    assert gap.chain.breaks.fault == "no permission"


@pytest.mark.parametrize("action", ["budgets:ViewBudget", "ce:GetCostAndUsage", "support:DescribeCases"])
def test_the_least_for_a_global_service_closes_its_gap(action):
    """Calls of a service with one endpoint carry its region: a condition on the caller's would refuse them."""
    called = dataclasses.replace(call(action, "*"), region="eu-west-1")
    (least,) = grants([called])
    assert least.tests == ()
    assert gaps(estate(as_statement(least), calls=(called,))) == ()


def test_a_call_is_evaluated_once_however_often_it_is_asked_about(monkeypatch):
    """Gaps of an estate cost as many evaluations as it has calls and layers, whoever asks again."""
    from seawall.analyze.permissions import chain as module

    asked = []
    decide = module.decide
    monkeypatch.setattr(module, "decide", lambda *given: asked.append(given) or decide(*given))
    calls = tuple(call("sqs:SendMessage", f"{QUEUE}-{number}") for number in range(20))
    given = estate(allow("sqs:SendMessage", f"{QUEUE}-*"), calls=calls)
    for _ in range(3):
        assert gaps(given) == ()
    assert len(asked) == 2 * len(calls)  # the whole, and the role's own policies by themselves


def test_what_a_configuration_says_is_not_all_that_a_pod_calls():
    """A call that a reader found is needed; what else the pod's code calls nobody knows, so the rest is not known."""
    found = dataclasses.replace(SEND, by=READ_IN)
    (item,) = excess(estate(allow(["sqs:SendMessage", "sqs:DeleteQueue"], QUEUE), calls=(found,)))
    assert item.actions == ("sqs:DeleteQueue",)
    assert item.verdict.unknown
    assert "its code is not in it" in item.verdict.because[0].why
    assert never_needed(estate(allow("sqs:SendMessage", QUEUE), calls=(found,))) == ()


def test_a_machines_log_and_keys_are_not_in_its_definition():
    """A definition tells of no log and no key, so that a statement for them is not called superfluous."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:purgeQueue", "End": True}
    trust, made = machine(first=task)
    statements = (allow("sqs:PurgeQueue", QUEUE), allow("kms:Decrypt", "*"), allow("s3:GetObject", "arn:aws:s3:::b/*"))
    found = {item.actions[0]: item.verdict for item in excess(facts(made, role(*statements, trust=trust)))}
    assert found["kms:Decrypt"].unknown
    assert found["s3:GetObject"].refuted
