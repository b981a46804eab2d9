"""Which policies have a say in a request, from the facts of an estate.

What the input does not hold is taken not to be there, with five exceptions, each of which leaves an answer open: the
policy of a key, whom a role trusts, the policy of a resource of another account, a policy that somebody carries, and
what a module attaches that is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from seawall.analyze.permissions.circumstances import context_of, endpoints
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Doubt, Granted, Policies, decide, within
from seawall.analyze.permissions.organization import control_policies
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, resource_of, resources_like, shapes, spelled
from seawall.analyze.unread import unread
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, Governs, KeyGrant, Principal, Statement
from seawall.facts.network import Member
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, holes
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT
from seawall.readers.aws.policy import statements

__all__ = [
    "account_of", "arn_of", "caller_named", "caller_of", "can", "context_of", "identity_policies", "owner_of",
    "policies", "request_of", "resource_of", "spelled",
]  # fmt: skip


def caller_of(facts: Facts, address: Address) -> Caller | Unknown:
    """The caller that a role or a user of the input is; Unknown for what is neither."""
    return facts.derive(_caller, address)


def _caller(facts: Facts, address: Address) -> Caller | Unknown:
    principal = facts.one(Principal, of=address)
    arn = arn_of(facts, address)
    if principal is None or arn is None or principal.kind not in ("role", "user"):
        return Unknown(str(address), why="it is neither a role nor a user of the input")
    return Caller("user" if principal.kind == "user" else "role", arn, account_of(arn), of=address)


def caller_named(facts: Facts, name: str) -> Caller | Unknown:
    """The caller that a name means: an ARN of a role, of its session or of a user, a service, or ``*`` for nobody."""
    if name == "*":
        return Caller("anonymous", "")
    if not name.startswith("arn:"):
        if name.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")):
            return Caller("service", name)
        return Unknown(name, why="it is neither an ARN nor a service")
    arn, rest = spelled(facts, name), name.split(":", 5)[-1]
    account = account_of(arn)
    if rest.startswith("assumed-role/"):
        found = _role_named(facts, rest.split("/")[1], account)
        if found is not None:
            return Caller("role", found.arn, account, arn, found.of)
        role = ":".join([*name.replace(":sts:", ":iam:", 1).split(":", 5)[:5], f"role/{rest.split('/')[1]}"])
        return Caller("role", spelled(facts, role), account, arn)
    if ":oidc-provider/" in name or ":saml-provider/" in name:
        return Caller("federated", arn)
    kind = rest.partition("/")[0]
    if kind not in ("role", "user"):
        return Unknown(name, why="it is the ARN of neither a role nor a user")
    return Caller("role" if kind == "role" else "user", arn, account, of=resource_of(facts, arn))


def _role_named(facts: Facts, name: str, account: Textual) -> Caller | None:
    """The role of the input by its name alone: a session's ARN leaves out the path."""
    for principal in facts.where(Principal, name=name):
        caller = caller_of(facts, principal.of)
        if isinstance(caller, Caller) and caller.kind == "role" and caller.account in (account, ACCOUNT):
            return caller
    return None


def owner_of(facts: Facts, resource: Textual) -> Textual:
    """The account that a resource belongs to; "" where any account may stand, Unknown where nobody says.

    Only S3 has names without an account that another account's may bear and let one in.
    """
    found = account_of(resource)
    if found != "" or resource == "*":
        return found
    if any(isinstance(hole, Ref) and not _looked_up(hole) for hole in holes(resource)):
        return ACCOUNT  # a part of it is made here, and so is the whole
    if isinstance(resource, str) and resource.split(":", 5)[2:3] != ["s3"]:
        return ""
    if resource_of(facts, resource) is not None or resources_like(facts, resource):
        return ACCOUNT
    return Unknown(f"the account of {resource}", why="the input has no such resource, and its name does not say")


def _looked_up(ref: Ref) -> bool:
    name = ref.to.as_terraform()
    return name is None or name.type.startswith("data.")


def policies(facts: Facts, request: Request) -> Policies:
    """Every policy of the input that has a say in a request."""
    caller = request.caller
    own = facts.derive(_own, caller.of) if caller.of is not None else _elsewhere(caller)
    which, thing = _decisive(facts, request)
    held = facts.derive(_held, thing, which) if thing is not None else ()
    resource = held[0] if held else None
    doubts = [*own.doubts]
    if thing is None:
        doubts += _any_of_several(facts, request)
        if which is not Layer.RESOURCE or within(request) is Answer.REFUTED:
            because = Unknown(f"the policy of {request.resource}", why="the input has no such resource")
            resource = _unread(because, "resource")
    else:
        doubts += facts.derive(_unplaced, which)
    if thing is not None and held and which is Layer.RESOURCE and _of_others(request):
        doubts += facts.derive(_block_of, thing)
    endpoint, more = _endpoint(facts, request)
    doubts += more
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    if facts.derive(_organised):
        if caller.kind in ("role", "user"):
            scps, more = control_policies(facts, caller.account, Layer.SCP)
            doubts += more
        rcps, more = control_policies(facts, request.owner, Layer.RCP)
        doubts += more
    return Policies(
        own.identity,
        own.boundary,
        None,
        resource,
        scps,
        rcps,
        endpoint,
        facts.derive(_grants, thing) if which is Layer.KEY and thing is not None else (),
        which,
        tuple(doubts),
    )


def _organised(facts: Facts) -> bool:
    return bool(facts.all(Governs))


def _own(facts: Facts, principal: Address) -> Policies:
    """What a role or a user carries, and what caps it."""
    stated = facts.one(Principal, of=principal)
    boundary = None
    if stated is not None and stated.boundary is not None:
        boundary = Policy(_carried(facts, stated.boundary), shapes(facts))
    doubts = list(facts.derive(_unplaced, Layer.IDENTITY))
    for group in _groups(facts, principal):
        doubts += [] if isinstance(group, Address) else [_opaque_doubt(group)]
    return Policies(identity_policies(facts, principal), boundary, doubts=tuple(doubts))


def _opaque_doubt(because: Unknown) -> Doubt:
    return Doubt(Layer.IDENTITY, _unread(because), because)


def _elsewhere(caller: Caller) -> Policies:
    """What somebody carries of whom the input knows only the name."""
    if caller.kind not in ("role", "user"):
        return Policies()
    return Policies((_unread(Unknown(f"the policies of {caller.arn}", why="the input has no such principal")),))


def _unread(because: Unknown, kind: Literal["identity", "resource"] = "identity") -> Policy:
    """A policy that may say anything."""
    return Policy([Statement(Address(""), kind, True, (), (), opaque=because)])


def identity_policies(facts: Facts, principal: Address) -> tuple[Policy, ...]:
    """The policies that a role or a user carries, inline and attached, its own and its groups'."""
    return facts.derive(_identity, principal)


def _identity(facts: Facts, principal: Address) -> tuple[Policy, ...]:
    found: list[tuple[Statement, ...]] = []
    for holder in (principal, *(group for group in _groups(facts, principal) if isinstance(group, Address))):
        found.append(_of_kind(facts, holder, "identity"))
        for attached in facts.where(Attaches, principal=holder):
            found.append(_carried(facts, attached.policy))
    known = shapes(facts)
    return tuple(Policy(one, known) for one in found if one)


def _groups(facts: Facts, principal: Address) -> Iterator[Address | Unknown]:
    """The groups that a user is in, by what says so on either side."""
    for member in facts.where(Member, member=principal):
        of = member.of
        if isinstance(of, Unknown) or any(one.kind == "group" for one in facts.where(Principal, of=of)):
            yield of


def _of_kind(facts: Facts, holder: Address, kind: str) -> tuple[Statement, ...]:
    return tuple(one for one in facts.where(Statement, holder=holder) if one.kind == kind)


def _carried(facts: Facts, policy: Address | Textual) -> tuple[Statement, ...]:
    """The statements of a managed policy, by its address or ARN; an opaque one where nobody knows them."""
    return facts.derive(_managed, policy)


def _managed(facts: Facts, policy: Address | Textual) -> tuple[Statement, ...]:
    named: Textual = policy.removeprefix("outside:") if isinstance(policy, str) else spelled(facts, policy)
    address = policy if isinstance(policy, Address) and not policy.is_outside else resource_of(facts, named)
    if address is not None and (found := _of_kind(facts, address, "identity")):
        return found
    if isinstance(named, str) and address is None:
        from seawall.knowledge import managed_policies

        document = managed_policies.document(named)
        if document is not None:
            return tuple(statements(document, Address.outside(named), "identity", named))
    why = "the policy is not in the input"
    because = named if isinstance(named, Unknown) else Unknown(str(named), why=why)
    holder = address if address is not None else Address.outside(str(named))
    return (Statement(holder, "identity", True, (), (), opaque=because),)


def _decisive(facts: Facts, request: Request) -> tuple[Layer, Address | None]:
    """Which policy of the resource has a say, and whose it is; of an alias it is its key's."""
    service, _, name = request.action.lower().partition(":")
    thing = resource_of(facts, request.resource)
    kind = _kind(request.resource)
    if service == "kms" and (kind.startswith("key/") or (kind.startswith("alias/") and "alias" not in name)):
        if kind.startswith("alias/") and thing is not None:
            links = [one.member for one in facts.where(Member, of=thing)]
            thing = links[0] if links and isinstance(links[0], Address) and not links[0].is_outside else None
        return Layer.KEY, thing
    if service == "sts" and kind.startswith("role/"):
        return Layer.TRUST, thing
    return Layer.RESOURCE, thing


def _kind(arn: Textual) -> str:
    """What follows the account in an ARN, as far as it is known."""
    parts = arn.parts if isinstance(arn, Text) else (arn,)
    spelling = "".join(part if isinstance(part, str) else "{}" for part in parts)
    return spelling.split(":", 5)[-1]


def _held(facts: Facts, thing: Address, which: Layer) -> tuple[Policy, ...]:
    """The one policy of a thing, if it has one; a role's is whom it trusts, which no other action asks."""
    kind = "trust" if which is Layer.TRUST else "resource"
    found = _of_kind(facts, thing, kind)
    return (Policy(found, shapes(facts)),) if found else ()


def _any_of_several(facts: Facts, request: Request) -> Iterator[Doubt]:
    """Where a star covers several resources: the policy of each of them may have a say."""
    for thing in resources_like(facts, request.resource):
        for policy in facts.derive(_held, thing, Layer.RESOURCE):
            yield Doubt(Layer.RESOURCE, policy, Unknown(f"whether {request.resource} is {thing}"))


def _unplaced(facts: Facts, layer: Layer) -> tuple[Doubt, ...]:
    """Policies of which nobody knows what carries them."""
    kind = {Layer.IDENTITY: "identity", Layer.TRUST: "trust"}.get(layer, "resource")
    known = shapes(facts)
    found = [
        Doubt(layer, Policy([statement], known), statement.holder)
        for statement in facts.all(Statement)
        if isinstance(statement.holder, Unknown) and statement.kind == kind
    ]
    if layer is Layer.IDENTITY:
        found += [
            Doubt(layer, Policy(_carried(facts, attached.policy), known), attached.principal)
            for attached in facts.all(Attaches)
            if isinstance(attached.principal, Unknown) and not isinstance(attached.by.as_kubernetes(), tuple)
        ]
        # A module that is given a role's name may attach policies to it, which allow who knows what.
        found += [
            Doubt(layer, Policy([Statement(Address(each.what), "identity", True, ("*",), ("*",))], known), each)
            for each in unread(facts)
        ]
    return tuple(found)


def _of_others(request: Request) -> bool:
    """Whether somebody asks who is neither a service nor surely of the resource's account."""
    kind = request.caller.kind
    return kind == "anonymous" or (kind in ("role", "user") and within(request) is not Answer.PROVEN)


def _block_of(facts: Facts, thing: Address) -> tuple[Doubt, ...]:
    """S3's Block Public Access of a bucket whose policy may be public: it keeps all others out, whatever that says.

    Which conditions keep a policy from being public is not looked at, and so it may deny, and never does for sure.
    Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", read 2026-11-22.
    """
    public = any(
        one.allow and (one.opaque is not None or one.not_principals or ("AWS", "*") in one.principals)
        for one in _of_kind(facts, thing, "resource")
    )
    found = []
    for said in facts.where(Setting, of=thing):
        if public and said.key == "block-public" and said.value is not False:
            why = "it keeps out all others than its own account and services if the bucket's policy is public"
            because = Unknown(f"whether the public access block of {thing} has a say", why=why)
            block = Statement(thing, "resource", False, ("s3:*",), ("*",), (("AWS", "*"),))
            found.append(Doubt(Layer.RESOURCE, Policy([block]), because))
    return tuple(found)


def _endpoint(facts: Facts, request: Request) -> tuple[Policy | None, tuple[Doubt, ...]]:
    """The policy of the endpoint that a request passes, where one of the input is named, else of those that it may.

    A name such as vpce-1 is that of an endpoint of the input, or of one that the input does not hold: that one has the
    policy which AWS gives an endpoint that says none, and it lets everything through.
    """
    values = request.context.get("aws:sourcevpce")
    if values == () or request.caller.kind == "service" or request.context.get("aws:viaawsservice") == ("true",):
        return None, ()
    if values is not None and len(values) == 1 and isinstance(values[0], Ref):
        held = facts.derive(_held, values[0].to, Layer.ENDPOINT)
        return (held[0] if held else None), ()
    region = request.context.get("aws:requestedregion", ())
    service = request.action.partition(":")[0].lower()
    return None, facts.derive(_by_any_endpoint, service, region[0] if len(region) == 1 else Unknown("the region"))


def _by_any_endpoint(facts: Facts, service: str, region: Textual) -> tuple[Doubt, ...]:
    """The policies of a service's endpoints where nobody knows by which way a call comes."""
    return tuple(
        Doubt(Layer.ENDPOINT, policy, Unknown(f"whether it goes by {one.of}", why="the way of the call is not known"))
        for one in endpoints(facts, service, region)
        for policy in facts.derive(_held, one.of, Layer.ENDPOINT)
    )


def _grants(facts: Facts, key: Address) -> tuple[Granted, ...]:
    found = []
    for grant in facts.where(KeyGrant, key=key):
        arn = arn_of(facts, grant.grantee) if isinstance(grant.grantee, Address) else spelled(facts, grant.grantee)
        found.append(Granted(Unknown(str(grant.grantee)) if arn is None else arn, grant))
    return tuple(found)


def request_of(
    facts: Facts,
    caller: Caller,
    call: Call,
    context: Mapping[str, tuple[Textual, ...]] | None = None,
    *,
    open: bool = True,
) -> Request:
    """A call of that caller as a request; ``context`` goes before what the facts say."""
    resource = spelled(facts, call.resource)
    owner = owner_of(facts, resource)
    said = {key: tuple(spelled(facts, value) for value in values) for key, values in (context or {}).items()}
    known = {**context_of(facts, caller, call), **said}
    return Request(caller, call.action, resource, owner, known, open)


def can(
    facts: Facts,
    principal: Address | str,
    action: str,
    resource: Textual,
    context: Mapping[str, tuple[Textual, ...]] | None = None,
    *,
    open: bool = True,
) -> Decision:
    """Whether somebody may do an action to a resource, by its ARN or ``*``; see ``request_for``."""
    request = request_for(facts, principal, action, resource, context, open=open)
    if isinstance(request, Unknown):
        return Decision(Answer.UNKNOWN, Layer.IDENTITY, because=(request,))
    return decide(request, policies(facts, request))


def request_for(
    facts: Facts,
    principal: Address | str,
    action: str,
    resource: Textual,
    context: Mapping[str, tuple[Textual, ...]] | None = None,
    *,
    open: bool = True,
) -> Request | Unknown:
    """The request of a role or a user by its address, or of whoever else ``caller_named`` knows; Unknown if nobody."""
    caller = caller_of(facts, principal) if isinstance(principal, Address) else caller_named(facts, principal)
    if isinstance(caller, Unknown):
        return caller
    source = principal if isinstance(principal, Address) else caller.of or Address("")
    return request_of(facts, caller, Call(source, action, resource), context, open=open)
