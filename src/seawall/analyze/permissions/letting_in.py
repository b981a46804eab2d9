"""Whether a role lets in whoever takes it on, and in which word it does not: subject, audience, issuer, service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.controllers import account_behind
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.link import Break, Link
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Context, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, resource_of, shapes, spelled
from seawall.analyze.texts import fits
from seawall.analyze.trust import POD_IDENTITY, WEB_IDENTITY, allows, ends, subject, trusting, trusts
from seawall.facts.compute import Cluster
from seawall.facts.delivery import TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Condition, Identifier, Issuer, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer, Verdict, proven, refuted, unknown

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
        return _by_agent(facts, assumes, account, role, statements)
    return _by_service(facts, account, role, statements)


def let_job_in(facts: Facts, takes: TakesOn, role: Address) -> Link:
    """The link of a role's trust policy for a pipeline's job: what its token says behind the repository's name."""
    statements = tuple(one for one in trusting(facts, role) if one.allow)
    if not statements:
        why = Unknown(f"{role}.assume_role_policy", why="whom the role trusts is not in the input")
        return Link("trust policy", unknown(why), f"whom {role} trusts is not in the input", "not known", role)
    opaque = [one.opaque for one in statements if one.opaque is not None]
    if opaque:
        return Link("trust policy", unknown(*opaque), f"whom {role} trusts cannot be read", "not known", role)
    by_token = [one for one in statements if any(allows(action, WEB_IDENTITY) for action in one.actions)]
    if not by_token:
        return Link("trust policy", refuted(*statements), f"{role} lets no token in", "not trusted", role)
    expected = [value for one in by_token for test in one.conditions if ends(test.key, ":sub") for value in test.values]
    known = [value.split(":", 2)[2] for value in expected if isinstance(value, str) and value.count(":") > 1]
    refused = [one for one in takes.subjects if not any(_may_meet(one, pattern) for pattern in known)]
    if refused and len(known) == len(expected) and expected:
        says = f"the trust policy wants {', '.join(known)}, and the job comes as {', '.join(refused)}"
        return Link("trust policy", refuted(*by_token), says, "wrong subject", role)
    return Link("trust policy", proven(*by_token), f"{role} lets the job in by its token", of=role)


def _may_meet(subject: str, pattern: str) -> bool:
    """Whether a token may say what is expected: either may have stars."""
    return fits(subject, pattern, glob=True) is Answer.PROVEN or fits(pattern, subject, glob=True) is Answer.PROVEN


def _by_token(facts: Facts, account: Address, role: Address, statements: tuple[Statement, ...]) -> Link:
    """The statement that comes nearest to letting the token in."""
    found = [_token(facts, account, role, one) for one in statements if one.allow]
    order = [Answer.PROVEN, Answer.UNKNOWN, Answer.REFUTED]
    found.sort(key=lambda link: (order.index(link.verdict.answer), _NEAREST.index(link.fault)))
    if found:
        return found[0]
    return Link("trust policy", refuted(*statements), f"{role} trusts nobody", "not trusted", role)


_NEAREST: Final[list[Break]] = [
    "", "not known", "wrong audience", "wrong subject", "condition", "other cluster's OIDC provider", "wrong issuer",
    "not trusted",
]  # fmt: skip


def _token(facts: Facts, account: Address, role: Address, statement: Statement) -> Link:
    """What one statement says to a token: all of its tests are looked at, and a definite no goes first."""
    found = list(_tests(facts, account, statement))
    for answer in (Answer.REFUTED, Answer.UNKNOWN):
        for fault, verdict, says in found:
            if verdict.answer is answer:
                return Link("trust policy", verdict, says, fault, role)
    name = subject(account)
    return Link("trust policy", proven(statement), f"{role} lets in {name} by its token", of=role)


def _tests(facts: Facts, account: Address, statement: Statement) -> Iterator[tuple[Break, Verdict, str]]:
    if statement.opaque is not None:
        yield "not known", unknown(statement.opaque), "the trust policy cannot be read"
        return
    if not any(allows(action, WEB_IDENTITY) for action in statement.actions):
        yield "not trusted", refuted(statement), f"the trust policy does not allow {WEB_IDENTITY}"
        return
    cluster = cluster_of(facts, account)
    providers = [value for kind, value in statement.principals if kind in ("Federated", "AWS")]
    issuers = [_issuer(facts, value) for value in providers if value != "*"]
    if not issuers and "*" not in providers:
        yield "not trusted", refuted(statement), "the trust policy names no identity provider"
    if cluster is not None and issuers:
        yield from _issued(facts, cluster, statement, issuers)
    name = subject(account) or ""
    for condition in statement.conditions:
        known = [url.removeprefix("https://") for url, _ in issuers if isinstance(url, str)]
        if isinstance(condition.key, str) and known and len(known) == len(issuers):
            prefix = condition.key.rpartition(":")[0]
            if prefix not in known and not prefix.startswith(("aws", "sts")):
                says = f"the condition is on tokens of {prefix}, and the trusted provider is {', '.join(known)}"
                yield "wrong issuer", refuted(statement), says
                continue
        if ends(condition.key, ":sub"):
            yield from _compared(condition, name, "wrong subject", "subject", f"the pod's is {name}")
        elif ends(condition.key, ":aud"):
            yield from _compared(condition, AUDIENCE, "wrong audience", "audience", f"EKS writes {AUDIENCE}")
    for _, audiences in issuers:
        if audiences and AUDIENCE not in audiences and all(isinstance(each, str) for each in audiences):
            says = f"the identity provider accepts {', '.join(map(str, audiences))}, and EKS writes {AUDIENCE}"
            yield "wrong audience", refuted(statement), says


def _compared(
    condition: Condition, value: str, fault: Break, word: str, own: str
) -> Iterator[tuple[Break, Verdict, str]]:
    operator = condition.operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:").removesuffix("IfExists")
    glob = operator in ("StringLike", "StringNotLike", "ArnLike", "ArnEquals")
    answers = [fits(value, each, glob=glob) for each in condition.values]
    if operator in ("StringEqualsIgnoreCase",):
        lower = [each.lower() if isinstance(each, str) else each for each in condition.values]
        answers = [fits(value.lower(), each) for each in lower]
    expected = ", ".join(str(each) for each in condition.values)
    if "Not" in operator:
        if Answer.PROVEN in answers:
            yield fault, refuted(condition), f"the trust policy refuses the {word} {expected}, and {own}"
    elif Answer.PROVEN in answers:
        return
    elif Answer.UNKNOWN in answers:
        holes = [each for each in condition.values if not isinstance(each, str)]
        because = (each if isinstance(each, Unknown) else Unknown(str(each)) for each in holes)
        yield "not known", unknown(*because), f"whether the {word} {expected} is the pod's is not known"
    else:
        yield fault, refuted(condition), f"the trust policy wants the {word} {expected}, and {own}"


def _issuer(facts: Facts, provider: Textual) -> tuple[Textual, tuple[Textual, ...]]:
    """The issuer's address that a trusted provider stands for, and the audiences that it accepts."""
    of = provider.to if isinstance(provider, Ref) else resource_of(facts, spelled(facts, provider))
    issuer = facts.one(Issuer, of=of) if of is not None else None
    if issuer is not None:
        return issuer.url, issuer.audiences
    if isinstance(provider, str) and "oidc-provider/" in provider:
        return provider.partition("oidc-provider/")[2], ()
    if isinstance(provider, Text) and isinstance(last := provider.parts[-1], str) and "oidc-provider/" in last:
        return last.partition("oidc-provider/")[2], ()
    return Unknown(f"{provider}", why="the identity provider is not in the input"), ()


def _issued(
    facts: Facts, cluster: Cluster, statement: Statement, issuers: list[tuple[Textual, tuple[Textual, ...]]]
) -> Iterator[tuple[Break, Verdict, str]]:
    """Whether one of the trusted issuers is this cluster's."""
    answers = [_is_of(facts, url, cluster) for url, _ in issuers]
    if Answer.PROVEN in answers:
        return
    urls = ", ".join(str(url) for url, _ in issuers)
    if Answer.UNKNOWN in answers:
        because = Unknown(
            f"{cluster.of}.identity.0.oidc.0.issuer", why="the cluster's issuer is known only after apply"
        )
        yield "not known", unknown(because), f"whether {urls} is the issuer of {cluster.of} is not known"
        return
    for other in facts.all(Cluster):
        if other.of != cluster.of and any(_is_of(facts, url, other) is Answer.PROVEN for url, _ in issuers):
            says = f"the trust policy names the OIDC provider of {other.of}, and the pod's tokens are {cluster.of}'s"
            yield "other cluster's OIDC provider", refuted(statement), says
            return
    yield "wrong issuer", refuted(statement), f"the trust policy names {urls}, which {cluster.of} is not"


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
        if fits(f"https://{bare}", mine) is Answer.REFUTED:
            return Answer.REFUTED
        others = (_shape(facts, other) for other in facts.all(Cluster) if other.of != cluster.of)
        rivals = any(other is not None and fits(f"https://{bare}", other) is Answer.PROVEN for other in others)
        return Answer.UNKNOWN if rivals else Answer.PROVEN
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


def _by_agent(
    facts: Facts, assumes: Assumes, account: Address, role: Address, statements: tuple[Statement, ...]
) -> Link:
    """Pod Identity: the service must be let in with both actions, under the tags that it sets."""
    trust = trusts(facts, assumes)
    if trust is not None and not trust.verdict.proven:
        fault: Break = "not trusted" if trust.verdict.refuted else "not known"
        return Link("trust policy", trust.verdict, trust.says, fault, role)
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
    return _service(facts, POD_IDENTITY, role, statements, context)


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


def _service(facts: Facts, service: str, role: Address, statements: tuple[Statement, ...], context: Context) -> Link:
    arn = arn_of(facts, role)
    if arn is None:
        why = Unknown(f"{role}.arn", why="the role's ARN is not known")
        return Link("trust policy", unknown(why), f"the ARN of {role} is not known", "not known", role)
    account = account_of(arn)
    known = {"aws:sourceaccount": (account,), **context}
    request = Request(Caller("service", service), "sts:AssumeRole", arn, account, known, open=True)
    decision = decide(request, Policies(resource=Policy(statements, shapes(facts)), which=Layer.TRUST))
    if decision.answer is Answer.PROVEN:
        return Link("trust policy", proven(*decision.statements), f"{role} lets in {service}", of=role)
    if decision.answer is Answer.UNKNOWN:
        says = f"whether {role} lets in {service} is not known"
        return Link("trust policy", unknown(*decision.because), says, "not known", role)
    named = any(kind == "Service" and value == service for one in statements for kind, value in one.principals)
    says = (
        f"the conditions of {role}'s trust policy keep {service} out" if named else f"{role} does not trust {service}"
    )
    return Link("trust policy", refuted(*statements), says, "condition" if named else "not trusted", role)
