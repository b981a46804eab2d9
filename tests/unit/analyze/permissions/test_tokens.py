"""Who comes with a token is let in as the evaluator decides, and a no has the word for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.analyze.permissions.chain import chain
from seawall.facts.delivery import TakesOn
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer
from unit.analyze.permissions.estates import (
    POD_IDENTITY,
    QUEUE,
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

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
SUBJECT = "system:serviceaccount:shop:shop"
SEND = call("sqs:SendMessage", QUEUE)
SENDS = allow("sqs:SendMessage", QUEUE)
HERS = {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}
GITHUB = "token.actions.githubusercontent.com"
JOB = Address("file:release.yml//deploy")


def trusting(conditions: dict[str, Any], *more: dict[str, Any], issuer: str = ISSUER) -> dict[str, Any]:
    """A trust policy for tokens of a provider that is given by its ARN."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    return document(statement, *more)


def here(issuer: str = ISSUER):
    """The pod's cluster, whose issuer is known since it has been made."""
    body = {
        "name": "example",
        "role_arn": "arn:aws:iam::111122223333:role/eks",
        "vpc_config": {"subnet_ids": []},
        "identity": [{"oidc": [{"issuer": f"https://{issuer}"}]}],
    }
    return aws("aws_eks_cluster", "example", body)


def of_pod(trust: Any, *more: Any, known: bool = True):
    """Fault and answer of the trust policy's link for the pod's token."""
    given = facts(
        pod(), account(ref("aws_iam_role", "shop")), *([here()] if known else []), *more, role(SENDS, trust=trust)
    )
    return answered(chain(given, SEND))


def answered(followed):
    """Kind, fault and answer of whom the role lets in."""
    link = next(each for each in followed.links if each.kind in ("trust policy", "resource control policy"))
    return link.kind, link.fault, link.verdict.answer


def trust_policy(fault: str, answer: Answer):
    """What is expected of a trust policy's link."""
    return "trust policy", fault, answer


DENY = {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}


@pytest.mark.parametrize(
    ("trust", "fault", "answer"),
    [
        (trusting({"StringEquals": HERS}), "", Answer.PROVEN),
        (trusting({"StringEquals": HERS, "Null": {f"{ISSUER}:sub": "false"}}), "", Answer.PROVEN),
        (trusting({"StringEquals": HERS}, DENY), "explicit deny", Answer.REFUTED),
        (trusting({"StringEquals": HERS, "Bool": {"aws:SecureTransport": "false"}}), "condition", Answer.REFUTED),
        (trusting({"StringEquals": HERS, "Null": {f"{ISSUER}:sub": "true"}}), "wrong subject", Answer.REFUTED),
        (trusting({"stringnotequals": {f"{ISSUER}:sub": SUBJECT}}), "wrong subject", Answer.REFUTED),
        (
            trusting({"StringEquals": {f"{ISSUER}:sub": "system:serviceaccount:shop:*"}}),
            "wrong subject",
            Answer.REFUTED,
        ),
        (trusting({"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:shop:*"}}), "", Answer.PROVEN),
        (trusting({"StringEquals": {**HERS, f"{ISSUER}:aud": "sts.example"}}), "wrong audience", Answer.REFUTED),
        (trusting({"StringNotLike": {f"{ISSUER}:aud": "sts.*"}}), "wrong audience", Answer.REFUTED),
        (trusting({"StringEquals": {"oidc.example/id/X:sub": SUBJECT}}), "wrong issuer", Answer.REFUTED),
        (trusting({"StringEquals": HERS}, issuer="oidc.example/id/X"), "wrong issuer", Answer.REFUTED),
        (
            trusting({"StringEquals": HERS, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            "not known",
            Answer.UNKNOWN,
        ),
    ],
)
def test_a_pods_token_is_held_against_the_whole_trust_policy(trust, fault, answer):
    """Deny, every operator and every other condition count; what the input does not say leaves the answer open."""
    assert of_pod(trust) == trust_policy(fault, answer)


def test_a_deny_that_leaves_this_provider_out_denies_nothing():
    """NotPrincipal with the provider of the pod's cluster means everybody else."""
    others = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"}
    deny = {"Effect": "Deny", "NotPrincipal": others, "Action": "sts:*"}
    assert of_pod(trusting({"StringEquals": HERS}, deny)) == trust_policy("", Answer.PROVEN)


def test_a_deny_under_another_clusters_subject_denies_nothing():
    """A key of another issuer is not among this token's claims."""
    deny = {**DENY, "Condition": {"StringEquals": {"oidc.example/id/X:sub": SUBJECT}}}
    assert of_pod(trusting({"StringEquals": HERS}, deny)) == trust_policy("", Answer.PROVEN)


def test_without_the_cluster_nobody_knows_whose_tokens_its_pods_have():
    """One provider in the input does not make it the pod's."""
    given = facts(pod(), account(ref("aws_iam_role", "shop")), role(SENDS, trust=trusting({"StringEquals": HERS})))
    followed = chain(given, SEND)
    assert answered(followed) == trust_policy("not known", Answer.UNKNOWN)
    assert [reason.why for reason in followed.missing] == [
        "the cluster is not in the input, so whose tokens its pods have is not known"
    ]


def test_that_an_issuer_is_of_the_clusters_region_proves_nothing():
    """A cluster that is made later has an address of that shape, and so have all others there."""
    later, _ = cluster()
    trust = trusting({"StringEquals": HERS})
    given = facts(pod(), account(ref("aws_iam_role", "shop")), later, role(SENDS, trust=trust))
    assert answered(chain(given, SEND)) == trust_policy("not known", Answer.UNKNOWN)


@pytest.mark.parametrize(
    ("trust", "fault"),
    [
        (trusting({"StringEquals": {**HERS, f"{ISSUER}:sub": "system:serviceaccount:shop:other"}}), "wrong subject"),
        (trusting({"StringEquals": HERS}, DENY), "explicit deny"),
        (trusting({"StringEquals": {"oidc.example/id/X:sub": SUBJECT}}), "wrong issuer"),
    ],
)
def test_what_is_wrong_whatever_the_cluster_is_wrong_without_it(trust, fault):
    """A no that does not hang on the issuer stays one."""
    assert of_pod(trust, known=False) == trust_policy(fault, Answer.REFUTED)


def test_an_audience_that_the_provider_does_not_accept():
    """STS refuses a token before it looks at the trust policy."""
    provider = aws("aws_iam_openid_connect_provider", "example", {"url": f"https://{ISSUER}", "client_id_list": ["x"]})
    assert of_pod(by_token("example"), provider) == trust_policy("wrong audience", Answer.REFUTED)


def organization(**statement: Any):
    """An organisation whose root has one resource control policy."""
    content = document({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", **statement})
    return [
        aws("aws_organizations_organization", "o", {"feature_set": "ALL"}),
        aws("aws_organizations_policy", "r", {"name": "r", "type": "RESOURCE_CONTROL_POLICY", "content": content}),
        aws(
            "aws_organizations_policy_attachment",
            "r",
            {
                "policy_id": ref("aws_organizations_policy", "r", "id"),
                "target_id": ref("aws_organizations_organization", "o", "roots.0.id"),
            },
        ),
    ]


def test_a_resource_control_policy_keeps_tokens_out():
    """STS is among the services of such policies, and its conditions are on the same claims."""
    trust = trusting({"StringEquals": HERS})
    denied = ("resource control policy", "control policy", Answer.REFUTED)
    assert of_pod(trust, organization()) == denied
    keeps = {"StringNotLike": {f"{ISSUER}:sub": "system:serviceaccount:shop:*"}}
    assert of_pod(trust, organization(Condition=keeps)) == trust_policy("", Answer.PROVEN)
    others = {"StringNotLike": {f"{ISSUER}:sub": "system:serviceaccount:else:*"}}
    assert of_pod(trust, organization(Condition=others)) == denied


def test_a_resource_control_policy_says_nothing_of_a_service():
    """What a service does as itself is not a token's business."""
    given = facts(pod(), account(), organization(Action="sts:AssumeRoleWithWebIdentity"), role(SENDS), association())
    assert answered(chain(given, SEND)) == trust_policy("", Answer.PROVEN)


def test_pod_identity_needs_both_of_its_actions():
    """A Deny of the second one keeps the agent out as well."""
    deny = {**DENY, "Action": "sts:TagSession"}
    given = facts(pod(), account(), role(SENDS, trust=document(*POD_IDENTITY["Statement"], deny)), association())
    assert answered(chain(given, SEND)) == trust_policy("explicit deny", Answer.REFUTED)


ACME = {f"{GITHUB}:sub": "repo:acme/shop:ref:refs/heads/main", f"{GITHUB}:aud": "sts.amazonaws.com"}
ANY = {f"{GITHUB}:sub": "repo:acme/shop:*"}
HERE = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, "StringLike": ANY}
OTHERS = {f"{GITHUB}:aud": "x"}
STS = {f"{GITHUB}:aud": "sts.*"}
GITLAB = {"StringLike": {"gitlab.com:sub": "repo:acme/shop:*"}}


def of_job(trust: Any, *subjects: str, audience: Any = "sts.amazonaws.com"):
    """Fault and answer of the trust policy's link for a job's token."""
    taken = TakesOn(JOB, "shop", subjects, audience)
    return answered(chain(facts(role(SENDS, trust=trust)).and_also([taken]), call("sqs:SendMessage", QUEUE, JOB)))


@pytest.mark.parametrize(
    ("trust", "fault", "answer"),
    [
        (trusting({"StringEquals": ACME}, issuer=GITHUB), "", Answer.PROVEN),
        (trusting(HERE, issuer=GITHUB), "", Answer.PROVEN),
        (trusting({"StringEquals": ANY}, issuer=GITHUB), "wrong subject", Answer.REFUTED),
        (trusting(HERE, DENY, issuer=GITHUB), "explicit deny", Answer.REFUTED),
        (trusting(GITLAB, issuer="gitlab.com"), "wrong issuer", Answer.REFUTED),
        (trusting({"StringLike": ANY}, issuer="gitlab.com"), "wrong issuer", Answer.REFUTED),
        (trusting({"StringLike": ANY, "StringEquals": OTHERS}, issuer=GITHUB), "wrong audience", Answer.REFUTED),
        (trusting({"StringLike": ANY, "StringNotLike": STS}, issuer=GITHUB), "wrong audience", Answer.REFUTED),
        (trusting({**HERE, "StringEquals": {f"{GITHUB}:actor": "x"}}, issuer=GITHUB), "not known", Answer.UNKNOWN),
        (trusting(HERE, issuer=f"{GITHUB}/acme"), "wrong issuer", Answer.REFUTED),
    ],
)  # fmt: skip
def test_a_jobs_token_is_held_against_the_whole_trust_policy(trust, fault, answer):
    """Provider, audience, operator and Deny count as much as the subject."""
    assert of_job(trust, "ref:refs/heads/main") == trust_policy(fault, answer)


@pytest.mark.parametrize(
    ("subjects", "fault", "answer"),
    [
        (("ref:refs/tags/*",), "not known", Answer.UNKNOWN),
        (("ref:refs/tags/v1",), "", Answer.PROVEN),
        (("ref:refs/heads/*",), "wrong subject", Answer.REFUTED),
        (("ref:refs/tags/v1", "pull_request"), "wrong subject", Answer.REFUTED),
        ((), "not known", Answer.UNKNOWN),
    ],
)
def test_what_a_job_comes_as_may_be_known_in_part(subjects, fault, answer):
    """Every subject has to be let in, and a part that is not known may decide."""
    trust = trusting({"StringLike": {f"{GITHUB}:sub": "repo:acme/shop:ref:refs/tags/v*"}}, issuer=GITHUB)
    assert of_job(trust, *subjects) == trust_policy(fault, answer)


def test_an_audience_that_the_workflow_works_out_is_not_known():
    """The trust policy wants one, and the job may ask for it or not."""
    said = Unknown("audience", why="the workflow says ${{ vars.AUDIENCE }}")
    assert of_job(trusting(HERE, issuer=GITHUB), "pull_request", audience=said) == trust_policy(
        "not known", Answer.UNKNOWN
    )
    assert of_job(trusting(HERE, issuer=GITHUB), "pull_request", audience="x") == trust_policy(
        "wrong audience", Answer.REFUTED
    )


def test_an_enterprises_own_issuer_may_be_the_jobs():
    """Such a provider and its keys go together, and a workflow does not say of which enterprise it is."""
    keys = {"StringLike": {f"{GITHUB}/acme:sub": "repo:acme/shop:*"}}
    assert of_job(trusting(keys, issuer=f"{GITHUB}/acme"), "pull_request") == trust_policy("not known", Answer.UNKNOWN)
