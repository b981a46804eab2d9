"""Every role that a shipped platform renders is enough for what acts as it, and no more, in each of its regions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import seawall.lambdas
from deployers import Unmet, unmet
from platforms import shipped
from seawall.analyze.permissions import controllers
from seawall.analyze.permissions.excess import excess
from seawall.analyze.permissions.gaps import gaps
from seawall.cli.input import reference_platforms
from seawall.facts.compute import Cluster
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, Performs, Principal, Statement
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import refs
from seawall.knowledge import authorization
from seawall.knowledge.terraform_calls import Phase
from seawall.readers.aws.service_calls import LOG_DELIVERY
from seawall.readers.read import facts_of

PIPELINES = ("plan", "show", "build", "release", "deploy")
TERRAFORM = ("plan", "show", "release", "deploy")
"""The exceptions: what Terraform was seen to call is less than what AWS may ask for, so whether these roles have too
much is not known. That they have enough is tested below; the first three only look, and at no value of a secret."""


def environments():
    """Every (platform, environment) that ships."""
    for name, folder in reference_platforms().items():
        for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]:
            yield pytest.param(name, environment, id=f"{name}-{environment}")


EVERY = list(environments())


@cache
def read(name: str, environment: str) -> tuple[Graph, Facts]:
    """A platform's graph and facts, worked out once for all tests here."""
    _, graph = shipped(name, environment)
    return graph, facts_of(graph)


def named(facts: Facts, name: str) -> Address | None:
    """The role of a pipeline, where the environment has it."""
    roles = (each.of for each in facts.all(Principal) if each.kind == "role")
    return next((role for role in roles if role.endswith(f":aws_iam_role.{name}")), None)


@pytest.mark.parametrize(("name", "environment"), EVERY)
def test_every_role_is_enough_and_no_more(name: str, environment: str) -> None:
    """Whoever acts as a role may do what it has to, and nothing else; all in one test, since reading takes long."""
    graph, facts = read(name, environment)
    assert unrecognised(name, facts) == set()
    assert list(short(facts)) == []
    assert list(wide(facts)) == []
    assert nobodys(graph, facts) == set()
    assert list(blind(graph, facts)) == []
    assert list(unable(graph, facts)) == []


INSTALLED = {
    "petclinic": {"yace", "loki", "grafana", "argo-rollouts", "cluster-autoscaler"},
    "pingvas": {"karpenter", "keda", "fluent-bit", "aws-efs-csi-driver", "yace"},
    "genai-demo": {"keda", "cluster-autoscaler"},
    "pocketbank": {"argo-rollouts", "cloudwatch-agent"},
}
"""Some of the controllers that each platform installs, beside what all of them do."""


def unrecognised(name: str, facts: Facts) -> set[str]:
    """Controllers that are installed and not known: what is held of add-ons would else be held of nothing."""
    everywhere = {"aws-ebs-csi-driver", "aws-load-balancer-controller", "external-secrets", "vpc-cni"}
    calling = {call.source for call in controllers.calls(facts)}
    assert len(calling) >= len(everywhere) * len(facts.all(Cluster))
    return (everywhere | INSTALLED[name]) - {one.known.name for one in controllers.running(facts)}


def short(facts: Facts) -> Iterator[str]:
    """Calls of pods, functions, machines and services of AWS that are not shown to be allowed."""
    for gap in gaps(facts):
        yield f"{gap.call.source} {gap.call.action} {gap.chain.breaks}"


def wide(facts: Facts) -> Iterator[str]:
    """Statements of which an action or a resource is not needed, but for those of Terraform."""
    for each in excess(facts):
        if not each.role.endswith(tuple(f":aws_iam_role.{pipeline}" for pipeline in TERRAFORM)):
            what = each.actions or each.resources or each.wide or each.dead or each.verdict.because
            yield f"{each.role} {each.policy}: {what}"


def nobodys(graph: Graph, facts: Facts) -> set[Address]:
    """Roles that nothing takes on, which would be proved minimal by nobody."""
    used = {ref.to for one in graph if not one.type.startswith("aws_iam_role") for ref in refs(one.body)}
    roles = {each.of for each in facts.all(Principal) if each.kind == "role"}
    return {role for role in roles - used if not role.endswith(tuple(f":aws_iam_role.{each}" for each in PIPELINES))}


def lacking(graph: Graph, facts: Facts, role: Address, *phases: Phase) -> list[Unmet]:
    """What a pipeline's role lacks of what Terraform was seen to call for these resources."""
    made = {one.address: tuple(ref.to for ref in refs(one.body)) for one in graph if one.address.as_terraform()}
    return list(unmet(facts, role, made, *phases))


def blind(graph: Graph, facts: Facts) -> Iterator[Unmet]:
    """What those that plan may not look at; stacks with values of secrets they leave out."""
    for pipeline in ("plan", "show"):
        role = named(facts, pipeline)
        if role is not None:
            found = lacking(graph, facts, role, "read")
            yield from (each for each in found if each.action != "secretsmanager:GetSecretValue")


def unable(graph: Graph, facts: Facts) -> Iterator[Unmet]:
    """What applying is not allowed; who may deploy is set up by a person, and stays so."""
    role = named(facts, "deploy")
    assert role is not None
    endings = (*(f"-{pipeline}" for pipeline in PIPELINES), "oidc-provider/token.actions.githubusercontent.com")
    for each in lacking(graph, facts, role, "create", "read", "delete"):
        if not (each.action.startswith("iam:") and str(each.resource).endswith(endings)):
            yield each


@pytest.mark.parametrize(("name", "environment"), [("genai-demo", "production"), ("pingvas", "shared")])
def test_a_machines_role_is_what_its_states_call(name: str, environment: str) -> None:
    """The definition that is shipped calls just what the role is for, but for its log and the key of the topic."""
    _, facts = read(name, environment)
    machines = {each.of for each in facts.all(Performs)}
    assert machines
    for machine in machines:
        performed = {each.action for each in facts.all(Performs) if each.of == machine}
        demanded = {call.action for call in facts.all(Call) if call.source == machine}
        assert demanded - performed == {*LOG_DELIVERY, "kms:Decrypt", "kms:GenerateDataKey"}
        assert performed <= demanded


@pytest.mark.parametrize("function", ["cost_guard", "remediation"])
def test_a_functions_role_is_what_its_code_calls(function: str) -> None:
    """The code that is shipped calls just what the component's demands say, but for what Lambda does itself."""
    name, environment = {"cost_guard": ("genai-demo", "production"), "remediation": ("pocketbank", "prod")}[function]
    _, facts = read(name, environment)
    by_lambda = {"kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    demanded = {
        call.action
        for call in facts.all(Call)
        if call.source.endswith(f":aws_lambda_function.{function}") and call.action not in by_lambda
    }
    assert called(Path(seawall.lambdas.__file__).parent / function / "handler.py") == demanded


OTHERWISE = {"budgets:DescribeBudget": "budgets:ViewBudget"}
"""Operations whose permission has another name (Service Authorization Reference)."""


def called(source: Path) -> set[str]:
    """The IAM actions of boto3's calls in a file: ``client("eks").describe_nodegroup(...)``, also by a variable."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    services: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (service := client(node.value)) and isinstance(node.targets[0], ast.Name):
            services[node.targets[0].id] = service
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        of = client(node.value) or (services.get(node.value.id) if isinstance(node.value, ast.Name) else None)
        if of is None:
            continue
        operation = node.attr
        if operation == "get_paginator":
            calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call) and each.func is node)
            operation = next(ast.literal_eval(each.args[0]) for each in calls)
        action = f"{of}:{''.join(word.title() for word in operation.split('_'))}"
        known = authorization.action(OTHERWISE.get(action, action))
        assert known is not None, action
        found.add(known.name)
    return found


def client(node: ast.AST) -> str | None:
    """The service of an expression ``client("eks", ...)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "client":
        return str(ast.literal_eval(node.args[0]))
    return None


def test_a_need_that_is_taken_away_is_missed() -> None:
    """The proof has teeth: without its policies a role that is enough today is found to lack what it needs."""
    _, facts = read("petclinic", "production")
    role = next(
        each.holder
        for each in facts.all(Statement)
        if each.kind == "identity" and str(each.holder).endswith(":aws_iam_role.flow_logs")
    )
    kept = [
        each
        for each in facts
        if not (isinstance(each, Statement) and each.holder == role and each.kind == "identity")
        and not (isinstance(each, Attaches) and each.principal == role)
    ]
    assert "logs:PutLogEvents" in {gap.call.action for gap in gaps(Facts(kept))}
