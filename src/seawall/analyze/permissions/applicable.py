"""Which policies have a say in a request, and what is known about it, from the facts of an estate.

What the input does not hold is taken not to be there, with three exceptions that make an answer unknown: the policy
of a key, whom a role trusts, and the policy of a resource of another account.
"""

from __future__ import annotations

from collections.abc import Mapping

from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Context, Request
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, Identifier, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, map_holes, text

ANY_ACCOUNT = Unknown("account", why="no input says which account this is")


def spelled(facts: Facts, value: Textual) -> Textual:
    """A text with every reference to an ARN or to the account in the one spelling in which texts are compared."""
    return text(map_holes(value, lambda leaf: _filled(facts, leaf)))


def _filled(facts: Facts, leaf: Textual) -> Textual:
    if isinstance(leaf, Text):
        return text(*(part if isinstance(part, str) else _filled(facts, part) for part in leaf.parts))
    if isinstance(leaf, Ref):
        if leaf.attr in ("account_id", "id") and ":data.aws_caller_identity." in leaf.to:
            return ANY_ACCOUNT
        if leaf.attr == "arn":
            found = arn_of(facts, leaf.to)
            return leaf if found is None else found
    return leaf


def arn_of(facts: Facts, address: Address) -> Textual | None:
    """The shape of a thing's ARN."""
    for identifier in facts.where(Identifier, of=address):
        if identifier.attr == "arn":
            return identifier.value
    return None


def caller_of(facts: Facts, address: Address) -> Caller | Unknown:
    """The caller that a role or a user is; Unknown for what is neither."""
    principal = facts.one(Principal, of=address)
    arn = arn_of(facts, address)
    if principal is None or arn is None or principal.kind not in ("role", "user"):
        return Unknown(str(address), why="it is neither a role nor a user")
    return Caller("user" if principal.kind == "user" else "role", arn, account_of(arn), of=address)


def account_of(arn: Textual) -> Textual:
    """The account within an ARN; "" where it names none."""
    fields = _fields(arn)
    return fields[4] if len(fields) > 4 else ""


def _fields(arn: Textual) -> list[Textual]:
    """The parts of an ARN between its first five colons, and the rest."""
    fields: list[list[Textual]] = [[]]
    for part in arn.parts if isinstance(arn, Text) else (arn,):
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        first, *more = part.split(":")
        fields[-1].append(first)
        for word in more:
            if len(fields) < 6:
                fields.append([word])
            else:
                fields[-1].append(f":{word}")
    return [text(*field) for field in fields]


def resource_of(facts: Facts, arn: Textual) -> Address | None:
    """The thing that an ARN is of or in, such as the bucket of an object's ARN; None if the input has no such."""
    for identifier in facts.all(Identifier):
        if identifier.attr == "arn" and identifier.value == arn:
            return identifier.of
    return None


def owner_of(facts: Facts, resource: Textual) -> Textual:
    """The account that a resource belongs to; "" for ``*``, Unknown where nobody says."""
    found = account_of(resource)
    if found != "" or resource == "*":
        return found
    return ANY_ACCOUNT if resource_of(facts, resource) is not None else Unknown(f"the owner of {resource}")


def policies(facts: Facts, request: Request) -> Policies:
    """Every policy of the input that has a say in a request."""
    resource = resource_of(facts, request.resource)
    own = facts.derive(identity_policies, request.caller.of) if request.caller.of is not None else ()
    held = facts.derive(_resource_policy, resource) if resource is not None else None
    return Policies(own, resource=held, which=Layer.RESOURCE)


def identity_policies(facts: Facts, principal: Address) -> tuple[Policy, ...]:
    """The policies that a role or a user carries, inline and attached."""
    holders: list[Address] = [principal]
    for attached in facts.where(Attaches, principal=principal):
        if isinstance(attached.policy, Address):
            holders.append(attached.policy)
    found = ([one for one in facts.where(Statement, holder=holder) if one.kind == "identity"] for holder in holders)
    return tuple(Policy(statements) for statements in found if statements)


def _resource_policy(facts: Facts, resource: Address) -> Policy | None:
    found = [one for one in facts.where(Statement, holder=resource) if one.kind == "resource"]
    return Policy(found) if found else None


def context_of(facts: Facts, caller: Caller, call: Call) -> Context:
    """What is known of the circumstances of a call: condition keys in lower case."""
    return {"aws:principalarn": (caller.arn,), "aws:securetransport": ("true",), **dict(call.context)}


def can(
    facts: Facts,
    principal: Address,
    action: str,
    resource: Textual,
    context: Mapping[str, tuple[Textual, ...]] | None = None,
    *,
    open: bool = True,
) -> Decision:
    """Whether a role or a user of the input may do an action to a resource, by its ARN or ``*``."""
    caller = caller_of(facts, principal)
    if isinstance(caller, Unknown):
        from seawall.kernel.verdict import Answer

        return Decision(Answer.UNKNOWN, Layer.IDENTITY, because=(caller,))
    request = request_of(facts, caller, Call(principal, action, resource), context or {}, open=open)
    return decide(request, policies(facts, request))


def request_of(
    facts: Facts, caller: Caller, call: Call, context: Mapping[str, tuple[Textual, ...]], *, open: bool = True
) -> Request:
    """A call of that caller as a request; ``context`` goes before what the facts say."""
    resource = spelled(facts, call.resource)
    known = {**context_of(facts, caller, call), **context}
    return Request(caller, call.action, resource, owner_of(facts, resource), known, open)
