"""What each principal has to be able to call: demands by the role that whoever makes them acts as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from seawall.analyze import applications
from seawall.analyze.permissions import controllers
from seawall.analyze.permissions.nodes import node_roles
from seawall.analyze.permissions.shapes import arn_of, resource_of, resources_like, spelled
from seawall.analyze.texts import fits
from seawall.analyze.trust import role_of
from seawall.facts.compute import Fleet, Workload
from seawall.facts.data import Store
from seawall.facts.delivery import TakesOn
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Identifier, Performs, Principal, Secret
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.kernel.verdict import Answer


@dataclass(frozen=True, slots=True)
class Need:
    """A call that has to be possible; ``after`` is the call that brings it along, None for one that is stated.

    Reading a secret under a customer's key brings along ``kms:Decrypt`` on that key.
    """

    call: Call
    after: Call | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """As whom a source acts: the account that stands between (a pod's service account), and what takes on which role.

    ``roles`` are those of the input; ``elsewhere`` names what the input cannot tell.
    """

    account: Address
    assumes: tuple[Assumes, ...]
    roles: tuple[Address, ...]
    elsewhere: tuple[Unknown, ...] = ()


def acting(facts: Facts, source: Address) -> Acting:
    """As whom a pod, function, machine, instance, job, account or role calls AWS."""
    return facts.derive(_acting, source)


def _acting(facts: Facts, source: Address) -> Acting:
    principal = facts.one(Principal, of=source)
    if principal is not None and principal.kind in ("role", "user"):
        return Acting(source, (), (source,))
    if (homeless := applications.homeless(facts, source)) is not None:
        return Acting(source, (), (), (homeless,))
    workload = facts.one(Workload, of=source)
    account = workload.account if workload is not None else source
    fleet = facts.one(Fleet, of=source)
    if fleet is not None and isinstance(fleet.launch, Address):
        account = fleet.launch
    asked = facts.ask(Assumes, account=account)
    found: dict[Address, None] = {}
    elsewhere: list[Unknown] = [each.account for each in asked.doubts if isinstance(each.account, Unknown)]
    taken = asked.matches
    if workload is not None and any(each.means == "irsa" for each in taken):
        # An SDK looks for a token before it looks for the agent of Pod Identity.
        taken = tuple(each for each in taken if each.means == "irsa")
    for assumes in taken:
        roles = roles_of(facts, assumes)
        found.update(dict.fromkeys(roles))
        if not roles:
            elsewhere.append(
                assumes.role
                if isinstance(assumes.role, Unknown)
                else Unknown(str(assumes.role), why="the role is not in the input")
            )
    for takes in facts.where(TakesOn, of=source):
        named = [each.of for each in facts.where(Principal, name=takes.role) if each.kind == "role"]
        found.update(dict.fromkeys(named))
        if not named:
            elsewhere.append(Unknown(f"role {takes.role}", why="the role is not in the input"))
    return Acting(account, taken, tuple(found), tuple(elsewhere))


def roles_of(facts: Facts, assumes: Assumes) -> tuple[Address, ...]:
    """The roles of the input that are taken on, through an instance profile where one stands between."""
    return tuple(dict.fromkeys(_roles(facts, assumes, depth=3)))


def _roles(facts: Facts, assumes: Assumes, depth: int) -> Iterator[Address]:
    role = role_of(facts, assumes)
    if role is None:
        return
    if facts.where(Principal, of=role):
        yield role
    elif depth:
        for through in facts.where(Assumes, account=role):
            yield from _roles(facts, through, depth - 1)


def acts_as(facts: Facts, source: Address) -> tuple[Address, ...]:
    """The roles that a source's calls are made as; without one of its own that of its nodes, where it gets at it."""
    who = acting(facts, source)
    if who.roles or who.elsewhere:
        return who.roles
    nodes = node_roles(facts, who.account, facts.one(Workload, of=source))
    return tuple(role for reach, role in nodes if reach is not Answer.REFUTED)


def needs(facts: Facts) -> tuple[Need, ...]:
    """Every call that has to be possible, those that follow from others included, each once."""
    return facts.derive(_needs)


def _needs(facts: Facts) -> tuple[Need, ...]:
    said = (*facts.all(Call), *controllers.calls(facts), *applications.calls(facts), *_performed(facts))
    stated = tuple(_of_pod(facts, call) for call in said)
    brought: dict[tuple[str, str, Textual], dict[Need, None]] = {}
    for call in stated:
        for after in brought_along(facts, call):
            # Two services may use one key in a caller's name: each is a need of its own.
            ways = brought.setdefault(_key(facts, after), {})
            if all(way.call.context != after.context for way in ways):
                ways[Need(after, call)] = None
    if not brought:
        return tuple(Need(call) for call in stated)
    found: list[Need] = []
    left = {key: dict(ways) for key, ways in brought.items()}
    for call in stated:
        key = _key(facts, call)
        ways = brought.get(key, {})
        if ways and not call.context:
            # A call on a key that is stated as well may leave out through which service it is made.
            found += (Need(replace(call, context=way.call.context)) for way in ways)
            left[key] = {}
        else:
            found.append(Need(call))
            left[key] = {way: None for way in left.get(key, {}) if way.call.context != call.context}
    return (*found, *(way for ways in left.values() for way in ways))


def _performed(facts: Facts) -> Iterator[Call]:
    """What a state machine carries out, where nothing says on which resource; where something does, that is better."""
    for performs in facts.all(Performs):
        action = performs.action
        if isinstance(action, Unknown):
            continue
        if not any(call.action.lower() == action.lower() for call in facts.where(Call, source=performs.of)):
            what = Unknown(f"what {performs.of} calls {action} on", why="its definition does not say")
            yield Call(performs.of, action, what, by=performs.by, said=f"the definition of {performs.of}")


def _of_pod(facts: Facts, call: Call) -> Call:
    """A controller's call as that of its pods, where they are of the input: an account may be several controllers'."""
    workload = facts.one(Workload, of=call.by) if call.source != call.by else None
    return replace(call, source=workload.of) if workload is not None and workload.account == call.source else call


def _key(facts: Facts, call: Call) -> tuple[str, str, Textual]:
    return call.source, call.action.lower(), spelled(facts, call.resource)


_UNDER_A_KEY: Final[Mapping[str, tuple[str, ...]]] = {
    "secretsmanager:getsecretvalue": ("kms:Decrypt",),
    "secretsmanager:batchgetsecretvalue": ("kms:Decrypt",),
    "secretsmanager:putsecretvalue": ("kms:Decrypt", "kms:GenerateDataKey"),
    "ssm:getparameter": ("kms:Decrypt",),
    "ssm:getparameters": ("kms:Decrypt",),
    "ssm:getparametersbypath": ("kms:Decrypt",),
    "s3:getobject": ("kms:Decrypt",),
    "s3:getobjectversion": ("kms:Decrypt",),
    "s3:putobject": ("kms:GenerateDataKey",),
    "sqs:receivemessage": ("kms:Decrypt",),
    "sqs:sendmessage": ("kms:Decrypt", "kms:GenerateDataKey"),
    "sns:publish": ("kms:Decrypt", "kms:GenerateDataKey"),
    "dynamodb:getitem": ("kms:Decrypt",),
    "dynamodb:query": ("kms:Decrypt",),
    "dynamodb:scan": ("kms:Decrypt",),
    "dynamodb:putitem": ("kms:Decrypt",),
    "dynamodb:updateitem": ("kms:Decrypt",),
    "kinesis:getrecords": ("kms:Decrypt",),
    "kinesis:putrecord": ("kms:GenerateDataKey",),
    "kinesis:putrecords": ("kms:GenerateDataKey",),
}
"""What a caller must be allowed on the key of a thing that a customer's key encrypts, by the call in lower case.

Source: AWS KMS Developer Guide and each service's guide ("Data encryption", "Key management"), read 2026-11-22.
"""


def brought_along(facts: Facts, call: Call) -> Iterator[Call]:
    """The calls on a key that a call of encrypted things makes, through its service, in its caller's name."""
    actions = _UNDER_A_KEY.get(call.action.lower())
    if actions is None:
        return
    keys: dict[Address, Address] = {}
    for thing in _things(facts, call.resource):
        key = _key_of(facts, thing)
        if key is not None and _is_customers(facts, key):
            keys.setdefault(key, thing)
    service = call.action.partition(":")[0].lower()
    for key, thing in keys.items():
        arn = arn_of(facts, key)
        if arn is None:
            arn = key.removeprefix("outside:") if key.is_outside else Ref(key, "arn")
        region = call.region if isinstance(call.region, str) and call.region else _region_of(thing)
        context: tuple[tuple[str, tuple[Textual, ...]], ...] = ()
        if region:
            context = (("kms:viaservice", (f"{service}.{region}.amazonaws.com",)),)
        said = f"{call.said}; {thing} is encrypted with {key}" if call.said else f"{thing} is encrypted with {key}"
        for action in actions:
            yield Call(call.source, action, arn, region, context, by=call.by, said=said)


def _things(facts: Facts, arn: Textual) -> tuple[Address, ...]:
    """The things that an ARN is of, or may be: of a secret the input knows all but the end that AWS makes up."""
    found = resource_of(facts, spelled(facts, arn))
    if found is not None:
        return (found,)
    like = resources_like(facts, spelled(facts, arn))
    if like or not isinstance(arn, str) or arn.count(":") < 5:
        return like
    shapes = facts.derive(_by_service).get(arn.split(":")[2], ())
    return tuple(each for each, shape in shapes if fits(arn, shape) is Answer.PROVEN)


def _by_service(facts: Facts) -> dict[str, list[tuple[Address, Textual]]]:
    """The ARNs of the input by service."""
    found: dict[str, list[tuple[Address, Textual]]] = {}
    for identifier in facts.all(Identifier):
        start = identifier.value.parts[0] if isinstance(identifier.value, Text) else identifier.value
        if identifier.attr == "arn" and isinstance(start, str) and start.count(":") > 2:
            found.setdefault(start.split(":")[2], []).append((identifier.of, identifier.value))
    return found


def _key_of(facts: Facts, thing: Address) -> Address | None:
    """The key that encrypts a thing, where the input names one; AWS's own keys ask nothing of a caller."""
    keys = [each.key for each in facts.where(Secret, of=thing)] + [each.key for each in facts.where(Store, of=thing)]
    for key in keys:
        if isinstance(key, Address):
            return key
    for setting in facts.where(Setting, of=thing):
        if setting.key == "key" and isinstance(setting.value, str):
            return Address(setting.value)
    return None


def _is_customers(facts: Facts, key: Address) -> bool:
    """Whether a key is of the account's own making: one that the input makes, or an ARN that is no AWS alias."""
    return "alias/aws/" not in key and (not key.is_outside or ":key/" in key or ":alias/" in key)


def _region_of(thing: Address) -> str:
    name = thing.as_terraform()
    return name.region if name is not None else ""


def needs_of(facts: Facts, role: Address) -> tuple[Need, ...]:
    """What a role has to be able to do for all that act as it."""
    return facts.derive(_by_role).get(role, ())


def _by_role(facts: Facts) -> dict[Address, tuple[Need, ...]]:
    found: dict[Address, list[Need]] = {}
    for need in needs(facts):
        for role in acts_as(facts, need.call.source):
            found.setdefault(role, []).append(need)
    return {role: tuple(every) for role, every in found.items()}


def users_of(facts: Facts, role: Address) -> tuple[Address, ...]:
    """Who acts as a role, as far as the input tells: pods, functions, machines, jobs; sorted."""
    return facts.derive(_users).get(role, ())


def _users(facts: Facts) -> dict[Address, tuple[Address, ...]]:
    pods: dict[Address, list[Address]] = {}
    for workload in facts.all(Workload):
        pods.setdefault(workload.account, []).append(workload.of)
    found: dict[Address, set[Address]] = {}
    for assumes in facts.all(Assumes):
        if isinstance(assumes.account, Address):
            for role in acting(facts, assumes.account).roles:
                found.setdefault(role, set()).update(pods.get(assumes.account, (assumes.account,)))
    for takes in facts.all(TakesOn):
        for role in acting(facts, takes.of).roles:
            found.setdefault(role, set()).add(takes.of)
    return {role: tuple(sorted(users)) for role, users in found.items()}
