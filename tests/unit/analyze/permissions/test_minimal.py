"""The least that a role has to allow: grants from calls, documents within IAM's limits, and how pods come by them."""

from __future__ import annotations

import pytest

from seawall.analyze.permissions.minimal import (
    Grant,
    as_document,
    as_statement,
    covers,
    documents,
    grants,
    meant,
    minimal,
    size,
)
from seawall.facts.compute import Addon, Cluster, Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Issuer, Principal
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, Unknown, text
from seawall.knowledge.policy_sizes import INLINE, MANAGED

ACCOUNT = Unknown("account", why="no input says which account this is")
ROLE = Address("eu-west-1/x:aws_iam_role.x")
QUEUE = text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":orders")


def call(action: str, resource: Textual = "*", region: str = "eu-west-1", **context: tuple[str, ...]) -> Call:
    """A call of the role; ``__`` in a key is its colon."""
    return Call(
        ROLE, action, resource, region, tuple((key.replace("__", ":"), value) for key, value in context.items())
    )


def test_actions_on_the_same_things_are_one_statement() -> None:
    """Nothing is said twice, and no pair of action and resource is granted that nobody needs."""
    found = grants([call("sqs:SendMessage", QUEUE), call("sqs:GetQueueUrl", QUEUE), call("sqs:sendmessage", QUEUE)])
    assert found == (Grant(("sqs:GetQueueUrl", "sqs:SendMessage"), (QUEUE,)),)
    other = text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":returns")
    found = grants([call("sqs:SendMessage", QUEUE), call("sqs:SendMessage", other), call("sqs:ReceiveMessage", other)])
    assert {(action, resource) for each in found for action in each.actions for resource in each.resources} == {
        ("sqs:SendMessage", QUEUE),
        ("sqs:SendMessage", other),
        ("sqs:ReceiveMessage", other),
    }


def test_an_action_about_nothing_is_narrowed_by_region_and_by_what_is_sent() -> None:
    """Where no ARN can narrow a grant, conditions do; services without regions are left alone."""
    found = grants([call("cloudwatch:PutMetricData", cloudwatch__namespace=("Shop",))])
    assert as_statement(found[0]) == {
        "Effect": "Allow",
        "Action": "cloudwatch:PutMetricData",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "cloudwatch:namespace": "Shop"}},
    }
    assert grants([call("iam:ListRoles")])[0].tests == ()


def test_a_resource_is_a_star_where_the_action_takes_none() -> None:
    """A statement that names an ARN for such an action would match nothing."""
    named = call("ec2:DescribeInstances", text("arn:aws:ec2:eu-west-1:", ACCOUNT, ":instance/*"))
    assert grants([named])[0].resources == ("*",)


def test_keys_that_the_action_does_not_answer_to_are_no_conditions() -> None:
    """A condition on a key that the request never holds would deny the call."""
    assert grants([call("sqs:SendMessage", QUEUE, cloudwatch__namespace=("Shop",))])[0].tests == ()


def test_several_values_are_tested_for_all_and_for_being_there() -> None:
    """ForAllValues alone lets a request through that has no such key."""
    (found,) = grants([call("ec2:CreateTags", "arn:aws:ec2:eu-west-1:1:volume/*", aws__tagkeys=("a", "b"))])
    assert found.tests == (
        ("ForAllValues:StringEquals", "aws:TagKeys", ("a", "b")),
        ("Null", "aws:TagKeys", ("false",)),
    )


def test_what_another_grant_covers_is_left_out() -> None:
    """A statement that could go without a gap is no part of the least."""
    wide = text("arn:aws:ssm:eu-west-1:", ACCOUNT, ":parameter/shop/*")
    narrow = text("arn:aws:ssm:eu-west-1:", ACCOUNT, ":parameter/shop/a")
    assert grants([call("ssm:GetParameter", narrow), call("ssm:GetParameter", wide)]) == (
        Grant(("ssm:GetParameter",), (wide,)),
    )


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*", QUEUE, True),
        (QUEUE, QUEUE, True),
        (text("arn:aws:sqs:*:", ACCOUNT, ":orders"), QUEUE, True),
        (text("arn:aws:sqs:eu-west-1:", Unknown("other"), ":orders"), QUEUE, False),
        ("arn:aws:sqs:*:orders", "arn:aws:sqs:eu-west-1:1:orders", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/*", True),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/*", False),
        ("arn:aws:s3:::b/a/*", "arn:aws:s3:::b/*", False),
    ],
)
def test_a_pattern_covers_what_every_value_of_a_shape_fits(pattern: Textual, value: Textual, expected: bool) -> None:
    """Stars end with their part of an ARN, and holes are equal to themselves alone."""
    assert covers(pattern, value) is expected


def test_a_long_policy_becomes_managed_ones() -> None:
    """Beyond what fits inline, each document stays below the limit of managed policies, and none is empty."""
    calls = [call("s3:GetObject", f"arn:aws:s3:::bucket-{number:04}-with-a-name/*") for number in range(400)]
    found = grants(calls)
    assert size(as_document(found)) > INLINE["role"]
    pages = documents(found)
    assert all(0 < size(as_document(page)) <= MANAGED for page in pages)
    assert sorted(each for page in pages for grant in page for each in grant.resources) == sorted(
        str(each.resource) for each in calls
    )


def test_what_fits_in_no_role_is_said() -> None:
    """More than ten managed policies cannot be attached."""
    calls = [call("s3:GetObject", f"arn:aws:s3:::{number:060}/*") for number in range(1000)]
    with pytest.raises(InputError, match=r"takes \d+ managed policies"):
        documents(grants(calls))


def test_sizes_are_counted_without_white_space() -> None:
    """As IAM counts them, with room for the account's twelve digits."""
    document = {"Statement": [{"Resource": text("a b", ACCOUNT)}]}
    assert size(document) == len('{"Statement":[{"Resource":"ab123456789012"}]}')


def cluster(name: str, region: str) -> Cluster:
    """A cluster whose issuer AWS makes up."""
    of = Address(f"{region}/eks:aws_eks_cluster.main")
    return Cluster(of, name, "1.36", region, Ref(of, "identity.0.oidc.0.issuer"), True, None)


def pod(cluster: str, account: str = "default", name: str = "shop") -> Workload:
    """A Deployment of namespace ``apps``."""
    return Workload(
        Address(f"{cluster}/Deployment/apps/{name}"),
        Address(f"{cluster}/Namespace/apps"),
        (),
        Address(f"{cluster}/ServiceAccount/apps/{account}"),
        "Deployment",
        1,
    )


def test_a_pod_without_an_account_gets_its_own_in_every_cluster() -> None:
    """Two clusters have two issuers; each is trusted for the one new account."""
    home, away = cluster("home", "eu-west-1"), cluster("away", "eu-west-2")
    provider = Address("eu-west-1/eks:aws_iam_openid_connect_provider.main")
    facts = Facts(
        [
            home,
            away,
            Issuer(provider, home.issuer, ("sts.amazonaws.com",)),
            pod("home"),
            pod("away"),
            pod("home", name="other"),
            *(Call(Address(f"{name}/Deployment/apps/shop"), "sqs:SendMessage", QUEUE) for name in ("home", "away")),
            Call(Address("home/Deployment/apps/other"), "sqs:ReceiveMessage", QUEUE),
        ]
    )
    least = minimal(facts, "apps/shop")
    assert least.role == "apps-shop-role"
    assert least.policies == ((Grant(("sqs:SendMessage",), (QUEUE,)),),)
    assert [(tie.cluster, tie.means, tie.account, tie.makes_account, tie.provider) for tie in least.ties] == [
        ("away", "irsa", "away/ServiceAccount/apps/shop", True, None),
        ("home", "irsa", "home/ServiceAccount/apps/shop", True, provider),
    ]
    assert any("no identity provider" in hole for hole in least.holes)


def test_with_the_agent_an_account_is_tied_by_pod_identity() -> None:
    """Whoever shares the account shares the role, so that their needs count as well."""
    home = cluster("home", "eu-west-1")
    facts = Facts(
        [
            home,
            Addon(Address("eu-west-1/eks:aws_eks_addon.agent"), home.of, "eks-pod-identity-agent", ""),
            Principal(Address("home/ServiceAccount/apps/shop"), "service-account", "system:serviceaccount:apps:shop"),
            pod("home", "shop"),
            pod("home", "shop", "other"),
            Call(Address("home/Deployment/apps/shop"), "sqs:SendMessage", QUEUE),
            Call(Address("home/Deployment/apps/other"), "sqs:ReceiveMessage", QUEUE),
        ]
    )
    least = minimal(facts, "Deployment/shop", "shop")
    assert least.policies == ((Grant(("sqs:ReceiveMessage", "sqs:SendMessage"), (QUEUE,)),),)
    (tie,) = least.ties
    assert (least.role, tie.means, tie.makes_account) == ("shop", "pod-identity", False)
    assert tie.workloads == (Address("home/Deployment/apps/other"), Address("home/Deployment/apps/shop"))


def test_an_arn_that_aws_makes_up_stays_a_reference() -> None:
    """What follows the ARN of a thing is kept behind the reference, as for the objects of a bucket."""
    table = Address("eu-west-1/data:aws_thing.t")
    shape = text("arn:aws:dynamodb:eu-west-1:", ACCOUNT, ":table/", Unknown("t.id"))
    source = Address("home/Deployment/apps/shop")
    facts = Facts(
        [
            cluster("home", "eu-west-1"),
            pod("home"),
            Identifier(table, "arn", shape),
            Call(source, "dynamodb:Query", Ref(table, "arn")),
            Call(source, "dynamodb:Query", text(shape, "/index/a")),
            Call(source, "dynamodb:Query", text(shape, "-not")),
        ]
    )
    ref = Ref(table, "arn")
    least = minimal(facts, "shop")
    assert set(least.policies[0][0].resources) == {ref, text(ref, "/index/a"), text(shape, "-not")}
    assert least.shapes == {ref: shape}
    assert any("a star stands for it" in hole for hole in least.holes)


def test_a_name_means_one_workload() -> None:
    """A choice is refused with the names to choose from, a misspelling with the right one."""
    facts = Facts([pod("home"), pod("away"), pod("home", name="other"), cluster("home", "eu-west-1")])
    assert meant(facts, "shop") == (Address("away/Deployment/apps/shop"), Address("home/Deployment/apps/shop"))
    with pytest.raises(InputError, match="no workload shp") as error:
        meant(facts, "shp")
    assert error.value.problems[0].fix == "did you mean shop?"
    with pytest.raises(InputError, match="calls AWS"):
        minimal(facts, "shop")
    elsewhere = Workload(Address("home/Job/jobs/shop"), Address("home/Namespace/jobs"), (), Address(""), "Job", 1)
    with pytest.raises(InputError, match="apps/Deployment/shop, jobs/Job/shop"):
        meant(facts.and_also([elsewhere]), "shop")


def test_nothing_in_a_grant_acts_as_a_variable() -> None:
    """What looks like a policy variable is written as the letters that it is; stars of the analysis stay."""
    key = text("arn:aws:s3:::b/${aws:username}/", ACCOUNT, "/*")
    tests = (("StringEquals", "cloudwatch:namespace", ("${aws:userid}",)),)
    statement = as_statement(Grant(("s3:GetObject",), (key,), tests))
    assert statement["Resource"] == text("arn:aws:s3:::b/${$}{aws:username}/", ACCOUNT, "/*")
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "${$}{aws:userid}"}}
