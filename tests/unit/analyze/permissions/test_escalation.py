"""Ways to more: each step by itself, chains of them, and what looks like one and is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seawall.analyze.permissions.deputies import narrows
from seawall.analyze.permissions.escalation import ADMINISTRATOR, administers, paths, rules, rules_all, runs_pods, steps
from seawall.facts.facts import Facts
from seawall.facts.identity import Condition, Principal, Statement
from seawall.graph.graph import Graph
from seawall.ingest.terraform_json import terraform_json
from seawall.kernel.address import Address
from seawall.readers.read import read
from seawall.readers.settle import settle

EVERYTHING = {"Action": "*", "Resource": "*"}


def arn(of: str) -> str:
    """A reference to the ARN of a role or another thing of the estate."""
    return f"${{{of if '.' in of else f'aws_iam_role.{of}'}.arn}}"


def document(*statements: Mapping[str, Any]) -> str:
    """A policy document whose statements allow, unless they say otherwise."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


class Estate:
    """Roles and what is beside them, as Terraform."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.resources: dict[str, dict[str, Any]] = {}

    def role(self, name: str, trusts: str | Mapping[str, str], *may: Mapping[str, Any]) -> None:
        """A role that a service or somebody may take on, and what it may do."""
        principal = trusts if isinstance(trusts, Mapping) else {"Service": f"{trusts}.amazonaws.com"}
        trust = document({"Action": "sts:AssumeRole", "Principal": principal})
        self.add("aws_iam_role", name, {"name": name, "assume_role_policy": trust})
        if may:
            self.add("aws_iam_role_policy", name, {"role": f"${{aws_iam_role.{name}.name}}", "policy": document(*may)})

    def add(self, type: str, name: str, body: Mapping[str, Any]) -> None:
        """Anything else."""
        self.resources.setdefault(type, {})[name] = body

    def facts(self) -> Facts:
        """What it says."""
        (self.folder / "main.tf.json").write_text(json.dumps({"resource": self.resources}))
        return read(settle(Graph(terraform_json(self.folder))))


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """An estate that holds nothing yet."""
    return Estate(tmp_path)


def who(facts: Facts) -> dict[str, list[str]]:
    """Who becomes administrator: role -> how, a word a step."""
    return {path.start.rpartition(".")[2]: [step.means for step in path.steps] for path in paths(facts)}


@pytest.mark.parametrize(
    ("action", "means"),
    [
        ("iam:PutRolePolicy", "own policy"),
        ("iam:AttachRolePolicy", "own policy"),
        ("IAM:putrolepolicy", "own policy"),
        ("iam:Put*", "own policy"),
    ],
)
def test_who_writes_its_own_policies_is_administrator(estate: Estate, action: str, means: str) -> None:
    """Whatever the case or the star with which the action is spelled."""
    estate.role("mender", "lambda", {"Action": action, "Resource": arn("mender")})
    assert who(estate.facts()) == {"mender": [means]}


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "iam:GetRolePolicy", "Resource": "*"},
        {"Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::*:role/other-*"},
        {"Action": "iam:PutUserPolicy", "Resource": "*"},
        {"Action": "iam:CreatePolicy", "Resource": "*"},
        {"Action": "iam:CreatePolicyVersion", "Resource": "*"},
        {"Action": "iam:PassRole", "Resource": "*"},
        {"Action": "sts:AssumeRole", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:PutRolePolicy", "Resource": "*"},
        {
            "Action": "iam:PutRolePolicy",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/bound"}},
        },
    ],
    ids=lambda statement: f"{statement['Action']}-{statement['Resource']}-{len(statement)}",
)
def test_what_looks_like_a_way_and_leads_nowhere(estate: Estate, statement: Mapping[str, Any]) -> None:
    """Policies that nobody carries, roles that do not trust it, roles without a service to run them: all quiet."""
    estate.role("mender", "lambda", statement)
    estate.role("boss", "ec2", EVERYTHING)
    assert who(estate.facts()) == {}


def test_a_denial_closes_the_way(estate: Estate) -> None:
    """A Deny beside the Allow takes the step away."""
    deny = {"Effect": "Deny", "Action": "iam:*", "Resource": arn("mender")}
    estate.role("mender", "lambda", {"Action": "iam:PutRolePolicy", "Resource": "*"}, deny)
    assert who(estate.facts()) == {}


def test_a_role_is_passed_only_to_a_service_that_it_trusts(estate: Estate) -> None:
    """Both halves are needed: the role's trust, and the right to start something with it."""
    starts = {"Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"}
    estate.role("builder", "codebuild", starts)
    estate.role("boss", "lambda", EVERYTHING)
    assert who(estate.facts()) == {"builder": ["pass role"]}


def test_a_role_is_passed_to_the_service_that_the_condition_names_alone(estate: Estate) -> None:
    """Who may pass it to EC2 alone starts no function with it."""
    bound = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    estate.role(
        "builder",
        "codebuild",
        {"Action": "iam:PassRole", "Resource": "*", "Condition": bound},
        {"Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
    )
    estate.role("boss", "lambda", EVERYTHING)
    assert who(estate.facts()) == {}


def test_roles_are_a_chain(estate: Estate) -> None:
    """From role to role, each of which trusts the one before; the way is told whole, and in order."""
    estate.role("first", "ec2", {"Action": "sts:AssumeRole", "Resource": arn("second")})
    estate.role("second", {"AWS": arn("first")}, {"Action": "sts:AssumeRole", "Resource": arn("third")})
    estate.role("third", {"AWS": arn("second")}, {"Action": "iam:PutRolePolicy", "Resource": arn("third")})
    facts = estate.facts()
    assert who(facts) == {
        "first": ["assume", "assume", "own policy"],
        "second": ["assume", "own policy"],
        "third": ["own policy"],
    }
    longest = next(path for path in paths(facts) if path.start.endswith("first"))
    assert longest.end == ADMINISTRATOR
    lines = longest.lines()
    assert [line.split(":")[0] for line in lines] == ["step 1", "step 2", "step 3"]
    assert "second" in lines[0]
    assert "third" in lines[2]


def test_a_circle_of_roles_ends(estate: Estate) -> None:
    """Two roles that take each other on lead nowhere, and the search says so."""
    estate.role("one", {"AWS": arn("two")}, {"Action": "sts:AssumeRole", "Resource": arn("two")})
    estate.role("two", {"AWS": arn("one")}, {"Action": "sts:AssumeRole", "Resource": arn("one")})
    assert who(estate.facts()) == {}


def test_the_code_of_a_function_is_its_role(estate: Estate) -> None:
    """Who exchanges the code of an administrator's function is one; who invokes it is not."""
    body = {"function_name": "deploy", "role": arn("boss"), "handler": "a.b", "runtime": "python3.13"}
    estate.add("aws_lambda_function", "deploy", body)
    estate.role("boss", "lambda", EVERYTHING)
    function = arn("aws_lambda_function.deploy")
    estate.role("coder", "codebuild", {"Action": "lambda:UpdateFunctionCode", "Resource": function})
    estate.role("caller", "codebuild", {"Action": "lambda:InvokeFunction", "Resource": function})
    assert who(estate.facts()) == {"coder": ["function code"]}


def test_the_keys_of_an_administrator_are_administrators(estate: Estate) -> None:
    """A user's access key is the user."""
    estate.add("aws_iam_user", "root", {"name": "root"})
    estate.add("aws_iam_user_policy", "root", {"user": "${aws_iam_user.root.name}", "policy": document(EVERYTHING)})
    estate.role("helpdesk", "lambda", {"Action": "iam:CreateAccessKey", "Resource": arn("aws_iam_user.root")})
    assert who(estate.facts()) == {"helpdesk": ["access key"]}


def test_who_writes_trust_and_policies_of_a_role_needs_no_other(estate: Estate) -> None:
    """It makes the role administrator and lets itself in."""
    both = {"Action": ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"], "Resource": arn("plain")}
    estate.role("writer", "lambda", both)
    estate.role("plain", "ec2")
    assert who(estate.facts()) == {"writer": ["policy of a role"]}


def rule(verbs: list[str], kinds: list[str]) -> Statement:
    """A rule of a role in a cluster."""
    return Statement(Address("c/Role/n/r"), "rbac", True, tuple(verbs), tuple(kinds))


@pytest.mark.parametrize(
    ("verbs", "kinds", "runs"),
    [
        (["create"], ["pods"], True),
        (["*"], ["*"], True),
        (["patch"], ["deployments.apps"], True),
        (["update"], ["*.apps"], True),
        (["create"], ["cronjobs.batch"], True),
        (["create"], ["pods/exec"], True),
        (["get"], ["pods/exec"], True),
        (["create"], ["serviceaccounts/token"], True),
        (["get", "list", "watch", "delete"], ["pods", "deployments.apps"], False),
        (["get"], ["pods/log"], False),
        (["patch"], ["pods"], False),
        (["create"], ["deployments.example.com"], False),
        (["create"], ["pods/eviction", "pods/portforward"], False),
        (["create"], ["configmaps", "services"], False),
    ],
)
def test_what_runs_pods_and_what_only_looks(verbs: list[str], kinds: list[str], runs: bool) -> None:
    """A verb on a kind that makes pods, changes what they run or enters them; never one that looks or takes away."""
    assert bool(runs_pods(rule(verbs, kinds))) is runs


@pytest.mark.parametrize(
    ("verbs", "kinds", "space", "how"),
    [
        (["update"], ["configmaps"], "kube-system", "update the config map aws-auth"),
        (["update"], ["configmaps"], "shop", ""),
        (["get", "create"], ["configmaps"], "kube-system", ""),
        (["impersonate"], ["users"], None, "impersonate anybody"),
        (["impersonate"], ["users"], "shop", ""),
        (["bind"], ["clusterroles.rbac.authorization.k8s.io"], None, "bind clusterroles"),
        (["create"], ["clusterrolebindings.rbac.authorization.k8s.io"], None, ""),
    ],
)
def test_what_makes_somebody_rule_a_cluster(verbs: list[str], kinds: list[str], space: str | None, how: str) -> None:
    """The map of roles, impersonation and binding; a binding alone gives only what its maker has already."""
    assert rules(rule(verbs, kinds), space) == how
    if "aws-auth" in how:
        assert rules(rule(verbs, kinds), space, mapped=False) == ""


def test_a_role_is_given_to_a_service_account(estate: Estate) -> None:
    """Who may associate any role with an account of a cluster has what pods of that account may."""
    estate.role("helper", "lambda", {"Action": ["iam:PassRole", "eks:CreatePodIdentityAssociation"], "Resource": "*"})
    estate.role("boss", "pods.eks", EVERYTHING)
    assert who(estate.facts()) == {"helper": ["pass role"]}


def test_an_account_of_a_cluster_without_rights_takes_no_step(estate: Estate) -> None:
    """Nobody's address leads nowhere, and asking raises nothing."""
    facts = estate.facts()
    nobody = Address.kubernetes("c", "ServiceAccount", "n", "nobody")
    assert steps(facts, nobody) == ()
    assert not rules_all(facts, nobody)


@pytest.mark.parametrize(
    ("operator", "key", "value", "narrow"),
    [
        ("StringEquals", "aws:SourceAccount", "111122223333", True),
        ("ArnLike", "AWS:SourceArn", "arn:aws:s3:::a", True),
        ("StringLike", "aws:SourceArn", "*", False),
        ("StringNotEquals", "aws:SourceAccount", "111122223333", False),
        ("Bool", "aws:SecureTransport", "true", False),
    ],
)
def test_a_condition_says_for_whom(operator: str, key: str, value: str, narrow: bool) -> None:
    """Only a positive test of a source, whatever its case, and not against a bare star."""
    assert narrows([Condition(operator, key, (value,))]) is narrow


def member(estate: Estate, user: str, group: str) -> None:
    """A user that is in a group."""
    estate.add("aws_iam_user", user, {"name": user})
    estate.add("aws_iam_group", group, {"name": group})
    users = [f"${{aws_iam_user.{user}.name}}"]
    estate.add(
        "aws_iam_group_membership", group, {"name": group, "group": f"${{aws_iam_group.{group}.name}}", "users": users}
    )


def in_group(estate: Estate, group: str, *may: Mapping[str, Any]) -> None:
    """What a group's own policy allows."""
    estate.add("aws_iam_group_policy", group, {"group": f"${{aws_iam_group.{group}.name}}", "policy": document(*may)})


@pytest.mark.parametrize("action", ["iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:AttachGroupPolicy"])
def test_what_a_group_allows_its_members_may(estate: Estate, action: str) -> None:
    """A user writes a policy of its own, or of its group, by what the group's policy allows."""
    member(estate, "bob", "staff")
    in_group(estate, "staff", {"Action": action, "Resource": "*"})
    assert who(estate.facts()) == {"bob": ["own policy"]}


def test_a_member_of_administrators_is_one(estate: Estate) -> None:
    """Whoever is in a group that may do everything is administrator and has no way left to go."""
    member(estate, "bob", "staff")
    in_group(estate, "staff", EVERYTHING)
    assert who(estate.facts()) == {}


def test_all_but_iam_is_enough_to_exchange_the_code_of_an_administrator(estate: Estate) -> None:
    """PowerUserAccess allows by NotAction, and what it leaves in is a step all the same."""
    estate.role("admin", "lambda", EVERYTHING)
    estate.add("aws_lambda_function", "f", {"function_name": "f", "role": arn("admin")})
    estate.role("dev", "ec2")
    power = "arn:aws:iam::aws:policy/PowerUserAccess"
    estate.add("aws_iam_role_policy_attachment", "dev", {"role": "${aws_iam_role.dev.name}", "policy_arn": power})
    assert who(estate.facts()) == {"dev": ["function code"]}


@pytest.mark.parametrize(("owner", "administrator"), [("aws", True), ("111122223333", False)])
def test_only_the_policy_of_aws_makes_an_administrator(estate: Estate, owner: str, administrator: bool) -> None:
    """A customer's own policy may be called AdministratorAccess and allow something else."""
    estate.role("named", "ec2")
    policy = f"arn:aws:iam::{owner}:policy/AdministratorAccess"
    estate.add("aws_iam_role_policy_attachment", "named", {"role": "${aws_iam_role.named.name}", "policy_arn": policy})
    facts = estate.facts()
    assert administers(facts, next(each.of for each in facts.all(Principal) if each.name == "named")) is administrator


def test_a_denial_of_all_but_some_takes_a_choice_away(estate: Estate) -> None:
    """Deny with NotAction takes what runs as a passed role away as Deny with Action does."""
    estate.role("admin", "lambda", EVERYTHING)
    passes = {"Action": ["iam:PassRole", "lambda:*"], "Resource": "*"}
    estate.role("dev", "ec2", passes, {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})
    assert who(estate.facts()) == {}
