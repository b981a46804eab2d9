"""Escalation: the steps by which somebody becomes more than they are meant to be, in AWS and by way of a cluster.

Only what is shown counts: a step under a condition of which nothing is known is none. Sources, as known and not read
again: IAM User Guide on passing roles and on permissions boundaries, Rhino Security Labs' list of escalation methods,
and Kubernetes documentation, "Role Based Access Control Good Practices".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, Literal, TypeAlias

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.applicable import arn_of, can, identity_policies
from seawall.analyze.permissions.shapes import spelled
from seawall.analyze.trust import allows, role_of
from seawall.facts.compute import Cluster, Workload
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, ClusterAccess, Identifier, Principal, Statement
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, text
from seawall.kernel.verdict import Answer

ACCOUNT_HOLE: Final = "account"
ADMINISTRATOR: Final = "administrator of the account"
CLUSTER: Final = "administrator of the cluster"

Means: TypeAlias = Literal[
    "own policy", "policy of a role", "trust", "assume", "pass role", "function code", "state machine", "command",
    "access key", "group", "access entry", "pods", "member",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who takes it, what they become (a principal, or one of the two administrators), and how.

    ``wide`` says that what allows it names everything rather than this very thing.
    """

    who: Address
    becomes: Address | str
    means: Means
    says: str
    wide: bool = False

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest way from somebody to what they must not be, a step after the other."""

    start: Address
    end: Address | str
    steps: tuple[Step, ...]

    def lines(self) -> tuple[str, ...]:
        """The path as evidence."""
        return tuple(f"step {number}: {step}" for number, step in enumerate(self.steps, 1))


@dataclass(frozen=True, slots=True)
class _Service:
    """A service that runs what it is given as a role that is passed to it."""

    principal: str
    actions: tuple[str, ...]
    does: str


_RUNS: Final = (
    _Service("lambda.amazonaws.com", ("lambda:CreateFunction", "lambda:InvokeFunction"), "a function of its own"),
    _Service("ec2.amazonaws.com", ("ec2:RunInstances",), "an instance of its own"),
    _Service("ecs-tasks.amazonaws.com", ("ecs:RegisterTaskDefinition", "ecs:RunTask"), "a task of its own"),
    _Service("states.amazonaws.com", ("states:CreateStateMachine", "states:StartExecution"), "a machine of its own"),
    _Service("cloudformation.amazonaws.com", ("cloudformation:CreateStack",), "a stack of its own"),
    _Service("codebuild.amazonaws.com", ("codebuild:CreateProject", "codebuild:StartBuild"), "a build of its own"),
    _Service("glue.amazonaws.com", ("glue:CreateJob", "glue:StartJobRun"), "a job of its own"),
    _Service("sagemaker.amazonaws.com", ("sagemaker:CreateNotebookInstance",), "a notebook of its own"),
    _Service("scheduler.amazonaws.com", ("scheduler:CreateSchedule",), "a schedule that calls what it likes"),
    _Service("ssm.amazonaws.com", ("ssm:StartAutomationExecution",), "an automation that calls what it likes"),
    _Service("pods.eks.amazonaws.com", ("eks:CreatePodIdentityAssociation",), "a service account of its choice"),
)  # fmt: skip
"""Services that act as a passed role as whoever passes it likes, and what has to be allowed beside the passing."""

_OWN: Final = {
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    "user": ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy"),
}
_ANYTHING: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_TELLTALE: Final = (
    *(action for actions in _OWN.values() for action in actions),
    "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:CreateAccessKey",
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AddUserToGroup", "sts:AssumeRole",
    "lambda:UpdateFunctionCode", "states:UpdateStateMachine", "ssm:SendCommand", "ssm:StartSession",
    "eks:AssociateAccessPolicy", "eks:CreateAccessEntry",
)  # fmt: skip
"""One of these is part of every step in AWS; whoever has none is not looked at any further."""


def paths(facts: Facts) -> tuple[Path, ...]:
    """For everybody who can become administrator of the account, and is none, the shortest path; sorted.

    Who is told by name that they may take on an administrator's role is meant to be one, and left out.
    """
    return facts.derive(_paths)


def _paths(facts: Facts) -> tuple[Path, ...]:
    found = (_shortest(facts, start, {ADMINISTRATOR}) for start in _starts(facts) if not administers(facts, start))
    unmeant = (path for path in found if path is not None and not _is_meant(path))
    return tuple(sorted(unmeant, key=lambda path: path.start))


def _is_meant(path: Path) -> bool:
    [first, *more] = path.steps
    return not more and first.means == "assume" and not first.wide


def steps(facts: Facts, who: Address) -> tuple[Step, ...]:
    """Every single step that somebody can take for certain."""
    return facts.derive(_steps, who)


def _steps(facts: Facts, who: Address) -> tuple[Step, ...]:
    own = _cluster_steps(facts, who) if who.as_kubernetes() is not None else _aws_steps(facts, who)
    # In whatever order facts come: what is printed must not depend on it.
    return tuple(sorted(dict.fromkeys(own), key=lambda step: (step.means, step.becomes, step.says)))


def _starts(facts: Facts) -> Iterator[Address]:
    found = {each.of for each in facts.all(Principal)}
    found.update(attached.principal for attached in facts.all(Attaches) if isinstance(attached.principal, Address))
    yield from sorted(each for each in found if not each.is_outside)


def _shortest(facts: Facts, start: Address, ends: set[Address | str]) -> Path | None:
    """Breadth first, so that what is printed is what somebody would do."""
    before: dict[Address | str, Step | None] = {start: None}
    waiting: list[Address] = [start]
    for here in waiting:
        for step in steps(facts, here):
            there = step.becomes
            if isinstance(there, Address) and administers(facts, there):
                # To become an administrator is the end, too.
                return Path(start, there, (*_way(before, here), step))
            if there in ends:
                return Path(start, there, (*_way(before, here), step))
            if isinstance(there, Address) and there not in before:
                before[there] = step
                waiting.append(there)
    return None


def _way(before: Mapping[Address | str, Step | None], here: Address | str) -> tuple[Step, ...]:
    found: list[Step] = []
    step = before[here]
    while step is not None:
        found.append(step)
        step = before[step.who]
    return tuple(reversed(found))


# -- what policies say, without deciding -------------------------------------------------------------------------------


def statements_of(facts: Facts, principal: Address) -> tuple[Statement, ...]:
    """What the policies state that a principal carries, its groups' included; managed ones as far as known."""
    return facts.derive(_statements, principal)


def _statements(facts: Facts, principal: Address) -> tuple[Statement, ...]:
    if principal.as_kubernetes() is not None:
        return ()  # what a cluster's own roles say is no policy of AWS
    return tuple(one for policy in identity_policies(facts, principal) for one in policy.statements)


def administers(facts: Facts, principal: Address) -> bool:
    """Whether somebody may do everything, or everything with IAM, by a policy that says so openly."""
    return facts.derive(_administers, principal)


def _administers(facts: Facts, principal: Address) -> bool:
    return any(
        one.allow and not one.conditions and not one.not_actions and not one.not_resources
        and {"*", "*:*", "iam:*"} & set(one.actions) and "*" in one.resources
        for one in statements_of(facts, principal)
    )  # fmt: skip


def _told(facts: Facts, who: Address, action: str) -> bool:
    """Whether any statement of theirs mentions an action, whatever else it says: what is worth deciding."""
    return facts.derive(_mentioned, who, action)


def _mentioned(facts: Facts, who: Address, action: str) -> bool:
    return any(_mentions(one, action) for one in statements_of(facts, who))


def _mentions(one: Statement, action: str) -> bool:
    if not one.allow or one.opaque is not None:
        return False
    return any(allows(pattern, action) for pattern in one.actions) != one.not_actions


def is_wide(facts: Facts, who: Address, action: str) -> bool:
    """Whether what allows an action names everything of its kind."""
    return any(
        _mentions(one, action) and (one.not_resources or any(is_everything(pattern) for pattern in one.resources))
        for one in statements_of(facts, who)
    )


def is_everything(pattern: Textual) -> bool:
    """Whether a pattern of resources leaves open which one: ``*``, or every role of an account."""
    last = pattern.parts[-1] if isinstance(pattern, Text) else pattern
    return isinstance(last, str) and (last == "*" or last.endswith((":*", ":role/*", ":user/*", ":function:*")))


# -- steps in AWS ------------------------------------------------------------------------------------------------------


def _aws_steps(facts: Facts, who: Address) -> Iterator[Step]:
    principal = facts.one(Principal, of=who)
    if principal is None:
        return
    if principal.kind in ("role", "user") and any(_told(facts, who, action) for action in _TELLTALE):
        yield from _edits(facts, who, principal)
        yield from _others(facts, who)
        yield from _through_services(facts, who)
        yield from _users(facts, who)
        yield from _clusters(facts, who)
    for access in facts.where(ClusterAccess, principal=who):
        yield from _signs_in(facts, who, access)


def _edits(facts: Facts, who: Address, principal: Principal) -> Iterator[Step]:
    """Its own policies, those of its groups, and the versions of policies that it carries."""
    mine = arn_of(facts, who)
    if mine is None:
        return
    put, attach = _OWN[principal.kind]
    if _may(facts, who, put, mine):
        yield Step(who, ADMINISTRATOR, "own policy", f"{who} may write a policy of its own ({put} on itself)")
    elif _may(facts, who, attach, mine, {"iam:policyarn": (_ANYTHING,)}):
        yield Step(who, ADMINISTRATOR, "own policy", f"{who} may attach AdministratorAccess to itself ({attach})")
    groups = tuple(_groups(facts, who))
    put, attach = _OWN["group"]
    for group, theirs in groups:
        if _may(facts, who, put, theirs):
            says = f"{who} may write a policy of {group}, which it is in ({put})"
            yield Step(who, ADMINISTRATOR, "own policy", says)
        elif _may(facts, who, attach, theirs, {"iam:policyarn": (_ANYTHING,)}):
            says = f"{who} may attach AdministratorAccess to {group}, which it is in ({attach})"
            yield Step(who, ADMINISTRATOR, "own policy", says)
    carried = [one for holder in (who, *(of for of, _ in groups)) for one in facts.where(Attaches, principal=holder)]
    for attached in carried:
        policy = attached.policy
        arn = arn_of(facts, policy) if isinstance(policy, Address) else None
        if arn is not None and _may(facts, who, "iam:CreatePolicyVersion", arn):
            says = f"{who} may write a new version of {policy}, which it carries (iam:CreatePolicyVersion)"
            yield Step(who, ADMINISTRATOR, "own policy", says)


def _groups(facts: Facts, who: Address) -> Iterator[tuple[Address, Textual]]:
    for member in facts.where(Member, member=who):
        of = member.of
        if isinstance(of, Address) and any(one.kind == "group" for one in facts.where(Principal, of=of)):
            arn = arn_of(facts, of)
            if arn is not None:
                yield of, arn


def _roles(facts: Facts) -> tuple[tuple[Address, Textual], ...]:
    return facts.derive(_all_roles)


def _all_roles(facts: Facts) -> tuple[tuple[Address, Textual], ...]:
    found = ((each.of, arn_of(facts, each.of)) for each in facts.all(Principal) if each.kind == "role")
    known = ((of, arn) for of, arn in found if arn is not None and not of.is_outside)
    return tuple(sorted(known, key=itemgetter(0)))


def _others(facts: Facts, who: Address) -> Iterator[Step]:
    """Roles that are assumed, or whose trust or policies are written anew."""
    told = {action for action in _TELLTALE if _told(facts, who, action)}
    for role, arn in _roles(facts):
        if role == who:
            continue
        if "sts:AssumeRole" in told and _assumes(facts, who, role, arn):
            says = f"{who} takes on {role}, which trusts it (sts:AssumeRole)"
            yield Step(who, role, "assume", says, is_wide(facts, who, "sts:AssumeRole"))
        elif "iam:UpdateAssumeRolePolicy" in told and _may(facts, who, "iam:UpdateAssumeRolePolicy", arn):
            says = f"{who} may have {role} trust whomever it likes, and so act as it (iam:UpdateAssumeRolePolicy)"
            yield Step(who, role, "trust", says, is_wide(facts, who, "iam:UpdateAssumeRolePolicy"))
            if _writes(facts, who, arn):
                says = f"{who} may write the policies of {role}, whose trust it may write, too (iam:PutRolePolicy, "
                says += "iam:UpdateAssumeRolePolicy)"
                yield Step(who, ADMINISTRATOR, "policy of a role", says)


def _assumes(facts: Facts, who: Address, role: Address, arn: Textual) -> bool:
    """Whether the role names them, or leaves it to the account and their own policy allows it."""
    trusted = [one for one in facts.where(Statement, holder=role) if one.kind == "trust" and one.allow]
    if not any(kind == "AWS" for one in trusted for kind, _ in one.principals):
        return False
    return _may(facts, who, "sts:AssumeRole", arn)


def _writes(facts: Facts, who: Address, arn: Textual) -> bool:
    return _may(facts, who, "iam:PutRolePolicy", arn) or _may(
        facts, who, "iam:AttachRolePolicy", arn, {"iam:policyarn": (_ANYTHING,)}
    )


def _through_services(facts: Facts, who: Address) -> Iterator[Step]:
    """Roles that are passed to a service which does what it is told, and those of code that may be exchanged."""
    running = [one for one in _RUNS if all(_anywhere(facts, who, action) for action in one.actions)]
    for role, arn in _roles(facts):
        if role == who:
            continue
        trusted = facts.derive(_services_of, role)
        step = None
        for one in running:
            passed = {"iam:passedtoservice": (one.principal,)}
            if one.principal in trusted and _may(facts, who, "iam:PassRole", arn, passed):
                says = f"{who} may pass {role} to {one.does} ({', '.join(('iam:PassRole', *one.actions))})"
                step = Step(who, role, "pass role", says, is_wide(facts, who, "iam:PassRole"))
                break
        step = step or _code(facts, who, role)
        if step is None:
            continue
        yield step
        if _writes(facts, who, arn):
            says = f"{who} may write the policies of {role} (iam:PutRolePolicy) that it acts as: {step.says}"
            yield Step(who, ADMINISTRATOR, "policy of a role", says)


_CODE: Final = {
    "aws_lambda_function": ("lambda:UpdateFunctionCode", "function code", "exchange the code of {of}, which runs as"),
    "aws_sfn_state_machine": ("states:UpdateStateMachine", "state machine", "rewrite {of}, which acts as"),
}  # fmt: skip


def _code(facts: Facts, who: Address, role: Address) -> Step | None:
    for assumes in facts.derive(_taken).get(role, ()):
        of = assumes.account
        if not isinstance(of, Address) or (resource := of.as_terraform()) is None:
            continue
        if resource.type in _CODE:
            action, means, does = _CODE[resource.type]
            arn = arn_of(facts, of)
            if arn is not None and _told(facts, who, action) and _may(facts, who, action, arn):
                says = f"{who} may {does.format(of=of)} {role} ({action})"
                kind: Means = "function code" if means == "function code" else "state machine"
                return Step(who, role, kind, says, is_wide(facts, who, action))
        if assumes.means == "instance-profile":
            for action in ("ssm:SendCommand", "ssm:StartSession"):
                if _told(facts, who, action) and is_wide(facts, who, action) and _anywhere(facts, who, action):
                    says = f"{who} may run commands on instances that act as {role} ({action})"
                    return Step(who, role, "command", says, True)
    return None


def _taken(facts: Facts) -> dict[Address, tuple[Assumes, ...]]:
    found: dict[Address, list[Assumes]] = {}
    for assumes in facts.all(Assumes):
        role = role_of(facts, assumes)
        if role is not None:
            found.setdefault(role, []).append(assumes)
    return {role: tuple(every) for role, every in found.items()}


def _services_of(facts: Facts, role: Address) -> set[str]:
    return {
        value
        for one in facts.where(Statement, holder=role)
        if one.kind == "trust" and one.allow
        for kind, value in one.principals
        if kind == "Service" and isinstance(value, str)
    }


def _users(facts: Facts, who: Address) -> Iterator[Step]:
    keys = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
    wanted = [action for action in keys if _told(facts, who, action)]
    joins = _told(facts, who, "iam:AddUserToGroup")
    for each in facts.all(Principal):
        arn = arn_of(facts, each.of)
        if arn is None or each.of == who:
            continue
        if each.kind == "user":
            for action in wanted:
                if _may(facts, who, action, arn):
                    says = f"{who} may make credentials of {each.of} ({action})"
                    yield Step(who, each.of, "access key", says, is_wide(facts, who, action))
                    break
        elif each.kind == "group" and joins and _may(facts, who, "iam:AddUserToGroup", arn):
            says = f"{who} may join {each.of} (iam:AddUserToGroup)"
            yield Step(who, each.of, "group", says)


def _clusters(facts: Facts, who: Address) -> Iterator[Step]:
    if not all(_told(facts, who, action) for action in ("eks:AssociateAccessPolicy", "eks:CreateAccessEntry")):
        return
    for cluster, arn in _kubernetes_clusters(facts):
        known = facts.one(Cluster, of=cluster)
        if known is not None and "API" not in str(known.authentication):
            continue  # it knows no access entries
        if any(_may(facts, who, "eks:AssociateAccessPolicy", one) for one in (arn, _entries(arn))) and _may(
            facts, who, "eks:CreateAccessEntry", arn
        ):
            says = f"{who} may let itself into {cluster} (eks:CreateAccessEntry, eks:AssociateAccessPolicy)"
            yield from _every_account(facts, who, cluster, "access entry", says)


def _entries(arn: Textual) -> Textual:
    parts = arn.parts if isinstance(arn, Text) else (arn,)
    changed = (part.replace(":cluster/", ":access-entry/") if isinstance(part, str) else part for part in parts)
    return text(*changed, "/*")


def _kubernetes_clusters(facts: Facts) -> Iterator[tuple[Address, Textual]]:
    for identifier in facts.all(Identifier):
        resource = identifier.of.as_terraform()
        if identifier.attr == "arn" and resource is not None and resource.type == "aws_eks_cluster":
            yield identifier.of, identifier.value


def _may(
    facts: Facts, who: Address, action: str, arn: Textual, context: Mapping[str, tuple[Textual, ...]] | None = None
) -> bool:
    """Whether it is shown that they may: what may be allowed under some condition is no step.

    An account that a policy spells out is taken to be the one that the estate is in.
    """
    if not _told(facts, who, action) or not _could_be_meant(facts.derive(_begins, who, action), arn):
        return False
    decision = can(facts, who, action, arn, context)
    if decision.answer is Answer.UNKNOWN:
        return bool(decision.because) and all(each.what == ACCOUNT_HOLE for each in decision.because)
    return decision.answer is Answer.PROVEN


def _begins(facts: Facts, who: Address, action: str) -> tuple[str, ...]:
    """How the names of what somebody may do an action to begin, behind the account of their ARNs."""
    found: dict[str, None] = {}
    for one in statements_of(facts, who):
        if _mentions(one, action):
            found.update(("", None) for _ in one.resources if one.not_resources)
            found.update((_name(spelled(facts, pattern)), None) for pattern in one.resources)
    return tuple(found)


def _could_be_meant(beginnings: tuple[str, ...], arn: Textual) -> bool:
    """Whether a name begins like one of these, as far as both are known: most roles of others do not."""
    name = _name(arn)
    return any(name.startswith(begin) or begin.startswith(name) for begin in beginnings)


def _name(arn: Textual) -> str:
    """The name in an ARN, behind its account, up to the first star or hole; empty where that cannot be told."""
    if isinstance(arn, Text):
        # The account is not known, and what stands behind it is: ``arn:aws:iam::{account}:role/``, ``web``.
        first, _, *rest = (*arn.parts, "")
        behind = rest[0] if rest and isinstance(rest[0], str) else ""
        arn = f"{first}0{behind}" if isinstance(first, str) and first.count(":") == 4 else ""
    elif not isinstance(arn, str):
        return ""
    return _STARRED.split(":".join(arn.split(":")[5:]))[0]


_STARRED: Final = re.compile(r"[*?$]")


def _anywhere(facts: Facts, who: Address, action: str) -> bool:
    """Whether they may do it with a thing of their choice: no Deny takes it away, and no condition but of a region."""
    return any(_mentions(one, action) and _choosable(one) for one in statements_of(facts, who)) and not any(
        not one.allow
        and not one.conditions
        and "*" in one.resources
        and not one.not_resources
        and any(allows(pattern, action) for pattern in one.actions) != one.not_actions
        for one in statements_of(facts, who)
    )


def _choosable(one: Statement) -> bool:
    return all(
        condition.key == "aws:RequestedRegion" and "Not" not in condition.operator for condition in one.conditions
    )


# -- steps in a cluster ------------------------------------------------------------------------------------------------

_CONTROLLED: Final = (
    "pods", "replicationcontrollers", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps",
    "jobs.batch", "cronjobs.batch", "rollouts.argoproj.io",
)  # fmt: skip
_RULING: Final = ("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy")
"""Access policies of EKS that may create pods (Amazon EKS User Guide, "Review access policy permissions")."""


def _signs_in(facts: Facts, who: Address, access: ClusterAccess) -> Iterator[Step]:
    """Into a cluster, as an access entry says: with a policy of EKS, or as a member of a group."""
    if not isinstance(access.policy, str) or not isinstance(access.cluster, Address):
        return
    if access.policy.endswith(_RULING):
        spaces = access.namespaces if isinstance(access.namespaces, tuple) else ()
        if isinstance(access.namespaces, tuple):
            says = f"{who} may run pods in {access.cluster} ({access.policy.rpartition('/')[2]})"
            yield from _every_account(facts, who, access.cluster, "pods", says, spaces)
    elif access.policy.startswith("group/"):
        group = access.policy.removeprefix("group/")
        for attached in facts.all(Attaches):
            subject = attached.principal
            named = subject.as_kubernetes() if isinstance(subject, Address) else None
            if (
                isinstance(subject, Address)
                and named is not None
                and (named.kind, named.name) == ("Group", group)
                and (found := cluster_of(facts, subject)) is not None
                and found.of == access.cluster
            ):
                says = f"{who} is a member of {subject} by its access entry"
                yield Step(who, subject, "member", says)


def _every_account(
    facts: Facts, who: Address, cluster: Address, means: Means, says: str, namespaces: tuple[str, ...] = ()
) -> Iterator[Step]:
    """The roles of every service account of a cluster, or of some of its namespaces."""
    for account, namespace, role in facts.derive(_accounts_by_cluster).get(cluster, ()):
        if role != who and (not namespaces or namespace in namespaces):
            yield Step(who, role, means, f"{says}, and so act as {role} by the service account {account}")


def _accounts_by_cluster(facts: Facts) -> dict[Address, list[tuple[Address, str, Address]]]:
    """The service accounts of each cluster with their namespaces and roles."""
    found: dict[Address, list[tuple[Address, str, Address]]] = {}
    for assumes, role in _pods_roles(facts):
        account = assumes.account
        named = account.as_kubernetes() if isinstance(account, Address) else None
        cluster = cluster_of(facts, account) if isinstance(account, Address) and named is not None else None
        if isinstance(account, Address) and named is not None and cluster is not None:
            found.setdefault(cluster.of, []).append((account, named.namespace, role))
    return found


def _pods_roles(facts: Facts) -> tuple[tuple[Assumes, Address], ...]:
    return facts.derive(_accounts_with_roles)


def _accounts_with_roles(facts: Facts) -> tuple[tuple[Assumes, Address], ...]:
    found = ((assumes, role_of(facts, assumes)) for assumes in facts.all(Assumes))
    taken = ((assumes, role) for assumes, role in found if role is not None)
    return tuple((assumes, role) for assumes, role in taken if assumes.means in ("irsa", "pod-identity"))


def rules_of(facts: Facts, subject: Address) -> Iterator[tuple[Statement, str | None]]:
    """The rules that an account, group or user of a cluster has, each with its namespace; None says all of them."""
    for attached in facts.where(Attaches, principal=subject):
        if not isinstance(attached.policy, Address):
            continue
        space = attached.within.as_kubernetes() if attached.within is not None else None
        for one in facts.where(Statement, holder=attached.policy):
            if one.kind == "rbac" and one.opaque is None:
                yield one, (space.name if space is not None else None)


def rules_all(facts: Facts, subject: Address) -> bool:
    """Whether somebody may do everything in a cluster by a rule that says so openly."""
    return any(
        space is None and "*" in one.actions and any(str(what).startswith("*") for what in one.resources)
        for one, space in rules_of(facts, subject)
    )


def runs_pods(one: Statement) -> str:
    """How a rule of a cluster's role lets somebody run what they like as another account; empty where it does not."""
    if one.conditions:
        return _entered(one) if _has(one, "pods/exec", "create") else ""
    for kind in _CONTROLLED:
        verbs = ("create", "patch", "update") if kind != "pods" else ("create",)
        for verb in verbs:
            if _has(one, kind, verb):
                return f"{verb} {kind}"
    if _has(one, "serviceaccounts/token", "create"):
        return "create serviceaccounts/token"
    return _entered(one)


def _entered(one: Statement) -> str:
    if _has(one, "pods/exec", "create") or _has(one, "pods/exec", "get"):
        return "exec into pods"
    if _has(one, "pods/ephemeralcontainers", "patch") or _has(one, "pods/ephemeralcontainers", "update"):
        return "add containers to pods"
    return ""


def _has(one: Statement, kind: str, verb: str) -> bool:
    name, _, group = kind.partition(".")
    kinds = {kind, f"*.{group}" if group else "*", "*"} | ({"*/*"} if "/" in name else set())
    return bool({verb, "*"} & set(one.actions)) and bool(kinds & set(one.resources))


def rules(one: Statement, space: str | None, *, mapped: bool = True) -> str:
    """How a rule of a cluster's role lets somebody become its administrator; empty where it does not.

    ``space`` is the one namespace in which it holds; ``mapped`` whether the cluster still reads the map of roles to
    groups, which counts for nothing where access entries alone do.
    """
    names = {value for condition in one.conditions for value in condition.values}
    if mapped and (not names or "aws-auth" in names) and space in (None, "kube-system"):
        for verb in ("patch", "update"):
            if _has(one, "configmaps", verb):
                return f"{verb} the config map aws-auth"
    if names or space is not None:
        return ""
    if _has(one, "users", "impersonate") or _has(one, "groups", "impersonate"):
        return "impersonate anybody"
    for kind in ("clusterroles", "roles"):
        for verb in ("bind", "escalate"):
            if _has(one, f"{kind}.rbac.authorization.k8s.io", verb):
                return f"{verb} {kind}"
    return ""


def _cluster_steps(facts: Facts, who: Address) -> Iterator[Step]:
    """What an account, group or user of a cluster becomes: the roles of accounts whose pods it runs or enters."""
    for assumes, role in _pods_roles(facts):
        if assumes.account == who:
            yield Step(who, role, "assume", f"pods of {who} act as {role} ({assumes.means})")
    mapped = "CONFIG_MAP" in _let_in_by(facts, who)
    for one, space in rules_of(facts, who):
        how, space = (ruling, None) if (ruling := rules(one, space, mapped=mapped)) else (runs_pods(one), space)
        if not how:
            continue
        for assumes, role in _pods_roles(facts):
            account = assumes.account
            named = account.as_kubernetes() if isinstance(account, Address) else None
            if not isinstance(account, Address) or named is None or account == who or not _same(facts, account, who):
                continue
            if space is not None and named.namespace != space:
                continue
            if how.startswith(("exec", "add")) and not _has_pods(facts, account):
                continue
            where = f"in {space}" if space is not None else "in every namespace"
            says = f"{who} may {how} {where}, and so act as {role} by the service account {account}"
            yield Step(who, role, "pods", says)


def _let_in_by(facts: Facts, object: Address) -> str:
    """By what a cluster lets principals of AWS in, API, CONFIG_MAP or both; empty where the input does not say."""
    cluster = cluster_of(facts, object)
    return cluster.authentication if cluster is not None and isinstance(cluster.authentication, str) else ""


def _same(facts: Facts, one: Address, other: Address) -> bool:
    return one.partition("/")[0] == other.partition("/")[0]


def _has_pods(facts: Facts, account: Address) -> bool:
    return bool(facts.where(Workload, account=account))
