"""``python -m benchmarks.permissions``: how many decisions of IAM a second, on one core.

A role with three policies of ten conditioned statements each, and a thousand distinct requests to a dozen services;
half of them reach a condition, which is counted, not assumed. Nothing remembers an answer; only which statements speak
of an action is found once. Each request is asked again after all the others, to measure long enough. Seconds are the
processor's, for other programs take their share of a machine's time.

Beside it a matcher written for this comparison alone, as plainly as one can be (``fnmatch``, ``ipaddress``,
``datetime``), which must come to the same answers, and moto's, where it is installed, which looks at actions and
resources only: it knows no conditions. On PyPI nothing else was found that answers a request: policyuniverse and
policy_sentry take policies apart, parliament looks for faults in them, iam-ape sums up what a principal may do, npkt
holds policies of an organisation against events of CloudTrail and the few keys that these hold.
"""

from __future__ import annotations

import argparse
import fnmatch
import ipaddress
import json
import platform
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.policy import statements

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"
HOLE = Unknown("account", why="no input says which account this is")
REQUESTS = 1_000


def main() -> int:
    """Measure, print a table, and write the figures as JSON if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.permissions", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs that count (default: 9)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    documents, asked = policies(), requests()
    compiled = [list(_statements(document)) for document in documents]
    reached = sum(_reaches(Policy(statement for each in compiled for statement in each), one) for one in asked)
    decisions = [decide(request, _policies(compiled)) for request in asked]
    allowed = sum(decision.answer is Answer.PROVEN for decision in decisions)
    denied = sum(decision.explicit for decision in decisions)
    print(f"{len(asked)} requests, {reached} reach a condition, {allowed} are allowed, {denied} are denied by a Deny")
    different = sum(
        (naive(documents, request) == "allowed") is not (decision.answer is Answer.PROVEN)
        for request, decision in zip(asked, decisions, strict=True)
    )
    print(f"{different} answers differ from the plain matcher's")
    results: dict[str, Any] = {"python": platform.python_version(), "requests": len(asked), "reached": reached}
    results["different"] = different
    print(f"{'':<52}{'a second':>12}   least-most")
    merged = (Policies(identity=(Policy(statement for each in compiled for statement in each),)),)
    apart = (_policies(compiled),)
    measured: list[tuple[str, Callable[[Request], object], int]] = [
        ("decide, three policies", lambda request: decide(request, apart[0]), 20),
        ("decide, the three as one", lambda request: decide(request, merged[0]), 20),
        ("judge, the three as one", merged[0].identity[0].judge, 20),
        ("explain every statement of three policies", lambda request: _explained(apart[0], request), 3),
        ("plain matcher, conditions and all", lambda request: naive(documents, request), 1),
    ]
    if peer := _moto(documents):
        measured.append(("moto, actions and resources only", peer, 1))
    for name, ask, rounds in measured:
        results[name] = _rate(name, ask, asked, chosen.runs, rounds)
    planned, before = _before_apply(compiled, asked)
    name = "decide, three policies, the account not known yet"
    results[name] = _rate(name, lambda request: decide(request, planned), before, chosen.runs, 20)
    started = time.process_time()
    for _ in range(20):
        decide(asked[0], _policies(compiled))
    once = (time.process_time() - started) / 20
    print(f"{'compiling the three policies and the first decision':<52}{once * 1e6:>9.0f} µs")
    results["compile_microseconds"] = once * 1e6
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _rate(name: str, ask: Callable[[Request], object], asked: Sequence[Request], runs: int, rounds: int) -> float:
    found = []
    for run in range(runs + 1):
        # Requests anew each time, so that nothing could know one by its identity.
        fresh = [replace(request) for request in asked]
        started = time.process_time()
        for _ in range(rounds):
            for request in fresh:
                ask(request)
        if run:
            found.append(len(fresh) * rounds / (time.process_time() - started))
    print(f"{name:<52}{statistics.median(found):>12,.0f}   {min(found):,.0f}-{max(found):,.0f}")
    return statistics.median(found)


def _explained(given: Policies, request: Request) -> int:
    return sum(len(policy.explain(request)) for policy in given.identity)


def _before_apply(compiled: Sequence[Sequence[Statement]], asked: Sequence[Request]) -> tuple[Policies, list[Request]]:
    """The same before the account is known: its number is a hole wherever it stands."""

    def planned(value: Textual) -> Textual:
        first, *more = str(value).split(ACCOUNT)
        return text(first, *(part for word in more for part in (HOLE, word)))

    found = [[replace(each, resources=tuple(map(planned, each.resources))) for each in one] for one in compiled]
    caller = replace(asked[0].caller, arn=planned(ROLE), account=HOLE, session="")
    return _policies(found), [
        replace(request, caller=caller, owner=HOLE, resource=planned(request.resource)) for request in asked
    ]


def _policies(compiled: Sequence[Sequence[Statement]]) -> Policies:
    return Policies(identity=tuple(Policy(each) for each in compiled))


def _statements(document: Mapping[str, Any]) -> Iterator[Statement]:
    return statements(document, Address("role"), "identity", "policy")


def _reaches(policy: Policy, request: Request) -> bool:
    """Whether the request matches some statement's action and resource, so that its conditions are looked at."""
    return any(
        all(clause.answer is not Answer.REFUTED for clause in one.clauses if clause.part in ("action", "resource"))
        for one in policy.explain(request)
    )


# --- what is asked ----------------------------------------------------------------------------------------------------


def policies() -> list[dict[str, Any]]:
    """Three documents of ten statements, every one with conditions."""

    def arn(service: str, name: str, region: str = "us-east-1", account: str = ACCOUNT) -> str:
        return f"arn:aws:{service}:{region}:{account}:{name}"

    def statement(actions: list[str], resources: list[str], conditions: dict[str, Any], effect: str = "Allow") -> Any:
        return {"Effect": effect, "Action": actions, "Resource": resources, "Condition": conditions}

    region = {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}
    secure = {"Bool": {"aws:SecureTransport": "true"}}
    inside = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}
    storage = [
        statement(["s3:GetObject", "s3:GetObjectVersion"], ["arn:aws:s3:::orders/*"], {**secure, **region}),
        statement(["s3:PutObject"], ["arn:aws:s3:::orders/in/*"], {"StringLike": {"s3:x-amz-acl": ["bucket-*"]}}),
        statement(["s3:ListBucket"], ["arn:aws:s3:::orders"], {"StringLike": {"s3:prefix": ["in/*", "out/*"]}}),
        statement(
            ["s3:GetObject"],
            ["arn:aws:s3:::shared/${aws:PrincipalTag/team}/*"],
            {"Null": {"aws:TokenIssueTime": "false"}},
        ),
        statement(
            ["s3:PutObjectTagging"],
            ["arn:aws:s3:::orders/*"],
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}},
        ),
        statement(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"],
            [arn("dynamodb", "table/orders"), arn("dynamodb", "table/orders/index/*")],
            {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["customer-*"]}},
        ),
        statement(
            ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            [arn("dynamodb", "table/orders")],
            {"StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]}},
        ),
        statement(
            ["kms:Decrypt"], [arn("kms", "key/*")], {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
        ),
        statement(["kms:GenerateDataKey*"], [arn("kms", "key/*")], {**region, **secure}),
        statement(["s3:*"], ["arn:aws:s3:::*"], {"Bool": {"aws:SecureTransport": "false"}}, "Deny"),
    ]
    messages = [
        statement(["sqs:ReceiveMessage", "sqs:DeleteMessage"], [arn("sqs", "orders-*")], inside),
        statement(
            ["sqs:SendMessage"], [arn("sqs", "billing")], {"ArnLike": {"aws:SourceArn": [arn("sns", "order-*")]}}
        ),
        statement(["sns:Publish"], [arn("sns", "order-*")], {"StringNotEquals": {"aws:PrincipalTag/stage": "test"}}),
        statement(["events:PutEvents"], [arn("events", "event-bus/*")], {"StringLike": {"events:source": "orders.*"}}),
        statement(
            ["lambda:InvokeFunction"],
            [arn("lambda", "function:order-??-*")],
            {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
        ),
        statement(["states:StartExecution"], [arn("states", "stateMachine:order*")], inside),
        statement(
            ["secretsmanager:GetSecretValue"],
            [arn("secretsmanager", "secret:orders/*")],
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        ),
        statement(["ssm:GetParameter*"], [arn("ssm", "parameter/orders/*")], {**region, **secure}),
        statement(
            ["sts:AssumeRole"],
            ["arn:aws:iam::*:role/orders-*"],
            {"NumericLessThanEquals": {"sts:DurationSeconds": "3600"}},
        ),
        statement(["sqs:*"], ["*"], {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}, "Deny"),
    ]
    operations = [
        statement(["logs:CreateLogStream", "logs:PutLogEvents"], [arn("logs", "log-group:/orders/*")], region),
        statement(["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": "Orders"}}),
        statement(["ec2:Describe*"], ["*"], region),
        statement(
            ["ec2:RunInstances"],
            ["arn:aws:ec2:*:*:instance/*"],
            {"StringLike": {"ec2:InstanceType": ["m7g.*", "c7g.*"]}, "NumericLessThan": {"ec2:VolumeSize": "200"}},
        ),
        statement(
            ["ec2:CreateTags"],
            ["arn:aws:ec2:*:*:instance/*"],
            {"StringEquals": {"ec2:CreateAction": "RunInstances"}, "ForAllValues:StringLike": {"aws:TagKeys": "team*"}},
        ),
        statement(["iam:PassRole"], [ROLE], {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}),
        statement(["xray:Put*"], ["*"], secure),
        statement(
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            [arn("elasticfilesystem", "file-system/*")],
            {"ArnEquals": {"elasticfilesystem:AccessPointArn": arn("elasticfilesystem", "access-point/fsap-*")}},
        ),
        statement(
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [arn("ecr", "repository/orders/*")],
            {"StringEqualsIgnoreCase": {"aws:ResourceTag/Stage": "Production"}},
        ),
        statement(
            ["ec2:*", "iam:*"], ["*"], {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}, "Deny"
        ),
    ]
    return [{"Version": "2012-10-17", "Statement": each} for each in (storage, messages, operations)]


_MET: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::orders/in/{}.json"),
    ("s3:PutObject", "arn:aws:s3:::orders/in/{}.json"),
    ("s3:GetObject", "arn:aws:s3:::shared/green/{}"),
    ("s3:PutObjectTagging", "arn:aws:s3:::orders/{}"),
    ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders/index/by-{{}}"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{{}}"),
    ("kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{{}}"),
    ("sqs:ReceiveMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders-{{}}"),
    ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:order-{{}}"),
    ("events:PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{{}}"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:order-eu-{{}}"),
    ("states:StartExecution", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:order-{{}}"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:orders/{{}}"),
    ("ssm:GetParametersByPath", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/orders/{{}}"),
    ("sts:AssumeRole", "arn:aws:iam::210987654321:role/orders-{}"),
    ("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/orders/{{}}:log-stream:one"),
    ("cloudwatch:PutMetricData", "*"),
    ("ec2:DescribeInstances", "*"),
    ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-{{}}"),
    ("ec2:CreateTags", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-{{}}"),
    ("iam:PassRole", ROLE),
    ("elasticfilesystem:ClientMount", f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-{{}}"),
    ("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/orders/{{}}"),
)
_MISSED: tuple[tuple[str, str], ...] = (
    ("dynamodb:PutItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders-{{}}"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/orders/index/by-{{}}"),
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{{}}"),
    ("kms:Decrypt", f"arn:aws:kms:us-west-2:{ACCOUNT}:key/{{}}"),
    ("kms:Encrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{{}}"),
    ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:invoice-{{}}"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:order-{{}}"),
    ("states:StartExecution", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:bill-{{}}"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:billing/{{}}"),
    ("ssm:PutParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/orders/{{}}"),
    ("sts:AssumeRole", "arn:aws:iam::210987654321:role/billing-{}"),
    ("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/billing/{{}}"),
    ("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/billing/{{}}"),
    ("rds:DescribeDBInstances", f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{{}}"),
    ("events:PutRule", f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{{}}"),
    ("elasticfilesystem:DeleteFileSystem", f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-{{}}"),
)


def requests(seed: int = 6) -> list[Request]:
    """Requests that are all different: their number is part of the resource, their circumstances are drawn."""
    draw = random.Random(seed)
    caller = Caller("role", ROLE, ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/orders/pod")
    found = []
    for number in range(REQUESTS):
        shapes = _MET if number % 2 else _MISSED
        action, resource = shapes[number // 2 % len(shapes)]
        found.append(Request(caller, action, resource.format(f"{number:05}"), ACCOUNT, _context(draw, number)))
    draw.shuffle(found)
    return found


def _context(draw: random.Random, number: int) -> dict[str, tuple[str, ...]]:
    pick = draw.choice
    context = {
        "aws:principalarn": (ROLE,),
        "aws:principalaccount": (ACCOUNT,),
        "aws:principaltag/team": (pick(("green", "blue")),),
        "aws:principaltag/stage": (pick(("test", "production")),),
        "aws:requestedregion": (pick(("us-east-1", "us-west-2", "eu-west-1")),),
        "aws:securetransport": (pick(("true", "true", "true", "false")),),
        "aws:sourceip": (pick((f"10.1.{number % 250}.7", f"192.168.7.{number % 250}", "2001:db8::7", "203.0.113.9")),),
        "aws:currenttime": (pick(("2026-11-22T04:00:00Z", "2027-03-01T00:00:00Z")),),
        "aws:tokenissuetime": ("2026-11-22T03:00:00Z",),
        "aws:resourcetag/team": (pick(("green", "blue")),),
        "aws:resourcetag/stage": (pick(("production", "PRODUCTION", "test")),),
        "aws:sourcearn": (f"arn:aws:sns:us-east-1:{ACCOUNT}:order-{number}",),
        "s3:prefix": (pick(("in/7", "secret/7")),),
        "s3:x-amz-acl": (pick(("bucket-owner-full-control", "public-read")),),
        "dynamodb:leadingkeys": pick(((f"customer-{number}",), ("admin", "root"))),
        "kms:viaservice": (pick(("s3.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com")),),
        "events:source": (pick(("orders.api", "billing.api")),),
        "sts:durationseconds": (pick(("900", "7200")),),
        "cloudwatch:namespace": (pick(("Orders", "Billing")),),
        "ec2:instancetype": (pick(("m7g.large", "t3.large")),),
        "ec2:volumesize": (pick(("100", "500")),),
        "ec2:createaction": ("RunInstances",),
        "iam:passedtoservice": ("ecs-tasks.amazonaws.com",),
        "elasticfilesystem:accesspointarn": (
            f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:access-point/fsap-{number}",
        ),
    }
    if draw.random() < 0.7:
        context["aws:tagkeys"] = pick((("team",), ("team", "stage"), ("owner",)))
    return context


# --- the peers --------------------------------------------------------------------------------------------------------


def naive(documents: Sequence[Mapping[str, Any]], request: Request) -> str:
    """The same as plainly as it can be written, for this benchmark's statements only: no holes, no principals."""
    context = {key: [str(value) for value in values] for key, values in request.context.items()}
    answers = [
        statement["Effect"]
        for document in documents
        for statement in document["Statement"]
        if any(_glob(action.lower(), request.action.lower()) for action in statement["Action"])
        and any(_glob(_substituted(each, context), str(request.resource)) for each in statement["Resource"])
        and all(
            _holds(operator, context.get(key.lower()), values if isinstance(values, list) else [values], context)
            for operator, tests in statement["Condition"].items()
            for key, values in tests.items()
        )
    ]
    return "denied" if "Deny" in answers else "allowed" if "Allow" in answers else "nothing"


def _glob(pattern: str, text: str) -> bool:
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def _substituted(pattern: str, context: Mapping[str, list[str]]) -> str:
    return re.sub(r"\$\{([^}]*)\}", lambda match: context[match[1].lower()][0], pattern)


def _holds(operator: str, seen: list[str] | None, wanted: list[str], context: Mapping[str, list[str]]) -> bool:
    if operator == "Null":
        return wanted == [str(seen is None).lower()]
    over, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if seen is None:
        return if_exists or over == "ForAllValues" or "Not" in name
    checks = [any(_compare(name.replace("Not", ""), value, each, context) for each in wanted) for value in seen]
    if "Not" in name:
        checks = [not check for check in checks]
    return any(checks) if over == "ForAnyValue" else all(checks)


def _compare(name: str, seen: str, wanted: str, context: Mapping[str, list[str]]) -> bool:
    match name:
        case "StringEquals":
            return seen == _substituted(wanted, context)
        case "StringEqualsIgnoreCase":
            return seen.lower() == wanted.lower()
        case "StringLike":
            return _glob(wanted, seen)
        case "ArnLike" | "ArnEquals":
            return all(_glob(*pair) for pair in zip(wanted.split(":", 5), seen.split(":", 5), strict=True))
        case "Bool":
            return seen.lower() == wanted.lower()
        case "IpAddress":
            return ipaddress.ip_address(seen) in ipaddress.ip_network(wanted)
        case "DateLessThan":
            return datetime.fromisoformat(seen) < datetime.fromisoformat(wanted)
        case "NumericLessThan":
            return float(seen) < float(wanted)
        case "NumericLessThanEquals":
            return float(seen) <= float(wanted)
    raise ValueError(f"the plain matcher does not know {name}")


def _moto(documents: Sequence[Mapping[str, Any]]) -> Callable[[Request], object] | None:
    try:
        from moto.iam.access_control import IAMPolicy
    except ImportError:
        return None
    given = [IAMPolicy(json.dumps(document)) for document in documents]
    return lambda request: [policy.is_action_permitted(request.action, str(request.resource)) for policy in given]


if __name__ == "__main__":
    raise SystemExit(main())
