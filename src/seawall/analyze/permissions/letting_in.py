"""Whether a role lets in whoever takes it on, and in which word it does not: subject, audience, issuer, service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.controllers import account_behind
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.link import Break, Link
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Context, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, shapes
from seawall.analyze.permissions.tokens import Token, let_token_in
from seawall.analyze.texts import fits
from seawall.analyze.trust import POD_IDENTITY, ends, pod_identity, subject, trusting
from seawall.facts.compute import Cluster
from seawall.facts.delivery import TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Identifier, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer, proven, refuted, unknown

AUDIENCE: Final = "sts.amazonaws.com"
"""The audience of the tokens that EKS writes for service accounts.

Source: Amazon EKS User Guide, "Configure Pods to use a Kubernetes service account", read 2026-11-22.
"""

_SERVICES: Final[Mapping[str, str]] = {
    "aws_lambda_function": "lambda.amazonaws.com",
    "aws_sfn_state_machine": "states.amazonaws.com",
    "aws_instance": "ec2.amazonaws.com",
    "aws_launch_template": "ec2.amazonaws.com",
    "aws_iam_instance_profile": "ec2.amazonaws.com",
    "aws_eks_node_group": "ec2.amazonaws.com",
    "aws_eks_cluster": "eks.amazonaws.com",
    "aws_eks_fargate_profile": "eks-fargate-pods.amazonaws.com",
    "aws_scheduler_schedule": "scheduler.amazonaws.com",
    "aws_flow_log": "vpc-flow-logs.amazonaws.com",
    "aws_backup_selection": "backup.amazonaws.com",
    "aws_codebuild_project": "codebuild.amazonaws.com",
    "aws_codepipeline": "codepipeline.amazonaws.com",
    "aws_ecs_task_definition": "ecs-tasks.amazonaws.com",
}
"""Which service takes on the role that a resource names.

Source: IAM User Guide, "AWS services that work with IAM" and each service's page on its role, read 2026-11-22.
"""


def let_in(facts: Facts, assumes: Assumes, role: Address) -> Link:
    """The link of a role's trust policy for one who takes it on."""
    statements = trusting(facts, role)
    if not statements:
        why = Unknown(f"{role}.assume_role_policy", why="whom the role trusts is not in the input")
        return Link("trust policy", unknown(why), f"whom {role} trusts is not in the input", "not known", role)
    account = assumes.account
    if not isinstance(account, Address):
        return Link("trust policy", unknown(account), f"who takes on {role} is not known", "not known", role)
    account = account_behind(facts, account)
    if assumes.means == "irsa":
        return _by_token(facts, account, role, statements)
    if assumes.means == "pod-identity":
        return _by_agent(facts, account, role, statements)
    return _by_service(facts, account, role, statements)


def let_job_in(facts: Facts, takes: TakesOn, role: Address) -> Link:
    """The link of a role's trust policy for a pipeline's job, whose token names its repository and what started it.

    A workflow does not say which repository it is in: it is taken to be the one that the trust policy names, if it
    names one.
    """
    statements = trusting(facts, role)
    if not statements:
        why = Unknown(f"{role}.assume_role_policy", why="whom the role trusts is not in the input")
        return Link("trust policy", unknown(why), f"whom {role} trusts is not in the input", "not known", role)
    repositories = _repositories(statements)
    subjects = takes.subjects or ("*",)
    links = []
    for one in subjects:
        found = [
            let_token_in(facts, _of_job(facts, takes, _job_subject(each, one)), role, statements)
            for each in repositories
        ]
        links.append(min(found, key=lambda link: _BEST.index(link.verdict.answer)))
    return max(links, key=lambda link: _BEST.index(link.verdict.answer))


_BEST: Final = [Answer.PROVEN, Answer.UNKNOWN, Answer.REFUTED]


def _repositories(statements: tuple[Statement, ...]) -> list[Textual]:
    """The repositories that a trust policy names in full; else one that is not known."""
    found: dict[Textual, None] = {}
    for test in (test for one in statements if one.allow for test in one.conditions):
        for value in test.values if ends(test.key, ":sub") else ():
            words = value.split(":", 2) if isinstance(value, str) else []
            if len(words) == 3 and words[0] == "repo" and not set("*?$") & set(words[1]):
                found[words[1]] = None
    return list(found) or [Unknown("the job's repository", why="a workflow does not say which repository it is in")]


def _job_subject(repository: Textual, said: str) -> Textual:
    """The subject of a job's token; what is not known before it runs is a hole.

    Source: GitHub Actions, "OpenID Connect reference", section "Example subject claims", read 2026-11-22.
    """
    later = Unknown("what the job's token says", why="it is known only when the job runs")
    if set("?+[]!") & set(said):  # further marks of patterns of branches
        return text("repo:", repository, ":", re.split(r"[*?+\[\]!]", said, maxsplit=1)[0], later)
    words = re.split(r"\*+", said)
    parts: list[Textual] = ["repo:", repository, ":", words[0]]
    for word in words[1:]:
        parts += [later, word]
    return text(*parts)


def _of_job(facts: Facts, takes: TakesOn, subject: Textual) -> Token:
    def issued(url: Textual) -> Answer:
        if not isinstance(url, str):
            clusters = any(facts.where(Cluster, of=maker) for maker in _makers(url))
            return Answer.REFUTED if clusters or fits(GITHUB, url) is Answer.REFUTED else Answer.UNKNOWN
        bare = url.removeprefix("https://")
        if bare.startswith(f"{GITHUB}/"):  # an enterprise may have an issuer of its own below it
            return Answer.UNKNOWN
        return Answer.PROVEN if bare == GITHUB else Answer.REFUTED

    def astray(urls: list[Textual]) -> tuple[Break, str]:
        return "wrong issuer", f"the trust policy names {', '.join(map(str, urls))}, and the job's token is of {GITHUB}"

    def doubt(urls: list[Textual]) -> tuple[Unknown, str]:
        named = ", ".join(map(str, urls))
        why = Unknown("the issuer of the job's token", why=f"it may be {GITHUB} or its enterprise's own")
        return why, f"whether {named} is the issuer of the job's token is not known"

    return Token(
        takes.of, f"{takes.of} by its token", "the job's", subject, takes.audience,
        f"the job asks for {takes.audience}", issued, astray, doubt,
    )  # fmt: skip


GITHUB: Final = "token.actions.githubusercontent.com"
"""The issuer of the tokens of GitHub's jobs. Source: GitHub Actions, "OpenID Connect reference", read 2026-11-22."""


def _by_token(facts: Facts, account: Address, role: Address, statements: tuple[Statement, ...]) -> Link:
    """A pod's token: its subject is its account, its issuer its cluster."""
    cluster = cluster_of(facts, account)
    name = subject(account)
    said: Textual = name or Unknown(f"the account of {account}", why="its cluster is not in the input")

    def issued(url: Textual) -> Answer:
        return Answer.UNKNOWN if cluster is None else _is_of(facts, url, cluster)

    def astray(urls: list[Textual]) -> tuple[Break, str]:
        return _astray(facts, cluster, urls)

    def doubt(urls: list[Textual]) -> tuple[Unknown, str]:
        named = ", ".join(map(str, urls))
        if cluster is None:
            whose = account.as_kubernetes()
            where = whose.cluster if whose is not None else ""
            why = "the cluster is not in the input, so whose tokens its pods have is not known"
            missing = Unknown(f"{where or 'the cluster'}'s issuer", why=why)
            return missing, f"whether {named} is the issuer of the pod's tokens is not known: {why}"
        why = "the cluster's issuer is known only after apply"
        missing = Unknown(f"{cluster.of}.identity.0.oidc.0.issuer", why=why)
        return missing, f"whether {named} is the issuer of {cluster.of} is not known"

    token = Token(
        account, f"{name or account} by its token", "the pod's", said, AUDIENCE, f"EKS writes {AUDIENCE}",
        issued, astray, doubt,
    )  # fmt: skip
    return let_token_in(facts, token, role, statements)


def _astray(facts: Facts, cluster: Cluster | None, urls: list[Textual]) -> tuple[Break, str]:
    """What to say of issuers that are none of a cluster's."""
    named = ", ".join(str(url) for url in urls)
    if cluster is None:
        return "wrong issuer", f"the trust policy names {named}"
    for other in facts.all(Cluster):
        if other.of != cluster.of and any(_is_of(facts, url, other) is Answer.PROVEN for url in urls):
            says = f"the trust policy names the OIDC provider of {other.of}, and the pod's tokens are {cluster.of}'s"
            return "other cluster's OIDC provider", says
    return "wrong issuer", f"the trust policy names {named}, which {cluster.of} is not"


def _is_of(facts: Facts, url: Textual, cluster: Cluster) -> Answer:
    """Whether tokens of that issuer are a cluster's own."""
    if isinstance(url, Unknown):
        return Answer.UNKNOWN
    if isinstance(url, str) and isinstance(cluster.issuer, str):
        same = url.removeprefix("https://") == cluster.issuer.removeprefix("https://")
        return Answer.PROVEN if same else Answer.REFUTED
    bare = text(url.removeprefix("https://")) if isinstance(url, str) else url
    makers = _makers(bare)
    if makers:
        if cluster.of in makers:
            return Answer.PROVEN
        return Answer.REFUTED if any(facts.where(Cluster, of=maker) for maker in makers) else Answer.UNKNOWN
    if isinstance(bare, str):
        mine = _shape(facts, cluster)
        if mine is None:
            return Answer.UNKNOWN
        # Every cluster of a region has an issuer of that shape: that it fits proves nothing.
        return Answer.REFUTED if fits(f"https://{bare}", mine) is Answer.REFUTED else Answer.UNKNOWN
    return Answer.UNKNOWN


def _makers(url: Textual) -> set[str]:
    """The clusters whose issuer a text speaks of."""
    if isinstance(url, Ref):
        return {url.to}
    found: set[str] = set()
    for hole in url.holes if isinstance(url, Text) else ():
        if isinstance(hole, Ref):
            found.add(hole.to)
        elif hole.what.endswith(".oidc_id"):
            found.add(hole.what.removesuffix(".oidc_id"))
    return found


def _shape(facts: Facts, cluster: Cluster) -> Textual | None:
    for identifier in facts.where(Identifier, of=cluster.of):
        if identifier.attr == "identity.0.oidc.0.issuer":
            return identifier.value
    return None


def _by_agent(facts: Facts, account: Address, role: Address, statements: tuple[Statement, ...]) -> Link:
    """Pod Identity: the service must be let in with both actions, under the tags that it sets."""
    context: dict[str, tuple[Textual, ...]] = {}
    name = account.as_kubernetes()
    if name is not None:
        context["aws:requesttag/kubernetes-namespace"] = (name.namespace,)
        context["aws:requesttag/kubernetes-service-account"] = (name.name,)
    cluster = cluster_of(facts, account)
    if cluster is not None:
        context["aws:requesttag/eks-cluster-name"] = (cluster.name,)
        if (arn := arn_of(facts, cluster.of)) is not None:
            context["aws:sourcearn"] = (arn,)
            context["aws:requesttag/eks-cluster-arn"] = (arn,)
    links = [_service(facts, POD_IDENTITY, role, statements, context, action) for action in _AGENTS]
    link = max(links, key=lambda each: _BEST.index(each.verdict.answer))
    trust = pod_identity(statements)
    if link.verdict.refuted and trust.verdict.refuted:
        return Link("trust policy", trust.verdict, trust.says, "not trusted", role)
    return link


_AGENTS: Final = ("sts:AssumeRole", "sts:TagSession")
"""What Pod Identity's service does with a role, always both."""


def _by_service(facts: Facts, user: Address, role: Address, statements: tuple[Statement, ...]) -> Link:
    """A service that takes on the role for a function, a machine or an instance."""
    name = user.as_terraform()
    service = _SERVICES.get(name.type) if name is not None else None
    object_ = user.as_kubernetes()
    if object_ is not None and object_.kind == "EC2NodeClass":
        service = "ec2.amazonaws.com"
    if service is None:
        named = sorted(
            str(value) for one in statements if one.allow for kind, value in one.principals if kind == "Service"
        )
        if named:
            return Link("trust policy", proven(*statements), f"{role} lets in {', '.join(named)}", of=role)
        return Link("trust policy", refuted(*statements), f"{role} lets no service in", "not trusted", role)
    arn = arn_of(facts, user)
    return _service(facts, service, role, statements, {} if arn is None else {"aws:sourcearn": (arn,)})


def _service(
    facts: Facts,
    service: str,
    role: Address,
    statements: tuple[Statement, ...],
    context: Context,
    action: str = "sts:AssumeRole",
) -> Link:
    arn = arn_of(facts, role)
    if arn is None:
        why = Unknown(f"{role}.arn", why="the role's ARN is not known")
        return Link("trust policy", unknown(why), f"the ARN of {role} is not known", "not known", role)
    account = account_of(arn)
    known = {"aws:sourceaccount": (account,), **context}
    request = Request(Caller("service", service), action, arn, account, known, open=True)
    decision = decide(request, Policies(resource=Policy(statements, shapes(facts)), which=Layer.TRUST))
    if decision.answer is Answer.PROVEN:
        return Link("trust policy", proven(*decision.statements), f"{role} lets in {service}", of=role)
    if decision.answer is Answer.UNKNOWN:
        says = f"whether {role} lets in {service} is not known"
        return Link("trust policy", unknown(*decision.because), says, "not known", role)
    if decision.explicit:
        says = f"the trust policy denies {service} {action}"
        return Link("trust policy", refuted(*decision.statements), says, "explicit deny", role)
    named = any(kind == "Service" and value == service for one in statements for kind, value in one.principals)
    says = (
        f"the conditions of {role}'s trust policy keep {service} out" if named else f"{role} does not trust {service}"
    )
    return Link("trust policy", refuted(*statements), says, "condition" if named else "not trusted", role)
