"""A demand followed from whoever makes it to the key: every link, what it answers, and the first that breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from seawall.analyze import applications
from seawall.analyze.permissions.account import own_number
from seawall.analyze.permissions.applicable import caller_of, policies, request_of
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Doubt, Policies, decide
from seawall.analyze.permissions.letting_in import let_in, let_job_in
from seawall.analyze.permissions.link import Break, Kind, Link, shown
from seawall.analyze.permissions.needed import Acting, acting, roles_of
from seawall.analyze.permissions.nodes import node_roles
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Request
from seawall.analyze.permissions.shapes import shapes, spelled
from seawall.facts.compute import Workload
from seawall.facts.delivery import TakesOn
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer, Verdict, all_of, proven, refuted, unknown


@dataclass(frozen=True, slots=True)
class Chain:
    """Every link of one call, in order; ``role`` is who AWS sees, None where nobody can be told."""

    call: Call
    links: tuple[Link, ...]
    role: Address | None = None

    @property
    def verdict(self) -> Verdict:
        """Refuted if a link says no, then unknown if one is, else proven."""
        return all_of(link.verdict for link in self.links)

    @property
    def breaks(self) -> Link | None:
        """The first link that says no for certain, else the first that is not known, else None."""
        definite = next((link for link in self.links if link.verdict.refuted), None)
        return definite or next((link for link in self.links if link.verdict.unknown), None)

    @property
    def missing(self) -> tuple[Unknown, ...]:
        """What would have to be known to decide the unknown links."""
        reasons = (reason for link in self.links if link.verdict.unknown for reason in link.verdict.because)
        return tuple(dict.fromkeys(reason for reason in reasons if isinstance(reason, Unknown)))

    def lines(self) -> tuple[str, ...]:
        """The chain as evidence, a link a line, with what each link answered."""
        return tuple(f"{link.kind}: {link.verdict.answer}: {link.says}" for link in self.links)


def chain(facts: Facts, call: Call, *, open: bool = True) -> Chain:
    """All links of a call; every one is looked at, so that an unknown one never hides a definite no behind it.

    Where somebody may act as several roles, the best of their chains. Without ``open`` a condition key that neither
    the call nor the facts give is not in the request.
    """
    return facts.derive(_chain, call, open)


def by_decision(call: Call, decision: Decision) -> Chain:
    """What IAM decides for a caller of whom the input knows nothing else, as a chain of one link."""
    kind: Kind = _KINDS[decision.layer]
    what = f"{call.action} on {call.resource}"
    if decision.answer is Answer.PROVEN:
        return Chain(call, (Link(kind, proven(*decision.statements), f"allowed {what}{_named(decision.statements)}"),))
    if decision.answer is Answer.UNKNOWN:
        names = ", ".join(dict.fromkeys(reason.what for reason in decision.because))
        says = f"whether {what} is allowed depends on {names}"
        return Chain(call, (Link(kind, unknown(*decision.because), says, "not known"),))
    says = f"denied {what}{_named(decision.statements)}" if decision.explicit else f"nothing allows {what}"
    fault: Break = "explicit deny" if decision.explicit else "no permission"
    return Chain(call, (Link(kind, refuted(*decision.statements), says, fault),))


_KINDS: Final[Mapping[Layer, Kind]] = {
    Layer.IDENTITY: "policy",
    Layer.RESOURCE: "resource policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policy",
    Layer.SCP: "service control policy",
    Layer.RCP: "resource control policy",
    Layer.ENDPOINT: "endpoint policy",
    Layer.TRUST: "trust policy",
    Layer.KEY: "key policy",
    Layer.GRANT: "key policy",
}


_FAULTS: Final[Mapping[Kind, Break]] = {
    "resource policy": "resource policy",
    "key policy": "key policy",
    "trust policy": "no permission",  # of the role that is called; "not trusted" is of the caller's own
}


def _chain(facts: Facts, call: Call, open: bool) -> Chain:
    who = acting(facts, call.source)
    if facts.where(Principal, of=call.source) and call.source in who.roles:
        return Chain(call, tuple(_asked(facts, call, call.source, open)), call.source)
    found = [
        Chain(call, (*_identity(facts, call.source, who, role), *links, *_asked(facts, call, role, open)), role)
        for role, links in facts.derive(_taken_on, call.source)
    ]
    if not found:
        return _without(facts, call, who, open)
    order = [Answer.PROVEN, Answer.UNKNOWN, Answer.REFUTED]
    return min(found, key=lambda one: order.index(one.verdict.answer))


def _taken_on(facts: Facts, source: Address) -> tuple[tuple[Address, tuple[Link, ...]], ...]:
    """The roles that a source acts as, each with the link of its trust."""
    who = acting(facts, source)
    found = {role: (let_in(facts, assumes, role),) for assumes in who.assumes for role in roles_of(facts, assumes)}
    for takes in facts.where(TakesOn, of=source):
        for role in who.roles:
            if any(takes.role == each.name for each in facts.where(Principal, of=role)):
                found.setdefault(role, (let_job_in(facts, takes, role),))
    return (*found.items(), *((role, ()) for role in who.roles if role not in found))


def _identity(facts: Facts, source: Address, who: Acting, role: Address) -> Iterator[Link]:
    """How a pod comes by its role; what is no pod has it by name."""
    if who.account.as_kubernetes() is None:
        yield Link("role", proven(*who.assumes), f"{source} acts as {role}", of=role)
        return
    name = who.account.as_kubernetes()
    spelling = f"{name.namespace}/{name.name}" if name else str(who.account)
    means = sorted({assumes.means for assumes in who.assumes})
    says = f"pods run as {spelling}, which takes on {role} by {' and '.join(means)}"
    yield Link("service account", proven(*who.assumes), says, of=who.account)


def _without(facts: Facts, call: Call, who: Acting, open: bool) -> Chain:
    """The chain of a source that has no role of the input."""
    if (homeless := applications.homeless(facts, call.source)) is not None:
        says = f"nobody can say who runs it: {homeless.why}"
        return Chain(call, (Link("role", unknown(homeless), says, "not known", call.source),))
    if who.assumes and all(each.means in ("irsa", "pod-identity") and _is_no_role(each.role) for each in who.assumes):
        says = f"{who.account} names {', '.join(str(each.role) for each in who.assumes)}, which is no ARN of a role"
        return Chain(call, (Link("service account", refuted(*who.assumes), says, "no role", who.account),))
    if who.elsewhere:
        names = ", ".join(reason.what for reason in who.elsewhere)
        link = Link("role", unknown(*who.elsewhere), f"the role {names} is not in the input", "not known", who.account)
        return Chain(call, (link,))
    workload = facts.one(Workload, of=call.source)
    if workload is None and who.account.as_kubernetes() is None:
        return Chain(call, (Link("role", refuted(), f"{call.source} has no role", "no role", call.source),))
    return _as_node(facts, call, who, workload, open)


def _is_no_role(named: Address | Textual) -> bool:
    """Whether what is given for a role is for certain the ARN of none."""
    return isinstance(named, str) and re.search(r"arn:[^:]*:iam::[^:]*:role/.", named) is None


def _as_node(facts: Facts, call: Call, who: Acting, workload: Workload | None, open: bool) -> Chain:
    """A pod without a role of its own is its node, if the node's metadata is within its reach."""
    own = _no_role(facts, who)
    nodes = node_roles(facts, who.account, workload)
    chains = [(reach, role, tuple(_asked(facts, call, role, open))) for reach, role in nodes]
    if not chains or any(reach is Answer.REFUTED for reach, _, _ in chains):
        if chains:
            says = f"{own.says}; its node's metadata asks for a token that travels one hop, and a pod is two away"
            own = Link("service account", refuted(), says, "no credentials", who.account)
        return Chain(call, (own,))
    worst = Answer.PROVEN
    for reach, role, links in chains:
        answer = all_of(link.verdict for link in links).answer
        if answer is Answer.REFUTED:
            # As its node it would not be allowed either: what is missing is a role of its own.
            says = f"{own.says}; as its node it would be {role}, which is not allowed it"
            return Chain(call, (Link("service account", own.verdict, says, own.fault, who.account),))
        if answer is Answer.UNKNOWN or reach is Answer.UNKNOWN:
            worst = Answer.UNKNOWN
    role, links = chains[0][1], chains[0][2]
    if worst is Answer.PROVEN:
        says = f"{own.says}; its node's metadata is within reach, so that it acts as {role}"
        return Chain(call, (Link("service account", proven(), says, of=who.account), *links), role)
    why = Unknown(f"{role}.metadata-hops", why="whether a pod reaches its node's metadata is not in the input")
    says = f"{own.says}; whether it may act as its node's {role} is not known"
    return Chain(call, (Link("service account", unknown(why), says, "not known", who.account), *links), role)


def _no_role(facts: Facts, who: Acting) -> Link:
    name = who.account.as_kubernetes()
    spelling = f"{name.namespace}/{name.name}" if name else str(who.account)
    if name is not None and name.name == "default":
        says = f"pods name no service account, so that they run as {spelling}, which has no role"
        return Link("service account", refuted(), says, "no service account", who.account)
    if not facts.where(Principal, of=who.account):
        says = f"pods run as {spelling}, which is not in the input and has no role"
        return Link("service account", refuted(), says, "no service account", who.account)
    says = f"pods run as {spelling}, which has no role, neither by annotation nor by Pod Identity"
    return Link("service account", refuted(), says, "no role", who.account)


# --- What IAM says


def _asked(facts: Facts, call: Call, role: Address, open: bool) -> Iterator[Link]:
    """The links behind a role: its policies, what caps them, the resource's own policy, the way there."""
    caller = caller_of(facts, role)
    if isinstance(caller, Unknown):
        yield Link("role", unknown(caller), f"{role} is not in the input", "not known", role)
        return
    request = request_of(facts, caller, call, dict(call.context), open=open)
    if request.owner == own_number(facts) and isinstance(caller.account, Unknown):
        request = replace(request, owner=caller.account)
    every = policies(facts, request)
    whole = decide(request, every)
    links = tuple(_layers(facts, request, every, whole, role))
    yield from links
    if whole.answer is not Answer.PROVEN and all(link.verdict.proven for link in links):
        # Nothing by itself is in the way, and together they do not allow it: two accounts, or one that is not known.
        yield from by_decision(call, whole).links


_EVERYTHING: Final = Address("outside:everything")
"""Who holds the policy that stands in for a caller's own, so that another layer is seen by itself."""


@cache
def _everything() -> tuple[Policy, ...]:
    return (Policy([Statement(_EVERYTHING, "identity", True, ("*",), ("*",))]),)


def _layers(facts: Facts, request: Request, every: Policies, whole: Decision, role: Address) -> Iterator[Link]:
    what = f"{request.action} on {shown(facts, request.resource)}"
    at_home = replace(request, owner=request.caller.account)
    own = decide(at_home, Policies(identity=every.identity, doubts=_doubts(every, Layer.IDENTITY)))
    if own.answer is Answer.REFUTED and whole.answer is Answer.PROVEN:
        says = f"{role} is not allowed it by its own policies, and need not be"
        yield Link("policy", proven(*whole.statements), says, of=role)
    else:
        yield _of_role(facts, request, every, own, role, what)
    if every.boundary is not None:
        alone = Policies(identity=_everything(), boundary=every.boundary, doubts=_doubts(every, Layer.BOUNDARY))
        yield _capped("permissions boundary", "boundary", decide(at_home, alone), whole, role, what)
    if every.session is not None:
        alone = Policies(identity=_everything(), session=every.session, doubts=_doubts(every, Layer.SESSION))
        yield _capped("session policy", "session policy", decide(at_home, alone), whole, role, what)
    if every.scps or _doubts(every, Layer.SCP):
        alone = Policies(identity=_everything(), scps=every.scps, doubts=_doubts(every, Layer.SCP))
        yield _capped("service control policy", "control policy", decide(at_home, alone), whole, role, what)
    if every.rcps or _doubts(every, Layer.RCP):
        alone = Policies(identity=_everything(), rcps=every.rcps, doubts=_doubts(every, Layer.RCP))
        yield _capped("resource control policy", "control policy", decide(at_home, alone), whole, role, what)
    kind = _KINDS[every.which]
    if every.resource is not None or every.decisive or _doubts(every, every.which):
        alone = Policies(
            identity=_everything(),
            resource=every.resource,
            grants=every.grants,
            which=every.which,
            doubts=_doubts(every, every.which),
        )
        yield _capped(kind, _FAULTS[kind], decide(request, alone), whole, role, what)
    elif whole.answer is not Answer.PROVEN and whole.layer is Layer.RESOURCE:
        yield _capped(kind, "resource policy", whole, whole, role, what)
    if every.endpoint is not None:
        alone = Policies(identity=_everything(), endpoint=every.endpoint, doubts=_doubts(every, Layer.ENDPOINT))
        yield _capped("endpoint policy", "endpoint policy", decide(at_home, alone), whole, role, what)


def _doubts(every: Policies, layer: Layer) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in every.doubts if doubt.layer is layer)


def _capped(kind: Kind, fault: Break, alone: Decision, whole: Decision, role: Address, what: str) -> Link:
    """A layer by itself; one that would say no says nothing where the whole is allowed past it."""
    if alone.answer is Answer.PROVEN or whole.answer is Answer.PROVEN:
        return Link(kind, proven(*alone.statements), f"the {kind} lets {what} through{_named(alone.statements)}")
    if alone.answer is Answer.UNKNOWN:
        names = ", ".join(dict.fromkeys(reason.what for reason in alone.because))
        says = f"whether the {kind} lets {what} through depends on {names}" if names else f"the {kind} is not known"
        return Link(kind, unknown(*alone.because), says, "not known", role)
    if alone.explicit:
        says = f"the {kind} denies {what}{_named(alone.statements)}"
    else:
        says = f"the {kind} does not allow {what}"
    return Link(kind, refuted(*alone.statements), says, fault, role)


def _named(statements: tuple[Statement, ...]) -> str:
    """Which statement it is, in a few words."""
    for statement in statements:
        where = statement.by or statement.holder
        if where == _EVERYTHING:
            continue
        return f" ({statement.sid + ' of ' if statement.sid else ''}{where})"
    return ""


# --- Why a role's own policies do not allow it


def _of_role(facts: Facts, request: Request, every: Policies, own: Decision, role: Address, what: str) -> Link:
    if own.answer is Answer.PROVEN:
        return Link("policy", proven(*own.statements), f"{role} is allowed {what}{_named(own.statements)}", of=role)
    if own.answer is Answer.UNKNOWN:
        names = ", ".join(dict.fromkeys(reason.what for reason in own.because))
        says = f"whether {role} is allowed {what} depends on {names}"
        return Link("policy", unknown(*own.because), says, "not known", role)
    if own.explicit:
        says = f"{role} is denied {what}{_named(own.statements)}"
        return Link("policy", refuted(*own.statements), says, "explicit deny", role)
    fault, says = _missed(facts, request, every, role, what)
    return Link("policy", refuted(), says, fault, role)


def _missed(facts: Facts, request: Request, every: Policies, role: Address, what: str) -> tuple[Break, str]:
    """Which part of the nearest statement is in the way: its ARN's region, its ARN, or a condition."""
    allowing = [one for policy in every.identity for one in policy.statements if one.allow and one.opaque is None]
    near = [
        one
        for one in allowing
        if _allows(facts, replace(one, resources=("*",), not_resources=False, conditions=()), request)
    ]
    if not near:
        return "no permission", f"nothing that {role} carries allows {request.action}"
    here = region_of(request.resource)
    for statement in near:
        arns = [spelled(facts, each) for each in statement.resources]
        for other in dict.fromkeys(filter(None, map(region_of, arns))):
            moved = replace(request, resource=in_region(request.resource, other))
            if (
                here
                and other not in (here, "*")
                and "*" not in other
                and _allows(facts, replace(statement, conditions=()), moved)
            ):
                asked = shown(facts, request.resource)
                says = f"{_where(statement, role)} names ARNs of {other}, and the call is for {here}: {asked}"
                return "region-pinned ARN", says
    for statement in near:
        if _allows(facts, replace(statement, conditions=()), request):
            tests = ", ".join(
                f"{each.operator} {each.key} {' '.join(map(str, each.values))}" for each in statement.conditions
            )
            return "condition", f"{_where(statement, role)} allows {what} only if {tests}"
    granted = ", ".join(
        dict.fromkeys(
            f"{'all but ' if one.not_resources else ''}{shown(facts, each)}" for one in near for each in one.resources
        )
    )
    if not granted:
        return "wrong resource", f"{_where(near[0], role)} allows {request.action} on nothing: it has no Resource"
    says = f"{_where(near[0], role)} allows {request.action} on {granted}"
    return "wrong resource", f"{says}, and the call is on {shown(facts, request.resource)}"


def _allows(facts: Facts, statement: Statement, request: Request) -> bool:
    return Policy([statement], shapes(facts)).judge(request).allow is Answer.PROVEN


def _where(statement: Statement, role: Address) -> str:
    return f"statement {statement.sid} of {role}" if statement.sid else f"{statement.by or role}"


def region_of(arn: Textual) -> str:
    """The region that an ARN names; "" where it names none, or none that is known."""
    fields = _fields(arn)
    return fields[3] if len(fields) > 3 else ""


def _fields(arn: Textual) -> list[str]:
    """The literal fields of an ARN up to its first hole."""
    start = arn.parts[0] if isinstance(arn, Text) else arn
    if not isinstance(start, str) or not start.startswith("arn:"):
        return []
    fields = start.split(":")
    return fields if isinstance(arn, str) else fields[:-1]


def in_region(arn: Textual, region: str) -> Textual:
    """The same ARN in another region."""
    start, rest = (arn.parts[0], arn.parts[1:]) if isinstance(arn, Text) else (arn, ())
    if not isinstance(start, str) or start.count(":") < 4:
        return arn
    fields = start.split(":")
    fields[3] = region
    return text(":".join(fields), *rest)
