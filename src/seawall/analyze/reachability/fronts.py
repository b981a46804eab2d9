"""What a front passes on to: an API of API Gateway to functions and balancers, a global entrance to its origins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from seawall.analyze.reachability.public_policies import asked, policy_of, service_of, whole
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import SHUT, Open, Traffic
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.fronts import Front, Offers, Passes, Published
from seawall.facts.identity import Statement
from seawall.facts.network import Interface, Listens, Member
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, any_of, proven, refuted, unknown

HTTPS: Final = Traffic.of("tcp", Ports.one(443))
_GATEWAY: Final = "apigateway.amazonaws.com"


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What gets from a front to a thing: on which of its ports, in whose place, and by what."""

    thing: Address
    open: Open
    through: tuple[Address, ...]
    says: str
    by: Address


def entered(facts: Facts, front: Front, *, whatever_public: bool = False) -> Open:
    """What a front takes of the internet's: nothing where it is private, unpublished, or its policy lets in nobody."""
    answers = [_published(facts, front), *_by_policy(facts, front.of)]
    if not whatever_public:
        answers.append(_as_said(front.public))
    return _open(answers, _spoken(facts, front.of, HTTPS))


def _open(answers: list[Verdict], traffic: Traffic) -> Open:
    if any(each.refuted for each in answers):
        return SHUT
    holes = [hole for each in answers if each.unknown for hole in each.because if isinstance(hole, Unknown)]
    return Open.doubtful(traffic, *holes) if holes else Open.known(traffic)


def _as_said(value: bool | Unknown) -> Verdict:
    return unknown(value) if isinstance(value, Unknown) else proven() if value else refuted()


def _published(facts: Facts, front: Front) -> Verdict:
    found = facts.ask(Published, of=front.of)
    if found.matches:
        return proven(*found.matches)
    holes = [each.of for each in found.doubts if isinstance(each.of, Unknown)]
    return unknown(*holes) if holes else refuted()


def _by_policy(facts: Facts, of: Address) -> Iterator[Verdict]:
    """What the policy of an API says of a stranger, if it has one: whom it does not allow it refuses.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    statements = policy_of(facts, of)
    if statements:
        yield asked(facts, whole(statements), "execute-api:Invoke", "*")


def passed_on(facts: Facts, front: Address) -> Iterator[PassedOn]:
    """What a front passes on of what anybody may ask it, without a name."""
    guarded = _connecting(facts, front)
    for passes in facts.where(Passes, of=front):
        answer = guarded if guarded is not None and not guarded.proven else _anybody(facts, front, passes)
        if answer.refuted or isinstance(passes.to, Unknown):
            continue
        for thing, opened, through in _reached(facts, passes, passes.to):
            found = opened.both(_open([answer], opened.may)) if opened.may else opened
            if found.may:
                yield PassedOn(thing, found, through, f"{front} passes on to {thing} what anybody asks", passes.by)


def _connecting(facts: Facts, front: Address) -> Verdict | None:
    """Of an API by WebSocket, whether anybody may connect: whoever cannot asks nothing; None of any other."""
    found = [each for each in facts.where(Offers, of=front) if each.name == "$connect"]
    return any_of([_as_said(each.anybody) for each in found]) if found else None


def _anybody(facts: Facts, front: Address, passes: Passes) -> Verdict:
    """Whether some operation that leads there asks nobody who he is."""
    offers = facts.where(Offers, of=front)
    sure = [_as_said(each.anybody) for each in offers if each.route == passes.route]
    if isinstance(passes.route, Unknown):
        return unknown(passes.route)
    perhaps = [unknown(each.route) for each in offers if isinstance(each.route, Unknown) and each.anybody is not False]
    return any_of([*sure, *perhaps]) if sure or perhaps else refuted()


def _reached(facts: Facts, passes: Passes, to: Address) -> Iterator[tuple[Address, Open, tuple[Address, ...]]]:
    """The things at which a front's question ends, each with what gets there and what stands between."""
    inner = facts.one(Front, of=to)
    if inner is not None:
        yield to, entered(facts, inner, whatever_public=True), ()
        return
    if _is_function(facts, to):
        yield to, _invoked(facts, passes, (to,)), ()
        return
    other = [each.to for each in facts.where(Passes, of=to) if isinstance(each.to, Address)]
    if other and _is_function(facts, other[0]):  # another name of a function
        for function in other:
            yield function, _invoked(facts, passes, (to, function)), ()
        return
    for origin in facts.where(Passes, of=to):  # a group of origins
        if isinstance(origin.to, Address):
            yield from _fetched(facts, origin, origin.to)
    yield from _balancers(facts, passes, to)


def _is_function(facts: Facts, thing: Address) -> bool:
    return service_of(facts, thing) == "lambda"


def _fetched(facts: Facts, origin: Passes, to: Address) -> Iterator[tuple[Address, Open, tuple[Address, ...]]]:
    """Whose host an origin is: a thing, or whatever carries a public address; its own doors decide what it takes."""
    carriers = [each.of for each in facts.where(Setting, value=to) if each.key in ("answers-at", "public-address")]
    for thing in [to] if facts.where(Interface, of=to) else carriers:
        if not isinstance(thing, Address):
            continue
        if origin.link is not None:
            why = Unknown(f"{to}", why="what a private link leads to is not in the input")
            yield thing, Open.doubtful(_spoken(facts, thing), why), ()
            continue
        yield thing, Open.known(_spoken(facts, thing)), ()


_WEB: Final = Traffic.of("tcp", Ports.one(80)) | HTTPS


def _spoken(facts: Facts, thing: Address, unsaid: Traffic = _WEB) -> Traffic:
    """What a thing listens on; a port that is not known is any, and ``unsaid`` is what nobody says."""
    heard = facts.where(Listens, of=thing)
    found = Traffic.union(
        Traffic.of(each.protocol, each.ports) if isinstance(each.ports, Ports) else Traffic.of(each.protocol)
        for each in heard
    )
    return found if heard else unsaid


def _invoked(facts: Facts, passes: Passes, names: tuple[Address, ...]) -> Open:
    """Whether a function lets the gateway call it, by its own policy or under a role that the gateway has for it."""
    if passes.signs is True:
        return Open.known(HTTPS)
    said = [each for name in names for each in facts.where(Statement, holder=name) if each.kind == "resource"]
    if any(("Service", _GATEWAY) in each.principals and each.allow for each in said):
        return Open.known(HTTPS)
    why = Unknown(f"{names[-1]}.policy", why=f"nothing in the input says that it lets {_GATEWAY} call it")
    return Open.doubtful(HTTPS, why)


def _balancers(facts: Facts, passes: Passes, to: Address) -> Iterator[tuple[Address, Open, tuple[Address, ...]]]:
    """What a link leads to: by interfaces of its own, or to the network load balancers that it names."""
    link = passes.link
    if not isinstance(link, Address):
        return
    if facts.where(Interface, of=link):
        owners = [each.of for each in facts.where(Member, member=to) if isinstance(each.of, Address)]
        for owner in owners or [to]:
            yield owner, _across(facts, link, owner), (link,)
        return
    for member in facts.where(Member, of=link):
        if isinstance(member.member, Address) and facts.where(Interface, of=member.member):
            yield member.member, _by_private_link(facts, member.member), (link,)


def _ports(facts: Facts, thing: Address) -> list[int]:
    return [
        number
        for each in facts.where(Listens, of=thing)
        if isinstance(each.ports, Ports) and each.protocol in ("tcp", "any")
        for number in range(each.ports.first, min(each.ports.last, each.ports.first + 8) + 1)
    ]


def _across(facts: Facts, link: Address, balancer: Address) -> Open:
    """What gets from a link's interfaces to a balancer, on the ports on which this listens."""
    found = SHUT
    for port in _ports(facts, balancer):
        traffic, path = Traffic.of("tcp", Ports.one(port)), reach(facts, Reach(link, balancer, port))
        if path.verdict.proven:
            found = found.either(Open.known(traffic))
        elif path.verdict.unknown:
            found = found.either(Open.doubtful(traffic, *path.missing))
    return found


def _by_private_link(facts: Facts, balancer: Address) -> Open:
    """What gets by a link of a REST API to a balancer: everything it listens on; with groups, their rules may hold.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
    """
    spoken = Traffic.union(Traffic.of("tcp", Ports.one(port)) for port in _ports(facts, balancer))
    if not any(each.groups for each in facts.where(Interface, of=balancer)):
        return Open.known(spoken)
    why = Unknown(f"{balancer}.security_groups", why="whether they hold for a link's traffic is not in the input")
    return Open.doubtful(spoken, why)
