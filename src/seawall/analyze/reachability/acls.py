"""Access-control lists: ordered, the first rule that matches decides, and answers need a way back of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from seawall.analyze.reachability.groups import among, one_code
from seawall.analyze.reachability.places import INTERNET, PRIVATE, Ranges, canonical, names, parted
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, NOTHING, Open, Traffic
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Direction, Filtered, PerhapsNone, Routed, Subnet
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown

EPHEMERAL: Final = Ports(1024, 65535)
"""The ports from which a client may speak, as AWS advises to open them; NAT gateways and load balancers use all."""
LINUX: Final = Ports(32768, 60999)
"""The ports from which Linux speaks unless told otherwise (ip_local_port_range, kernel documentation, ip-sysctl)."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a list does with traffic: what it lets through, and rule by rule what it may allow and what deny.

    A rule of None is the end of the list, which denies.
    """

    open: Open
    allowed: tuple[tuple[AclRule, Traffic], ...]
    denied: tuple[tuple[AclRule | None, Traffic], ...]


def association(
    facts: Facts, subnet: Subnet, kind: type[Routed] | type[Filtered]
) -> tuple[Address | None, tuple[Unknown, ...]]:
    """The table or list of a subnet: its own, else its network's; doubts if an association is not known."""
    return facts.derive(_association, subnet.of, subnet.network, kind)


def _association(
    facts: Facts, subnet: Address, network: Link, kind: type[Routed] | type[Filtered]
) -> tuple[Address | None, tuple[Unknown, ...]]:
    asked = facts.ask(kind, of=subnet)
    if asked.matches:
        return _only(facts, [_end(each) for each in asked.matches])
    doubts = tuple(each.of for each in asked.doubts if isinstance(each.of, Unknown))
    if doubts:
        return None, doubts
    if isinstance(network, Unknown):
        return None, (network,)
    defaults = [_end(each) for each in facts.where(kind, of=network)]
    # What somebody put in the place of what the network came with.
    chosen = [each for each in defaults if isinstance(each, Unknown) or each.owner != network] or defaults
    if not chosen:
        return None, (Unknown(f"{network}", why="the network is not in the input"),)
    return _only(facts, chosen)


def _end(each: Routed | Filtered) -> Link:
    return each.table if isinstance(each, Routed) else each.acl


def _only(facts: Facts, links: Sequence[Link]) -> tuple[Address | None, tuple[Unknown, ...]]:
    first = links[0]
    return (None, (first,)) if isinstance(first, Unknown) else (canonical(facts, first), ())


def through(
    facts: Facts, own: Subnet, lists: Sequence[Link], direction: Direction, ranges: Ranges, nearby: bool
) -> Open:
    """What the lists of a subnet, and of an interface in it, let through, to or from these addresses.

    ``nearby`` says that the other is in the same subnet, where only lists that keep state are asked.
    """
    found = ALL_OPEN
    for acl in _lists(facts, own, lists):
        if isinstance(acl, Unknown):
            if not nearby:
                found = found.both(Open.doubtful(EVERYTHING, acl))
        elif not nearby or facts.derive(stateful, acl):
            found = found.both(facts.derive(_let, acl, direction, ranges))
    return found


def back(facts: Facts, own: Subnet, lists: Sequence[Link], direction: Direction, ranges: Ranges, nearby: bool) -> Open:
    """Of which connections the lists let the answers through, which go to one of the asking side's own ports."""
    if nearby:
        return ALL_OPEN
    found = ALL_OPEN
    for acl in _lists(facts, own, lists):
        if isinstance(acl, Unknown):
            found = found.both(Open.doubtful(EVERYTHING, acl))
        elif not facts.derive(stateful, acl):
            found = found.both(facts.derive(_answers, acl, direction, ranges))
    return found


def borders(facts: Facts, own: Subnet, lists: Sequence[Link]) -> tuple[Cidr, ...]:
    """The ranges that the rules of a subnet's lists speak of."""
    known = [acl for acl in _lists(facts, own, lists) if isinstance(acl, Address)]
    rules = [rule for acl in known for way in _WAYS for rule in facts.derive(_ordered, acl, way)]
    found = [rule.peer for rule in rules if isinstance(rule.peer, Cidr)]
    return tuple(found) if len(found) == len(rules) else (*found, *PRIVATE, *INTERNET)


_WAYS: Final[tuple[Direction, Direction]] = ("ingress", "egress")


def words(
    facts: Facts,
    own: Subnet,
    lists: Sequence[Link],
    direction: Direction,
    ranges: Ranges,
    nearby: bool,
    traffic: Traffic,
    whom: str,
) -> tuple[Verdict, str]:
    """Whether the lists let this traffic through, and the rule that decides it, as a sentence."""
    asked = _asked(facts, own, lists, nearby)
    found = [facts.derive(_said, acl, direction, ranges, traffic, whom) for acl in asked]
    return _first(found, own)


def answer_words(
    facts: Facts,
    own: Subnet,
    lists: Sequence[Link],
    direction: Direction,
    ranges: Ranges,
    nearby: bool,
    traffic: Traffic,
    whom: str,
) -> tuple[Verdict, str]:
    """Whether the lists let the answers to this traffic through, and the rule that decides it, as a sentence."""
    found: list[tuple[Verdict, str]] = []
    for acl in _asked(facts, own, lists, nearby):
        if isinstance(acl, Unknown):
            found.append((unknown(acl), f"which list {own.of} uses is unknown: {acl.what}"))
        elif not facts.derive(stateful, acl):
            verdict = facts.derive(_answers, acl, direction, ranges).ask(traffic)
            protocol = traffic.parts()[0][0]
            answer = _ANSWERING if protocol == "icmp" else Traffic.of(protocol, EPHEMERAL)
            because, said = facts.derive(_said, acl, direction, ranges, answer, whom)
            if verdict.answer is because.answer:
                found.append((because, said))
            elif verdict.refuted:
                found.append((refuted(Filtered(own.of, acl)), said))
            else:
                found.append((verdict, said))
    return _first(found, own)


def _asked(facts: Facts, own: Subnet, lists: Sequence[Link], nearby: bool) -> list[Link]:
    """The lists that stand in the way: within one subnet only those that keep state."""
    every = _lists(facts, own, lists)
    return [acl for acl in every if not nearby or (isinstance(acl, Address) and facts.derive(stateful, acl))]


def _first(found: Sequence[tuple[Verdict, str]], own: Subnet) -> tuple[Verdict, str]:
    if not found:
        return proven(own), f"no list stands in the way in {own.of}"
    overall = all_of(verdict for verdict, _ in found)
    return overall, next(said for verdict, said in found if verdict.answer is overall.answer)


def _said(
    facts: Facts, acl: Link, direction: Direction, ranges: Ranges, traffic: Traffic, whom: str
) -> tuple[Verdict, str]:
    if isinstance(acl, Unknown):
        return unknown(acl), f"which list is used is unknown: {acl.what}"
    verdict = facts.derive(_let, acl, direction, ranges).ask(traffic)
    parts = judge(facts, acl, direction, ranges)
    if verdict.proven:
        rules = tuple(dict.fromkeys(rule for part in parts for rule, means in part.allowed if means & traffic))
        named = " and ".join(str(rule.order) for rule in rules)
        return proven(*rules), f"rule {named} of {acl} allows {direction} {traffic} {whom}"
    if verdict.unknown:
        reasons = "; ".join(reason.what for reason in verdict.because)
        return verdict, f"whether {acl} allows {direction} {traffic} {whom} is unknown: {reasons}"
    for part in parts:
        if part.open.may.contains(traffic):
            continue
        for rule, means in part.denied:
            stopped = (means & traffic) - part.open.may
            if rule is not None and stopped:
                return refuted(rule), f"rule {rule.order} of {acl} denies {direction} {stopped} {whom}"
        left = traffic - part.open.may
        return refuted(Filtered(acl, acl)), f"{acl} allows no {direction} {left} {whom}"
    return refuted(Filtered(acl, acl)), f"{acl} allows {direction} {traffic} not all the way {whom}"


def _lists(facts: Facts, own: Subnet, lists: Sequence[Link]) -> list[Link]:
    acl, missing = association(facts, own, Filtered)
    return [*(missing if acl is None else (acl,)), *lists]


def stateful(facts: Facts, acl: Address) -> bool:
    """Whether a list lets answers through without a rule, as those of Azure do."""
    return any(rule.stateful for rule in facts.where(AclRule, acl=acl))


def _let(facts: Facts, acl: Address, direction: Direction, ranges: Ranges) -> Open:
    return among([judged.open for judged in judge(facts, acl, direction, ranges)], ranges)


def _answers(facts: Facts, acl: Address, direction: Direction, ranges: Ranges) -> Open:
    return among([answered(acl, judged.open) for judged in judge(facts, acl, direction, ranges)], ranges)


def answered(acl: Address, let: Open) -> Open:
    """The connections whose answers get through where this does."""
    sure, may = NOTHING, NOTHING
    because: tuple[Unknown, ...] = ()
    for protocol in ("tcp", "udp", "sctp"):
        line, wide, narrow = (Traffic.of(protocol, ports) for ports in (Ports(0, 65535), EPHEMERAL, LINUX))
        if let.sure.contains(wide):
            sure, may = sure | line, may | line
        elif let.may.contains(narrow):
            may |= line
            because += let.because
            if let.sure.contains(narrow) or not let.may.contains(wide):
                because += (_ports_of_client(acl),)
    rest = EVERYTHING - _WITH_PORTS - _ASKING
    sure |= let.sure & rest
    may |= let.may & rest
    if let.sure.contains(_ANSWERING):
        sure |= _ASKING
    if let.may.contains(_ANSWERING):
        may |= _ASKING
    if sure.spans == may.spans:
        return Open.known(sure)
    return Open(sure, may, tuple(dict.fromkeys((*because, *let.because))))


_WITH_PORTS: Final = Traffic.union(Traffic.of(protocol) for protocol in ("tcp", "udp", "sctp"))
_ASKING: Final = Traffic.of("icmp", Ports.one(8))
_ANSWERING: Final = Traffic.of("icmp", Ports.one(0))
"""The types of ICMP by which a thing is asked whether it is there, and by which it says so (RFC 792)."""


def _ports_of_client(acl: Address) -> Unknown:
    why = f"{acl} lets answers to ports {LINUX} through, where Linux speaks from, and not to all of {EPHEMERAL}"
    return Unknown("the ports that the client speaks from", why=why)


def judge(facts: Facts, acl: Address, direction: Direction, ranges: Ranges) -> tuple[Judged, ...]:
    """What a list does with all traffic to or from these addresses, once for each part of them that differs."""
    return facts.derive(_judge, acl, direction, ranges)


def _judge(facts: Facts, acl: Address, direction: Direction, ranges: Ranges) -> tuple[Judged, ...]:
    rules = facts.derive(_ordered, acl, direction)
    borders = [rule.peer for rule in rules if isinstance(rule.peer, Cidr)]
    if len(borders) < len(rules):
        borders += (*PRIVATE, *INTERNET)
    doubts = (Unknown(f"{acl}", why="the access-control list is not in the input"),) if acl.is_outside else ()
    return tuple(_walk(rules, parts[0], doubts) for parts in parted(ranges.cidrs, borders).values())


def _ordered(facts: Facts, acl: Address, direction: Direction) -> tuple[AclRule, ...]:
    """The rules of a list in their order, those without a known one first; and those that may be of this list."""
    found = [
        rule
        for name in names(facts, acl)
        for rule in facts.where(AclRule, acl=name)
        # What a network's own list lets through ends when somebody takes the list over.
        if rule.direction == direction and (name == acl or rule.by != name.owner)
    ]
    for place, rule in enumerate(found):
        perhaps = facts.one(PerhapsNone, of=rule.by) if rule.by != acl.owner else None
        if perhaps is not None:  # it may be of this list, or of none because it is not there
            found[place] = replace(rule, acl=perhaps.count)
    found += [rule for rule in facts.ask(AclRule, acl=acl).doubts if rule.direction == direction]
    return tuple(sorted(found, key=lambda rule: rule.order if isinstance(rule.order, int) else -1))


def _walk(rules: Iterable[AclRule], part: Cidr, doubts: tuple[Unknown, ...]) -> Judged:
    """Go through the rules with all traffic: ``left`` is what may still be undecided."""
    left = EVERYTHING
    ending = EVERYTHING  # what the end of the list may decide
    allowed: list[tuple[AclRule, Traffic]] = []
    denied: list[tuple[AclRule | None, Traffic]] = []
    because: dict[Unknown, None] = dict.fromkeys(doubts)
    for rule in rules:
        sure, may, reasons = _matches(rule, part)
        # One whose order is not known stands first here; it may decide, and does at the latest before the end.
        ordered = not isinstance(rule.order, Unknown)
        decides = may & left
        if not decides:
            continue
        because.update(dict.fromkeys(reasons))
        if rule.allow is not False:
            allowed.append((rule, decides))
        if rule.allow is not True:
            denied.append((rule, decides))
        if ordered:
            left = left - sure
        ending = ending - sure
    end = left & ending
    if end:
        denied.append((None, end))
    let = Traffic.union(traffic for _, traffic in allowed)
    kept = Traffic.union(traffic for _, traffic in denied)
    sure = let - kept
    if doubts:
        return Judged(Open.doubtful(EVERYTHING, *because), tuple(allowed), tuple(denied))
    open = Open.known(sure) if sure.spans == let.spans else Open(sure, let, tuple(because))
    return Judged(open, tuple(allowed), tuple(denied))


def _matches(rule: AclRule, part: Cidr) -> tuple[Traffic, Traffic, list[Unknown]]:
    """The traffic that a rule certainly matches to or from these addresses, what it may, and why that differs."""
    reasons = [each for each in (rule.order, rule.allow) if isinstance(each, Unknown)]
    doubts: list[Unknown] = [rule.acl] if isinstance(rule.acl, Unknown) else []
    if isinstance(rule.protocol, Unknown):
        may = EVERYTHING
        doubts.append(rule.protocol)
    elif isinstance(rule.ports, Unknown) and rule.protocol != "any":
        may = Traffic.of(rule.protocol)
        doubts.append(rule.ports)
    else:
        may = EVERYTHING if isinstance(rule.ports, Unknown) else Traffic.of(rule.protocol, rule.ports)
    if rule.code is not None:
        doubts.append(one_code(rule.code, rule.by))
    match rule.peer:
        case Unknown():
            doubts.append(rule.peer)
        case Cidr():
            if not rule.peer.contains(part):
                return NOTHING, NOTHING, []
        case _:
            meant = _stands_for(Address(rule.peer), part)
            if meant is False:
                return NOTHING, NOTHING, []
            if isinstance(meant, Unknown):
                doubts.append(meant)
    return (NOTHING if doubts else may), may, [*reasons, *doubts]


def _stands_for(tag: Address, part: Cidr) -> bool | Unknown:
    """Whether a service tag of Azure's means these addresses, which are all private or all of the internet.

    Source: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
    """
    internet = any(cidr.contains(part) for cidr in INTERNET)
    private = any(cidr.contains(part) for cidr in PRIVATE)
    match tag.removeprefix("outside:"):
        case "VirtualNetwork" if internet or private:
            return private
        case "Internet" if internet or private:
            return internet
        case "AzureLoadBalancer":
            return _PROBES.contains(part)
    if private and tag.is_outside:
        return False  # the addresses of Azure's own services
    return Unknown(f"{tag}", why="the addresses that it stands for are not in the input")


_PROBES: Final = Cidr.parse("168.63.129.16/32")
"""From where Azure's load balancers ask whether a machine is well."""
