"""A demand is followed from the pod to the key, and the first link that breaks is named in its own word."""

from __future__ import annotations

import dataclasses

import pytest

from seawall.analyze.permissions.chain import chain
from seawall.kernel.address import Address
from seawall.kernel.verdict import Answer
from unit.analyze.permissions.estates import (
    POD,
    POD_IDENTITY,
    QUEUE,
    ROLE,
    account,
    allow,
    association,
    aws,
    by_token,
    call,
    cluster,
    document,
    facts,
    pod,
    ref,
    role,
)  # fmt: skip

SEND = call("sqs:SendMessage", QUEUE)
SENDS = allow("sqs:SendMessage", QUEUE)


def broken(given, asked=SEND):
    """Kind and fault of the first link that breaks, and the answer of the whole."""
    followed = chain(given, asked)
    link = followed.breaks
    return (link.kind, link.fault, followed.verdict.answer) if link else None


def test_a_whole_chain_has_every_link():
    """Account, trust and policy are looked at, and all of them hold."""
    followed = chain(facts(pod(), account(), role(SENDS), association()), SEND)
    assert [link.kind for link in followed.links] == ["service account", "trust policy", "policy"]
    assert followed.verdict.proven
    assert followed.breaks is None
    assert followed.role == ROLE


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("shop-??????", Answer.PROVEN), ("shop-?????", Answer.REFUTED), ("shop-main-*", Answer.REFUTED)],
)
def test_a_secret_by_the_pattern_that_aws_advises(pattern, expected):
    """Six question marks stand for what AWS makes up of a secret's ARN, whoever else's name may begin alike."""
    pattern = f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{pattern}"
    more = [aws("aws_secretsmanager_secret", "shop", {"name": "shop"})]
    given = facts(pod(), account(), role(allow("secretsmanager:GetSecretValue", pattern)), association(), more)
    read = call("secretsmanager:GetSecretValue", ref("aws_secretsmanager_secret", "shop"))
    assert chain(given, read).verdict.answer is expected


def test_a_pod_that_names_no_account():
    """Pods of the namespace's default account have nobody to be."""
    assert broken(facts(pod(None))) == ("service account", "no service account", Answer.REFUTED)


@pytest.mark.parametrize("named", ["app", "arn:aws:iam::111122223333:user/app", "arn:aws:iam::111122223333:role/"])
def test_an_annotation_that_is_no_role(named):
    """What cannot be a role is a gap for certain; a role that the input does not show is not known."""
    followed = chain(facts(pod(), account(named)), SEND)
    assert (followed.breaks.kind, followed.breaks.fault) == ("service account", "no role")
    assert followed.verdict.refuted
    assert f"names {named}, which is no ARN of a role" in followed.breaks.says
    elsewhere = facts(pod(), account("arn:aws:iam::111122223333:role/app"))
    assert chain(elsewhere, SEND).verdict.unknown


def test_a_statement_without_a_resource_is_said_to_have_none():
    """It allows its actions on nothing, and the sentence says so."""
    nothing = {"Sid": "Bare", "Effect": "Allow", "Action": "sqs:SendMessage"}
    followed = chain(facts(pod(), account(), role(nothing), association()), SEND)
    assert followed.breaks.says.endswith("allows sqs:SendMessage on nothing: it has no Resource")
    but = {"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE}
    followed = chain(facts(pod(), account(), role(but), association()), SEND)
    assert "allows sqs:SendMessage on all but arn:aws:sqs:eu-west-1:*:orders, and" in followed.breaks.says


def test_whom_another_role_trusts_is_its_trust_policy():
    """A role's policy for others is called what it is."""
    asked = call("sts:AssumeRole", ref("aws_iam_role", "other"))
    may = allow("sts:AssumeRole", "*")
    given = facts(pod(), account(), role(may), role(name="other"), association())
    followed = chain(given, asked)
    assert (followed.breaks.kind, followed.breaks.fault) == ("trust policy", "no permission")
    assert "the trust policy does not allow sts:AssumeRole" in followed.breaks.says


def test_an_account_without_a_role():
    """Neither annotation nor association."""
    assert broken(facts(pod(), account())) == ("service account", "no role", Answer.REFUTED)


@pytest.mark.parametrize(
    ("trust", "fault"),
    [
        (by_token("example", "system:serviceaccount:shop:other"), "wrong subject"),
        (by_token("example", audience="sts.example"), "wrong audience"),
        (by_token("home"), "other cluster's OIDC provider"),
        (POD_IDENTITY, "not trusted"),
    ],
)
def test_a_token_that_is_refused_is_refused_for_its_own_reason(trust, fault):
    """Subject, audience and issuer each have their word."""
    given = facts(pod(), account(ref("aws_iam_role", "shop")), cluster(), cluster("home"), role(SENDS, trust=trust))
    assert broken(given) == ("trust policy", fault, Answer.REFUTED)


def test_an_issuer_that_is_no_cluster():
    """A provider with a literal URL that no cluster of the input has is the wrong one."""
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/X"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"oidc.eks.us-east-1.amazonaws.com/id/X:sub": "system:serviceaccount:shop:shop"}
            },
        }
    )
    given = facts(pod(), account(ref("aws_iam_role", "shop")), cluster(), role(SENDS, trust=trust))
    assert broken(given) == ("trust policy", "wrong issuer", Answer.REFUTED)


def test_a_token_of_the_right_cluster_is_let_in():
    """The provider of the pod's own cluster, by reference, with subject and audience."""
    trust = by_token("example", audience="sts.amazonaws.com")
    given = facts(pod(), account(ref("aws_iam_role", "shop")), cluster(), cluster("home"), role(SENDS, trust=trust))
    assert chain(given, SEND).verdict.proven


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (allow("sqs:ReceiveMessage", QUEUE), "no permission"),
        (allow("sqs:SendMessage", QUEUE.replace("eu-west-1", "us-east-1")), "region-pinned ARN"),
        (allow("sqs:SendMessage", QUEUE + "-other"), "wrong resource"),
        (
            allow("sqs:SendMessage", QUEUE, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            "condition",
        ),
    ],
)
def test_what_a_policy_lacks_has_its_word(statement, fault):
    """The nearest statement misses by its action, its region, its ARN or a condition."""
    asked = dataclasses.replace(SEND, region="eu-west-1")
    given = facts(pod(), account(), role(statement), association())
    assert broken(given, asked) == ("policy", fault, Answer.REFUTED)


def test_a_deny_is_named_as_one():
    """A Deny behind an Allow."""
    deny = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}
    given = facts(pod(), account(), role(SENDS, deny), association())
    assert broken(given) == ("policy", "explicit deny", Answer.REFUTED)


def test_a_boundary_takes_away_what_the_policy_grants():
    """The policy's own link holds, the boundary's breaks."""
    boundary = aws("aws_iam_policy", "cap", {"name": "cap", "policy": document(allow("s3:*", "*"))})
    given = facts(
        pod(), account(), boundary, role(SENDS, permissions_boundary=ref("aws_iam_policy", "cap")), association()
    )
    followed = chain(given, SEND)
    assert [(link.kind, link.verdict.answer) for link in followed.links[2:]] == [
        ("policy", Answer.PROVEN),
        ("permissions boundary", Answer.REFUTED),
    ]
    assert followed.breaks.fault == "boundary"


def test_a_key_policy_that_leaves_nothing_to_iam():
    """The role may use the key by its own policy, and the key's names somebody else."""
    principal = {"AWS": "arn:aws:iam::111122223333:role/other"}
    policy = document({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
    key = aws("aws_kms_key", "data", {"policy": policy})
    arn = ref("aws_kms_key", "data")
    given = facts(pod(), account(), key, role(allow("kms:Decrypt", arn)), association())
    kind, fault, _ = broken(given, call("kms:Decrypt", arn))
    assert (kind, fault) == ("key policy", "key policy")


def test_a_definite_no_behind_an_unknown_is_found():
    """A role's trust that is not known does not hide that its policies do not allow the call."""
    from seawall.kernel.value import Unknown

    trust = Unknown("trust", why="not known")
    given = facts(pod(), account(), role(allow("s3:GetObject", "*"), trust=trust), association())
    followed = chain(given, SEND)
    assert followed.links[1].verdict.unknown
    assert followed.breaks.fault == "no permission"
    assert followed.verdict.refuted


def test_a_role_of_another_input_is_unknown():
    """An annotation that names a role of which nothing is known refutes nothing."""
    given = facts(pod(), account("arn:aws:iam::111122223333:role/elsewhere"))
    kind, _, answer = broken(given)
    assert (kind, answer) == ("role", Answer.UNKNOWN)


def test_a_function_is_its_role():
    """No service account stands between a function and its role, and its service must be trusted."""
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    arn = "arn:aws:iam::111122223333:role/shop"
    body = {"function_name": "shop", "role": arn, "runtime": "python3.13", "handler": "a.b"}
    function = aws("aws_lambda_function", "shop", body)
    asked = call("sqs:SendMessage", QUEUE, function.address)
    assert chain(facts(function, role(SENDS, trust=trust)), asked).verdict.proven
    assert broken(facts(function, role(SENDS)), asked) == ("trust policy", "not trusted", Answer.REFUTED)
    assert broken(facts(), call("sqs:SendMessage", QUEUE, Address("r/s:aws_lambda_function.x")))[1] == "no role"


def nodes(hops):
    """A node group whose role may send, with a launch template of that hop limit."""
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    group = {
        "cluster_name": ref("aws_eks_cluster", "example", "name"),
        "node_role_arn": ref("aws_iam_role", "nodes"),
        "subnet_ids": [],
        "launch_template": {"id": ref("aws_launch_template", "nodes", "id"), "version": "1"},
        "scaling_config": {"min_size": 1, "desired_size": 1, "max_size": 1},
    }
    template = {"metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": hops}}
    return [
        *cluster(),
        *role(SENDS, name="nodes", trust=trust),
        aws("aws_launch_template", "nodes", template),
        aws("aws_eks_node_group", "nodes", group),
    ]


def test_a_pod_without_a_role_is_its_node_where_it_gets_at_it():
    """One hop is the node's alone, two are a pod's too, and a pod on the node's network needs one."""
    assert broken(facts(pod(), account(), nodes(1))) == ("service account", "no credentials", Answer.REFUTED)
    assert broken(facts(pod(), account(), nodes(2))) is None
    assert broken(facts(pod(hostNetwork=True), account(), nodes(1))) is None


def test_a_node_that_may_not_either_leaves_the_missing_role_as_the_reason():
    """What is missing is a role of the pod's own, wherever its node's credentials are."""
    asked = call("s3:GetObject", "arn:aws:s3:::bucket/key")
    assert broken(facts(pod(), account(), nodes(2)), asked) == ("service account", "no role", Answer.REFUTED)


def test_an_account_with_both_means_goes_by_its_token():
    """An SDK looks for the token of the annotation before it asks the agent of Pod Identity."""
    given = facts(
        pod(),
        account(ref("aws_iam_role", "token")),
        cluster(),
        role(SENDS),
        role(allow("s3:GetObject", "*"), name="token", trust=by_token("example")),
        association(),
    )
    assert chain(given, SEND).role.endswith(".token")
    assert POD in {chain(given, SEND).call.source}


def test_a_job_is_held_against_the_role_that_it_takes_on():
    """A token of another branch is refused, one that may be the right one is not."""
    from seawall.facts.delivery import TakesOn

    url = "token.actions.githubusercontent.com"
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{url}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{url}:sub": "repo:example/shop:environment:production"}},
        }
    )
    job = Address("file:release.yml//deploy")
    asked = call("sqs:SendMessage", QUEUE, job)
    given = facts(role(SENDS, trust=trust))
    taken = given.and_also([TakesOn(job, "shop", ("environment:production",))])
    assert chain(taken, asked).verdict.proven
    refused = given.and_also([TakesOn(job, "shop", ("pull_request",))])
    assert broken(refused, asked) == ("trust policy", "wrong subject", Answer.REFUTED)


def test_a_queue_of_another_account_needs_its_own_policy():
    """What a statement names tells nothing of whose account this is, and its owner's policy is not in the input."""
    other = QUEUE.replace("111122223333", "999988887777")
    given = facts(pod(), account(), role(allow("sqs:SendMessage", other)), association())
    assert chain(given, call("sqs:SendMessage", other)).verdict.unknown
