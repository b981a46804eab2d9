"""Excess: what a role's policies grant and nothing that acts as it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from seawall.analyze import applications
from seawall.analyze.permissions.applicable import caller_of, identity_policies, request_of
from seawall.analyze.permissions.needed import acting, needs_of, users_of
from seawall.analyze.permissions.nodes import shared
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Request
from seawall.analyze.permissions.shapes import shapes, spelled
from seawall.facts.application import Code, Involves
from seawall.facts.delivery import Controller
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Performs, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer, Verdict, refuted, unknown


@dataclass(frozen=True, slots=True)
class Wide:
    """A pattern that covers more than is needed: what is granted, and all that is needed of it.

    ``of`` says whether it is a pattern of actions or of resources; ``action`` names the actions for which a resource
    is too wide, with commas between them.
    """

    of: Literal["action", "resource"]
    granted: Textual
    needed: tuple[Textual, ...]
    action: str = ""


@dataclass(frozen=True, slots=True)
class Excess:
    """What one statement of a role grants beyond what is needed; refuted (it is not minimal), or not known.

    ``actions`` and ``resources`` are never needed; ``wide`` are needed in part; ``dead`` are pairs of an action and an
    ARN that can match nothing the action is about, so that the grant is none. ``policy`` is what the role carries: an
    address, or the ARN of a managed policy, which is one item whatever its statements. An unknown one says why in
    ``verdict.because``; where nothing is known of what acts as a role, it has one such item.
    """

    role: Address
    policy: str
    statement: Statement
    verdict: Verdict
    actions: tuple[Textual, ...] = ()
    resources: tuple[Textual, ...] = ()
    wide: tuple[Wide, ...] = ()
    dead: tuple[tuple[str, Textual], ...] = ()


PRESCRIBED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_eks_cluster": ("AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"),
    "aws_eks_node_group": (
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    ),
    "EC2NodeClass": (
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    ),
    "aws_eks_fargate_profile": ("AmazonEKSFargatePodExecutionRolePolicy",),
    "aws_db_instance": ("AmazonRDSEnhancedMonitoringRole",),
    "aws_rds_cluster": ("AmazonRDSEnhancedMonitoringRole",),
    "aws_rds_cluster_instance": ("AmazonRDSEnhancedMonitoringRole",),
    "aws_grafana_workspace": ("AmazonGrafanaCloudWatchAccess", "AWSXrayReadOnlyAccess"),
    "aws_backup_selection": ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"),
}
"""The managed policies that AWS prescribes for what its own service does as a role, by who takes the role on.

They are needed as they are: AWS alone knows what the service calls. Source: Amazon EKS User Guide, "Amazon EKS cluster
IAM role" and "Amazon EKS node IAM role"; Amazon RDS User Guide, "Setting up Enhanced Monitoring"; AWS Backup Developer
Guide, "AWS managed policies", read 2026-11-22.
"""


def excess(facts: Facts) -> tuple[Excess, ...]:
    """At most one item for each Allow statement that a role carries, sorted by role."""
    return facts.derive(_excess)


def _excess(facts: Facts) -> tuple[Excess, ...]:
    return tuple(_items(facts, exact=True))


def never_needed(facts: Facts) -> tuple[Excess, ...]:
    """The part of excess that needs no list of AWS's actions: what is never needed at all."""
    return facts.derive(_never_needed)


def _never_needed(facts: Facts) -> tuple[Excess, ...]:
    return tuple(_items(facts, exact=False))


def _items(facts: Facts, *, exact: bool) -> Iterator[Excess]:
    for principal in sorted(facts.all(Principal), key=lambda each: each.of):
        if principal.kind == "role":
            yield from _of_role(facts, principal.of, exact=exact)


def _place(statement: Statement) -> tuple[str, ...]:
    """Where a statement stands in what is told, in whatever order facts come."""
    words = (statement.by, statement.sid, statement.actions, statement.resources, statement.conditions)
    return tuple(str(word) for word in words)


def _of_role(facts: Facts, role: Address, *, exact: bool) -> Iterator[Excess]:
    caller = caller_of(facts, role)
    allowing = [one for policy in identity_policies(facts, role) for one in policy.statements if one.allow]
    users = users_of(facts, role)
    allowing = [one for one in allowing if not _is_prescribed(one, users)]
    if isinstance(caller, Unknown) or not allowing:
        return
    needed = needs_of(facts, role)
    doubts = _doubts(facts, role, users, {need.call.source for need in needed})
    if doubts and not needed:
        yield Excess(role, str(role), allowing[0], unknown(*doubts))
        return
    requests = [request_of(facts, caller, need.call, dict(need.call.context)) for need in needed]
    verdict = unknown(*doubts) if doubts else refuted(*needed)
    touched = [each for user in users for each in applications.involved(facts) if each.of == user]
    touched += [each for user in users for each in _besides(facts, user)]
    managed: dict[str, list[Statement]] = {}
    for statement in sorted(dict.fromkeys(allowing), key=_place):
        if (arn := _managed(statement)) is not None:
            managed.setdefault(arn, []).append(statement)
            continue
        left_open = _left_open(statement, touched)
        decided = unknown(*doubts, *left_open) if left_open else verdict
        if (found := _of_statement(facts, role, statement, requests, decided, exact=exact)) is not None:
            yield found
    for arn, statements in managed.items():
        left_open = tuple(dict.fromkeys(each for one in statements for each in _left_open(one, touched)))
        decided = unknown(*doubts, *left_open) if left_open else verdict
        if (found := _of_managed(facts, role, arn, statements, requests, decided)) is not None:
            yield found


def _besides(facts: Facts, user: Address) -> Iterator[Involves]:
    """What a state machine does besides what its definition says: it writes its log and trace, and uses keys."""
    if facts.where(Performs, of=user) and all(call.by for call in facts.where(Call, source=user)):
        for service in ("events", "kms", "logs", "xray"):
            yield Involves(user, service, "*", "a machine's definition does not tell of its log, trace and keys")


def _left_open(statement: Statement, touched: Iterable[Involves]) -> tuple[Unknown, ...]:
    """Why a statement may be needed after all: its service is one that a user has to do with in a way nobody says."""
    services = {str(action).partition(":")[0].lower() for action in statement.actions}
    every = statement.not_actions or any("*" in service or "?" in service for service in services)
    return tuple(
        Unknown(str(each.of), why=each.why)
        for each in touched
        if every or each.service == "*" or each.service in services
    )


def _doubts(facts: Facts, role: Address, users: tuple[Address, ...], known: set[Address]) -> tuple[Unknown, ...]:
    """Why it is not known all that a role needs."""
    if not users and not known:
        return (Unknown(f"{role}", why="nothing in the input acts as this role"),)
    controlled = {each.account for each in facts.all(Controller)}
    silent = [
        user
        for user in users
        if user not in known and _type(user) not in PRESCRIBED and acting(facts, user).account not in controlled
    ]
    found = [Unknown(f"{user}", why="nothing in the input says what it calls") for user in silent]
    told = facts.derive(_told)
    found += [
        Unknown(f"{user}", why="the input says some of what it calls, and its code is not in it")
        for user in users
        if user in known and user not in told and acting(facts, user).account not in controlled
    ]
    found += [
        performs.action
        for user in users
        for performs in facts.where(Performs, of=user)
        if isinstance(performs.action, Unknown)
    ]
    if shared(facts, role):
        found.append(Unknown(f"{role}", why="pods without a role of their own may act as their node"))
    return tuple(found)


def _told(facts: Facts) -> frozenset[Address]:
    """Those of whom all calls are said: by a description, by what is known of a service, or by their code."""
    # What a reader says of a function or a pod is what AWS does in its name; what its code does is another matter.
    found = {call.source for call in facts.all(Call) if not call.by or not _runs_code(facts, call.source)}
    found |= {performs.of for performs in facts.all(Performs)}
    for code in facts.all(Code):
        places = applications.workloads_of(facts, code.of)
        found.update(() if isinstance(places, Unknown) else places)
    return frozenset(found)


def _runs_code(facts: Facts, source: Address) -> bool:
    if source.as_kubernetes() is not None or _type(source):
        return source.as_kubernetes() is not None or _type(source) in _RUNS_CODE
    # The address of a template's resource does not tell its type, but its ARN does.
    arns = [str(one.value) for one in facts.where(Identifier, of=source) if one.attr == "arn"]
    return not arns or any(":lambda:" in arn or ":instance/" in arn or ":autoScalingGroup:" in arn for arn in arns)


_RUNS_CODE: Final = ("aws_autoscaling_group", "aws_instance", "aws_lambda_function", "aws_launch_template")


def _managed(statement: Statement) -> str | None:
    """The ARN of the managed policy of AWS that a statement is of; None for a policy of one's own."""
    arn = str(statement.holder).removeprefix("outside:")
    return arn if arn.startswith("arn:") and ":iam::aws:policy/" in arn else None


def _is_prescribed(statement: Statement, users: tuple[Address, ...]) -> bool:
    arn = _managed(statement)
    if arn is None or not users:
        return False
    return any(arn.rpartition("/")[2] in PRESCRIBED.get(_type(user), ()) for user in users)


def _type(user: Address) -> str:
    if (name := user.as_terraform()) is not None:
        return name.type
    found = user.as_kubernetes()
    return found.kind if found is not None else ""


def _of_managed(
    facts: Facts, role: Address, arn: str, statements: list[Statement], requests: list[Request], verdict: Verdict
) -> Excess | None:
    """What of a managed policy is never needed: its statements cannot be changed, so that they are one item."""
    opaque = [one.opaque for one in statements if one.opaque is not None]
    if opaque:
        return Excess(role, arn, statements[0], unknown(*opaque))
    unneeded: dict[Textual, None] = {}
    for one in statements:
        used = _allowed(facts, one, requests)
        unneeded.update((each, None) for each in one.actions if not _matching(each, used))
    needed = {each for one in statements for each in one.actions} - set(unneeded)
    left = tuple(each for each in unneeded if each not in needed)
    return Excess(role, arn, statements[0], verdict, left) if left else None


def _of_statement(
    facts: Facts, role: Address, statement: Statement, requests: list[Request], verdict: Verdict, *, exact: bool
) -> Excess | None:
    policy = str(statement.by or statement.holder)
    if statement.opaque is not None:
        return Excess(role, policy, statement, unknown(statement.opaque))
    used = _allowed(facts, statement, requests)
    idle, nowhere = _dead(facts, statement, used) if exact else ({}, {})
    dead = (*idle.items(), *((", ".join(map(str, statement.actions)), each) for each in nowhere))
    actions = tuple(each for each in statement.actions if not _matching(each, used) and each not in idle)
    by_resource = (
        {statement.resources[0]: used}
        if len(statement.resources) == 1
        else dict(_by_resource(facts, statement, used, exact=exact))
    )
    # Where no action is needed, neither is a resource; it is said once.
    resources = tuple(each for each, of in by_resource.items() if used and not of and each not in nowhere)
    wide: tuple[Wide, ...] = ()
    if statement.not_actions or statement.not_resources:
        wide = tuple(_all_but(statement, used))
        actions, resources = (() if statement.not_actions else actions), ()
    elif exact:
        wide = (*_wide_actions(statement, used), *_wide_resources(facts, statement, by_resource))
    if not (actions or resources or wide or dead):
        return None
    return Excess(role, policy, statement, verdict, actions, resources, wide, dead)


def _by_resource(
    facts: Facts, statement: Statement, used: list[Request], *, exact: bool
) -> Iterator[tuple[Textual, list[Request]]]:
    """The requests that each resource of a statement is for; if not ``exact`` one of them will do.

    A policy may name as many secrets as there are calls, so that to hold each against each takes the square of that.
    """
    named = {request.resource: request for request in used}
    for each in statement.resources:
        one = None if exact or statement.not_resources else named.get(spelled(facts, each))
        yield each, [one] if one is not None else _allowed(facts, replace(statement, resources=(each,)), used)


def _all_but(statement: Statement, used: list[Request]) -> Iterator[Wide]:
    """A statement that names what it does not allow grants all else, whatever is needed of it."""
    if statement.not_actions:
        but = ", ".join(str(each) for each in statement.actions)
        yield Wide("action", f"everything but {but}", tuple(dict.fromkeys(each.action for each in used)))
    if statement.not_resources:
        but = ", ".join(str(each) for each in statement.resources)
        yield Wide("resource", f"everything but {but}", tuple(dict.fromkeys(each.resource for each in used)))


def _allowed(facts: Facts, statement: Statement, requests: list[Request]) -> list[Request]:
    """The requests that a statement allows, or may."""
    if not requests:
        return []
    policy = Policy([statement], shapes(facts))
    return [request for request in requests if policy.judge(request).allow is not Answer.REFUTED]


def _matching(pattern: Textual, used: Iterable[Request]) -> tuple[str, ...]:
    """The actions that are needed of those that a pattern covers."""
    if isinstance(pattern, str) and "*" not in pattern and "?" not in pattern:
        named = pattern.lower()
        return tuple(dict.fromkeys(each.action for each in used if each.action.lower() == named))
    expression = _glob(str(pattern).lower())
    return tuple(dict.fromkeys(each.action for each in used if expression.fullmatch(each.action.lower())))


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    spelled_out = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.compile("".join(spelled_out), re.DOTALL)


def _wide_actions(statement: Statement, used: list[Request]) -> Iterator[Wide]:
    from seawall.knowledge import authorization

    for pattern in statement.actions:
        if not isinstance(pattern, str) or not ("*" in pattern or "?" in pattern):
            continue
        needed = _matching(pattern, used)
        if needed and {each.lower() for each in needed} < {each.lower() for each in authorization.actions(pattern)}:
            yield Wide("action", pattern, needed)


def _wide_resources(facts: Facts, statement: Statement, by_resource: Mapping[Textual, list[Request]]) -> Iterator[Wide]:
    """Patterns of resources that cover more than any need of an action, and pairs that no need asks for."""
    everything = [request for requests in by_resource.values() for request in requests]
    asked: dict[str, dict[Textual, None]] = {}
    for request in everything:
        asked.setdefault(request.action, {})[request.resource] = None
    for granted, requests in by_resource.items():
        if not requests or (granted == "*" and _narrowed(statement)):
            continue
        shape = spelled(facts, granted)
        too_wide: dict[tuple[Textual, ...], list[str]] = {}
        for action, needed in asked.items():
            fits = any(_covers(each, shape) or _covers(_of_group(each), shape) for each in needed)
            if not fits and (any(each.action == action for each in requests) or _is_about(action, shape)):
                too_wide.setdefault(tuple(needed), []).append(action)
        for needed_of, actions in too_wide.items():
            yield Wide("resource", granted, needed_of, ", ".join(actions))


_NARROWING: Final = ("resourcetag/", "requesttag/", ":viaservice", "requestedregion", ":encryptioncontext", ":cluster",
                     "passedtoservice", ":namespace", "resourceaccount", "resourceorgid", ":dbuser")  # fmt: skip


def _narrowed(statement: Statement) -> bool:
    """Whether conditions narrow what a star means, as tags and regions do."""
    keys = (str(condition.key).lower() for condition in statement.conditions)
    return any(word in key for key in keys for word in _NARROWING)


def _of_group(needed: Textual) -> Textual:
    """All of a group of logs where all of its streams are needed: what writes streams is about nothing else of it."""
    parts = needed.parts if isinstance(needed, Text) else (needed,)
    if not isinstance(parts[-1], str) or not parts[-1].endswith(":log-stream:*"):
        return needed
    return text(*parts[:-1], parts[-1].removesuffix("log-stream:*") + "*")


def _covers(needed: Textual, granted: Textual) -> bool:
    """Whether all that is granted is needed: what is not known before apply stands for anything."""
    if needed in ("*", granted):
        return True
    return _pattern(needed).fullmatch(_text(granted)) is not None


@cache
def _pattern(needed: Textual) -> re.Pattern[str]:
    parts = needed.parts if isinstance(needed, Text) else (needed,)
    found = []
    for part in parts:
        if not isinstance(part, str):
            found.append(".*")
            continue
        # A question mark that is needed does not cover a star that is granted.
        found += [".*" if each == "*" else "[^*]" if each == "?" else re.escape(each) for each in part]
    return re.compile("".join(found), re.DOTALL)


def _text(value: Textual) -> str:
    """A text on one line of plain characters, each hole a star."""
    parts = value.parts if isinstance(value, Text) else (value,)
    return "".join(part if isinstance(part, str) else "*" for part in parts)


def _is_about(action: str, resource: Textual) -> bool:
    """Whether an action can be about things of an ARN's kind."""
    from seawall.knowledge import authorization

    found = authorization.action(action)
    if found is None or resource == "*":
        return True
    arn = _text(resource)
    if found.service in _SEVERAL:
        return any(_alike(_form(each.arn), arn) for each in authorization.resource_types(found.service))
    return any(_alike(_form(target.type.arn), arn) for target in found.targets)


def _dead(facts: Facts, statement: Statement, used: list[Request]) -> tuple[dict[str, Textual], dict[Textual, None]]:
    """Actions that no ARN of their statement can match, each with such an ARN; ARNs that match nothing of any action.

    What is needed is not dead, whatever the reference says of the action.
    """
    idle: dict[str, Textual] = {}
    if statement.not_actions or statement.not_resources or not statement.resources:
        return idle, {}
    actions = [each for each in statement.actions if isinstance(each, str) and "*" not in each and "?" not in each]
    shapes = {each: spelled(facts, each) for each in statement.resources}
    live: set[Textual] = set()
    alive = {request.action.lower() for request in used}
    for action in actions:
        about = [
            each for each, shape in shapes.items() if not isinstance(shape, str | Text) or _is_about(action, shape)
        ]
        live.update(about)
        if action.lower() in alive:
            live.update(each for each, shape in shapes.items() if any(_covers(shape, one.resource) for one in used))
        elif not about:
            idle[action] = statement.resources[0]
    if len(actions) < len(statement.actions) or not live:
        return idle, {}
    return idle, {each: None for each in shapes if each not in live}


def _form(arn: str) -> str:
    """The format of an ARN as a pattern."""
    return re.sub(r"\$\{[^}]*\}", "*", arn)


_SEVERAL: Final = frozenset({"elasticloadbalancing"})
"""Services whose prefix two generations share: the reference lists an action of both with the resources of one."""


@cache
def _alike(form: str, arn: str) -> bool:
    """Whether an ARN may be of a form: AWS compares the fields between the first five colons one by one."""
    one, other = form.split(":", 5), arn.split(":", 5)
    if len(one) != len(other):
        return _meet(form, arn)
    return all(_meet(first, second) for first, second in zip(one, other, strict=True))


@cache
def _meet(one: str, other: str) -> bool:
    """Whether a text exists that both patterns cover."""
    rows: dict[tuple[int, int], bool] = {}
    pending = [(0, 0)]
    while pending:
        here = pending.pop()
        if rows.setdefault(here, True) is False:
            continue
        rows[here] = False
        first, second = here
        if first == len(one) and second == len(other):
            return True
        a = one[first] if first < len(one) else ""
        b = other[second] if second < len(other) else ""
        if a == "*":
            pending.append((first + 1, second))
            if b:
                pending.append((first, second + 1))
        if b == "*":
            pending.append((first, second + 1))
            if a:
                pending.append((first + 1, second))
        if a and b and "*" not in (a, b) and (a == b or "?" in (a, b)):
            pending.append((first + 1, second + 1))
    return False
