"""What is known of a call before it is made: who, from where, about what, and what is certainly not said."""

from __future__ import annotations

from typing import Any

import pytest

from permission_estate import allow, at, estate, policy
from seawall.analyze.permissions.applicable import caller_of, context_of, policies, request_of
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import decide
from seawall.analyze.permissions.request import Caller, Context
from seawall.facts.compute import Cluster, Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

APP = at("aws_iam_role.app")
SHOP = Address.kubernetes("example", "ServiceAccount", "shop", "shop")
PODS = Workload(
    Address.kubernetes("example", "Deployment", "shop", "shop"),
    Address.kubernetes("example", "Namespace", "", "shop"),
    (("app", "shop"),),
    SHOP,
    "Deployment",
    1,
)
ASKING = policy(
    allow(
        "*",
        Condition={
            "StringEquals": {"aws:PrincipalTag/team": "a", "aws:ResourceTag/Env": "x", "ec2:ResourceTag/left": "y"},
        },
    )
)
FOUND: dict[str, Any] = {
    "aws_iam_role": {"app": {"name": "app", "assume_role_policy": policy(), "tags": {"Owner": "us"}}},
    "aws_iam_user": {"jo": {"name": "jo", "path": "/people/"}},
    "aws_iam_role_policy": {"app": {"role": "${aws_iam_role.app.name}", "policy": ASKING}},
    "aws_sqs_queue": {"q": {"name": "orders", "tags": {"env": "live"}}},
    "aws_sns_topic": {"t": {"name": "news"}},
    "aws_kms_key": {"k": {}},
}
POD_IDENTITY = Assumes(SHOP, APP, "pod-identity")
QUEUE = Ref(at("aws_sqs_queue.q"), "arn")


def facts(*more: Any) -> Facts:
    """The estate with some facts more."""
    return estate(FOUND, more)


def known(
    found: Facts, source: Address = APP, action: str = "sqs:SendMessage", resource: Any = QUEUE, **more: Any
) -> Context:
    """What is known of a call of the role."""
    caller = caller_of(found, APP)
    assert isinstance(caller, Caller)
    return context_of(found, caller, Call(source, action, resource, **more))


def test_a_role_is_known_by_its_arn_and_has_no_user_name() -> None:
    """What IAM fills in of a session: the role's ARN, its account, its kind; no more."""
    found = known(facts())
    assert found["aws:principalarn"] == (Text(("arn:aws:iam::", ACCOUNT, ":role/app")),)
    assert found["aws:principalaccount"] == (ACCOUNT,)
    assert found["aws:principaltype"] == ("AssumedRole",)
    assert found["aws:principalisawsservice"] == ("false",)
    assert found["aws:securetransport"] == ("true",)
    for absent in (
        *("aws:username", "aws:sourcearn", "aws:sourceaccount", "aws:principalservicename"),
        *("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"),
    ):
        assert found[absent] == (), absent
    for later in ("aws:userid", "aws:currenttime", "aws:tokenissuetime"):
        assert isinstance(found[later][0], Unknown), later
    assert "aws:multifactorauthpresent" not in found


def test_others_are_known_otherwise() -> None:
    """A user by its name, a service by its own, a token by nothing yet, and nobody by that."""
    every = facts()
    user = caller_of(every, at("aws_iam_user.jo"))
    assert isinstance(user, Caller)
    call = Call(at("aws_sns_topic.t"), "sqs:SendMessage", QUEUE)
    found = context_of(every, user, call)
    assert (found["aws:username"], found["aws:principaltype"]) == (("jo",), ("User",))
    assert "aws:tokenissuetime" not in found
    plain = context_of(every, Caller("user", "arn:aws:iam::111122223333:user/a/b", "111122223333"), call)
    assert plain["aws:username"] == ("b",)
    served = context_of(every, Caller("service", "sns.amazonaws.com"), call)
    assert served["aws:principalisawsservice"] == ("true",)
    assert served["aws:principalservicename"] == ("sns.amazonaws.com",)
    assert served["aws:sourcearn"] == (Text(("arn:aws:sns:eu-west-1:", ACCOUNT, ":news")),)
    assert served["aws:sourceaccount"] == (ACCOUNT,)
    for absent in ("aws:principalarn", "aws:username", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"):
        assert served[absent] == (), absent
    alone = context_of(every, Caller("service", "sns.amazonaws.com"), Call(Address(""), "sqs:SendMessage", QUEUE))
    assert "aws:sourcearn" not in alone
    nobody = context_of(every, Caller("anonymous", ""), call)
    assert nobody["aws:principaltype"] == ("Anonymous",)
    for absent in ("aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username"):
        assert nobody[absent] == (), absent
    token = context_of(every, Caller("federated", "arn:aws:iam::1:oidc-provider/x"), call)
    assert "aws:principalarn" not in token


def test_tags_are_known_by_what_is_and_what_is_asked_for() -> None:
    """Keys in lower case, of the caller and of the thing; a tag that a policy asks for and nobody has is not there."""
    found = known(facts())
    assert found["aws:principaltag/owner"] == ("us",)
    assert found["aws:principaltag/team"] == ()
    assert found["aws:resourcetag/env"] == ("live",)
    assert found["ec2:resourcetag/left"] == ()
    assert "aws:resourcetag/team" not in found
    somehow = known(facts(Tagged(APP, "*", Unknown("tags"))))
    assert "aws:principaltag/team" not in somehow
    assert "aws:resourcetag/env" not in known(facts(), resource="*")


def test_pod_identity_tags_its_sessions() -> None:
    """Cluster, namespace and account are known, the pod is there with any name; by other means nothing is tagged."""
    cluster = Cluster(at("aws_eks_cluster.c"), "example", "1.34", "eu-west-1", "", True, None)
    for source in (PODS.of, APP):
        found = known(facts(PODS, POD_IDENTITY, cluster), source)
        assert found["aws:principaltag/kubernetes-namespace"] == ("shop",)
        assert found["aws:principaltag/kubernetes-service-account"] == ("shop",)
        assert found["aws:principaltag/eks-cluster-name"] == ("example",)
        assert isinstance(found["aws:principaltag/kubernetes-pod-name"][0], Unknown)
        assert isinstance(found["aws:principaltag/eks-cluster-arn"][0], Unknown)
    irsa = known(facts(PODS, Assumes(SHOP, APP, "irsa")), PODS.of)
    assert "aws:principaltag/kubernetes-namespace" not in irsa
    other = Assumes(Address.kubernetes("example", "ServiceAccount", "blog", "blog"), APP, "pod-identity")
    shared = facts(PODS, POD_IDENTITY, other)
    assert "aws:principaltag/kubernetes-namespace" not in known(shared, APP)
    assert known(shared, PODS.of)["aws:principaltag/kubernetes-namespace"] == ("shop",)
    nowhere = known(facts(PODS, POD_IDENTITY), PODS.of)
    assert isinstance(nowhere["aws:principaltag/eks-cluster-name"][0], Unknown)


@pytest.mark.parametrize(
    ("action", "resource", "region", "expected"),
    [
        ("sqs:SendMessage", QUEUE, "", "eu-west-1"),
        ("sqs:SendMessage", QUEUE, "us-west-2", "us-west-2"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-2:111122223333:x", "", "us-east-2"),
        ("sqs:SendMessage", Text(("arn:aws:sqs:us-east-2:", ACCOUNT, ":x")), "", "us-east-2"),
        ("s3:GetObject", "arn:aws:s3:::b/*", "", "eu-west-1"),
        ("sqs:SendMessage", "arn:aws:sqs:*:111122223333:x", "", "eu-west-1"),
        ("iam:GetRole", "*", "eu-west-1", "us-east-1"),
        ("cloudfront:GetDistribution", "*", "", "us-east-1"),
        ("organizations:ListAccounts", "*", "", "us-east-1"),
        ("budgets:ViewBudget", "*", "", "us-east-1"),
        ("ce:GetCostAndUsage", "*", "", "us-east-1"),
        ("support:DescribeCases", "*", "", "us-east-1"),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z", "", "us-east-1"),
        ("sts:AssumeRole", "*", "", None),
        ("sqs:SendMessage", QUEUE, Unknown("r"), None),
    ],
)
def test_the_region_that_is_called(action: str, resource: Any, region: Any, expected: str | None) -> None:
    """What the call says, else the resource's, else where the caller is; of the services with one endpoint, its own."""
    [found] = known(facts(), action=action, resource=resource, region=region)["aws:requestedregion"]
    assert found == expected if expected is not None else isinstance(found, Unknown)


def test_what_is_of_a_region_that_nobody_says_is_not_called_in_none() -> None:
    """Without a region of the provider the one that is called is not known."""
    found = facts()
    caller = caller_of(found, APP)
    assert isinstance(caller, Caller)
    source = Address.terraform("", "it", "aws_lambda_function.f")
    [region] = context_of(found, caller, Call(source, "cloudwatch:PutMetricData", "*"))["aws:requestedregion"]
    assert isinstance(region, Unknown)


def test_a_pod_calls_the_region_of_its_cluster() -> None:
    """Where neither the call nor the resource says; without a cluster nobody knows."""
    cluster = Cluster(at("aws_eks_cluster.c"), "example", "1.34", "eu-north-1", "", True, None)
    found = known(facts(PODS, POD_IDENTITY, cluster), PODS.of, "cloudwatch:PutMetricData", "*")
    assert found["aws:requestedregion"] == ("eu-north-1",)
    [nowhere] = known(facts(PODS), PODS.of, "cloudwatch:PutMetricData", "*")["aws:requestedregion"]
    assert isinstance(nowhere, Unknown)


def test_a_key_is_called_directly_or_through_a_service() -> None:
    """Whose account asks is known; through which service only the call says, and then nothing of the way is."""
    key = Ref(at("aws_kms_key.k"), "arn")
    direct = known(facts(), action="kms:Decrypt", resource=key)
    assert direct["kms:calleraccount"] == (ACCOUNT,)
    assert direct["aws:viaawsservice"] == ("false",)
    assert "kms:viaservice" not in direct
    through = known(facts(), action="kms:Decrypt", resource=key, context=(("kms:viaservice", ("s3.r.amazonaws.com",)),))
    assert through["aws:viaawsservice"] == ("true",)
    assert through["kms:viaservice"] == ("s3.r.amazonaws.com",)
    assert "aws:calledvia" not in through
    assert "aws:sourcevpce" not in through
    assert "kms:calleraccount" not in known(facts())


def test_what_a_call_says_goes_before_all_and_is_spelled_like_the_rest() -> None:
    """A reference that the caller sends is the same ARN as one that a policy names."""
    said = (("iam:policyarn", (QUEUE,)), ("aws:securetransport", ("false",)))
    found = known(facts(), context=said)
    assert found["iam:policyarn"] == (Text(("arn:aws:sqs:eu-west-1:", ACCOUNT, ":orders")),)
    assert found["aws:securetransport"] == ("false",)
    assert found["aws:resourceaccount"] == (ACCOUNT,)
    assert "aws:resourceaccount" not in known(facts(), resource="*")


# -- the way through the network ---------------------------------------------------------------------------------------


NETWORK: dict[str, Any] = {
    **FOUND,
    "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
    "aws_subnet": {"a": {"vpc_id": "${aws_vpc.v.id}", "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"}},
    "aws_route_table": {"t": {"vpc_id": "${aws_vpc.v.id}"}},
    "aws_route_table_association": {
        "a": {"subnet_id": "${aws_subnet.a.id}", "route_table_id": "${aws_route_table.t.id}"},
    },
    "aws_eks_cluster": {
        "c": {"name": "example", "role_arn": "r", "vpc_config": [{"subnet_ids": ["${aws_subnet.a.id}"]}]},
    },
    "aws_eks_node_group": {
        "n": {
            "cluster_name": "${aws_eks_cluster.c.name}",
            "node_role_arn": "r",
            "subnet_ids": ["${aws_subnet.a.id}"],
            "scaling_config": [{"min_size": 1, "max_size": 1, "desired_size": 1}],
        }
    },
    "aws_vpc_endpoint": {
        "s3": {
            "vpc_id": "${aws_vpc.v.id}",
            "service_name": "com.amazonaws.eu-west-1.s3",
            "route_table_ids": ["${aws_route_table.t.id}"],
        },
        "monitoring": {
            "vpc_id": "${aws_vpc.v.id}",
            "service_name": "com.amazonaws.eu-west-1.monitoring",
            "vpc_endpoint_type": "Interface",
            "private_dns_enabled": True,
            "policy": policy(allow("cloudwatch:PutMetricData", Principal="*")),
        },
        "sns": {
            "vpc_id": "${aws_vpc.v.id}",
            "service_name": "com.amazonaws.eu-west-1.sns",
            "vpc_endpoint_type": "Interface",
        },
    },
}
PASSING = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")


def network(endpoints: dict[str, Any] | None = None, **more: Any) -> Facts:
    """The estate with a network, a cluster in it, and pods that take on the role."""
    changed = {name: {**body, **(endpoints or {}).get(name, {})} for name, body in NETWORK["aws_vpc_endpoint"].items()}
    return estate({**NETWORK, "aws_vpc_endpoint": changed, **more}, [PODS, POD_IDENTITY])


@pytest.mark.parametrize(
    ("action", "endpoint"),
    [
        ("s3:GetObject", "s3"),
        ("cloudwatch:PutMetricData", "monitoring"),
        ("sns:Publish", None),
        ("ses:SendEmail", None),
    ],
)
def test_a_pod_passes_the_endpoint_of_its_network(action: str, endpoint: str | None) -> None:
    """By the gateway that its routes lead to, or the interface that answers by name; else past none."""
    found = known(network(), PODS.of, action, "*")
    if endpoint is None:
        assert [found[key] for key in PASSING] == [(), (), ()]
        assert isinstance(found["aws:sourceip"][0], Unknown)
    else:
        assert found["aws:sourcevpce"] == (Ref(at(f"aws_vpc_endpoint.{endpoint}"), "id"),)
        assert found["aws:sourcevpc"] == (Ref(at("aws_vpc.v"), "id"),)
        assert isinstance(found["aws:vpcsourceip"][0], Unknown)
        assert found["aws:sourceip"] == ()


@pytest.mark.parametrize(
    ("action", "endpoint"),
    [
        ("aps:RemoteWrite", "aps-workspaces"),
        ("bedrock:InvokeModel", "bedrock-runtime"),
        ("ecr:GetAuthorizationToken", "ecr.api"),
        ("firehose:PutRecord", "kinesis-firehose"),
        ("kinesis:PutRecord", "kinesis-streams"),
        ("secretsmanager:GetSecretValue", "secretsmanager"),
    ],
)
def test_an_endpoint_is_known_by_its_own_name(action: str, endpoint: str) -> None:
    """Some endpoints are not called after the prefix of their service's actions."""
    named = network({"monitoring": {"service_name": f"com.amazonaws.eu-west-1.{endpoint}"}})
    assert known(named, PODS.of, action, "*")["aws:sourcevpce"] == (Ref(at("aws_vpc_endpoint.monitoring"), "id"),)


@pytest.mark.parametrize(
    ("endpoints", "action"),
    [
        ({"monitoring": {"private_dns_enabled": Unknown("x")}}, "cloudwatch:PutMetricData"),
        ({"sns": {"service_name": Unknown("x")}}, "ses:SendEmail"),
        ({"s3": {"vpc_id": Unknown("x")}}, "s3:GetObject"),
    ],
)
def test_a_way_that_is_not_known_is_not_told(endpoints: dict[str, Any], action: str) -> None:
    """An endpoint whose service, network or name is not known may be on the way or not."""
    found = known(network(endpoints), PODS.of, action, "*")
    assert not any(key in found for key in (*PASSING, "aws:sourceip"))


def test_a_gateway_is_passed_only_by_routes_that_lead_to_it() -> None:
    """Another table's gateway is on nobody's way; what is no pod has no way that is known."""
    assert known(network({"s3": {"route_table_ids": []}}), PODS.of, "s3:GetObject", "*")["aws:sourcevpce"] == ()
    assert "aws:sourcevpce" not in known(network(), APP, "s3:GetObject", "*")
    somewhere = {"a": {"vpc_id": Unknown("x"), "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"}}
    assert "aws:sourcevpce" not in known(network(aws_subnet=somewhere), PODS.of, "s3:GetObject", "*")


def test_the_policy_of_the_endpoint_on_the_way_has_a_say() -> None:
    """What it does not let through is denied for the pod, and open for whom it may be on the way or not."""
    every = network(aws_iam_role_policy={"app": {"role": "${aws_iam_role.app.name}", "policy": policy(allow("*"))}})
    caller = caller_of(every, APP)
    assert isinstance(caller, Caller)

    def decided(source: Address, action: str, **said: Any) -> tuple[Answer, Layer]:
        context = {f"aws:{key}": value for key, value in said.items()}
        request = request_of(every, caller, Call(source, action, "*", **context.pop("aws:more", {})), context)
        found = decide(request, policies(every, request))
        return found.answer, found.layer

    assert decided(PODS.of, "cloudwatch:PutMetricData") == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(PODS.of, "cloudwatch:ListMetrics") == (Answer.REFUTED, Layer.ENDPOINT)
    assert decided(PODS.of, "s3:ListAllMyBuckets") == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(APP, "cloudwatch:PutMetricData") == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(APP, "cloudwatch:ListMetrics") == (Answer.UNKNOWN, Layer.ENDPOINT)
    assert decided(APP, "cloudwatch:ListMetrics", more={"region": "us-east-1"}) == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(APP, "cloudwatch:ListMetrics", sourcevpce=()) == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(APP, "cloudwatch:ListMetrics", viaawsservice=("true",)) == (Answer.PROVEN, Layer.IDENTITY)
    assert decided(APP, "cloudwatch:ListMetrics", sourcevpce=("vpce-1",)) == (Answer.UNKNOWN, Layer.ENDPOINT)
    assert decided(APP, "sns:ListTopics", sourcevpce=("vpce-1",)) == (Answer.PROVEN, Layer.IDENTITY)


@pytest.mark.parametrize(
    ("vpc", "answer"),
    [
        (None, Answer.PROVEN),
        ({"subnet_ids": ["${aws_subnet.a.id}"], "security_group_ids": []}, Answer.REFUTED),
        ({"subnet_ids": ["subnet-elsewhere"], "security_group_ids": []}, Answer.UNKNOWN),
    ],
)
def test_a_function_calls_from_its_own_subnets(vpc: Any, answer: Answer) -> None:
    """A function of a network passes its endpoint, one of none passes none, and of others nobody knows."""
    body = {"function_name": "f", "role": "${aws_iam_role.app.arn}", **({} if vpc is None else {"vpc_config": [vpc]})}
    every = network(
        aws_iam_role_policy={"app": {"role": "${aws_iam_role.app.name}", "policy": policy(allow("*"))}},
        aws_lambda_function={"f": body},
    )
    caller = caller_of(every, APP)
    assert isinstance(caller, Caller)
    request = request_of(every, caller, Call(at("aws_lambda_function.f"), "cloudwatch:ListMetrics", "*"))
    assert decide(request, policies(every, request)).answer is answer
    assert ("aws:sourcevpce" in request.context) is (answer is not Answer.UNKNOWN)
    if vpc is None:
        assert request.context["aws:sourcevpce"] == ()


def test_the_policies_of_endpoints_say_nothing_of_what_a_service_calls() -> None:
    """A service comes by no endpoint of anybody's network."""
    every = network()
    service = Caller("service", "cloudwatch.amazonaws.com")
    request = request_of(every, service, Call(Address(""), "cloudwatch:ListMetrics", "*"), {"aws:sourcevpce": ("x",)})
    assert policies(every, request).doubts == ()
